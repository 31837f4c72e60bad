package desk

import (
	"context"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/link"
)

// Audit is where the desk writes who asked for what, and what became of it. Questions
// for a status are not written: they change nothing.
type Audit interface {
	// Record keeps a deed. When it returns nil, the deed is on disk.
	Record(ctx context.Context, d *Deed) error
	// Note keeps a deed soon, where nothing was changed and nobody waits. It must not
	// block.
	Note(d *Deed)
}

// DeedKind says what a Deed tells.
type DeedKind uint8

// The kinds of deed.
const (
	DeedAsked  DeedKind = iota + 1 // a campaign or sequence is about to be changed: written before OCS is asked
	DeedEnded                      // the outcome of a request: written before anybody is told of it
	DeedLate                       // OCS has answered after the outcome
	DeedDenied                     // the person may not do what they asked for
)

// Deed is what an audit is told of a request. Whoever is told must not change it.
type Deed struct {
	Kind       DeedKind
	ID         ID
	Name       string // of the person
	Door, From string
	Session    string         // the client's name in the log; empty after a restart of the relay
	Request    commdn.Request // as it was asked; nil: this version cannot read it
	Objects    []auth.Object  // campaigns and groups that it names
	Links      []string
	Submitted  time.Time
	Accepted   time.Time // zero: it never was
	Sent       []Sending
	Answers    []Answering
	Outcome    Outcome // of DeedEnded; of DeedLate and DeedDenied, too
}

// Sending is one form of a request on its way over one link.
type Sending struct {
	Link        string
	Phone       string // as it was sent; empty: the request names none
	First, Last time.Time
	Times       int
}

// Answering is one answer of an OCS.
type Answering struct {
	Link   string // empty: not known
	Phone  string // that was asked about
	Answer commdn.Message
	At     time.Time
}

// trail is what an audit will be told of a request in flight. nil: there is no audit.
type trail struct {
	actor    Actor
	accepted time.Time

	mu      sync.Mutex
	sent    []Sending
	answers []Answering
}

// mostTrail bounds the answers that are kept of one request.
const mostTrail = 100

// leaves gives a ticket its trail.
func (d *Desk) leaves(t *Ticket, actor Actor) {
	if d.o.Audit != nil && kept(t.req) {
		t.trail = &trail{actor: actor}
	}
}

// traced notes when a part of a request is sent and answered.
func (t *Ticket) traced(p part, c link.Call) link.Call {
	if t.trail == nil {
		return c
	}
	person, _ := commdn.PersonOf(p.req)
	c.Sending = func() { t.trail.sending(p.link, person.Phone) }
	answer := c.Answer
	c.Answer = func(a link.Answer, last bool) {
		t.trail.answered(Answering{Link: p.link, Phone: person.Phone, Answer: a.Message, At: time.Now()})
		answer(a, last)
	}
	return c
}

func (r *trail) sending(name, phone string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for i := range r.sent {
		if s := &r.sent[i]; s.Link == name && s.Phone == phone {
			s.Last, s.Times = now, s.Times+1
			return
		}
	}
	r.sent = append(r.sent, Sending{Link: name, Phone: phone, First: now, Last: now, Times: 1})
}

func (r *trail) answered(a Answering) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.answers) < mostTrail {
		r.answers = append(r.answers, a)
	}
}

// acceptedNow notes that the request is on disk.
func (r *trail) acceptedNow() { r.acceptedAt(time.Now()) }

func (r *trail) acceptedAt(at time.Time) {
	if r != nil {
		r.accepted = at
	}
}

// deed gives what the audit is told of a ticket at this moment.
func (d *Desk) deed(t *Ticket, kind DeedKind, o Outcome) *Deed {
	t.trail.mu.Lock()
	defer t.trail.mu.Unlock()
	a := t.trail.actor
	return &Deed{
		Kind: kind, ID: t.id, Name: a.Name, Door: a.Door, From: t.source.Address(), Session: a.Session,
		Request: t.req, Objects: d.objects(t.req), Links: t.links, Submitted: t.started, Accepted: t.trail.accepted,
		Sent: append([]Sending(nil), t.trail.sent...), Answers: append([]Answering(nil), t.trail.answers...), Outcome: o,
	}
}

