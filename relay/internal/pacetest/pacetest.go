// Package pacetest holds work that keeps a processor busy to letting messages over
// the network through.
package pacetest

import (
	"io"
	"net"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// Piece keeps the processor busy as a small piece of work does.
func Piece() {
	for began := time.Now(); time.Since(began) < 20*time.Microsecond; {
	}
}

// Network sends messages and their answers over the network, on a single
// processor, while work goes on, which counts its pieces and must not end. It fails
// where these take much work each. The unit is work, so that a busy machine counts
// for both sides. The test must not run in parallel with others.
func Network(t *testing.T, pieces *atomic.Int64) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			_, _ = io.Copy(struct{ io.Writer }{c}, c)
			_ = c.Close()
		}
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for late := time.Now().Add(10 * time.Second); pieces.Load() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("nobody works")
		}
	}
	const trips, most = 200, 100
	before := pieces.Load()
	for range trips {
		if _, err := c.Write([]byte("?")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if each := (pieces.Load() - before) / trips; each > most {
		t.Errorf("a message and its answer wait for %d pieces of work, want %d at most", each, most)
	}
}
