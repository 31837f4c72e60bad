//go:build !js

//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

// Package ws is the WebSocket transport of package client for programs in Go.
// The browser plugin has one of its own.
package ws

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/client"
	"commdn/protocol/frame"
)

// Options says how to connect. The zero value is for most.
type Options struct {
	// TLS is for a wss:// relay whose certificate none of the system's authorities
	// has signed (RootCAs), or that asks for a certificate of the client. Nil is the
	// system's authorities and TLS 1.2 at least. It is cloned.
	TLS *tls.Config
	// Header goes with the request for the WebSocket: what a proxy before the relay
	// asks for. A token for the relay is none of it, see client.Options.
	Header http.Header
	// DialContext opens the connection below, as that of http.Transport does; nil:
	// TCP, through the proxy of the environment.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
}

// writeTimeout is more than a message of 16,000 bytes takes on any line.
const writeTimeout = 10 * time.Second

// Dialer gives a dialer of WebSockets to the relay at a ws:// or wss:// address,
// whose path is /ws. It goes through the proxy that the environment names
// (HTTPS_PROXY). An error of dialing is without the address, which the caller
// knows; errors.As finds those of crypto/x509 in it.
func Dialer(address string, o Options) client.Dialer {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true // a WebSocket is never used twice
	transport.TLSClientConfig = o.TLS.Clone()
	if o.TLS == nil {
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if o.DialContext != nil {
		transport.DialContext, transport.Proxy = o.DialContext, nil
	}
	options := &websocket.DialOptions{
		Subprotocols: []string{frame.Subprotocol}, HTTPHeader: o.Header, HTTPClient: &http.Client{Transport: transport},
	}
	return func(ctx context.Context) (client.Conn, error) {
		ws, response, err := websocket.Dial(ctx, address, options)
		if err != nil && response != nil && (response.StatusCode == http.StatusNotFound || response.StatusCode == http.StatusOK) {
			return nil, &PathError{address, response.StatusCode}
		}
		if request, ok := errors.AsType[*url.Error](err); ok {
			err = request.Err // without the steps on the way and the address once more
		}
		if err != nil {
			return nil, err
		}
		ws.SetReadLimit(frame.MaxLen)
		return conn{ws}, nil
	}
}

// PathError says that the server at an address has no WebSocket at its path. Another
// try will not find one.
type PathError struct {
	Address string
	Status  int // of HTTP: there is nothing at all (404), or something else (200)
}

// Error says what to write.
func (e *PathError) Error() string {
	what := fmt.Sprintf("the server has no WebSocket at that path (HTTP %d); a relay's is at /ws", e.Status)
	if u, err := url.Parse(e.Address); err == nil && u.Path != "/ws" {
		scheme := strings.NewReplacer("https", "wss", "http", "ws").Replace(u.Scheme)
		what += ": write " + (&url.URL{Scheme: scheme, Host: u.Host, Path: "/ws"}).String()
	}
	return what
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
