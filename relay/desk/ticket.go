package desk

import (
	"context"
	"slices"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/campaigns"
	"commdn/relay/link"
)

// EventKind says what an Event is.
type EventKind uint8

// The kinds of event, in the order in which they come. Each but Answer and Late
// comes once at most; Settled or Left always comes, and is the last one of a ticket.
// Queued may come again for a request in the journal, and before Released.
const (
	Accepted EventKind = iota + 1 // the request is on disk: it cannot be lost
	Held                          // it can be undone till Event.Until
	Released                      // it cannot, or no longer: it goes out
	Queued                        // it waits, see Event.Queued
	Answer                        // of one OCS; others will answer too
	Settled                       // the last answer, or a refusal
	Left                          // the desk ends, and the request stays in the journal: the last event, in place of Settled
	Late                          // after a refusal as OCS did not answer: it has, after all. Submission.Tell alone is told
)

// Event is one thing that happened to a request.
type Event struct {
	Kind    EventKind
	Until   time.Time      // of Held; with the reading of the clock that never jumps
	Queued  frame.Queued   // of Queued
	Answer  commdn.Message // of Answer and Late; of Settled, unless Refusal is set
	Refusal *frame.Refusal // of Settled: why there is no (further) answer
	Key     string         // of Late: that of the request
	// Of and Seq say which update the answer is, where it is about a campaign
	// group; Seq is 0 where it is not. Updates with a smaller number are older.
	Of  campaigns.Key
	Seq uint64
	// Packed is the answer's packed user data where the desk had it packed
	// already; else nil.
	Packed []byte
}

// Ticket is a request at the desk. It lives until the request is settled,
// whoever still listens. Several may listen at the same time; each hears every
// event from the first one on.
type Ticket struct {
	id     ID
	req    commdn.Request
	data   tkvlist.List // as it was submitted
	source *Source
	// submitter is told every event; nil: nobody listens this way.
	submitter func(Event)
	started   time.Time
	taken     chan struct{} // closed when it is known whether the request is kept; nil: it is
	jobs      chan Job      // of the journal, one at most; nil: it is not in the journal
	found     chan Outcome  // that the journal had already; likewise
	links     []string      // that it goes over
	trail     *trail        // for the audit; nil: there is none

	until time.Time     // it is held till then; see heldFor
	undo  chan struct{} // somebody wants it undone; nil: it is not held
	// Of the ticket's goroutine: somebody did, in time; nobody did.
	undone, released bool

	mu      sync.Mutex
	events  []Event
	first   [1]Event      // that of a request which is settled at once
	changed chan struct{} // closed at the next event; nil: nobody waits
	open    []part        // that have no answer; set when an attempt has ended
}

func newTicket(id ID, req commdn.Request, data tkvlist.List, source *Source, submitter func(Event)) *Ticket {
	return &Ticket{id: id, req: req, data: data, source: source, submitter: submitter, started: time.Now()}
}

// inJournal makes it the ticket of a request in the journal.
func (t *Ticket) inJournal() { t.jobs, t.found = make(chan Job, 1), make(chan Outcome, 1) }

// Request gives what was asked. Nobody may change it.
func (t *Ticket) Request() commdn.Request { return t.req }

// Next gives the event n, counted from 0, as soon as there is one. It fails only
// when ctx ends and there is none yet. After Settled or Left there is no further
// event to ask for.
func (t *Ticket) Next(ctx context.Context, n int) (Event, error) {
	for {
		e, changed := t.event(n)
		if changed == nil {
			return e, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			if e, changed := t.event(n); changed == nil {
				return e, nil
			}
			return Event{}, ctx.Err()
		}
	}
}

// event gives the event n, or what is closed when there is a further one.
func (t *Ticket) event(n int) (Event, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n < len(t.events) {
		return t.events[n], nil
	}
	if t.changed == nil {
		t.changed = make(chan struct{})
	}
	return Event{}, t.changed
}

// Done gives the only event of a request that was settled at once; false where
// there is more to wait for, or was.
func (t *Ticket) Done() (Event, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.events) == 1 && t.events[0].Kind == Settled {
		return t.events[0], true
	}
	return Event{}, false
}

// tell adds an event. One goroutine at a time calls it, so that everybody hears
// the same order.
func (t *Ticket) tell(e Event) {
	t.mu.Lock()
	if t.events == nil {
		t.events = t.first[:0]
	}
	t.events = append(t.events, e)
	if t.changed != nil {
		close(t.changed)
		t.changed = nil
	}
	t.mu.Unlock()
	if t.submitter != nil {
		t.submitter(e)
	}
}

// over says whether the last event has been told.
func (t *Ticket) over() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.events) > 0 && t.events[len(t.events)-1].Kind == Settled
}

// answered waits for the last event, and says whether that is an answer of OCS.
func (t *Ticket) answered(ctx context.Context) bool {
	for n := 0; ; n++ {
		e, err := t.Next(ctx, n)
		if err != nil || e.Kind == Left {
			return false
		}
		if e.Kind == Settled {
			return e.Refusal == nil
		}
	}
}

// missing notes which parts have no answer.
func (t *Ticket) missing(open []part) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open = slices.Clone(open)
}

// heard takes in a late answer to a part.
func (t *Ticket) heard(p part, a link.Answer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !a.Owed {
		t.open = slices.DeleteFunc(t.open, func(o part) bool { return o.link == p.link && o.rule == p.rule })
	}
}

// whole says whether every part has an answer.
func (t *Ticket) whole() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.open) == 0
}

// settledTicket is the ticket of a request whose outcome is known.
func settledTicket(id ID, req commdn.Request, e Event) *Ticket {
	e.Kind = Settled
	t := &Ticket{id: id, req: req}
	t.first[0] = e
	t.events = t.first[:]
	return t
}
