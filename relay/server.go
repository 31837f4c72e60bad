// Package relay is the thin server between browsers and a T-Server CommDN: it
// takes requests over a WebSocket, puts its own application DBID into them,
// sends them as UserEvents, and brings each answer back to the session that
// asked.
package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
)

// Server is a relay. New makes it, Serve runs it, Close ends it.
type Server struct {
	opts   Options
	log    *slog.Logger
	router *router
	link   *tserver.Link
	mux    *http.ServeMux
	ctx    context.Context // ends the sessions
	end    context.CancelCauseFunc
	lastID atomic.Uint64

	mu        sync.Mutex
	sessions  map[*session]struct{}
	running   sync.WaitGroup // connections being served
	linkState frame.Link
}

// New checks the options, reads the files and opens the link to T-Server,
// which connects in the background.
func New(o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	srv := &Server{
		opts: o, log: o.Log, mux: http.NewServeMux(), sessions: map[*session]struct{}{},
		linkState: frame.Link{Since: time.Now().Unix(), Reason: "not connected yet"},
	}
	srv.ctx, srv.end = context.WithCancelCause(context.Background())
	srv.router = &router{
		app: o.AppDBID, ocs: o.OCS, timeout: o.AnswerTimeout, log: o.Log, notify: srv.notify,
		bySubject: map[commdn.Subject]*exchange{}, open: map[*exchange]struct{}{},
	}
	srv.mux.HandleFunc("GET /ws", srv.webSocket)
	srv.mux.HandleFunc("GET /healthz", healthz)
	srv.mux.HandleFunc("GET /readyz", srv.readyz)
	for pattern, h := range o.Routes {
		srv.mux.Handle(pattern, h)
	}
	if o.Files != nil {
		files, err := newStatic(o.Files)
		if err != nil {
			return nil, err
		}
		srv.mux.Handle("GET /", files)
	}
	o.Link.OnUserEvent = srv.router.userEvent
	o.Link.OnState = srv.linkChanged
	if o.Link.Log == nil {
		o.Link.Log = o.Log
	}
	if srv.link, err = tserver.Open(o.Link); err != nil {
		return nil, err
	}
	srv.router.link = srv.link
	return srv, nil
}

// Serve answers on l until ctx ends, then closes what Close closes. It returns
// nil after such an end, else what went wrong with the listener.
func (srv *Server) Serve(ctx context.Context, l net.Listener) error {
	hs := &http.Server{
		Handler:           srv,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(srv.log.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return srv.ctx },
	}
	failed := make(chan error, 1)
	go func() { failed <- hs.Serve(l) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
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

// Close tells every client to connect again elsewhere (4000), waits for their
// sessions to end, and closes the link. It may be called more than once.
func (srv *Server) Close() {
	srv.mu.Lock()
	srv.end(&frame.CloseError{Code: frame.CloseGoingAway})
	srv.mu.Unlock()
	srv.running.Wait()
	_ = srv.link.Close()
}

// ServeHTTP answers a request whose Host is a loopback name. Another one would
// be a page that had its own name resolved to this machine.
func (srv *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if !loopback(strings.Trim(host, "[]")) {
		http.Error(w, fmt.Sprintf("host %q is not served: the relay answers on loopback names only", r.Host), http.StatusMisdirectedRequest)
		return
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	srv.mux.ServeHTTP(w, r)
}

func (srv *Server) webSocket(w http.ResponseWriter, r *http.Request) {
	srv.mu.Lock()
	closing := srv.ctx.Err() != nil
	if !closing {
		srv.running.Add(1)
	}
	srv.mu.Unlock()
	if closing {
		http.Error(w, "the relay is shutting down", http.StatusServiceUnavailable)
		return
	}
	defer srv.running.Done()
	sock, err := accept(w, r)
	if err != nil {
		srv.log.Warn("WebSocket refused", "from", r.RemoteAddr, "origin", r.Header.Get("Origin"), "error", err)
		return
	}
	srv.serve(srv.ctx, sock, strconv.FormatUint(srv.lastID.Add(1), 10))
}

// notify tells the sessions that want to know about an event; it is encoded
// once for all of them.
func (srv *Server) notify(userData tkvlist.List) {
	message, err := frame.Frame{Kind: frame.KindNotification, Body: userData}.Append(nil)
	if err != nil {
		srv.log.Error("notification not sent", "error", err)
		return
	}
	srv.mu.Lock()
	defer srv.mu.Unlock()
	for s := range srv.sessions {
		if s.watches() {
			s.queue(message)
		}
	}
}

// welcome enters a session and tells it how things are, in one step, so that
// no change of the link falls between the two.
func (srv *Server) welcome(s *session, id string) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.sessions[s] = struct{}{}
	s.send(frame.Frame{Kind: frame.KindWelcome, Body: frame.Welcome{
		Relay: srv.opts.Version, Session: id, PingSeconds: int(srv.opts.PingInterval / time.Second), MaxRequests: srv.opts.MaxRequests,
		OCS: srv.opts.OCS, Link: srv.linkState,
	}.Body()})
	for _, body := range srv.opts.Directory.Bodies() {
		s.send(frame.Frame{Kind: frame.KindDirectory, Body: body})
	}
}

func (srv *Server) remove(s *session) {
	srv.mu.Lock()
	delete(srv.sessions, s)
	srv.mu.Unlock()
}

// linkChanged tells every session about the link.
func (srv *Server) linkChanged(st tserver.State) {
	k := frame.Link{Up: st.Up, Since: st.Since.Unix()}
	if !st.Up && st.Err != nil {
		k.Reason = st.Err.Error()
	}
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if k == srv.linkState {
		return // one more attempt failed for the same reason
	}
	srv.linkState = k
	for s := range srv.sessions {
		s.send(frame.Frame{Kind: frame.KindLink, Body: k.Body()})
	}
}

func healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// readyz is 200 while the link to T-Server is up, else 503 with the reason.
func (srv *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	srv.mu.Lock()
	k := srv.linkState
	srv.mu.Unlock()
	status := http.StatusOK
	body := map[string]any{"ready": k.Up, "since": time.Unix(k.Since, 0).UTC()}
	if !k.Up {
		status = http.StatusServiceUnavailable
		body["reason"] = "no link to T-Server: " + k.Reason
	}
	writeJSON(w, status, body)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
