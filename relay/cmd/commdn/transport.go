//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/client"
	"commdn/protocol/frame"
	"commdn/relay/internal/netname"
)

// dialer opens native WebSockets to a relay. The certificate of a wss:// relay
// must be signed by an authority in caFile, or by one of the system's if that
// is empty; an error is about that file.
func dialer(relay, caFile string) (client.Dialer, error) {
	h := http.DefaultTransport.(*http.Transport).Clone()
	h.DisableKeepAlives = true // a WebSocket is never used twice
	h.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile != "" {
		if u, err := url.Parse(relay); err == nil && (u.Scheme == "ws" || u.Scheme == "http") {
			return nil, errors.New("goes with a wss:// relay; this one shows no certificate")
		}
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, err
		}
		h.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !h.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate in PEM form", caFile)
		}
	}
	options := &websocket.DialOptions{Subprotocols: []string{frame.Subprotocol}, HTTPClient: &http.Client{Transport: h}}
	return func(ctx context.Context) (client.Conn, error) {
		ws, _, err := websocket.Dial(ctx, relay, options)
		if request, ok := errors.AsType[*url.Error](err); ok {
			err = request.Err // without the steps on the way and the address once more
		}
		if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
			err = fmt.Errorf("%w; give its authority with --ca-file", unknown)
		}
		if err != nil {
			return nil, err
		}
		ws.SetReadLimit(frame.MaxLen)
		return conn{ws}, nil
	}, nil
}

// unencrypted says whether what is sent to a relay can be read on the way.
func unencrypted(relay string) bool {
	u, err := url.Parse(relay)
	if err != nil || u.Scheme != "ws" && u.Scheme != "http" {
		return false
	}
	return !netname.Loopback(u.Hostname())
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

// echo is a bare WebSocket server, for a relay to be measured beside: a binary
// message goes back to its sender, any other to everybody who is connected. It
// serves until ctx ends.
func echo(ctx context.Context, l net.Listener) error {
	var mu sync.Mutex
	all := make(map[*websocket.Conn]struct{})
	broadcast := func(kind websocket.MessageType, message []byte) {
		mu.Lock()
		defer mu.Unlock()
		for ws := range all {
			_ = ws.Write(ctx, kind, message)
		}
	}
	hs := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{frame.Subprotocol}})
		if err != nil {
			return
		}
		defer ws.CloseNow()
		mu.Lock()
		all[ws] = struct{}{}
		mu.Unlock()
		defer func() {
			mu.Lock()
			defer mu.Unlock()
			delete(all, ws)
		}()
		for {
			kind, message, err := ws.Read(ctx)
			if err != nil {
				return
			}
			if kind != websocket.MessageBinary {
				broadcast(kind, message)
			} else if err := ws.Write(ctx, kind, message); err != nil {
				return
			}
		}
	})}
	stop := context.AfterFunc(ctx, func() { _ = hs.Close() })
	defer stop()
	if err := hs.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
