package tserver

import (
	"time"

	"commdn/protocol/tkvlist"
)

// Event is one UserEvent that was distributed.
type Event struct {
	Time        time.Time // by Options.Now
	DN          string
	Application string       // AttributeApplicationName of the client that sent it
	UserData    tkvlist.List // shared by all subscribers: not to be changed
	Missed      int          // events before this one that did not fit into the subscriber's buffer
}

// tap is one subscription. Its fields are guarded by Server.mu.
type tap struct {
	events chan Event
	missed int
}

// Subscribe gives every UserEvent from now on, in the order of distribution.
// A subscriber that lets buffer events pile up misses those that follow until
// it reads again, and learns how many by Event.Missed. The channel is closed
// by cancel, which may be called more than once, and by Close. A buffer below
// 1 is taken as 1.
func (s *Server) Subscribe(buffer int) (events <-chan Event, cancel func()) {
	t := &tap{events: make(chan Event, max(buffer, 1))}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taps == nil {
		close(t.events)
		return t.events, func() {}
	}
	s.taps[t] = struct{}{}
	return t.events, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, ok := s.taps[t]; ok {
			delete(s.taps, t)
			close(t.events)
		}
	}
}

// publish is called with s.mu held.
func (s *Server) publish(e Event) {
	for t := range s.taps {
		e.Missed = t.missed
		select {
		case t.events <- e:
			t.missed = 0
		default:
			t.missed++
		}
	}
}
