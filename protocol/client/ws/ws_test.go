//go:build !js

package ws_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/client/ws"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// TestTLS: a relay behind TLS, with a proxy that wants a header of its own.
func TestTLS(t *testing.T) {
	t.Parallel()
	behind, err := url.Parse("http://" + strings.TrimSuffix(strings.TrimPrefix(address, "ws://"), "/ws"))
	if err != nil {
		t.Fatal(err)
	}
	pass := httputil.NewSingleHostReverseProxy(behind)
	front := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Gate") != "open" {
			http.Error(w, "closed", http.StatusForbidden)
			return
		}
		pass.ServeHTTP(w, r)
	}))
	front.EnableHTTP2 = true // a WebSocket has to ask for HTTP/1.1
	front.Config.ErrorLog = log.New(discard{}, "", 0)
	front.StartTLS()
	t.Cleanup(front.Close)
	roots := x509.NewCertPool()
	roots.AddCert(front.Certificate())
	secure := strings.Replace(front.URL, "https://", "wss://", 1) + "/ws"
	own, open := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, http.Header{"X-Gate": {"open"}}

	c := client.New(client.Options{Dial: ws.Dialer(secure, ws.Options{TLS: own, Header: open})})
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := c.DoNotCall(ctx, commdn.DoNotCall{Phone: "5551234567"}); err != nil {
		t.Error(err)
	}
	if _, err := ws.Dialer(secure, ws.Options{Header: open})(t.Context()); !isUnknownAuthority(err) {
		t.Errorf("an authority of the system's: %v", err)
	}
	if _, err := ws.Dialer(secure, ws.Options{TLS: own})(t.Context()); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("without the header: %v", err)
	}
}

func isUnknownAuthority(err error) bool {
	_, ok := errors.AsType[x509.UnknownAuthorityError](err)
	return ok
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// Where there is no WebSocket, the error says what to write.
func TestPath(t *testing.T) {
	t.Parallel()
	host := strings.TrimSuffix(strings.TrimPrefix(address, "ws://"), "/ws")
	for given, status := range map[string]int{"ws://" + host + "/nothing": 404, "http://" + host + "/nothing": 404, "ws://" + host + "/healthz": 200} {
		_, err := ws.Dialer(given, ws.Options{})(t.Context())
		path, ok := errors.AsType[*ws.PathError](err)
		if !ok || path.Status != status || !strings.HasSuffix(err.Error(), "a relay's is at /ws: write "+address) {
			t.Errorf("%s: %v", given, err)
		}
	}
}

// A close keeps the relay's code, and Close ends a Read; a dial ends with its
// context.
func TestConn(t *testing.T) {
	t.Parallel()
	conn, err := ws.Dialer(address, ws.Options{})(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Write([]byte("no frame")); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(); !closedWith(err, frame.CloseMalformed) {
		t.Errorf("the relay closed, and Read says %v", err)
	}
	if conn, err = ws.Dialer(address, ws.Options{})(t.Context()); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(10*time.Millisecond, func() { conn.Close(frame.CloseNormal, "") })
	if _, err := conn.Read(); err == nil {
		t.Error("Read goes on behind Close")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ws.Dialer(address, ws.Options{})(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a dial whose context has ended: %v", err)
	}
}

func closedWith(err error, code frame.CloseCode) bool {
	closed, ok := errors.AsType[*frame.CloseError](err)
	return ok && closed.Code == code
}
