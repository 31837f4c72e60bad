package web

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commdn/relay/internal/certtest"
)

const (
	request  = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
	patience = 10 * time.Second
)

// listen gives a listener of the relay, with the turns of its connections.
func listen(t *testing.T) (net.Listener, *turns) {
	t.Helper()
	l, err := Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	return l, l.(listener).turns
}

// serve answers on l until the test ends.
func serve(t *testing.T, l net.Listener, s *http.Server) {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		<-ended
	})
}

// connect gives so many connections, on each of which something has been said.
func connect(t *testing.T, address string, n int, says string) []net.Conn {
	t.Helper()
	all := make([]net.Conn, n)
	for i := range all {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		_ = c.SetDeadline(time.Now().Add(patience))
		if _, err := io.WriteString(c, says); err != nil {
			t.Fatal(err)
		}
		all[i] = c
	}
	return all
}

// Whoever has something to do on a busy processor waits for a few strangers, not
// for all who have come.
func TestStrangersTakeTurns(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const size = 400
	var came, asked atomic.Int64
	l, _ := listen(t)
	all := connect(t, l.Addr().String(), size, request) // while nobody accepts
	serve(t, l, &http.Server{
		Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }),
		ConnState: func(_ net.Conn, to http.ConnState) {
			if to == http.StateNew {
				came.Add(1)
			}
		},
	})
	// most gives by how much n grows at most between two turns of this goroutine,
	// until it is at its end.
	most := func(n *atomic.Int64, end int64) (most int64) {
		for late := time.Now().Add(patience); n.Load() < end; {
			before := n.Load()
			runtime.Gosched()
			most = max(most, n.Load()-before)
			if time.Now().After(late) {
				t.Fatalf("%d of %d", n.Load(), end)
			}
		}
		return most
	}
	if n := most(&came, size); n > size/20 {
		t.Errorf("%d connections are accepted at once", n)
	}
	most(&asked, size)
	for _, c := range all {
		if _, err := io.WriteString(c, request); err != nil {
			t.Fatal(err)
		}
	}
	if n := most(&asked, 2*size); n > size/20 {
		t.Errorf("%d requests are answered at once", n)
	}
}

// While strangers wait for their turns, who comes is accepted, an answer is written,
// and a WebSocket reads and writes. A request and a download wait.
func TestWhoTakesTurns(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	for name, pair := range map[string]*certtest.Pair{"plain": nil, "TLS": new(certtest.New(t).Issue(t, "localhost"))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, turns := listen(t)
			ask := func(path string) net.Conn {
				c := connect(t, l.Addr().String(), 1, "")[0]
				if pair != nil {
					c = tls.Client(c, &tls.Config{InsecureSkipVerify: true})
				}
				if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
					t.Fatal(err)
				}
				return c
			}
			came, webSockets, asked, goOn := make(chan bool, 10), make(chan net.Conn, 1), make(chan string, 10), make(chan bool)
			s := newConnections(0, false, func() {})
			s.limit(100)
			server := &http.Server{ConnState: func(c net.Conn, to http.ConnState) {
				s.changed(c, to)
				if to == http.StateNew {
					came <- true
				}
			}}
			server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked <- r.URL.Path
				switch r.URL.Path {
				case "/ws":
					c, _, err := http.NewResponseController(w).Hijack()
					if err != nil {
						t.Error(err)
					}
					webSockets <- c
				case "/answer":
					<-goOn
				case "/download":
					<-goOn
					_, _ = w.Write(make([]byte, size))
				}
			})
			served := l
			if pair != nil {
				both, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
				if err != nil {
					t.Fatal(err)
				}
				served = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{both}})
			}
			serve(t, served, server)

			webSocket, answer, download := ask("/ws"), ask("/answer"), ask("/download")
			for range 3 {
				<-came
				<-asked
			}
			downloaded := make(chan error, 1)
			go func() {
				_, err := io.ReadFull(download, make([]byte, size))
				downloaded <- err
			}()
			turns.queue.Lock()
			release := sync.OnceFunc(turns.queue.Unlock)
			defer release()
			close(goOn)
			says := request
			if pair != nil {
				says = "" // which is no handshake
			}
			connect(t, l.Addr().String(), 1, says)
			<-came
			if got, err := http.ReadResponse(bufio.NewReader(answer), nil); err != nil || got.StatusCode != http.StatusOK {
				t.Fatalf("the answer: %v, %v", got, err)
			}
			one, other := <-webSockets, webSocket
			defer one.Close()
			for range 2 {
				go func() { _, _ = one.Write(make([]byte, size)) }()
				if _, err := io.ReadFull(other, make([]byte, size)); err != nil {
					t.Fatalf("a WebSocket: %v", err)
				}
				one, other = other, one
			}
			select {
			case path := <-asked:
				t.Fatalf("a request for %s takes no turn", path)
			case err := <-downloaded:
				t.Fatalf("a download takes no turns, %v", err)
			case <-time.After(100 * time.Millisecond):
			}
			release()
			if err := <-downloaded; err != nil {
				t.Error(err)
			}
			if pair == nil {
				<-asked
			}
		})
	}
}

// Who has said something and waits for a turn does not stand idle: it does not give
// way to those who come later and say nothing. Who has not said all by then does.
func TestWaitingForATurnIsNotIdle(t *testing.T) {
	t.Parallel()
	l, turns := listen(t)
	s := newConnections(0, false, func() {})
	s.limit(4)
	serve(t, l, &http.Server{ConnState: s.changed, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})})
	until := func(all, idle int) {
		t.Helper()
		for late := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
			s.mu.Lock()
			a, i := len(s.all), s.idle.Len()
			s.mu.Unlock()
			if a == all && i == idle {
				return
			}
			if time.Now().After(late) {
				t.Fatalf("%d of %d connections stand idle, want %d of %d", i, a, idle, all)
			}
		}
	}
	connect := func(n int, says string) []net.Conn { return connect(t, l.Addr().String(), n, says) }
	gone := func(c net.Conn) {
		t.Helper()
		if _, err := c.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
			t.Errorf("it is still there: %v", err)
		}
	}
	turns.queue.Lock()
	release := sync.OnceFunc(turns.queue.Unlock)
	defer release()
	whole, half := connect(1, request)[0], connect(1, request[:10])[0]
	until(2, 0)
	gone(connect(5, "")[2]) // the last of them to give way
	until(4, 2)
	release()
	if got, err := http.ReadResponse(bufio.NewReader(whole), nil); err != nil || got.StatusCode != http.StatusOK {
		t.Fatalf("the one that asked: %v, %v", got, err)
	}
	until(4, 4)
	connect(4, "")
	gone(whole)
	gone(half)
}
