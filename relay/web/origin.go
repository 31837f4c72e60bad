package web

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"

	"commdn/relay/internal/netname"
)

// Origins are those of the pages that may connect and load the plugin. The zero
// value lets none in.
type Origins []netname.Origin

// ParseOrigins reads origins as a browser writes them, https://desktop.example.com
// for one; the first label of the host may be *, which stands for exactly one.
func ParseOrigins(patterns []string) (Origins, error) {
	all := make(Origins, len(patterns))
	for i, pattern := range patterns {
		var err error
		if all[i], err = netname.ParseOrigin(pattern); err != nil {
			return nil, fmt.Errorf("relay: %w", err)
		}
	}
	return all, nil
}

// ParseParents reads origins of pages that may have the page frame.html in a
// frame, https://desktop.example.com for one, and gives them as a browser writes
// them. Each stands for itself: what is in the frame compares them with where a
// message is from.
func ParseParents(origins []string) ([]string, error) {
	all := make([]string, len(origins))
	for i, origin := range origins {
		var err error
		if all[i], err = netname.ParseParent(origin); err != nil {
			return nil, fmt.Errorf("relay: %w", err)
		}
	}
	return all, nil
}

// allow says whether a page of an origin may come.
func (o Origins) allow(origin string) bool {
	return slices.ContainsFunc(o, func(p netname.Origin) bool { return p.Matches(origin) })
}

// fromPage says whether a request may come from the page that it does: one of
// the relay's own origin, one of the list, or none, when no browser sent it.
// Where the relay is reached through TLS (secure), a page of the same host that
// came without TLS, and may be anybody's, is not of its own origin.
func (o Origins) fromPage(r *http.Request, secure bool) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	if err == nil && u.Host != "" && netname.Authority(u.Host) == netname.Authority(r.Host) && (u.Scheme == "https" || u.Scheme == "http" && !secure) {
		return true
	}
	return o.allow(origin)
}

// served says whether the relay answers to a Host: a loopback name, or one that
// it was told. Another one would be a page that had its own name resolved to
// the relay.
func served(host string, hosts []string) bool {
	if netname.Loopback(host) {
		return true
	}
	host = netname.Host(host)
	return slices.ContainsFunc(hosts, func(h string) bool { return netname.Host(h) == host })
}

// Listen opens a TCP listener. Without authentication only a loopback address is
// taken: whoever reaches the relay then may put numbers on the Do Not Call list.
func Listen(address string, authenticated bool) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("relay: listen address %q: %w; give HOST:PORT, for example 127.0.0.1:8080", address, err)
	}
	if !authenticated && !netname.Loopback(host) {
		return nil, fmt.Errorf("relay: refusing to listen on %q: nobody is authenticated, so only a loopback address (127.0.0.1, ::1, localhost) is safe; configure auth", address)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	return listener{l, &turns{}}, nil
}
