package session

import (
	"context"
	"time"

	"commdn/protocol/commdn"
)

// Hold is Send for a do-not-call or cancel that Undo takes back within a window; the
// relay may shorten it. With a window of 0 it is Send.
func (s *Session) Hold(req commdn.Request, window time.Duration) Entry {
	e := s.begin(req, window)
	go s.finish(context.Background(), e)
	return e
}

// Undo takes a request back. It is false where it is too late for that, or never was
// possible. Else changes report what became of the request: mostly Undone.
func (s *Session) Undo(id int) bool {
	s.mu.Lock()
	var req commdn.Request // nil: nobody's
	if i := s.find(id); i >= 0 {
		req = s.entries[i].Req
	}
	s.mu.Unlock()
	return s.client.Undo(req)
}
