package web

import (
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// AddressLimits bound what one client address can take.
type AddressLimits struct {
	Open  int     // connections
	Rate  float64 // requests a second
	Burst int     // that may come at once
}

// addresses counts what each client address has open and how much it asks.
type addresses struct {
	mu     sync.Mutex
	limits AddressLimits
	known  map[string]*address
	swept  time.Time
}

type address struct {
	open  int
	asked *rate.Limiter
	last  time.Time
}

// sweepEvery is how often addresses without a session are forgotten.
const sweepEvery = time.Minute

// newAddresses gives one that lets nobody in before limit is called.
func newAddresses() *addresses {
	return &addresses{known: make(map[string]*address), swept: time.Now()}
}

// limit sets what each address may take, the known ones too.
func (a *addresses) limit(l AddressLimits) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.limits = l
	for _, one := range a.known {
		one.asked.SetLimit(rate.Limit(l.Rate))
		one.asked.SetBurst(l.Burst)
	}
}

// enter counts a connection in, unless there are too many of the address.
func (a *addresses) enter(from string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sweep()
	one := a.known[from]
	if one == nil {
		one = &address{asked: rate.NewLimiter(rate.Limit(a.limits.Rate), a.limits.Burst)}
		a.known[from] = one
	}
	if one.open >= a.limits.Open {
		return false
	}
	one.open++
	return true
}

// leave counts it out.
func (a *addresses) leave(from string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if one := a.known[from]; one != nil {
		one.open--
		one.last = time.Now()
	}
}

// allow says whether a connected address may make one more request now.
func (a *addresses) allow(from string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := a.known[from]
	return one == nil || one.asked.Allow()
}

// sweep forgets addresses that have been away for a while. It is called with
// a.mu held.
func (a *addresses) sweep() {
	now := time.Now()
	if now.Sub(a.swept) < sweepEvery {
		return
	}
	a.swept = now
	for from, one := range a.known {
		if one.open == 0 && now.Sub(one.last) > sweepEvery {
			delete(a.known, from)
		}
	}
}

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
