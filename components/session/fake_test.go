package session

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// fake is a fake client: a test sets its status and the results of requests.
type fake struct {
	asked chan *asked

	mu          sync.Mutex
	undone      []commdn.Request // that Undo was asked for
	undoes      bool             // what it says
	status      client.Status
	watch       func(client.Status)
	late        func(client.Late)
	take        func(*client.Earlier) func(client.Event)
	campaigns   func(*commdn.CampaignEvent)
	begun       int // watches of campaigns
	ended       int
	history     func(frame.History)
	directory   func()
	directories chan frame.Directory // results of Directory
	asking      atomic.Int32         // calls of Directory in flight
	previewed   atomic.Int32         // calls of Preview
}

type asked struct {
	req    commdn.Request
	window time.Duration
	told   func(client.Event)
	answer chan error
	with   []commdn.Message
}

func (a *asked) end(err error, with ...commdn.Message) {
	a.with = with
	a.answer <- err
}

func (f *fake) Hold(ctx context.Context, req commdn.Request, window time.Duration, told func(client.Event)) ([]commdn.Message, error) {
	a := &asked{req: req, window: window, told: told, answer: make(chan error, 1)}
	f.asked <- a
	select {
	case err := <-a.answer:
		return a.with, err
	case <-ctx.Done():
		return nil, &client.NoAnswerError{Sent: true, Err: ctx.Err()}
	}
}

func (f *fake) TakeOver(take func(*client.Earlier) func(client.Event)) { f.take = take }

func (f *fake) Undo(req commdn.Request) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.undone = append(f.undone, req)
	return f.undoes
}

func (f *fake) Preview(context.Context, commdn.Request) (frame.Forms, error) {
	f.previewed.Add(1)
	return frame.Forms{}, client.ErrClosed
}

func (f *fake) Status() client.Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.status
}

func (f *fake) Watch(w func(client.Status)) func() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watch = w
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.watch = nil
	}
}

func (f *fake) WatchLate(w func(client.Late)) func() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.late = w
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.late = nil
	}
}

func (f *fake) set(s client.Status) {
	f.mu.Lock()
	f.status = s
	watch := f.watch
	f.mu.Unlock()
	if watch != nil {
		watch(s)
	}
}

func (f *fake) WatchCampaigns(w func(*commdn.CampaignEvent)) func() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.campaigns = w
	f.begun++
	return f.end
}

func (f *fake) WatchHistory(w func(frame.History)) func() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.history = w
	f.begun++
	return f.end
}

func (f *fake) WatchDirectory(w func()) func() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.directory = w
	f.begun++
	return f.end
}

// watches is how many of the client's watches one watch of campaigns takes.
const watches = 3

// told announces another directory.
func (f *fake) told() {
	f.mu.Lock()
	told := f.directory
	f.mu.Unlock()
	told()
}

func (f *fake) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended++
}

func (f *fake) Directory(ctx context.Context) (frame.Directory, error) {
	f.asking.Add(1)
	defer f.asking.Add(-1)
	select {
	case d := <-f.directories:
		return d, nil
	case <-ctx.Done():
		return frame.Directory{}, &client.NoAnswerError{Err: ctx.Err()}
	}
}

func (f *fake) count() (begun, ended int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.begun, f.ended
}

// clock is a Session's time.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

var up = client.Status{State: client.Connected, Link: frame.Link{Up: true}, OCS: []commdn.DBID{201}}

func start(t *testing.T, status client.Status) (*Session, *fake, *clock) {
	t.Helper()
	f := &fake{status: status, asked: make(chan *asked, 2*keptEntries), directories: make(chan frame.Directory)}
	c := &clock{t: noon}
	s := New(f, c.now)
	t.Cleanup(s.Close)
	return s, f, c
}

// heard collects the changes that a watch got.
type heard struct {
	mu      sync.Mutex
	changes []Change
}

func listen(s *Session) (*heard, func()) {
	h := &heard{}
	stop := s.Watch(func(c Change) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.changes = append(h.changes, c)
	})
	return h, stop
}

// take returns and clears the collected changes.
func (h *heard) take() []Change {
	h.mu.Lock()
	defer h.mu.Unlock()
	changes := h.changes
	h.changes = nil
	return changes
}

func (h *heard) len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.changes)
}

// until collects changes until one of them is what the test waits for. What the session
// shows is there a moment before it tells of it.
func (h *heard) until(t *testing.T, what string, is func(Change) bool) (changes []Change) {
	t.Helper()
	await(t, what, func() bool {
		more := h.take()
		changes = append(changes, more...)
		return slices.ContainsFunc(more, is)
	})
	return changes
}

// becomes says whether a change tells that a request has this outcome.
func becomes(o Outcome) func(Change) bool {
	return func(c Change) bool { return c.Kind == EntryChanged && c.Entry.Outcome == o }
}

// await polls until f returns true.
func await(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}
