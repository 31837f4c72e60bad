package e2e

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// front passes connections at one address on to a server that comes and goes at
// others. A server that is started again could not have its port back for
// certain: another program may have been given it meanwhile.
type front struct {
	addr string

	mu    sync.Mutex
	to    string // "" while there is no server
	conns map[net.Conn]bool
}

// newFront listens until the test ends.
func newFront(t testing.TB) *front {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &front{addr: l.Addr().String(), conns: map[net.Conn]bool{}}
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
		f.use("")
		passing.Wait()
	})
	return f
}

// use passes connections on to another server from now on; with "" they are
// reset, those that are open too.
func (f *front) use(addr string) {
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

// keep has use("") reset c, and says where to connect it to, or false.
func (f *front) keep(c net.Conn) (string, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.to == "" {
		return "", false
	}
	f.conns[c] = true
	return f.to, true
}

func (f *front) pass(c net.Conn) {
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

// A front answers while there is a server, resets what comes while there is
// none, and passes on to the next one.
func TestFront(t *testing.T) {
	together(t)
	d := restartable(t)
	first := d.url()
	status := func() (int, error) {
		resp, err := http.Get(first + "healthz")
		if err != nil {
			return 0, err
		}
		return resp.StatusCode, resp.Body.Close()
	}
	for range 3 {
		if code, err := status(); code != http.StatusOK || err != nil {
			t.Fatalf("status %d, %v", code, err)
		}
		d.kill()
		if code, err := status(); err == nil || !strings.Contains(err.Error(), "reset") && !strings.Contains(err.Error(), "EOF") {
			t.Fatalf("while there is no server: status %d, %v", code, err)
		}
		d.start()
		if d.url() != first {
			t.Fatalf("the demo is at %s, was at %s", d.url(), first)
		}
	}
}
