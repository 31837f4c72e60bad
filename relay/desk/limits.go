package desk

import (
	"sync"

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

// tooFast is how many requests in a row a source may send that are refused as
// too many.
const tooFast = 1000

// Source is one client of one door, for its limits: a WebSocket connection, for
// one.
type Source struct {
	address string
	rate    *rate.Limiter

	mu       sync.Mutex
	limits   Limits
	inFlight int
	refused  int // requests in a row that came too fast
}

// NewSource makes the Source of a client that comes from address.
func NewSource(address string, l Limits) *Source {
	return &Source{address: address, limits: l, rate: rate.NewLimiter(rate.Limit(l.Rate), l.Burst)}
}

// Adopt changes the limits. Requests in flight stay.
func (s *Source) Adopt(l Limits) {
	s.rate.SetLimit(rate.Limit(l.Rate))
	s.rate.SetBurst(l.Burst)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = l
}

// Rate gives the limiter of requests, for a door that also limits by it what is
// no request.
func (s *Source) Rate() *rate.Limiter { return s.rate }

// Address gives where the client comes from.
func (s *Source) Address() string { return s.address }

// TooFast says that the client goes on asking although it was told to wait. Its
// door then closes.
func (s *Source) TooFast() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused > tooFast
}

// enter counts a request in, or says why it may not begin.
func (s *Source) enter(addressAllows func(string) bool) *frame.Refusal {
	allowed := s.rate.Allow() && addressAllows(s.address)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !allowed {
		s.refused++
		return &frame.Refusal{Code: frame.RefusedRateLimited, Message: "too many requests in a short time; wait a moment"}
	}
	if s.inFlight >= s.limits.Requests {
		return &frame.Refusal{Code: frame.RefusedBusy, Message: "too many requests of this session are in flight; wait for an answer"}
	}
	s.refused = 0
	s.inFlight++
	return nil
}

// leave counts it out.
func (s *Source) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
}
