// Package netname reads host names, addresses and origins. It decides what a
// loopback name is, for whoever listens, answers or connects.
package netname

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Loopback says whether host leads to this machine alone: "localhost", or a
// loopback address, with or without brackets and a port. A name that resolves to
// such an address does not count: somebody else may change where it leads.
func Loopback(host string) bool {
	host = Host(host)
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Host gives the host of a Host header as hosts are compared: without port and
// brackets, and folded.
func Host(header string) string {
	if host, _, err := net.SplitHostPort(header); err == nil {
		return fold(host)
	}
	return fold(strings.Trim(header, "[]"))
}

// Authority folds HOST or HOST:PORT, so that two that lead to the same place are
// equal texts.
func Authority(s string) string {
	if at := strings.LastIndexByte(s, ':'); at >= 0 && !strings.HasSuffix(s, "]") {
		return fold(s[:at]) + s[at:]
	}
	return fold(s)
}

// fold gives the form in which host names are compared: DNS knows no case, and
// the dot at the end only says that a name is complete.
func fold(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }

var label = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$`)

// IsHost says whether s is an IP address or the name of a host.
func IsHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	labels := strings.Split(strings.TrimSuffix(s, "."), ".")
	if _, err := strconv.ParseUint(labels[len(labels)-1], 10, 64); err == nil {
		return false // browsers take it for an IP address
	}
	return len(s) <= 253 && !slices.ContainsFunc(labels, func(l string) bool { return !label.MatchString(l) })
}

// SplitHostPort takes HOST:PORT apart. The host may be empty, for every address
// of a machine, and the port 0, for any free one.
func SplitHostPort(s string) (host string, port uint16, err error) {
	host, text, err := net.SplitHostPort(s)
	if err != nil {
		return "", 0, err
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return "", 0, fmt.Errorf("address %s: port %q is not 0 to 65535", s, text)
	}
	if host != "" && !IsHost(host) {
		return "", 0, fmt.Errorf("address %s: %q is neither an IP address nor a host name", s, host)
	}
	return host, uint16(n), nil
}
