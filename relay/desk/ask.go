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
// come, and gives what settles it, with the event of the answer that decides, and how each
// part ended.
func (d *Desk) ask(ctx context.Context, t *Ticket, parts []part) (o Outcome, last Event, ends []ending) {
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
	ends = make([]ending, 1)
	ends[0].refusal = d.o.Links[name].Ask(ctx, t.traced(parts[0], link.Call{
		Key: t.id.Key, Request: parts[0].req, Waits: waits, Final: ends[0].isFinal, Late: func(a link.Answer) {
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
	return Outcome{Answer: last.Answer, Refusal: d.refusal(parts, ends, ending.open)}, last, ends
}

// askAll asks over several links, or for several forms of a number, at once. Where
// one of them refuses, the refusal comes last, whatever the others said.
func (d *Desk) askAll(ctx context.Context, t *Ticket, parts []part, waits func()) (o Outcome, last Event, ends []ending) {
	s := newTally(d, t, parts)
	ends = make([]ending, len(parts))
	var asking sync.WaitGroup
	for i, p := range parts {
		asking.Go(func() {
			ends[i].refusal = guarded(d.o.Log.With("link", p.link), "", func() Outcome {
				return Outcome{Refusal: d.o.Links[p.link].Ask(ctx, t.traced(p, link.Call{
					Key: t.id.Key, Request: p.req, Waits: waits, Final: ends[i].isFinal,
					Answer: func(a link.Answer, last bool) { s.answered(p, a, last) }, Late: func(a link.Answer) { s.late(p, a) },
				}))}
			}).Refusal
		})
	}
	asking.Wait()
	all := d.refusal(parts, ends, ending.open)
	last = s.last(all != nil)
	if all != nil {
		return Outcome{Refusal: all}, last, ends
	}
	return Outcome{Answer: last.Answer}, last, ends
}

// ending is how a part of a request ended.
type ending struct {
	refusal *frame.Refusal // why it has no answer; nil: it has
	final   bool           // no further attempt would bring one
}

func (e *ending) isFinal() { e.final = true }

func (e ending) open() bool { return e.refusal != nil }

// never says that the part has no answer, and gets none.
func (e ending) never() bool { return e.refusal != nil && e.final }

// refusal says why those parts have no answer that count: the first one's code, and what
// each of them says; nil: none counts.
func (d *Desk) refusal(parts []part, ends []ending, counts func(ending) bool) (all *frame.Refusal) {
	for i, e := range ends {
		if !counts(e) {
			continue
		}
		words := e.refusal.Message
		if parts[i].rule != "" {
			words = "the number as " + parts[i].rule + ": " + words
		}
		if len(d.o.Links) > 1 {
			words = parts[i].link + ": " + words
		}
		all = joined(all, &frame.Refusal{Code: e.refusal.Code, Message: words})
	}
	return all
}

// joined is both of two refusals, of which either may be nil, with the code of the first.
func joined(a, b *frame.Refusal) *frame.Refusal {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return &frame.Refusal{Code: a.Code, Message: a.Message + "; " + b.Message}
}

// those gives the parts whose endings count.
func those(parts []part, ends []ending, count func(ending) bool) (some []part) {
	for i, e := range ends {
		if count(e) {
			some = append(some, parts[i])
		}
	}
	return some
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
