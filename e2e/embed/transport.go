//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package main

import (
	"context"
	"errors"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/client"
	"commdn/protocol/frame"
)

// dialer brings protocol/client a WebSocket: it works with any that carries frames.
func dialer(url string) client.Dialer {
	return func(ctx context.Context) (client.Conn, error) {
		ws, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{frame.Subprotocol}})
		if err != nil {
			return nil, err
		}
		ws.SetReadLimit(frame.MaxLen)
		return conn{ws}, nil
	}
}

type conn struct{ ws *websocket.Conn }

func (c conn) Read() ([]byte, error) {
	_, message, err := c.ws.Read(context.Background())
	return message, closed(err)
}

func (c conn) Write(message []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return closed(c.ws.Write(ctx, websocket.MessageBinary, message))
}

func (c conn) Close(code frame.CloseCode, reason string) {
	_ = c.ws.Close(websocket.StatusCode(code), reason)
}

// closed gives an error as protocol/client expects it of a connection that ended.
func closed(err error) error {
	if err == nil {
		return nil
	}
	if by, ok := errors.AsType[websocket.CloseError](err); ok {
		return &frame.CloseError{Code: frame.CloseCode(by.Code), Reason: by.Reason}
	}
	return &frame.CloseError{Code: frame.CloseAbnormal, Reason: err.Error()}
}
