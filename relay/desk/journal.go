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
	return d.o.Journal.Begin(d.do, d.dropped)
}

// do hands a job to the ticket of its request. After a restart there is none yet.
func (d *Desk) do(j Job) {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := j.Entry()
	t := d.tickets[e.ID]
	if t == nil {
		if d.idle != nil {
			j.Release()
			return
		}
		t = d.restoredLocked(e)
	}
	select {
	case t.jobs <- j:
	default: // it has one, or a request of another kind has the key
		j.Release()
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
	t.events = append(t.events, Event{Kind: Accepted})
	d.tickets[e.ID] = t
	d.count++
	d.running.Add(1)
	go d.journaled(t, Actor{Subject: e.ID.Subject, Name: e.Name, Door: e.Door}, e.Links)
	return t
}

// restore gives the ticket of a request that the journal has and this process has
// not taken up yet, or tells its outcome where it has one by now.
func (d *Desk) restore(ctx context.Context, e Entry) (*Ticket, *frame.Refusal) {
	d.mu.Lock()
	t := d.tickets[e.ID]
	if t == nil {
		if d.idle != nil {
			d.mu.Unlock()
			return nil, shuttingDown()
		}
		t = d.restoredLocked(e)
	}
	d.mu.Unlock()
	// Its job may have ended before there was the ticket: no other one comes then.
	if r, err := d.o.Journal.Find(ctx, e.ID); err == nil && r != nil && r.Outcome != nil {
		t.find(*r.Outcome)
	}
	return t, nil
}

// find tells a ticket of an outcome that is in the journal already.
func (t *Ticket) find(o Outcome) {
	select {
	case t.found <- o:
	default: // it has one
	}
}

// journaled is the goroutine of a ticket in the journal.
func (d *Desk) journaled(t *Ticket, actor Actor, links []string) {
	defer d.end(t)
	defer func() {
		select {
		case j := <-t.jobs: // it came too late
			j.Release()
		default:
		}
		if !t.over() {
			t.tell(Event{Kind: Left})
		}
	}()
	for told := false; ; {
		changed := d.linksChanged()
		if !told {
			told = d.tellDown(t, links)
		}
		select {
		case j := <-t.jobs:
			d.carryOut(t, actor, j, told)
			return
		case o := <-t.found:
			d.conclude(t, actor, o, Event{})
			return
		case <-changed:
		case <-d.draining: // it stays in the journal
			return
		}
	}
}

// carryOut tries a journaled request until it has its outcome, is put aside, or the
// desk ends. toldDown says that the ticket has said that a link is down.
func (d *Desk) carryOut(t *Ticket, actor Actor, j Job, toldDown bool) {
	ctx := context.WithoutCancel(d.ctx)
	left, refusal := d.jobParts(t, j.Entry().Links)
	if refusal != nil {
		d.bury(ctx, t, actor, j, j.Tries(), refusal)
		return
	}
	tries, pause := j.Tries(), d.o.Retry.Min
	var best Event // the answer of earlier attempts that decides most
	wait := func(changed <-chan struct{}, most time.Duration) (goOn bool) {
		o, goOn := d.pause(t, changed, most)
		if !goOn {
			j.Release()
		}
		if o != nil {
			d.conclude(t, actor, *o, Event{})
		}
		return goOn
	}
	for again := tries > 0; ; again = true {
		changed := d.linksChanged()
		down := func() bool { // and says so once
			toldDown = toldDown || d.tellDown(t, partLinks(left))
			return wait(changed, linkPatience)
		}
		// A first attempt is not noted: that would be one more write for each request.
		// Later ones are, or a request that ends the process would end it for ever.
		if again {
			if !d.up(partLinks(left)) {
				if !down() {
					return
				}
				continue
			}
			if tries >= d.o.Retry.Attempts {
				d.bury(ctx, t, actor, j, tries, &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "the relay ended several times while it handled the request"})
				return
			}
			if err := j.Try(ctx, tries+1); err != nil {
				d.o.Log.Error("an attempt was not noted", "key", t.id.Key, "error", err)
			}
		}
		o, last, rest, tried := d.attempt(t, actor, left)
		switch {
		case o.Refusal == nil:
			if best.Answer != nil && weight(best.Answer) > weight(last.Answer) {
				d.answer(t, last)
				o, last = Outcome{Answer: best.Answer}, best
			}
			d.close(ctx, t, actor, j, o, last)
			return
		case d.ctx.Err() != nil:
			j.Release()
			return
		}
		left = rest
		if last.Answer != nil && (best.Answer == nil || weight(last.Answer) >= weight(best.Answer)) {
			best = last
		}
		if !tried { // no link: that is nobody's fault, and costs no attempt
			if !down() {
				return
			}
			continue
		}
		tries++
		if tries >= d.o.Retry.Attempts {
			d.bury(ctx, t, actor, j, tries, o.Refusal)
			return
		}
		d.o.Log.Warn("a request in the journal has no answer and is tried again", "key", t.id.Key, "tries", tries, "pause", pause, "reason", o.Refusal.Message)
		if !wait(nil, pause) {
			return
		}
		pause = min(2*pause, d.o.Retry.Max)
	}
}

