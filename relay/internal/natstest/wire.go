package natstest

import (
	"net"
	"strings"
	"sync"
	"testing"
)

// Wire is a way to a server on which a test can stop everything: nobody is told that the
// connection is gone.
type Wire struct {
	l  net.Listener
	to string

	mu    sync.Mutex
	cut   bool
	moves *sync.Cond
	conns []net.Conn
	ended bool
}

// NewWire leads to the server of a URL until the test ends.
func NewWire(t testing.TB, to string) *Wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{l: l, to: strings.TrimPrefix(to, "nats://")}
	w.moves = sync.NewCond(&w.mu)
	var passing sync.WaitGroup
	passing.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", w.to)
			if err != nil {
				_ = in.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, in, out)
			w.mu.Unlock()
			passing.Go(func() { w.pass(in, out) })
			passing.Go(func() { w.pass(out, in) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		w.mu.Lock()
		w.ended = true
		for _, c := range w.conns {
			_ = c.Close()
		}
		w.moves.Broadcast()
		w.mu.Unlock()
		passing.Wait()
	})
	return w
}

// URL is the way's beginning.
func (w *Wire) URL() string { return "nats://" + w.l.Addr().String() }

// Cut stops everything, or lets it go on.
func (w *Wire) Cut(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = on
	w.moves.Broadcast()
}

func (w *Wire) pass(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	data := make([]byte, 32<<10)
	for {
		n, err := from.Read(data)
		if err != nil {
			return
		}
		w.mu.Lock()
		for w.cut && !w.ended {
			w.moves.Wait()
		}
		w.mu.Unlock()
		if _, err := to.Write(data[:n]); err != nil {
			return
		}
	}
}
