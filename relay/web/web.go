// Package web is the relay's HTTP server: which hosts, pages and addresses it
// serves, the files that a browser downloads, and the way to the WebSocket.
package web

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"log"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"commdn/relay/internal/admission"
	"commdn/relay/internal/loglimit"
)

// Settings are what a reload replaces as a whole. They never change.
type Settings struct {
	Hosts     []string // names that browsers reach the relay by; loopback names are always served
	Origins   Origins  // of pages that may connect and load the plugin; the relay's own always may
	Parents   []string // as ParseParents gives them: origins of pages that may have frame.html in a frame
	Admission admission.Limits
	HTTP      int // HTTP connections from one address that are no WebSocket
}

// Sockets serves WebSockets.
type Sockets interface {
	// Enter counts a connection in; false where none is served any more.
	Enter() bool
	// Leave counts out one that was not served.
	Leave()
	// Serve upgrades a request that has entered, and signs in on its seat. It calls
	// left at the end of the connection, also where it fails.
	Serve(w http.ResponseWriter, r *http.Request, from string, seat *admission.Seat, left func()) error
}

// Ready says whether the relay is of use.
type Ready struct {
	Ready  bool      `json:"ready"`
	Since  time.Time `json:"since"`
	Reason string    `json:"reason,omitempty"` // why not; or what is missing all the same
}

// Options say what a Server works with. Files and Routes may be nil.
type Options struct {
	Sockets     Sockets
	Ready       func() Ready
	Rejected    func(reason string)     // counts what is not served: host, origin, address, rate, full, closing, handshake, http
	BehindProxy bool                    // the client's address is the last of X-Forwarded-For
	Files       fs.FS                   // what a browser downloads
	Routes      map[string]http.Handler // further patterns
	OpenFiles   int                     // that the process may open, see FileLimit
	Log         *slog.Logger

	HeaderTimeout time.Duration // for the header of a request; 10 s
	BodyTimeout   time.Duration // for its body; 10 s
	AnswerTimeout time.Duration // for the client to take an answer; 2 min
}

// Server answers HTTP requests.
type Server struct {
	o    Options
	mux  *http.ServeMux
	set  atomic.Pointer[Settings]
	gate *admission.Gate
	http *connections
}

// New reads the files. The error names one that cannot be served.
func New(o Options, now *Settings) (*Server, error) {
	for _, d := range []struct {
		time *time.Duration
		or   time.Duration
	}{{&o.HeaderTimeout, 10 * time.Second}, {&o.BodyTimeout, 10 * time.Second}, {&o.AnswerTimeout, 2 * time.Minute}} {
		if *d.time <= 0 {
			*d.time = d.or
		}
	}
	s := &Server{o: o, mux: http.NewServeMux(), gate: admission.New()}
	s.http = newConnections(Room(o.OpenFiles), o.BehindProxy, func() { s.o.Rejected("http") })
	s.Adopt(now)
	s.mux.HandleFunc("GET /ws", s.webSocket)
	s.mux.HandleFunc("GET /healthz", healthz)
	s.mux.HandleFunc("GET /readyz", s.readyz)
	for pattern, h := range o.Routes {
		s.mux.Handle(pattern, unhurried(h))
	}
	if o.Files == nil {
		return s, nil
	}
	files, err := newStatic(o.Files)
	if err != nil {
		return nil, err
	}
	s.mux.HandleFunc("GET /frame-parents.json", s.frameParents)
	s.mux.Handle("GET /", s.shared(files))
	return s, nil
}

// Adopt replaces the settings. What is open stays.
func (s *Server) Adopt(now *Settings) {
	s.set.Store(now)
	s.gate.Adopt(now.Admission)
	s.http.limit(now.HTTP)
}

// HTTP gives a server with this handler and its time limits.
func (s *Server) HTTP() *http.Server {
	return &http.Server{
		Handler:           s,
		ReadHeaderTimeout: s.o.HeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    16 << 10,
		ConnState:         s.http.changed,
		ErrorLog:          log.New(complaints{s.o.Log}, "", 0),
	}
}

// Health answers GET /healthz and /readyz on whatever Host, the latter with
// reasons: for a port of its own that browsers do not reach.
func (s *Server) Health() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", healthz)
	mux.HandleFunc("GET /readyz", s.readyzWhy)
	return mux
}

