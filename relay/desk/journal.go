package desk

import (
	"context"
	"errors"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Journal is a Store on disk. It keeps do-not-call and cancel requests from Put to
// their outcome, and hands each one out to be sent until it has one, after a crash
// too. Campaign control never goes into it: nobody repeats that.
type Journal interface {
	Store
	// Begin calls do for each entry without an outcome: those of earlier processes,
	// and each one that Put keeps, as soon as there is room. do must not block.
	// It may be called before Put returns. dropped tells the outcome that an
	// administrator gave an entry in place of carrying it out.
	Begin(do func(Job), dropped func(ID, Outcome)) error
	// Decide keeps whether an entry with a NotBefore was undone, unless that is
	// decided already, and gives what is. Only then the entry is sent, or said to be
	// undone. After an error nobody knows what is kept; the same again finds out.
	Decide(ctx context.Context, id ID, undone bool) (isUndone bool, err error)
	// Recent gives the entries that an earlier process may have sent: those that were put
	// aside or got their outcome since a time, of many of these the latest ones, and of
	// those that wait the oldest.
	Recent(ctx context.Context, since time.Time) ([]Entry, error)
}

// Job is an entry that the journal hands out. One of Settle, Bury and Release
// ends it.
type Job interface {
	Entry() Entry
	// Tries says how many attempts to carry it out have begun so far, as far as
	// that was noted, and in which process they did.
	Tries() int
	// Try notes that an attempt begins. After a crash it has counted.
	Try(ctx context.Context, n int) error
	// Settle keeps the outcome. The entry is not handed out any more.
	Settle(ctx context.Context, o Outcome) error
	// Bury puts the entry aside for an administrator after n tries, with why as
	// its outcome.
	Bury(ctx context.Context, n int, why *frame.Refusal) error
	// Release leaves the entry in the journal, for another process or the next start.
	Release()
	// Lost is closed when another process may have the entry: nothing that this one does
	// for it is kept any more. nil: that does not happen.
	Lost() <-chan struct{}
}

// ErrUnsure is wrapped by an error of Store.Put after which nobody knows whether
// the entry was kept.
var ErrUnsure = errors.New("it is not known whether the request was kept")

// Retry says how a journaled request is tried again.
type Retry struct {
	Attempts int           // after so many without an answer it is put aside
	Min, Max time.Duration // the pause after the first attempt, which doubles, up to Max
}

// store gives where a request is kept, and whether that is the journal.
func (d *Desk) store(req commdn.Request) (s Store, journaled bool) {
	if d.o.Journal != nil && req.Type().AboutPerson() {
		return d.o.Journal, true
	}
	return d.o.Store, false
}

// Resume takes up what the journal has of earlier processes, and from then on what
// comes. It is called once, before the first Submit.
func (d *Desk) Resume() error {
	if d.o.Journal == nil {
		return nil
	}
	d.recall()
	return d.o.Journal.Begin(d.do, d.dropped)
}

// lateFor is for how long an answer may still come to a request that was put aside, or a
// second one to a request that was sent twice and has its outcome.
const lateFor = 20 * time.Minute

// recall reminds the links of the requests that earlier processes were done with: an
// answer that comes late is not that of a request about somebody else.
func (d *Desk) recall() {
	recent, err := d.o.Journal.Recent(d.ctx, time.Now().Add(-lateFor))
	if err != nil {
		d.o.Log.Warn("requests of earlier processes cannot be read: a late answer to one may be taken for that of another", "error", err)
	}
	for _, e := range recent {
		req, refusal := decode(e.Data)
		if refusal != nil {
			continue // this version cannot read it, and asks nothing like it
		}
		parts, refusal := d.jobParts(&Ticket{req: req}, e.Links)
		if refusal != nil {
			continue // its link is gone
		}
		for _, p := range parts {
			d.o.Links[p.link].Remember(p.req)
		}
	}
}

// do hands a job to the ticket of its request. After a restart there is none yet.
func (d *Desk) do(j Job) {
	if !d.handOver(j) {
		j.Release()
	}
}

// handOver is false where the desk drains, or the ticket has a job, or a request of
// another kind has the key.
func (d *Desk) handOver(j Job) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := j.Entry()
	t := d.tickets[e.ID]
	if t == nil {
		if d.idle != nil {
			return false
		}
		t = d.restoredLocked(e)
	}
	select {
	case t.jobs <- j:
		return true
	default:
		return false
	}
}

