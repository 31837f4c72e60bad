package web

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"commdn/relay/internal/netname"
)

// Origins are those of the pages that may connect and load the plugin. The zero
// value lets none in.
type Origins []originPattern

type originPattern struct {
	scheme string
	host   string // with the port, lower case; without the leading label of a wildcard
	any    bool   // one more label, whatever it is, stands before host
}

// ParseOrigins reads origins as a browser writes them, https://desktop.example.com
// for one; the first label of the host may be *, which stands for exactly one.
func ParseOrigins(patterns []string) (Origins, error) {
	var all Origins
	for _, pattern := range patterns {
		scheme, host, ok := strings.Cut(strings.ToLower(pattern), "://")
		p := originPattern{scheme: scheme, host: host}
		p.host, p.any = strings.CutPrefix(host, "*.")
		switch {
		case !ok || scheme != "https" && scheme != "http":
			return nil, fmt.Errorf("relay: origin %q: give https://HOST or http://HOST", pattern)
		case p.host == "" || strings.ContainsAny(p.host, "/?#@* \t"):
			return nil, fmt.Errorf("relay: origin %q: give scheme, host and port alone; * may only be the whole first label", pattern)
		case p.any && !strings.Contains(strings.TrimSuffix(p.host, "."), "."):
			return nil, fmt.Errorf("relay: origin %q would let a whole top-level domain in; give one more label", pattern)
		}
		p.host = strings.TrimSuffix(p.host, defaultPort[scheme]) // browsers leave it out
		all = append(all, p)
	}
	return all, nil
}

// parentHost is the host of an origin that a Content-Security-Policy can name:
// no address of IP version 6, and nothing that would end the name there.
var parentHost = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?(:[1-9][0-9]{0,4})?$`)

// ParseParents reads origins of pages that may have the page frame.html in a
// frame, https://desktop.example.com for one, and gives them as a browser writes
// them. Each stands for itself: what is in the frame compares them with where a
// message is from.
func ParseParents(origins []string) ([]string, error) {
	all := make([]string, 0, len(origins))
	for _, origin := range origins {
		scheme, host, ok := strings.Cut(strings.ToLower(origin), "://")
		if !ok || scheme != "https" && scheme != "http" || !parentHost.MatchString(host) {
			return nil, fmt.Errorf("relay: parent %q: give https://NAME or https://NAME:PORT, without a wildcard and with nothing behind it", origin)
		}
		all = append(all, scheme+"://"+strings.TrimSuffix(host, defaultPort[scheme])) // browsers leave it out
	}
	return all, nil
}

var defaultPort = map[string]string{"https": ":443", "http": ":80"}

// allow says whether a page of an origin may come.
func (o Origins) allow(origin string) bool {
	scheme, host, ok := strings.Cut(strings.ToLower(origin), "://")
	if !ok {
		return false // "null", of a sandboxed frame or a file
	}
	for _, p := range o {
		rest := host
		if p.any {
			label, after, found := strings.Cut(host, ".")
			if !found || label == "" {
				continue
			}
			rest = after
		}
		if p.scheme == scheme && p.host == rest {
			return true
		}
	}
	return false
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
	if err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host) && (u.Scheme == "https" || u.Scheme == "http" && !secure) {
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
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	for _, h := range hosts {
		if strings.EqualFold(h, host) {
			return true
		}
	}
	return false
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
	return net.Listen("tcp", address)
}