// ServeHTTP answers a request whose Host is a loopback name or one that the
// relay was told. Another one would be a page that had its own name resolved to
// this machine.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !served(r.Host, s.set.Load().Hosts) {
		s.o.Rejected("host")
		http.Error(w, fmt.Sprintf("host %q is not served: the relay answers on loopback names and on those of its option hosts", loglimit.Foreign(r.Host)), http.StatusMisdirectedRequest)
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	if r.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	// No path of the relay's own asks for a body, but the server waits for one.
	now, deadlines := time.Now(), http.NewResponseController(w)
	if r.ContentLength != 0 {
		_ = deadlines.SetReadDeadline(now.Add(s.o.BodyTimeout))
	}
	_ = deadlines.SetWriteDeadline(now.Add(s.o.AnswerTimeout)) // until the WebSocket has its own
	s.mux.ServeHTTP(w, r)
}

// unhurried takes the time limit for the answer away: a route may tell news for
// as long as somebody listens.
func unhurried(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
		h.ServeHTTP(w, r)
	})
}

// shared lets pages of the origins that may connect load what the browser
// downloads. The answer with a file whose name has a hash is the same for all of
// these: pages of several origins use one copy that the browser has kept.
func (s *Server) shared(files static) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now, ancestors := s.set.Load(), []string{"'self'"}
		if r.URL.Path == framePage {
			ancestors = append(ancestors, now.Parents...)
		}
		origin := r.Header.Get("Origin")
		to := "" // whom the answer is for
		switch {
		case files.lasting(r.URL.Path) && (origin == "" || now.Origins.allow(origin)):
			to = "*"
		case origin != "" && now.Origins.allow(origin):
			to = origin
		}
		if to != "*" {
			w.Header().Add("Vary", "Origin")
		}
		if to != "" {
			w.Header().Set("Access-Control-Allow-Origin", to)
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		}
		files.serve(w, r, strings.Join(ancestors, " "))
	})
}

// frameParents tells the page in a frame whom it may talk to.
func (s *Server) frameParents(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	writeJSON(w, http.StatusOK, map[string][]string{"parents": s.set.Load().Parents})
}

func (s *Server) webSocket(w http.ResponseWriter, r *http.Request) {
	from := clientAddress(r, s.o.BehindProxy)
	refused := func(reason, text string) {
		s.o.Rejected(reason)
		s.o.Log.Warn("WebSocket refused", "from", from, "origin", loglimit.Foreign(r.Header.Get("Origin")), "reason", text)
	}
	if !s.set.Load().Origins.fromPage(r, r.TLS != nil || s.o.BehindProxy) {
		const text = "pages of this origin may not connect; see the option origins"
		refused("origin", text)
		http.Error(w, text, http.StatusForbidden)
		return
	}
	seat, reason, text := s.enter(from)
	if seat == nil {
		refused(reason, text)
		w.Header().Set("Retry-After", "5")
		http.Error(w, text, http.StatusServiceUnavailable)
		return
	}
	s.http.webSockets.Add(1)
	left := func() {
		seat.Leave()
		s.http.webSockets.Add(-1)
	}
	if err := s.o.Sockets.Serve(w, r, from, seat, left); err != nil {
		refused("handshake", loglimit.Foreign(err.Error()))
	}
}

// enter counts a connection in, or says why it cannot be.
func (s *Server) enter(from string) (seat *admission.Seat, reason, text string) {
	if !s.o.Sockets.Enter() {
		return nil, "closing", "the relay is shutting down"
	}
	seat, why := s.gate.Enter(from)
	if seat == nil {
		s.o.Sockets.Leave()
		return nil, string(why), why.String()
	}
	return seat, "", ""
}

func healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// readyz is 200 while the relay is of use, else 503. Everybody may ask, so it says
// nothing else.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	is := s.o.Ready().Ready
	writeJSON(w, readyStatus(is), map[string]bool{"ready": is})
}

// readyzWhy is readyz for those who run the relay: with the reasons, also of what
// is missing all the same.
func (s *Server) readyzWhy(w http.ResponseWriter, _ *http.Request) {
	is := s.o.Ready()
	writeJSON(w, readyStatus(is.Ready), is)
}

func readyStatus(ready bool) int {
	if ready {
		return http.StatusOK
	}
	return http.StatusServiceUnavailable
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
