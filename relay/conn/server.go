// Package conn is one WebSocket of one client: its frames, the person behind it,
// and the queue of what it is to hear. The word session is for what outlives a
// connection; in logs and towards people a connection still is "session N".
package conn

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/campaigns"
	"commdn/relay/desk"
	"commdn/relay/hub"
	"commdn/relay/internal/admission"
	"commdn/relay/internal/pace"
	"commdn/relay/metrics"
	"commdn/relay/policy"
)

// Settings are what a reload replaces as a whole. They never change.
type Settings struct {
	View   *policy.View
	Grace  time.Duration // that a connection outlives its token by
	Limits desk.Limits
	Undo   time.Duration // the longest window in which a request can be undone; 0: there is none
	Queue  int           // frames waiting to be written to a client
}

// Options say what connections work with. All are needed.
type Options struct {
	Desk     *desk.Desk
	Hub      *hub.Hub
	Cache    *campaigns.Cache
	Auth     auth.Authenticator
	Settings func() *Settings // as they are now
	Metrics  *metrics.Metrics
	Log      *slog.Logger
	Version  string // told to clients

	HelloTimeout time.Duration // for a new connection to say hello
	PingInterval time.Duration // asked of clients, whole seconds; silence of three intervals closes
	WriteTimeout time.Duration // of one frame
}

// Server serves connections. Several goroutines may use it.
type Server struct {
	o      Options
	run    string // what the names of sessions begin with
	lastID atomic.Uint64
	ctx    context.Context // ends the connections
	end    context.CancelCauseFunc

	mu      sync.Mutex
	count   int
	closed  bool          // no further connection
	empty   chan struct{} // not nil: closed when count gets to 0
	running sync.WaitGroup
}

// NewServer makes a Server.
func NewServer(o Options) *Server {
	s := &Server{o: o, run: run()}
	s.ctx, s.end = context.WithCancelCause(context.Background())
	return s
}

// Enter counts a connection in, before it is upgraded; false where none is served
// any more.
func (s *Server) Enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.count++
	s.running.Add(1)
	return true
}

// Leave counts out a connection that was never served.
func (s *Server) Leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count--
	if s.count == 0 && s.empty != nil {
		close(s.empty)
	}
	s.running.Done()
}

// Serve upgrades a request that has entered, and serves the connection in a
// goroutine of its own: that of the HTTP server holds the request and buffers
// until it returns, for as long as the connection lasts. from is the client's
// address. The connection signs in on its seat. left is called when it has ended,
// also where Serve fails.
func (s *Server) Serve(w http.ResponseWriter, r *http.Request, from string, seat *admission.Seat, left func()) error {
	sock, err := accept(w, r, s.o.WriteTimeout)
	if err != nil {
		s.Leave()
		left()
		return err
	}
	go func() {
		defer s.Leave()
		defer left()
		c := s.connection(sock, s.run+strconv.FormatUint(s.lastID.Add(1), 10), from, seat)
		c.guard(c.serve)
	}()
	return nil
}

// Count says how many connections there are.
func (s *Server) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// Close tells every client to connect again elsewhere (4000) and waits for the
// connections to end. It may be called more than once.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.end(&frame.CloseError{Code: frame.CloseGoingAway})
	s.running.Wait()
}

// Settled gives what is closed once no connection is left: when the relay shuts
// down, each goes as soon as the outcome of its last request is written. No
// further connection is served.
func (s *Server) Settled() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.empty == nil {
		s.empty = make(chan struct{})
		if s.count == 0 {
			close(s.empty)
		}
	}
	return s.empty
}

// Adopt gives every connection what new settings have for it. One that has not
// been welcomed yet takes them by itself.
func (s *Server) Adopt() {
	var pacer pace.Pacer // requests do not wait behind what is written to thousands
	for _, m := range s.o.Hub.Members() {
		if c := m.(*Conn); c.welcomed() {
			pacer.Yield()
			c.adopt()
			c.inform()
		}
	}
}

// Roles counts the connections by role. One of two roles counts twice; where
// nobody authenticates all are "everybody".
func (s *Server) Roles() map[string]int {
	roles := make(map[string]int)
	for _, m := range s.o.Hub.Members() {
		for _, role := range m.(*Conn).roles() {
			roles[role]++
		}
	}
	return roles
}