// dropped ends the wait of a request that an administrator took out of the journal.
func (d *Desk) dropped(id ID, o Outcome) {
	d.mu.Lock()
	t := d.tickets[id]
	d.mu.Unlock()
	if t != nil {
		t.find(o)
	}
}

// restoredLocked makes the ticket of a request that the journal has. It is called
// with d.mu held.
func (d *Desk) restoredLocked(e Entry) *Ticket {
	// It was decoded before it was kept. Where this version cannot do so any more, the
	// job is put aside.
	req, _ := decode(e.Data)
	t := newTicket(e.ID, req, e.Data, NewSource(e.From, Limits{}, nil), nil)
	t.inJournal()
	t.started = e.At
	t.links = e.Links
	actor := Actor{Subject: e.ID.Subject, Name: e.Name, Door: e.Door}
	d.leaves(t, actor)
	t.trail.acceptedAt(e.At)
	t.events = append(t.events, Event{Kind: Accepted})
	d.heldAgain(t, e.NotBefore)
	d.tickets[e.ID] = t
	d.count++
	d.running.Add(1)
	go d.journaled(t, actor, e.Links)
	return t
}

// restore gives the ticket of a request that the journal has and this process has
// not taken up yet, or tells its outcome where it has one by now.
func (d *Desk) restore(ctx context.Context, e Entry) *Ticket {
	d.mu.Lock()
	t := d.tickets[e.ID]
	if t == nil {
		if d.idle != nil { // another process will carry it out, and is asked next
			d.mu.Unlock()
			t = newTicket(e.ID, nil, e.Data, nil, nil)
			t.events = []Event{{Kind: Accepted}, {Kind: Left}}
			return t
		}
		t = d.restoredLocked(e)
	}
	d.mu.Unlock()
	// Its job may have ended before there was the ticket: no other one comes then.
	if r, err := d.o.Journal.Find(ctx, e.ID); err == nil && r != nil && r.Outcome != nil {
		t.find(*r.Outcome)
	}
	return t
}

// find tells a ticket of an outcome that is in the journal already.
func (t *Ticket) find(o Outcome) {
	select {
	case t.found <- o:
	default: // it has one
	}
}

// LinkState tells the desk how a link is, which tells it to those whose request
// waits in the journal.
func (d *Desk) LinkState(name string, now frame.Link) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.states[name] = now
	close(d.changed)
	d.changed = make(chan struct{})
}

// linksChanged is closed when the next state of a link is told.
func (d *Desk) linksChanged() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.changed
}

// up says whether all of these links are up.
func (d *Desk) up(links []string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range links {
		if !d.states[name].Up {
			return false
		}
	}
	return true
}

// tellDown tells that a request waits for one of these links; false: none is down.
func (d *Desk) tellDown(t *Ticket, links []string) bool {
	d.mu.Lock()
	var down *frame.Link
	for _, name := range links {
		if s, known := d.states[name]; known && !s.Up && down == nil {
			down = &s
		}
	}
	d.mu.Unlock()
	if down == nil {
		return false
	}
	t.tell(Event{Kind: Queued, Queued: frame.Queued{
		Reason: frame.QueuedLinkDown, Since: down.Since, Message: "the link to T-Server is down; the request is kept, and sent when the link is back",
	}})
	return true
}

func partLinks(parts []part) []string {
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = p.link
	}
	return names
}

func shuttingDown() *frame.Refusal {
	return &frame.Refusal{Code: frame.RefusedBusy, Message: "the relay is shutting down; connect again and ask there"}
}
