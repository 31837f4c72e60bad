// Package session is what the elements of one connection share: the requests
// that its user made and what became of them, and the campaigns as OCS last
// told of them. It knows no browser.
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

// Client is what a Session needs of the CommDN client; *client.Client is one.
type Client interface {
	Do(ctx context.Context, req commdn.Request) ([]commdn.Message, error)
	Status() client.Status
	Watch(f func(client.Status)) (stop func())
	WatchCampaigns(f func(*commdn.CampaignEvent)) (stop func())
	WatchHistory(f func(frame.History)) (stop func())
	Directory(ctx context.Context) (frame.Directory, error)
	WatchDirectory(f func()) (stop func())
}

// Kind says what a Change is about.
type Kind uint8

// The kinds of Change.
const (
	StatusChanged    Kind = iota + 1 // see Status
	EntryChanged                     // Change.Entry is new or has another outcome
	CampaignChanged                  // Change.Group; see Group
	CampaignsChanged                 // several, or which ones there are; see Groups
	SequenceChanged                  // Change.Group, its Campaign is 0; see Sequence
)

// Change is something new in a Session.
type Change struct {
	Kind  Kind
	Entry Entry
	Group GroupKey

	watched int // the last watch that had begun by then
}

// Session is shared by everything on a page that uses one connection. Its
// methods may be called from any goroutine and do not block, but for Do.
type Session struct {
	client Client
	now    func() time.Time
	stop   func()          // ends the watch of the client
	ctx    context.Context // ends with the Session
	cancel func()

	mu       sync.Mutex
	closed   bool
	status   client.Status
	entries  []Entry // oldest first
	asked    int
	board    board
	watches  []watch // in the order in which they began
	watched  int
	changes  []Change // to be told to the watches
	draining bool     // somebody tells them
}

// watch is a function that wants changes.
type watch struct {
	id int
	f  func(Change)
}

// New makes a Session; Close ends it. now tells the time.
func New(c Client, now func() time.Time) *Session {
	s := &Session{client: c, now: now}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.board.init()
	s.stop = c.Watch(s.statusChanged)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = c.Status() // not older than what the watch has told by now
	s.freshness()
	return s
}

// Close lets go of the client and ends all watches. Requests under way go on.
func (s *Session) Close() {
	s.stop()
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

// Status gives the client's status.
func (s *Session) Status() client.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// May says whether the user has a role, one of frame.RoleAgent and the like. A
// relay that asks nobody who he is lets everybody do everything. The relay
// checks again; this is for what to show.
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

// Watch calls f with each change from now on, in order, one at a time, from the
// goroutine that brought it. f may call all methods of the Session but Do. It
// returns a function that ends the watch; one call of f may still be under way
// when that returns.
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

// tell hands changes to the watches in the order in which they came about.
// Whoever finds somebody else at it leaves them to him.
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

// changed notes a change; s.mu is held, and tell follows.
func (s *Session) changed(c Change) {
	if len(s.watches) > 0 {
		c.watched = s.watched
		s.changes = append(s.changes, c)
	}
}

func (s *Session) statusChanged(status client.Status) {
	s.mu.Lock()
	s.status = status
	for i := range s.entries {
		if e := &s.entries[i]; e.UnderWay() {
			s.setOutcome(e, s.underWay())
		}
	}
	s.freshness()
	s.changed(Change{Kind: StatusChanged})
	s.mu.Unlock()
	s.tell()
}