// linkPatience is how long a request waits at most for news of its link before it
// looks again.
const linkPatience = 5 * time.Second

// jobParts gives the parts of a request by the present configuration, or why it
// cannot be sent as things are.
func (d *Desk) jobParts(t *Ticket, links []string) ([]part, *frame.Refusal) {
	if t.req == nil {
		return nil, &frame.Refusal{Code: frame.RefusedUnsupported, Message: "this version of the relay cannot read the request"}
	}
	for _, name := range links {
		if d.o.Links[name] == nil {
			return nil, &frame.Refusal{Code: frame.RefusedLinkDown, Message: "the configuration has no link " + name + " any more"}
		}
	}
	parts, err := d.parts(t.req, links)
	if err != nil {
		return nil, invalid(err)
	}
	return parts, nil
}

// attempt is one try of a request. rest are the parts that have no answer; tried
// says that one of them was sent, or failed otherwise than for want of a link.
func (d *Desk) attempt(t *Ticket, actor Actor, parts []part) (o Outcome, last Event, rest []part, tried bool) {
	rest, tried = parts, true // of a panic
	o = guarded(d.o.Log, actor.Session, func() (o Outcome) {
		var refusals []*frame.Refusal
		o, last, refusals = d.ask(t, parts)
		rest, tried = nil, false
		for i, r := range refusals {
			if r != nil {
				rest = append(rest, parts[i])
				tried = tried || r.Code != frame.RefusedLinkDown
			}
		}
		return o
	})
	return o, last, rest, tried
}

// close keeps the outcome of a job and tells it. Where it cannot be kept the job
// stays in the journal and is carried out once more, after the next start.
func (d *Desk) close(ctx context.Context, t *Ticket, actor Actor, j Job, o Outcome, last Event) {
	if err := j.Settle(ctx, o); err != nil {
		d.o.Log.Error("an outcome was not kept; the request is sent once more", "session", actor.Session, "key", t.id.Key, "error", err)
		j.Release()
	}
	d.conclude(t, actor, o, last)
}

// bury puts a job aside for an administrator, and tells who asked.
func (d *Desk) bury(ctx context.Context, t *Ticket, actor Actor, j Job, tries int, why *frame.Refusal) {
	if err := j.Bury(ctx, tries, why); err != nil {
		d.o.Log.Error("a request was not put aside; it stays in the journal", "key", t.id.Key, "error", err)
		j.Release()
	}
	d.conclude(t, actor, Outcome{Refusal: &frame.Refusal{
		Code: why.Code, Message: why.Message + "; the relay has put the request aside, and an administrator may send it again",
	}}, Event{})
}

// pause waits, until changed at most. goOn is false where the desk drains, or ends,
// or an administrator gave the request the outcome o.
func (d *Desk) pause(t *Ticket, changed <-chan struct{}, most time.Duration) (o *Outcome, goOn bool) {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	case o := <-t.found:
		return &o, false
	case <-d.draining:
		return nil, false
	}
	return nil, true
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
