// Package relay is the thin server between browsers and T-Server CommDNs. It
// composes the rooms that do the work: conn speaks with clients, desk owns their
// requests, policy says who may ask for what, link asks OCS, campaigns and hub
// tell what OCS said to everybody who may know it.
package relay

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/auth"
	"commdn/relay/campaigns"
	"commdn/relay/cluster"
	"commdn/relay/conn"
	"commdn/relay/desk"
	"commdn/relay/hub"
	"commdn/relay/internal/loglimit"
	"commdn/relay/link"
	"commdn/relay/metrics"
	"commdn/relay/numbers"
	"commdn/relay/policy"
	"commdn/relay/web"
)

// Server is a relay. New makes it, Serve runs it, Close ends it.
type Server struct {
	opts     Options
	log      *slog.Logger // lines that repeat too fast are summed up
	limited  *loglimit.Log
	set      atomic.Pointer[settings]
	started  time.Time
	draining atomic.Bool
	metrics  *metrics.Metrics
	cache    *campaigns.Cache
	links    []*link.Link
	shared   map[string]cluster.Shared // by link; nil: the relay is alone
	unsure   map[string]unsure         // by link
	hub      *hub.Hub
	desk     *desk.Desk
	conns    *conn.Server
	web      *web.Server
	probes   probes
}

// New checks the options, reads the files and opens the links to T-Server,
// which connect in the background.
func New(o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	first, err := newSettings(o.Settings, o.Links)
	if err != nil {
		return nil, err
	}
	srv := &Server{opts: o, unsure: make(map[string]unsure), limited: loglimit.New(loglimit.Limits{}), cache: campaigns.New(), started: time.Now()}
	srv.log = srv.limited.Logger(o.Log)
	srv.set.Store(first)
	srv.cache.Know(func(of commdn.CampaignGroup) bool { return srv.set.Load().conn.View.Knows(of) })
	if srv.metrics, err = metrics.New(o.Metrics, o.Version, srv.cache.Len); err != nil {
		return nil, err
	}
	if err := metrics.NewState(o.Metrics, srv.state); err != nil {
		return nil, err
	}
	asked := make(map[string]desk.Link)
	for _, conf := range o.Links {
		l, err := srv.newLink(conf)
		if err != nil {
			return nil, err
		}
		srv.links = append(srv.links, l)
		asked[conf.Name] = srv.asked(l)
	}
	forms, err := forms(o.Links)
	if err != nil {
		return nil, err
	}
	srv.desk = desk.New(desk.Options{
		View: func() *policy.View { return srv.set.Load().conn.View }, Links: asked, Cache: srv.cache, Forms: forms, StatusAge: o.StatusAge,
		Undo:  func() time.Duration { return srv.set.Load().conn.Undo },
		Store: desk.NewMemory(), Journal: o.Journal, Retry: o.Retry, Audit: o.Audit, Metrics: srv.metrics, Hash: *o.Hash, Log: o.Log, Limited: srv.log,
	})
	srv.hub = hub.New(srv.linkStates(), hub.Counters{Left: srv.metrics.Left, Dropped: srv.metrics.Dropped}, srv.log)
	srv.conns = conn.NewServer(conn.Options{
		Desk: srv.desk, Hub: srv.hub, Cache: srv.cache, Auth: o.Auth, Settings: func() *conn.Settings { return &srv.set.Load().conn },
		Metrics: srv.metrics, Log: srv.log, Version: o.Version,
		HelloTimeout: o.HelloTimeout, PingInterval: o.PingInterval, WriteTimeout: o.WriteTimeout,
	})
	if srv.web, err = web.New(web.Options{
		Sockets: srv.conns, Ready: srv.ready, Rejected: srv.metrics.Rejected, BehindProxy: o.BehindProxy, Files: o.Files, Routes: o.Routes,
		OpenFiles: o.openFiles, Log: srv.log, HeaderTimeout: o.headerTimeout, BodyTimeout: o.bodyTimeout,
	}, &first.web); err != nil {
		srv.hub.Close()
		return nil, err
	}
	if o.Files != nil {
		if _, err := fs.Stat(o.Files, "commdn.js"); err != nil {
			srv.log.Warn("this binary was built without what a browser downloads, and serves no pages; build it with ./build.sh build")
		}
	}
	srv.compareFiles(first.web.Admission.Sessions)
	if auth.Off(o.Auth) {
		srv.log.Warn("nobody is authenticated: everybody who reaches the relay may do everything")
	}
	for _, l := range srv.links {
		srv.desk.LinkState(l.Name(), l.State())
	}
	if err := srv.desk.Resume(); err != nil {
		srv.Close()
		return nil, err
	}
	for _, s := range srv.shared {
		if err := s.Start(); err != nil {
			srv.Close()
			return nil, err
		}
	}
	for _, l := range srv.links {
		l.Start()
		srv.probes.begin(func(ctx context.Context) { srv.probe(ctx, l) })
		srv.probes.begin(func(ctx context.Context) { srv.confirm(ctx, l, srv.unsure[l.Name()]) })
	}
	return srv, nil
}

