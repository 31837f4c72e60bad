//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package main

import (
	"context"
	"errors"
	"net/url"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/client"
	"commdn/protocol/frame"
)

// dialer opens native WebSockets to a relay.
func dialer(relay string) client.Dialer {
	return func(ctx context.Context) (client.Conn, error) {
		ws, _, err := websocket.Dial(ctx, relay, &websocket.DialOptions{Subprotocols: []string{frame.Subprotocol}})
		var request *url.Error
		if errors.As(err, &request) {
			err = request.Err // without the steps on the way and the address once more
		}
		if err != nil {
			return nil, err
		}
		ws.SetReadLimit(frame.MaxLen)
		return conn{ws}, nil
	}
}

type conn struct{ ws *websocket.Conn }

// Read needs no context: Close ends it.
func (c conn) Read() ([]byte, error) {
	_, message, err := c.ws.Read(context.Background())
	if err != nil {
		return nil, closeError(err)
	}
	return message, nil
}

// writeTimeout is more than a message of 16,000 bytes takes on any line.
const writeTimeout = 10 * time.Second

func (c conn) Write(message []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	if err := c.ws.Write(ctx, websocket.MessageBinary, message); err != nil {
		return closeError(err)
	}
	return nil
}

func (c conn) Close(code frame.CloseCode, reason string) {
	_ = c.ws.Close(websocket.StatusCode(code), reason)
}

func closeError(err error) error {
	if closed, ok := errors.AsType[websocket.CloseError](err); ok {
		return &frame.CloseError{Code: frame.CloseCode(closed.Code), Reason: closed.Reason}
	}
	return &frame.CloseError{Code: frame.CloseAbnormal, Reason: err.Error()}
}
