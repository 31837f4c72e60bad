// Package fronttest gives tests an address that stays while the server behind it
// comes and goes. A server that is started again could not have its port back
// for certain: another program may have been given it meanwhile.
package fronttest

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Front passes connections at one loopback address on to a server at another.
// Its methods are safe for several goroutines.
type Front struct {
	addr string

	mu    sync.Mutex
	to    string // "" while there is no server
	conns map[net.Conn]bool
}

// New listens until the test ends. There is no server yet.
func New(t testing.TB) *Front {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &Front{addr: l.Addr().String(), conns: map[net.Conn]bool{}}
	var passing sync.WaitGroup
	passing.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			passing.Go(func() { f.pass(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		f.Use("")
		passing.Wait()
	})
	return f
}

// Addr gives the address that stays, as HOST:PORT.
func (f *Front) Addr() string { return f.addr }

// Use passes new connections on to the server at addr, as HOST:PORT. With "" there
// is none: it resets the connections that are open and those that come.
func (f *Front) Use(addr string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.to = addr
	if addr == "" {
		for c := range f.conns {
			reset(c)
		}
	}
}

// reset closes a connection as the system of a process that was killed does.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

// keep has Use("") reset c, and says where to connect it to, or false.
func (f *Front) keep(c net.Conn) (string, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.to == "" {
		return "", false
	}
	f.conns[c] = true
	return f.to, true
}

func (f *Front) pass(c net.Conn) {
	defer reset(c)
	to, ok := f.keep(c)
	if !ok {
		return
	}
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.conns, c)
	}()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	var asking sync.WaitGroup
	asking.Go(func() {
		_, _ = io.Copy(server, c)
		_ = server.Close()
	})
	_, _ = io.Copy(c, server)
	_ = c.Close()
	asking.Wait()
}
