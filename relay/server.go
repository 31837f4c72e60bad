// Package relay is the thin server between browsers and T-Server CommDNs: it
// decides who may ask for what, takes requests over a WebSocket, puts its own
// application DBID into them, sends them as UserEvents, and brings each answer
// back to the session that asked.
package relay

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/auth"
)

// Server is a relay. New makes it, Serve runs it, Close ends it.
type Server struct {
	opts       Options
	log        *slog.Logger
	sites      []*site
	board      *board
	history    *history
	addresses  *addresses
	metrics    *metrics
	mux        *http.ServeMux
	set        atomic.Pointer[settings]
	ctx        context.Context // ends the sessions
	end        context.CancelCauseFunc
	started    time.Time
	lastID     atomic.Uint64
	draining   atomic.Bool
	requests   requests
	background sync.WaitGroup // questions of the relay's own

	// Time limits of HTTP requests; fields for tests.
	headerTimeout, bodyTimeout, answerTimeout time.Duration

	mu       sync.Mutex
	sessions map[*session]struct{}
	running  sync.WaitGroup // connections being served
	count    int            // of them
}

// New checks the options, reads the files and opens the links to T-Server,
// which connect in the background.
func New(o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	srv := &Server{
		opts: o, log: o.Log, mux: http.NewServeMux(), board: newBoard(), history: newHistory(), sessions: map[*session]struct{}{},
		addresses: newAddresses(), started: time.Now(),
		headerTimeout: 10 * time.Second, bodyTimeout: 10 * time.Second, answerTimeout: 2 * time.Minute,
	}
	if err := srv.Reload(o.Settings); err != nil {
		return nil, err
	}
	if srv.metrics, err = newMetrics(o.Metrics, o.Version, srv.board.len); err != nil {
		return nil, err
	}
	srv.ctx, srv.end = context.WithCancelCause(context.Background())
	if err := srv.routes(); err != nil {
		return nil, err
	}
	if o.Auth == nil {
		srv.log.Warn("nobody is authenticated: everybody who reaches the relay may do everything")
	}
	for _, conf := range o.Links {
		s := &site{conf: conf, tenants: conf.Tenants, state: frame.Link{Since: time.Now().Unix(), Reason: "not connected yet"}}
		srv.sites = append(srv.sites, s)
	}
	for _, s := range srv.sites {
		if err := srv.open(s); err != nil {
			srv.Close()
			return nil, err
		}
	}
	return srv, nil
}

// Serve answers on l until ctx ends, then drains and closes what Close closes.
// It returns nil after such an end, else what went wrong with the listener.
func (srv *Server) Serve(ctx context.Context, l net.Listener) error {
	hs := &http.Server{
		Handler:           srv,
		ReadHeaderTimeout: srv.headerTimeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(srv.log.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return srv.ctx },
	}
	failed := make(chan error, 1)
	go func() { failed <- hs.Serve(l) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		srv.drain()
	}
	// The sessions end first: to the HTTP server they are busy requests.
	srv.Close()
	stop, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if hs.Shutdown(stop) != nil {
		_ = hs.Close()
	}
	if err == nil || errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// drain takes no more requests, sends the sessions away that wait for none
// (4000), and waits for the others, for as long as Options.DrainTimeout at most.
func (srv *Server) drain() {
	srv.draining.Store(true)
	idle := srv.requests.close()
	srv.log.Info("draining", "requests", srv.requests.count(), "timeout", srv.opts.DrainTimeout)
	srv.mu.Lock()
	for s := range srv.sessions {
		s.leaveIfIdle()
	}
	srv.mu.Unlock()
	late := time.NewTimer(srv.opts.DrainTimeout)
	defer late.Stop()
	select {
	case <-idle:
	case <-late.C:
		srv.log.Warn("requests are given up: they did not end in time", "requests", srv.requests.count())
	}
}

// Close tells every client to connect again elsewhere (4000), waits for their
// sessions to end, and closes the links. It may be called more than once.
func (srv *Server) Close() {
	srv.mu.Lock()
	srv.end(&frame.CloseError{Code: frame.CloseGoingAway})
	srv.mu.Unlock()
	srv.running.Wait()
	srv.background.Wait()
	for _, s := range srv.sites {
		if s.link != nil {
			_ = s.link.Close()
		}
	}
}

func (srv *Server) settings() *settings { return srv.set.Load() }

// Reload changes the settings, or nothing where they cannot be used. Sessions
// keep their connections: each gets the rights and the directory that its person
// has now.
func (srv *Server) Reload(s Settings) error {
	ready, err := newSettings(s)
	if err != nil {
		return err
	}
	before := srv.set.Swap(ready)
	srv.addresses.limit(ready.Limits)
	if before == nil {
		return nil
	}
	if before.Directory != ready.Directory {
		for _, s := range srv.sites {
			if s.linkState().Up {
				srv.askAround(s)
			}
		}
	}
	srv.mu.Lock()
	all := make([]*session, 0, len(srv.sessions))
	for s := range srv.sessions {
		all = append(all, s)
	}
	srv.mu.Unlock()
	for _, s := range all {
		s.adopt(ready)
		s.tell()
	}
	return nil
}

// authenticate gives who a token is of; nobody where nobody is asked.
func (srv *Server) authenticate(ctx context.Context, token string) (auth.Identity, error) {
	if srv.opts.Auth == nil {
		return auth.Identity{}, nil
	}
	return srv.opts.Auth.Authenticate(ctx, token)
}

// tokenRefused is what a session ends with whose token is not accepted. A token
// that could not be checked may be good later.
func tokenRefused(err error) error {
	closed := &frame.CloseError{Code: frame.CloseTokenRefused, Reason: short(err.Error())}
	var token *auth.TokenError
	if unchecked(err) || errors.As(err, &token) && token.Reason == auth.Expired {
		closed.Code = frame.CloseTokenExpired
	}
	return closed
}

// unchecked says whether an error says nothing about the token itself.
func unchecked(err error) bool {
	var token *auth.TokenError
	return err != nil && (!errors.As(err, &token) || token.Reason == auth.Unavailable)
}

// requests counts those under way.
type requests struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // not nil: no more may begin, and it is closed when none is under way
}

// begin says whether one more may begin.
func (r *requests) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.idle != nil {
		return false
	}
	r.n++
	return true
}

func (r *requests) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n--; r.n == 0 && r.idle != nil {
		close(r.idle)
	}
}

func (r *requests) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n
}

// close lets none begin any more and gives what is closed when the last one has
// ended. It is called once.
func (r *requests) close() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle = make(chan struct{})
	if r.n == 0 {
		close(r.idle)
	}
	return r.idle
}
