package relay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"commdn/protocol/commdn"
)

// Status is what an operator wants to know of a relay that runs.
type Status struct {
	Version        string         `json:"version"`
	Since          time.Time      `json:"since"` // when it was started
	Ready          bool           `json:"ready"`
	NotReady       []string       `json:"not_ready"` // why; empty while it is
	Draining       bool           `json:"draining"`
	Authentication string         `json:"authentication"` // "off", "ready", or why tokens cannot be checked
	Links          []LinkStatus   `json:"links"`
	Sessions       int            `json:"sessions"`
	Roles          map[string]int `json:"sessions_by_role"`      // a session of two roles counts twice; without authentication all are "everybody"
	Requests       int            `json:"requests"`              // under way
	CampaignGroups int            `json:"campaign_groups_known"` // whose status is known
}

// LinkStatus is the state of one link.
type LinkStatus struct {
	Name   string        `json:"name"`
	Up     bool          `json:"up"`
	Since  time.Time     `json:"since"`  // when Up last changed
	Server string        `json:"server"` // in use, or the last one tried; empty before the first attempt ended
	Reason string        `json:"reason"` // why it is down
	OCS    []commdn.DBID `json:"ocs"`    // empty: not known
}

// Status tells how things are now.
func (srv *Server) Status() Status {
	reasons := srv.notReady(srv.links())
	st := Status{
		Version: srv.opts.Version, Since: srv.started.UTC(),
		Ready: reasons == nil, NotReady: append([]string{}, reasons...), Draining: srv.draining.Load(),
		Authentication: "ready", Roles: make(map[string]int), Requests: srv.requests.count(), CampaignGroups: srv.board.len(),
	}
	if srv.opts.Auth == nil {
		st.Authentication = "off"
	} else if err := srv.authReady(); err != nil {
		st.Authentication = err.Error()
	}
	for _, s := range srv.sites {
		now := s.link.State()
		l := LinkStatus{Name: s.conf.Name, Up: now.Up, Since: now.Since.UTC(), Server: now.Server, OCS: append([]commdn.DBID{}, s.conf.OCS...)}
		if now.Err != nil {
			l.Reason = now.Err.Error()
		}
		st.Links = append(st.Links, l)
	}
	srv.mu.Lock()
	defer srv.mu.Unlock()
	st.Sessions = len(srv.sessions)
	for s := range srv.sessions {
		for _, role := range s.roles() {
			st.Roles[role]++
		}
	}
	return st
}

// Health answers GET /healthz and /readyz on whatever Host: for a port of its
// own that browsers do not reach.
func (srv *Server) Health() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", healthz)
	mux.HandleFunc("GET /readyz", srv.readyz)
	return mux
}

// ListenAdmin opens a Unix socket that only its owner may use. The folder has to
// be there. A socket file that a dead process left is replaced; one on which
// somebody answers, and a file that is no socket, are errors. Close takes the
// file away.
func ListenAdmin(path string) (net.Listener, error) {
	if err := clearSocket(path); err != nil {
		return nil, fmt.Errorf("relay: admin socket %s: %w", path, err)
	}
	l, err := (&net.ListenConfig{Control: ownerOnly}).Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, fmt.Errorf("relay: admin socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("relay: admin socket: %w", err)
	}
	return l, nil
}

// clearSocket takes away a socket file that nobody listens on any more.
func clearSocket(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode().Type() != os.ModeSocket:
		return errors.New("is there and is no socket; give another path")
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		_ = c.Close()
		return errors.New("another process answers on it; end that, or give another path")
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}