// objects gives the campaigns and groups that a request names, as far as the directory
// knows them.
func (d *Desk) objects(req commdn.Request) []auth.Object {
	if m, ok := req.(*commdn.CancelRecord); ok && m.Campaign != "" {
		return []auth.Object{{Campaign: auth.Named{Name: m.Campaign}}}
	}
	if req == nil {
		return nil
	}
	c, ok := commdn.ControlOf(req)
	if !ok {
		return nil
	}
	all := []commdn.CampaignGroup{c.CampaignGroup}
	if c.Sequence != nil && len(c.Sequence.Items) > 0 {
		all = nil
		for _, item := range c.Sequence.Items {
			all = append(all, commdn.CampaignGroup{Campaign: item.Campaign, Group: c.Group})
		}
	}
	view, objects := d.o.View(), make([]auth.Object, len(all))
	for i, of := range all {
		objects[i] = view.At("", of)
		objects[i].Campaign.DBID, objects[i].Group.DBID = of.Campaign, of.Group
	}
	return objects
}

// asked writes down that a campaign or sequence is about to be changed. What cannot be
// written is not done.
func (d *Desk) asked(t *Ticket) *frame.Refusal {
	if t.trail == nil || t.req.Type().AboutPerson() {
		return nil // the journal has it, or the audit its outcome
	}
	if err := d.o.Audit.Record(d.ctx, d.deed(t, DeedAsked, Outcome{})); err != nil {
		return &frame.Refusal{Code: frame.RefusedBusy, Message: "the request could not be written into the audit, and nothing was sent: " + err.Error()}
	}
	return nil
}

// ended writes an outcome into the audit, before anybody is told of it.
func (d *Desk) ended(ctx context.Context, t *Ticket, o Outcome) error {
	if t.trail == nil {
		return nil
	}
	return d.o.Audit.Record(ctx, d.deed(t, DeedEnded, o))
}

// endLater writes an outcome into the audit as soon as that can be done. Who asked is told
// meanwhile: OCS has answered, and no journal would have the request carried out again.
func (d *Desk) endLater(t *Ticket, o Outcome) {
	d.running.Go(func() {
		for pause := max(d.o.Retry.Min, time.Millisecond); ; pause = min(2*pause, time.Minute) {
			select {
			case <-time.After(pause):
			case <-d.draining:
				d.o.Log.Error("an outcome is not in the audit", "key", t.id.Key)
				return
			}
			if d.ended(context.WithoutCancel(d.ctx), t, o) == nil {
				return
			}
		}
	})
}

// endedLate writes a late answer into the audit.
func (d *Desk) endedLate(t *Ticket, by commdn.Message) error {
	if t.trail == nil {
		return nil
	}
	deed := d.deed(t, DeedLate, Outcome{Answer: by})
	deed.Sent, deed.Answers = nil, []Answering{{Answer: by, At: time.Now()}}
	return d.o.Audit.Record(context.WithoutCancel(d.ctx), deed)
}

// denied writes down that somebody may not do what they asked for.
func (d *Desk) denied(s Submission, req commdn.Request, r *frame.Refusal) {
	if d.o.Audit == nil || r.Code != frame.RefusedForbidden || req == nil || !kept(req) {
		return
	}
	d.o.Audit.Note(&Deed{
		Kind: DeedDenied, ID: ID{s.Actor.Subject, s.Key}, Name: s.Actor.Name, Door: s.Actor.Door, From: s.Source.Address(),
		Session: s.Actor.Session, Request: req, Objects: d.objects(req), Submitted: time.Now(), Outcome: Outcome{Refusal: r},
	})
}
