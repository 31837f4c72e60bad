package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/campaigns"
	"commdn/relay/internal/loglimit"
)

// Submission is a request as it comes.
type Submission struct {
	Key    string // made by the client at the click, see frame.ValidKey
	Actor  Actor
	Source *Source
	Data   tkvlist.List // user data of a CommDN request
	// Undo is for how long the request is to be held, so that Desk.Undo can take it
	// back; the desk may shorten it. 0: not at all.
	Undo time.Duration
	// Tell, if not nil, is told every event of a new request, in order, by the
	// goroutine of the request: it must not block. It saves who submits a
	// goroutine of their own. A request that the desk has already tells it
	// nothing: its ticket does.
	Tell func(Event)
}

// Submit takes a request in. A key that the desk has already for this person is
// the same request: it is not sent again, and the ticket tells everything from
// the beginning. A refusal means that nothing was sent and nothing is kept. ctx
// bounds the time of the store alone; the request goes on after it. begun says
// that the request is a new one, of which Submission.Tell is told.
func (d *Desk) Submit(ctx context.Context, s Submission) (t *Ticket, begun bool, refusal *frame.Refusal) {
	if refusal = s.Source.enter(); refusal == nil {
		t, begun, refusal = d.take(ctx, s)
		if !begun {
			s.Source.leave()
		}
	}
	if refusal != nil {
		var req commdn.Request
		if refusal.Code != frame.RefusedRateLimited { // else there may be many, and none was looked at
			req, _ = decode(s.Data)
		}
		d.refused(d.o.Limited, s.Actor, s.Source, loglimit.Foreign(s.Key), req, refusal, 0)
		d.denied(s, req, refusal)
	}
	return t, begun, refusal
}

// take does the work of Submit; begun says that the ticket is a new one, with a
// goroutine of its own.
func (d *Desk) take(ctx context.Context, s Submission) (t *Ticket, begun bool, refusal *frame.Refusal) {
	if !frame.ValidKey(s.Key) {
		return nil, false, invalid(errors.New("key: a request needs one of 1 to 64 visible ASCII characters, which its click made"))
	}
	id := ID{s.Actor.Subject, s.Key}
	req, refusal := decode(s.Data)
	if refusal != nil {
		return nil, false, refusal
	}
	if t, refusal := d.same(ctx, id, s.Data); t != nil || refusal != nil {
		return t, false, refusal
	}
	links, err := d.o.View().Route(s.Actor.Grant, req)
	if err != nil {
		return nil, false, unrouted(err)
	}
	if u := d.cached(links, req); u != nil {
		d.known(s.Actor, s.Source, s.Key, req)
		return settledTicket(id, req, Event{Answer: u.Event, Packed: u.Data(), Of: u.Key(), Seq: u.Seq}), false, nil
	}
	window, refusal := d.window(s.Undo, req)
	if refusal != nil {
		return nil, false, refusal
	}
	t = newTicket(id, req, s.Data, s.Source, s.Tell)
	if window > 0 {
		t.heldFor(window)
	}
	t.links = links
	d.leaves(t, s.Actor)
	parts, refusal := d.jobParts(t, links) // what is accepted must be such as can be sent
	if refusal != nil {
		return nil, false, refusal
	}
	_, journaled := d.store(req)
	if journaled {
		t.inJournal()
	}
	switch mine, refusal := d.begin(t); {
	case refusal != nil && journaled: // the journal may have it all the same
		t, refusal = d.refusedAtTheDoor(ctx, t, refusal)
		return t, false, refusal
	case refusal != nil:
		return nil, false, refusal
	case !mine: // another submission was quicker
		return d.take(ctx, s)
	}
	defer close(t.taken)
	known, refusal := d.keep(ctx, t, s, links)
	switch {
	case known != nil || refusal != nil:
		return d.not(ctx, t, known, refusal)
	case journaled:
		go d.journaled(t, s.Actor, links)
	default:
		go d.run(t, s.Actor, parts)
	}
	return t, true, nil
}

// refusedAtTheDoor refuses a request that cannot begin, unless the journal has it since
// an earlier submission.
func (d *Desk) refusedAtTheDoor(ctx context.Context, t *Ticket, why *frame.Refusal) (*Ticket, *frame.Refusal) {
	known, err := d.o.Journal.Find(ctx, t.id)
	switch {
	case err != nil:
		return nil, unsure(fmt.Errorf("%w: %w", ErrUnsure, err))
	case known == nil:
		return nil, why
	}
	return d.recorded(ctx, known, t.data, t.req)
}

// unsure is the refusal of a request of which nobody knows whether it is kept.
func unsure(err error) *frame.Refusal {
	return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: err.Error() + "; ask again, once more does no harm"}
}

// not ends a ticket that was not begun after all: the request is refused, or known.
func (d *Desk) not(ctx context.Context, t *Ticket, known *Record, refusal *frame.Refusal) (*Ticket, bool, *frame.Refusal) {
	d.end(t)
	select {
	case j := <-t.jobs: // the journal has it, although Put did not say so
		d.do(j)
	default:
	}
	if known == nil {
		return nil, false, refusal
	}
	t, refusal = d.recorded(ctx, known, t.data, t.req)
	return t, false, refusal
}

// keep puts a request into the store. known is what the store had already.
func (d *Desk) keep(ctx context.Context, t *Ticket, s Submission, links []string) (known *Record, refusal *frame.Refusal) {
	if !kept(t.req) {
		return nil, nil
	}
	store, _ := d.store(t.req)
	e := Entry{
		ID: t.id, Name: s.Actor.Name, Door: s.Actor.Door, From: s.Source.Address(), Data: s.Data, Links: links, At: t.started,
	}
	if t.undo != nil {
		e.NotBefore = d.wall().Add(time.Until(t.until))
	}
	known, err := store.Put(ctx, e)
	switch {
	case errors.Is(err, ErrUnsure):
		return nil, unsure(err)
	case err != nil:
		return nil, &frame.Refusal{Code: frame.RefusedBusy, Message: "the request could not be kept: " + err.Error()}
	case known == nil && store.Durable():
		t.trail.acceptedNow()
		t.tell(Event{Kind: Accepted})
	}
	if known == nil {
		t.tellWindow(s.Undo)
	}
	return known, nil
}

// kept says whether the store keeps a request; a question is only asked again.
func kept(req commdn.Request) bool { return req.Type() != commdn.ReqGetCampaignStatus }

// cached gives the status that OCS told not long ago, where that is what req
// asks for.
func (d *Desk) cached(links []string, req commdn.Request) *campaigns.Update {
	ask, ok := req.(*commdn.GetCampaignStatus)
	if !ok || ask.Campaign == 0 || d.o.StatusAge < 0 {
		return nil
	}
	return d.o.Cache.Find(campaigns.Key{Link: links[0], OCS: ask.Target, CampaignGroup: ask.CampaignGroup}, d.o.StatusAge)
}
