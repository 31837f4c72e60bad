//go:build js && wasm

package wasm

import (
	"context"
	"errors"
	"syscall/js"
	"testing"
	"time"

	"commdn/protocol/frame"
)

// sockets replaces the page's WebSocket by one that the test plays. Its addEventListener
// throws for the event deaf.
type sockets struct {
	heard  map[string]js.Value // the listeners
	closed []int               // codes
}

func playSockets(t *testing.T, deaf string) *sockets {
	t.Helper()
	s := &sockets{heard: map[string]js.Value{}}
	real := js.Global().Get("WebSocket")
	t.Cleanup(func() { js.Global().Set("WebSocket", real) })
	function := func(f func(args []js.Value) any) js.Func {
		fn := js.FuncOf(func(_ js.Value, args []js.Value) any { return f(args) })
		t.Cleanup(fn.Release)
		return fn
	}
	missing := js.Global().Get("Object").New() // calling a method of it that is not there throws
	listen := function(func(args []js.Value) any {
		s.heard[args[0].String()] = args[1]
		return nil
	})
	closing := function(func(args []js.Value) any {
		s.closed = append(s.closed, args[0].Int())
		return nil
	})
	js.Global().Set("WebSocket", function(func([]js.Value) any {
		ws := js.Global().Get("Object").New()
		ws.Set("close", closing)
		ws.Set("addEventListener", listen)
		if deaf != "" {
			proxy := js.Global().Get("Object").New()
			proxy.Set("get", function(func(args []js.Value) any {
				if args[1].String() == "addEventListener" {
					if len(s.heard) > 0 || deaf == "close" {
						return missing
					}
				}
				return args[0].Get(args[1].String())
			}))
			proxy.Set("set", function(func([]js.Value) any { return true }))
			return js.Global().Get("Proxy").New(ws, proxy)
		}
		return ws
	}))
	return s
}

// TestSocketUnread: too many messages that nobody reads end the connection, and Read tells
// this, not that the browser closed as it was asked to.
func TestSocketUnread(t *testing.T) {
	s := playSockets(t, "")
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		for range 1000 {
			if f, ok := s.heard["message"]; ok && !f.IsUndefined() {
				s.heard["open"].Invoke(js.Null())
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	conn, err := dial(context.Background(), "ws://127.0.0.1/ws")
	<-opened
	if err != nil {
		t.Fatal(err)
	}
	event := js.Global().Get("Object").New()
	event.Set("data", js.Global().Get("ArrayBuffer").New(3))
	for range maxUnread + 5 {
		s.heard["message"].Invoke(event)
	}
	for i := range maxUnread {
		if m, err := conn.Read(); err != nil || len(m) != 3 {
			t.Fatalf("message %d: %d bytes, %v", i, len(m), err)
		}
	}
	if _, err := conn.Read(); !errors.Is(err, errUnread) {
		t.Errorf("Read says %v, want %v", err, errUnread)
	}
	if len(s.closed) == 0 || s.closed[0] != int(frame.CloseNormal) {
		t.Errorf("closed with %v", s.closed)
	}
}

// TestSocketDeaf: a socket that takes no listener is closed, not left open.
func TestSocketDeaf(t *testing.T) {
	for _, deaf := range []string{"close", "open"} {
		s := playSockets(t, deaf)
		if _, err := dial(context.Background(), "ws://127.0.0.1/ws"); err == nil {
			t.Fatal("no error")
		}
		if len(s.closed) != 1 {
			t.Errorf("deaf for %s: closed %v, want once", deaf, s.closed)
		}
	}
}
