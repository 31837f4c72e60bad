package session

import (
	"errors"

	"commdn/protocol/client"
)

// earlier takes in a request that a page before has left. It must not block.
func (s *Session) earlier(from *client.Earlier) (told func(client.Event)) {
	s.mu.Lock()
	s.asked++
	e := &Entry{
		ID: s.asked, Req: from.Request, Asked: from.Asked, At: s.now(), Window: from.Window, Kept: true, Earlier: true,
		hidden: from, accepted: from.Accepted,
	}
	if from.Window > 0 && (s.status.State != client.Connected || s.status.Undo >= from.Window) {
		e.Until = from.Asked.Add(from.Window)
	}
	e.Outcome = s.underWay(e)
	if !s.unmask(e) {
		e.Req = client.Masked(from.Request)
		s.entryChanged(e)
	}
	s.entries = append(s.entries, *e)
	s.forget()
	id := e.ID
	s.mu.Unlock()
	s.tell()
	go func() {
		answers, err := from.Wait()
		if errors.Is(err, client.ErrOtherPerson) {
			s.gone(id)
			return
		}
		s.settle(*e, answers, err)
	}()
	return func(news client.Event) { s.told(id, news) }
}

// unmask shows whom a request of an earlier page is about once its person is here, and
// returns whether it did. The caller holds s.mu.
func (s *Session) unmask(e *Entry) bool {
	who := &s.status.Identity
	if e.hidden == nil || e.hidden.Subject != "" && (e.hidden.Subject != who.Subject || len(who.Roles) == 0) {
		return false
	}
	e.Req, e.hidden = e.hidden.Request, nil
	s.entryChanged(e)
	return true
}

// gone drops a request of an earlier page: somebody else made it.
func (s *Session) gone(id int) {
	s.mu.Lock()
	if i := s.find(id); i >= 0 {
		e := s.entries[i]
		s.entries = append(s.entries[:i:i], s.entries[i+1:]...)
		s.changed(Change{Kind: EntryGone, Entry: e})
	}
	s.mu.Unlock()
	s.tell()
}
