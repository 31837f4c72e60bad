// Package session is what the elements of one connection share: their user's requests
// with the results, and the last-known state of campaigns. It does not depend on a
// browser.
package session

import (
	"context"
	"slices"
	"sync"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Client is what a Session needs from the CommDN client; *client.Client is one.
type Client interface {
	Hold(ctx context.Context, req commdn.Request, window time.Duration, told func(client.Event)) ([]commdn.Message, error)
	Undo(req commdn.Request) bool
	TakeOver(f func(*client.Earlier) (told func(client.Event)))
	Preview(ctx context.Context, req commdn.Request) (frame.Forms, error)
	Status() client.Status
	Watch(f func(client.Status)) (stop func())
	WatchLate(f func(client.Late)) (stop func())
	WatchCampaigns(f func(*commdn.CampaignEvent)) (stop func())
	WatchHistory(f func(frame.History)) (stop func())
	Directory(ctx context.Context) (frame.Directory, error)
	WatchDirectory(f func()) (stop func())
}

// Kind is the subject of a Change.
type Kind uint8

// The kinds of Change.
const (
	StatusChanged    Kind = iota + 1 // see Status
	EntryChanged                     // Change.Entry is new or has a new outcome
	CampaignChanged                  // Change.Group; see Group
	CampaignsChanged                 // several, or the set of them; see Groups
	SequenceChanged                  // Change.Group, whose Campaign is 0; see Sequence
	EntryGone                        // Change.Entry is another person's
)

// Change is something new in a Session.
type Change struct {
	Kind  Kind
	Entry Entry
	Group GroupKey

	watched int // number of the newest watch at that time
}

// Session serves everything on a page that uses one connection. Its methods are safe for
// concurrent use and do not block, except Do.
type Session struct {
	client Client
	now    func() time.Time
	stop   func()          // ends the watch of the client
	ctx    context.Context // ends with the Session
	cancel func()

	stopLate func() // ends the watch of late answers

	mu       sync.Mutex
	closed   bool
	status   client.Status
	entries  []Entry // oldest first
	asked    int
	board    board
	watches  []watch // in the order of their begin
	watched  int
	changes  []Change // queued for the watches
	draining bool     // a goroutine is delivering them
}

// watch is a function that gets changes.
type watch struct {
	id int
	f  func(Change)
}

// New makes a Session; Close ends it. now returns the time.
func New(c Client, now func() time.Time) *Session {
	s := &Session{client: c, now: now}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.board.init()
	s.stop, s.stopLate = c.Watch(s.statusChanged), c.WatchLate(s.late)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = c.Status() // at least as new as what the watch has reported by now
	s.freshness()
	c.TakeOver(s.earlier)
	return s
}

// Close releases the client and ends all watches. Requests in flight go on.
func (s *Session) Close() {
	s.stop()
	s.stopLate()
	s.cancel()
	s.mu.Lock()
	s.closed = true
	s.watches, s.changes = nil, nil
	stop := s.board.stop
	s.board.stop = nil
	s.mu.Unlock()
	if stop != nil {
		stop()
	}
}

// Status returns the client's status.
func (s *Session) Status() client.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// May reports whether the user has a role, such as frame.RoleAgent. With a relay that
// authenticates nobody, everybody may do everything. The relay checks again; this only
// decides what to show.
func (s *Session) May(role string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status.Identity.Name == "" && len(s.status.Identity.Roles) == 0 {
		return true
	}
	for _, r := range s.status.Identity.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// Watch calls f with each change from now on, in order, one at a time, from the goroutine
// that caused it. f may call all methods of the Session except Do. Watch returns a
// function that ends the watch; one call of f may still be running when that returns.
func (s *Session) Watch(f func(Change)) (stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return func() {}
	}
	s.watched++
	id := s.watched
	s.watches = append(s.watches, watch{id, f})
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.watches = slices.DeleteFunc(s.watches, func(w watch) bool { return w.id == id })
	}
}

// tell delivers changes to the watches in order. If another goroutine is already
// delivering, it leaves them to that one.
func (s *Session) tell() {
	s.mu.Lock()
	if s.draining {
		s.mu.Unlock()
		return
	}
	s.draining = true
	for len(s.changes) > 0 {
		c := s.changes[0]
		s.changes = s.changes[1:]
		watches := slices.Clone(s.watches)
		s.mu.Unlock()
		for _, w := range watches {
			if w.id <= c.watched {
				w.f(c)
			}
		}
		s.mu.Lock()
	}
	s.changes = nil
	s.draining = false
	s.mu.Unlock()
}

// changed queues a change. The caller holds s.mu and then calls tell.
func (s *Session) changed(c Change) {
	if len(s.watches) > 0 {
		c.watched = s.watched
		s.changes = append(s.changes, c)
	}
}

func (s *Session) statusChanged(status client.Status) {
	s.mu.Lock()
	retold := (s.status.Unkept == nil) != (status.Unkept == nil)
	s.status = status
	for i := range s.entries {
		if e := &s.entries[i]; e.UnderWay() {
			s.reconsider(e)
			s.unmask(e)
			if retold { // whether it is kept is a part of what is said of it
				s.entryChanged(e)
			}
		}
	}
	s.freshness()
	s.changed(Change{Kind: StatusChanged})
	s.mu.Unlock()
	s.tell()
}
