// Package netname says what a host name or network address is: whether it leads
// to this machine alone, for one. Everything that is safe on loopback only asks
// here.
package netname

import (
	"net"
	"net/netip"
	"strings"
)

// Loopback says whether a host leads to this machine alone: localhost, or a
// loopback address of IP version 4 or 6. The host may have brackets, and a port.
// A name that resolves to such an address does not count: somebody else may
// change where it leads.
func Loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if bare, ok := strings.CutPrefix(host, "["); ok {
		host = strings.TrimSuffix(bare, "]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
