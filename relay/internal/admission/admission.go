// Package admission says how many connections there may be: of those who have
// said who they are, in all, from one address and of one person; and of those
// who have not, who never take the place of those who have.
package admission

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits of connections and of what they ask. All are above 0.
type Limits struct {
	Sessions   int // signed in, in all
	PerAddress int // of them from one address
	PerPerson  int // of them of one person

	Waiting           int     // not signed in yet, in all
	WaitingPerAddress int     // of them from one address
	Arrivals          float64 // new connections a second from one address
	ArrivalBurst      int     // that may come at once

	AddressRate  float64 // requests a second of all connections from one address
	AddressBurst int
	PersonRate   float64 // the same of one person
	PersonBurst  int
}

// Reason says why a connection may not be; empty: it may.
type Reason string

// The reasons.
const (
	Full    Reason = "full"    // too many are signed in
	Address Reason = "address" // too many of this address are
	Person  Reason = "person"  // too many of this person are
	Rate    Reason = "rate"    // too many come from this address in a short time
)

// String gives the reason in words for whom it is about.
func (r Reason) String() string {
	switch r {
	case Full:
		return "too many connections"
	case Address:
		return "too many connections from this address"
	case Person:
		return "too many connections of this person"
	case Rate:
		return "too many new connections from this address in a short time"
	}
	return string(r)
}

// Gate counts. Several goroutines may use it.
type Gate struct {
	mu        sync.Mutex
	limits    Limits
	signedIn  int
	waiting   list.List // of *Seat, the oldest first
	addresses map[string]*account
	people    map[string]*account
	swept     time.Time
}

// account is what one address or one person has and asks.
type account struct {
	signedIn int
	waiting  list.List // of *Seat, the oldest first
	arrivals *rate.Limiter
	asked    *rate.Limiter
	left     time.Time // when the last connection of it ended
}

// New gives a Gate that lets nobody in before Adopt.
func New() *Gate {
	return &Gate{addresses: make(map[string]*account), people: make(map[string]*account), swept: time.Now()}
}

// Adopt sets the limits, for what is there too. Nothing is closed for being one
// too many.
func (g *Gate) Adopt(l Limits) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.limits = l
	for _, a := range g.addresses {
		adopt(a.asked, l.AddressRate, l.AddressBurst)
		adopt(a.arrivals, l.Arrivals, l.ArrivalBurst)
	}
	for _, p := range g.people {
		adopt(p.asked, l.PersonRate, l.PersonBurst)
	}
}

func adopt(l *rate.Limiter, perSecond float64, burst int) {
	l.SetLimit(rate.Limit(perSecond))
	l.SetBurst(burst)
}

// Seat is one connection. Its methods may be called by several goroutines.
type Seat struct {
	gate    *Gate
	address *account

	// Guarded by gate.mu.
	person         *account // nil: nobody asked who it is, or not signed in
	signedIn, gone bool
	evicted        bool
	onEvict        func()
	all, ofAddress *list.Element // while it waits
}

// Enter lets a connection of an address in, before it is known who it is. Where
// too many wait already, the one that has waited longest gives way, see OnEvict.
// Whoever says at once who they are gets in, however many stay silent.
func (g *Gate) Enter(address string) (*Seat, Reason) {
	seat, out, reason := g.enter(Key(address))
	for _, end := range out {
		end()
	}
	return seat, reason
}

// OnEvict has end called when another connection takes the place, at once where
// that is so already. end is not called after SignIn or Leave.
func (s *Seat) OnEvict(end func()) {
	s.gate.mu.Lock()
	s.onEvict = end
	now := s.evicted && !s.gone
	s.gate.mu.Unlock()
	if now {
		end()
	}
}

