package desk

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"commdn/protocol/frame"
)

// Limits bound what clients may ask.
type Limits struct {
	Rate     float64 // requests a second of a source
	Burst    int     // that may come at once
	Requests int     // in flight of a source
}

// maxTickets bounds the requests in flight of everybody, those of sources that
// are gone among them.
const maxTickets = 50_000

// A source may send so many requests that are refused as too many, and after them
// so many a second, whether others between them are let through or not.
const (
	refusedBurst = 1000
	mostRefused  = 10
)

// heard is how long a client has to hear of a new limit.
const heard = 10 * time.Second

// Source is one client of one door, for its limits: a WebSocket connection, for
// one.
type Source struct {
	address string
	rate    *rate.Limiter
	allows  func(time.Time) bool // one more request of whom the client shares limits with
	refused *rate.Limiter        // requests that came too fast
	tooFast atomic.Bool          // and were too many of them

	mu       sync.Mutex
	limits   Limits
	inFlight int
	before   int       // requests in flight that count until then
	until    time.Time // the client may not have heard of the new limit
}

// NewSource makes the Source of a client that comes from address. allows, where it
// is not nil, says whether those that the client shares limits with, such as its
// address, may make one more request.
func NewSource(address string, l Limits, allows func(now time.Time) bool) *Source {
	if allows == nil {
		allows = func(time.Time) bool { return true }
	}
	return &Source{
		address: address, limits: l, allows: allows,
		rate: rate.NewLimiter(rate.Limit(l.Rate), l.Burst), refused: rate.NewLimiter(mostRefused, refusedBurst),
	}
}

// Adopt changes the limits. Requests in flight stay. Fewer of them at a time are
// enforced only after a while: the client is told first, and what it has sent
// before is not refused.
func (s *Source) Adopt(l Limits) {
	s.rate.SetLimit(rate.Limit(l.Rate))
	s.rate.SetBurst(l.Burst)
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); l.Requests < s.limits.Requests {
		s.before, s.until = max(s.mayHold(now), s.limits.Requests), now.Add(heard)
	}
	s.limits = l
}

// mayHold gives how many requests may be in flight. It is called with s.mu held.
func (s *Source) mayHold(now time.Time) int {
	if now.Before(s.until) {
		return max(s.before, s.limits.Requests)
	}
	return s.limits.Requests
}

// Rate gives the limiter of requests, for a door that also limits by it what is
// no request.
func (s *Source) Rate() *rate.Limiter { return s.rate }

// Address gives where the client comes from.
func (s *Source) Address() string { return s.address }

// TooFast says that the client has gone on for too long although it was told to
// wait. Its door then closes.
func (s *Source) TooFast() bool { return s.tooFast.Load() }

// enter counts a request in, or says why it may not begin.
func (s *Source) enter() *frame.Refusal {
	now := time.Now()
	if !s.rate.AllowN(now, 1) || !s.allows(now) {
		if !s.refused.AllowN(now, 1) {
			s.tooFast.Store(true)
		}
		return &frame.Refusal{Code: frame.RefusedRateLimited, Message: "too many requests in a short time; wait a moment"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inFlight >= s.mayHold(now) {
		return &frame.Refusal{Code: frame.RefusedBusy, Message: "too many requests of this session are in flight; wait for an answer"}
	}
	s.inFlight++
	return nil
}

// leave counts it out.
func (s *Source) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
}
