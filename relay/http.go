package relay

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"commdn/protocol/frame"
)

// routes says what is served where.
func (srv *Server) routes() error {
	srv.mux.HandleFunc("GET /ws", srv.webSocket)
	srv.mux.HandleFunc("GET /healthz", healthz)
	srv.mux.HandleFunc("GET /readyz", srv.readyz)
	for pattern, h := range srv.opts.Routes {
		srv.mux.Handle(pattern, unhurried(h))
	}
	if srv.opts.Files == nil {
		return nil
	}
	files, err := newStatic(srv.opts.Files)
	if err != nil {
		return err
	}
	srv.mux.HandleFunc("GET /frame-parents.json", srv.frameParents)
	srv.mux.Handle("GET /", srv.shared(files))
	return nil
}

// ServeHTTP answers a request whose Host is a loopback name or one that the
// relay was told. Another one would be a page that had its own name resolved to
// this machine.
func (srv *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !served(r.Host, srv.settings().Hosts) {
		srv.metrics.rejected.WithLabelValues("host").Inc()
		http.Error(w, fmt.Sprintf("host %q is not served: the relay answers on loopback names and on those of its option hosts", r.Host), http.StatusMisdirectedRequest)
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	if r.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	// A body is asked for by no path of the relay's own, but is waited for.
	now, deadlines := time.Now(), http.NewResponseController(w)
	if r.ContentLength != 0 {
		_ = deadlines.SetReadDeadline(now.Add(srv.bodyTimeout))
	}
	_ = deadlines.SetWriteDeadline(now.Add(srv.answerTimeout)) // until the WebSocket has its own
	srv.mux.ServeHTTP(w, r)
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
// downloads.
func (srv *Server) shared(files static) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		st, ancestors := srv.settings(), []string{"'self'"}
		if r.URL.Path == framePage {
			ancestors = append(ancestors, st.parents...)
		}
		w.Header().Add("Vary", "Origin")
		if origin := r.Header.Get("Origin"); origin != "" && st.origins.allow(origin) {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		}
		files.serve(w, r, strings.Join(ancestors, " "))
	})
}

// frameParents tells the page in a frame whom it may talk to.
func (srv *Server) frameParents(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	writeJSON(w, http.StatusOK, map[string][]string{"parents": srv.settings().parents})
}

func (srv *Server) webSocket(w http.ResponseWriter, r *http.Request) {
	from := clientAddress(r, srv.opts.BehindProxy)
	refuse := func(reason string, status int, text string) {
		srv.metrics.rejected.WithLabelValues(reason).Inc()
		srv.log.Warn("WebSocket refused", "from", from, "origin", r.Header.Get("Origin"), "reason", text)
		http.Error(w, text, status)
	}
	if !srv.settings().origins.fromPage(r, r.TLS != nil || srv.opts.BehindProxy) {
		refuse("origin", http.StatusForbidden, fmt.Sprintf("pages of the origin %q may not connect; see the option origins", r.Header.Get("Origin")))
		return
	}
	if reason, text := srv.enter(from); reason != "" {
		w.Header().Set("Retry-After", "5")
		refuse(reason, http.StatusServiceUnavailable, text)
		return
	}
	sock, err := accept(w, r, srv.opts.WriteTimeout)
	if err != nil {
		srv.leave(from)
		srv.metrics.rejected.WithLabelValues("handshake").Inc()
		srv.log.Warn("WebSocket refused", "from", from, "origin", r.Header.Get("Origin"), "reason", err)
		return
	}
	// In a goroutine of its own: that of the HTTP server holds the request and
	// buffers until it returns, for as long as a session is connected.
	go srv.connected(sock, from)
}

// connected serves a connection that has been let in. A session that panics
// takes no other with it.
func (srv *Server) connected(sock *socket, from string) {
	defer func() {
		if p := recover(); p != nil {
			srv.log.Error("a session failed", "panic", p, "stack", string(debug.Stack()))
			sock.cut()
		}
	}()
	defer srv.leave(from)
	srv.serve(srv.ctx, sock, strconv.FormatUint(srv.lastID.Add(1), 10), from)
}

// enter counts a connection in, or says why it cannot be.
func (srv *Server) enter(from string) (reason, text string) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	switch {
	case srv.ctx.Err() != nil || srv.draining.Load():
		return "closing", "the relay is shutting down"
	case srv.count >= srv.settings().Limits.Sessions:
		return "full", "too many connections"
	case !srv.addresses.enter(from):
		return "address", "too many connections from this address"
	}
	srv.count++
	srv.running.Add(1)
	return "", ""
}

func (srv *Server) leave(from string) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.count--
	srv.addresses.leave(from)
	srv.running.Done()
}

func healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// readyz is 200 while a link to T-Server is up and tokens can be checked, else
// 503; with the reasons, and with those of a link that is down beside others.
func (srv *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	links := srv.links()
	reasons := srv.notReady(links)
	status := http.StatusOK
	body := map[string]any{"ready": reasons == nil, "since": time.Unix(links.Since, 0).UTC()}
	if reasons != nil {
		status = http.StatusServiceUnavailable
	} else if !links.Up {
		reasons = []string{"link down: " + links.Reason}
	}
	if reasons != nil {
		body["reason"] = strings.Join(reasons, "; ")
	}
	writeJSON(w, status, body)
}

// notReady says why the relay is of no use now; nil: it is ready.
func (srv *Server) notReady(links frame.Link) []string {
	var reasons []string
	if !slices.ContainsFunc(srv.sites, func(s *site) bool { return s.linkState().Up }) {
		reasons = append(reasons, "no link to T-Server: "+links.Reason)
	}
	if err := srv.authReady(); err != nil {
		reasons = append(reasons, err.Error())
	}
	if srv.draining.Load() {
		reasons = append(reasons, "the relay is shutting down")
	}
	return reasons
}

// authReady says why tokens cannot be checked.
func (srv *Server) authReady() error {
	if a, ok := srv.opts.Auth.(interface{ Ready() error }); ok {
		return a.Ready()
	}
	return nil
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