// compareFiles warns where the process may not open what the sessions need.
func (srv *Server) compareFiles(sessions int) {
	if room := web.Room(srv.opts.openFiles); srv.opts.openFiles > 0 && room < sessions {
		srv.log.Warn("the process may open fewer files than there may be sessions: raise its limit (LimitNOFILE of the unit, ulimit -n) or lower limits.sessions",
			"open_files", srv.opts.openFiles, "connections_of_browsers", room, "sessions", sessions)
	}
}

// forms gives the forms of a phone by the rules of a link. Without rules it is
// sent as its digits: what can match no record is refused at every door.
func forms(links []Link) (func(link, phone string) ([]numbers.Form, error), error) {
	digits, err := numbers.New(numbers.Rules{})
	if err != nil {
		return nil, err
	}
	sites := make(map[string]numbers.Sites)
	for _, l := range links {
		sites[l.Name] = l.Numbers
		if len(l.Numbers) == 0 {
			sites[l.Name] = numbers.Sites{digits}
		}
	}
	return func(link, phone string) ([]numbers.Form, error) { return sites[link].Forms(phone) }, nil
}

// Reload changes the settings, or nothing where they cannot be used. Clients
// keep their connections: each gets the rights and the directory that its person
// has now.
func (srv *Server) Reload(s Settings) error {
	ready, err := newSettings(s, srv.opts.Links)
	if err != nil {
		return err
	}
	before := srv.set.Swap(ready)
	srv.web.Adopt(&ready.web)
	if !ready.conn.View.SameDirectory(before.conn.View) {
		for _, l := range srv.links {
			if s := l.State(); s.Up && !s.Standby {
				l.Resync(ready.conn.View.Questions(l.Name()))
			}
		}
	}
	srv.conns.Adopt()
	return nil
}

// Grant gives what somebody may do as things are.
func (srv *Server) Grant(id auth.Identity) *auth.Grant { return srv.set.Load().conn.View.Grant(id) }

// Health answers GET /healthz and /readyz on whatever Host: for a port of its
// own that browsers do not reach.
func (srv *Server) Health() http.Handler { return srv.web.Health() }

// Serve answers on l until ctx ends, then drains and closes what Close closes.
// It returns nil after such an end, else what went wrong with the listener.
func (srv *Server) Serve(ctx context.Context, l net.Listener) error {
	hs := srv.web.HTTP()
	base, end := context.WithCancel(context.Background()) // ends streams
	defer end()
	hs.BaseContext = func(net.Listener) context.Context { return base }
	failed := make(chan error, 1)
	go func() { failed <- hs.Serve(l) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		srv.drain()
	}
	// The connections end first: to the HTTP server they are busy requests.
	srv.Close()
	end()
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

// drain takes no more requests, sends the clients away that wait for none
// (4000), and waits for the others, for as long as Options.DrainTimeout at most.
func (srv *Server) drain() {
	srv.draining.Store(true)
	srv.leave() // another relay goes on at once
	idle, gone := srv.desk.Drain(), srv.conns.Settled()
	srv.log.Info("draining", "requests", srv.desk.InFlight(), "timeout", srv.opts.DrainTimeout)
	srv.hub.SendAwayIdle()
	late := time.NewTimer(srv.opts.DrainTimeout)
	defer late.Stop()
	select {
	case <-idle:
	case <-late.C:
		srv.log.Warn("requests are given up: they did not end in time", "requests", srv.desk.InFlight())
		return
	}
	select { // until each client has heard its last outcome
	case <-gone:
	case <-late.C:
	}
}

// Close tells every client to connect again elsewhere (4000), waits for their
// connections to end, gives up the requests in flight, and closes the links. It
// may be called more than once.
func (srv *Server) Close() {
	srv.conns.Close()
	srv.desk.Close()
	srv.probes.end()
	srv.leave()
	for _, l := range srv.links {
		l.Close()
	}
	srv.hub.Close()
	srv.limited.Close()
}
