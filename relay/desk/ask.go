package desk

import (
	"context"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/campaigns"
	"commdn/relay/internal/loglimit"
	"commdn/relay/link"
)

// ask asks the parts of a ticket's request at once, tells of the answers as they
// come, and gives what settles it, with the event of the answer that decides. refusals
// has, for each part, why it has no answer; nil: it has.
func (d *Desk) ask(ctx context.Context, t *Ticket, parts []part) (o Outcome, last Event, refusals []*frame.Refusal) {
	waits := sync.OnceFunc(func() {
		t.tell(Event{Kind: Queued, Queued: frame.Queued{
			Reason: frame.QueuedBehind, Since: time.Now().Unix(),
			Message: "an earlier request about the same number, customer or campaign group waits for OCS",
		}})
	})
	if len(parts) > 1 || parts[0].rule != "" {
		return d.askAll(ctx, t, parts, waits)
	}
	name := parts[0].link
	refusal := d.o.Links[name].Ask(ctx, t.traced(parts[0], link.Call{
		Key: t.id.Key, Request: parts[0].req, Waits: waits, Late: func(a link.Answer) {
			t.heard(parts[0], a)
			d.late(t, parts[0].event(a))
		},
		Answer: func(a link.Answer, is bool) {
			if is {
				last = parts[0].event(a)
			} else {
				d.answer(t, parts[0].event(a))
			}
		},
	}))
	if refusal != nil && len(d.o.Links) > 1 {
		refusal.Message = name + ": " + refusal.Message
	}
	return Outcome{Answer: last.Answer, Refusal: refusal}, last, []*frame.Refusal{refusal}
}

// askAll asks over several links, or for several forms of a number, at once. Where
// one of them refuses, the refusal comes last, whatever the others said.
func (d *Desk) askAll(ctx context.Context, t *Ticket, parts []part, waits func()) (o Outcome, last Event, refusals []*frame.Refusal) {
	s := newTally(d, t, parts)
	refusals = make([]*frame.Refusal, len(parts))
	var asking sync.WaitGroup
	for i, p := range parts {
		asking.Go(func() {
			refusals[i] = guarded(d.o.Log.With("link", p.link), "", func() Outcome {
				return Outcome{Refusal: d.o.Links[p.link].Ask(ctx, t.traced(p, link.Call{
					Key: t.id.Key, Request: p.req, Waits: waits,
					Answer: func(a link.Answer, last bool) { s.answered(p, a, last) }, Late: func(a link.Answer) { s.late(p, a) },
				}))}
			}).Refusal
		})
	}
	asking.Wait()
	var all *frame.Refusal // the first one's code, and what each of them says
	for i, refusal := range refusals {
		if refusal == nil {
			continue
		}
		words := refusal.Message
		if parts[i].rule != "" {
			words = "the number as " + parts[i].rule + ": " + words
		}
		if len(d.o.Links) > 1 {
			words = parts[i].link + ": " + words
		}
		if all == nil {
			all = &frame.Refusal{Code: refusal.Code, Message: words}
		} else {
			all.Message += "; " + words
		}
	}
	last = s.last(all != nil)
	if all != nil {
		return Outcome{Refusal: all}, last, refusals
	}
	return Outcome{Answer: last.Answer}, last, refusals
}

func (d *Desk) answer(t *Ticket, e Event) {
	d.o.Log.Info("answered by one of several", "key", t.id.Key, "message", loglimit.Line(commdn.Trace(e.Answer, false)), "took", time.Since(t.started))
	t.tell(e)
}

// late takes in an answer that comes after its attempt was given up: what became of
// the request after all, where it has no answer. Who asked is told. When no part of the
// request is without an answer any more, the store corrects the outcome: before, an OCS
// may not have heard of it. An answer stands, whatever comes after it: that was to an
// earlier attempt, or came twice.
func (d *Desk) late(t *Ticket, e Event) {
	d.o.Log.Info("answered late", "key", t.id.Key, "message", loglimit.Line(commdn.Trace(e.Answer, false)), "took", time.Since(t.started))
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		return
	}
	store, journaled := d.store(t.req)
	if journaled && d.tickets[t.id] == t {
		return // it is tried again, and that answer settles it
	}
	d.running.Go(func() {
		guarded(d.o.Log, "", func() Outcome { // the store may take its time
			if t.answered(d.ctx) {
				return Outcome{}
			}
			if err := d.endedLate(t, e.Answer); err != nil {
				d.o.Log.Error("a late answer is not in the audit", "key", t.id.Key, "error", err)
			}
			if kept(t.req) && t.whole() {
				if err := store.Settle(context.WithoutCancel(d.ctx), t.id, Outcome{Answer: e.Answer}); err != nil {
					d.o.Log.Error("an outcome was not kept", "key", t.id.Key, "error", err)
				}
			}
			e.Kind, e.Key = Late, t.id.Key
			if t.submitter != nil {
				t.submitter(e)
			}
			return Outcome{}
		})
	})
}

// eventOf gives the event of an answer that came over a link.
func eventOf(name string, a link.Answer) Event {
	e := Event{Kind: Answer, Answer: a.Message, Seq: a.Seq}
	if about, ok := a.Message.(*commdn.CampaignEvent); ok {
		e.Of = campaigns.Key{Link: name, OCS: about.Origin, CampaignGroup: about.CampaignGroup}
	}
	return e
}