func (g *Gate) enter(address string) (seat *Seat, out []func(), reason Reason) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	g.sweep(now)
	a := g.addresses[address]
	if a == nil {
		a = &account{
			arrivals: rate.NewLimiter(rate.Limit(g.limits.Arrivals), g.limits.ArrivalBurst),
			asked:    rate.NewLimiter(rate.Limit(g.limits.AddressRate), g.limits.AddressBurst), left: now,
		}
		g.addresses[address] = a
	}
	switch {
	case g.signedIn >= g.limits.Sessions:
		return nil, nil, Full
	case a.signedIn >= g.limits.PerAddress:
		return nil, nil, Address
	case !a.arrivals.AllowN(now, 1):
		return nil, nil, Rate
	}
	for a.waiting.Len() >= max(1, g.limits.WaitingPerAddress) {
		out = append(out, g.evict(a.waiting.Front()))
	}
	for g.waiting.Len() >= max(1, g.limits.Waiting) {
		out = append(out, g.evict(g.waiting.Front()))
	}
	seat = &Seat{gate: g, address: a}
	seat.all, seat.ofAddress = g.waiting.PushBack(seat), a.waiting.PushBack(seat)
	return seat, out, ""
}

// evict takes a seat's place, and gives what ends its connection. It is called
// with g.mu held.
func (g *Gate) evict(of *list.Element) (end func()) {
	s := of.Value.(*Seat)
	g.stopWaiting(s)
	s.evicted = true
	if s.onEvict == nil { // it comes
		return func() {}
	}
	return s.onEvict
}

// stopWaiting is called with g.mu held.
func (g *Gate) stopWaiting(s *Seat) {
	if s.all != nil {
		g.waiting.Remove(s.all)
		s.address.waiting.Remove(s.ofAddress)
		s.all, s.ofAddress = nil, nil
	}
}

// SignIn says who the connection is of; an empty subject is nobody in
// particular, who has no limits of their own. A seat that gave way signs in no
// more: its Reason is Full.
func (s *Seat) SignIn(subject string) Reason {
	g := s.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if s.signedIn {
		return ""
	}
	var p *account
	if subject != "" {
		if p = g.people[subject]; p == nil {
			p = &account{asked: rate.NewLimiter(rate.Limit(g.limits.PersonRate), g.limits.PersonBurst), left: time.Now()}
			g.people[subject] = p
		}
	}
	switch {
	case s.all == nil || g.signedIn >= g.limits.Sessions:
		return Full
	case s.address.signedIn >= g.limits.PerAddress:
		return Address
	case p != nil && p.signedIn >= g.limits.PerPerson:
		return Person
	}
	g.stopWaiting(s)
	g.signedIn++
	s.address.signedIn++
	if p != nil {
		p.signedIn++
	}
	s.signedIn, s.person = true, p
	return ""
}

// Leave counts the connection out. It may be called more than once.
func (s *Seat) Leave() {
	g := s.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	if s.gone {
		return
	}
	s.gone = true
	g.stopWaiting(s)
	now := time.Now()
	s.address.left = now
	if !s.signedIn {
		return
	}
	g.signedIn--
	s.address.signedIn--
	if s.person != nil {
		s.person.signedIn--
		s.person.left = now
	}
}

// Allow says whether the connection may make one more request now, by the limits
// of its person and of its address. It is called by one goroutine at a time, of
// a connection that has signed in.
func (s *Seat) Allow(now time.Time) bool {
	return (s.person == nil || s.person.asked.AllowN(now, 1)) && s.address.asked.AllowN(now, 1)
}

// sweepEvery is how often addresses and people without a connection are
// forgotten.
const sweepEvery = time.Minute

// sweep forgets who has been away for a while. It is called with g.mu held.
func (g *Gate) sweep(now time.Time) {
	if now.Sub(g.swept) < sweepEvery {
		return
	}
	g.swept = now
	for _, all := range []map[string]*account{g.addresses, g.people} {
		for name, a := range all {
			if a.signedIn == 0 && a.waiting.Len() == 0 && now.Sub(a.left) > sweepEvery {
				delete(all, name)
			}
		}
	}
}

// Key gives what an address counts as: an IPv6 address as its /64, which is the
// least that one customer of a network has; others as they are.
func Key(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip, 64).Masked().String()
}
