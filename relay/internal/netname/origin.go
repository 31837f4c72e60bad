package netname

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Origin stands for the origin of a page, or for several that differ in the
// first label of the host.
type Origin struct {
	Scheme   string // https or http
	Host     string // as Authority folds it, with the port unless it is the scheme's own; of a wildcard, what follows "*."
	Wildcard bool   // exactly one more label stands before Host
}

var defaultPort = map[string]string{"https": ":443", "http": ":80"}

// ParseOrigin reads an origin as a browser writes it, such as
// https://desktop.example.com. The first label of the host may be *, which
// stands for exactly one label.
func ParseOrigin(s string) (Origin, error) {
	o, err := parseOrigin(s)
	o.Host = Authority(o.Host)
	return o, err
}

// parseOrigin leaves a dot at the end of the host in place.
func parseOrigin(s string) (Origin, error) {
	scheme, host, ok := strings.Cut(strings.ToLower(s), "://")
	o := Origin{Scheme: scheme}
	if o.Host, o.Wildcard = strings.CutPrefix(host, "*."); !ok || scheme != "https" && scheme != "http" || !isAuthority(scheme, o.Host) {
		return Origin{}, fmt.Errorf("origin %q: give https://HOST or https://HOST:PORT, and nothing more; the first label of HOST may be *", s)
	}
	o.Host = strings.TrimSuffix(o.Host, defaultPort[scheme]) // browsers leave it out
	if o.Wildcard {
		name := Host(o.Host)
		if _, err := netip.ParseAddr(name); err == nil {
			return Origin{}, fmt.Errorf("origin %q has * before an IP address; give the whole address", s)
		}
		if !strings.Contains(name, ".") {
			return Origin{}, fmt.Errorf("origin %q would let a whole top-level domain in; give one more label", s)
		}
	}
	return o, nil
}

// isAuthority says whether s is a host with or without a port, and nothing else.
func isAuthority(scheme, s string) bool {
	u, err := url.Parse(scheme + "://" + s)
	if err != nil || u.Host != s || !IsHost(u.Hostname()) || strings.HasSuffix(s, ":") {
		return false
	}
	if u.Port() == "" {
		return true
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && n != 0 && strconv.FormatUint(n, 10) == u.Port() // browsers write no leading zero
}

// Matches says whether o stands for the origin that a browser sent.
func (o Origin) Matches(origin string) bool {
	scheme, host, ok := strings.Cut(strings.ToLower(origin), "://")
	if !ok || scheme != o.Scheme {
		return false // "null" comes from a sandboxed frame or a file
	}
	if o.Wildcard {
		label, rest, found := strings.Cut(host, ".")
		if !found || label == "" {
			return false
		}
		host = rest
	}
	return Authority(host) == o.Host
}

// nameable is the host of an origin that a Content-Security-Policy can name: no
// address of IP version 6, and nothing that ends the name there.
var nameable = regexp.MustCompile(`^[a-z0-9_.-]*[a-z0-9_](:[0-9]+)?$`)

// ParseParent reads the origin of a page that may have another page in a frame,
// and gives it as a browser writes it. It stands for itself alone. A dot at the
// end of the host is refused: a Content-Security-Policy compares it as text.
func ParseParent(s string) (string, error) {
	o, err := parseOrigin(s)
	if err != nil || o.Wildcard || !nameable.MatchString(o.Host) {
		return "", fmt.Errorf("parent %q: give https://NAME or https://NAME:PORT, without a wildcard and with nothing behind it", s)
	}
	return o.Scheme + "://" + o.Host, nil
}
