package web

import (
	"net"
	"net/http"
	"strings"
)

// clientAddress gives the address that a request comes from. Behind a proxy it
// is the last one that X-Forwarded-For has: the proxy itself put it there, what
// stands before it anybody can have written.
func clientAddress(r *http.Request, behindProxy bool) string {
	if behindProxy {
		all := r.Header.Values("X-Forwarded-For")
		if len(all) > 0 {
			last := all[len(all)-1]
			last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
			if host, _, err := net.SplitHostPort(last); err == nil {
				last = host // some proxies write the port, too
			}
			if ip := net.ParseIP(strings.Trim(last, "[]")); ip != nil {
				return ip.String()
			}
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
