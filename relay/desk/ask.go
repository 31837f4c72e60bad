package desk

import (
	"context"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/campaigns"
	"commdn/relay/link"
)

// ask sends the request of a ticket over its links, tells of the answers as they
// come, and gives what settles it, with the event of the last answer.
func (d *Desk) ask(t *Ticket, links []string) (Outcome, Event) {
	waits := sync.OnceFunc(func() {
		t.tell(Event{Kind: Queued, Queued: frame.Queued{
			Reason: frame.QueuedBehind, Since: time.Now().Unix(),
			Message: "an earlier request about the same number, customer or campaign group waits for OCS",
		}})
	})
	if len(links) > 1 {
		return d.askAll(t, links, waits)
	}
	var last Event
	refusal := d.o.Links[links[0]].Ask(d.ctx, link.Call{
		Key: t.id.Key, Request: t.req, Waits: waits, Late: func(a link.Answer) { d.late(t, eventOf(links[0], a)) },
		Answer: func(a link.Answer, is bool) {
			if is {
				last = eventOf(links[0], a)
			} else {
				d.answer(t, eventOf(links[0], a))
			}
		},
	})
	if refusal != nil && len(d.o.Links) > 1 {
		refusal.Message = links[0] + ": " + refusal.Message
	}
	return Outcome{Answer: last.Answer, Refusal: refusal}, last
}

// askAll asks over several links at once. Where one of them refuses, the refusal
// comes last, whatever the others said.
func (d *Desk) askAll(t *Ticket, links []string, waits func()) (Outcome, Event) {
	var mu sync.Mutex // over last and the order of what is told
	var last Event
	open, refusals := len(links), make([]*frame.Refusal, len(links))
	var asking sync.WaitGroup
	for i, name := range links {
		asking.Go(func() {
			answer := func(a link.Answer, is bool) {
				mu.Lock()
				defer mu.Unlock()
				if is {
					open--
				}
				if open == 0 { // never, where a link refused
					last = eventOf(name, a)
				} else {
					d.answer(t, eventOf(name, a))
				}
			}
			refusals[i] = guarded(d.o.Log.With("link", name), "", func() Outcome {
				return Outcome{Refusal: d.o.Links[name].Ask(d.ctx, link.Call{
					Key: t.id.Key, Request: commdn.Clone(t.req), Waits: waits, Answer: answer, Late: func(a link.Answer) { d.late(t, eventOf(name, a)) },
				})}
			}).Refusal
		})
	}
	asking.Wait()
	var all *frame.Refusal // the first one's code, and what each of them says
	for i, refusal := range refusals {
		if refusal == nil {
			continue
		}
		words := links[i] + ": " + refusal.Message
		if all == nil {
			all = &frame.Refusal{Code: refusal.Code, Message: words}
		} else {
			all.Message += "; " + words
		}
	}
	return Outcome{Answer: last.Answer, Refusal: all}, last
}

func (d *Desk) answer(t *Ticket, e Event) {
	d.o.Log.Info("answered by one of several", "key", t.id.Key, "message", cut(commdn.Trace(e.Answer, false)), "took", time.Since(t.started))
	t.tell(e)
}

// late takes in an answer that comes after the request was given up: what became
// of it after all. The store corrects the outcome, and who asked is told.
func (d *Desk) late(t *Ticket, e Event) {
	d.o.Log.Info("answered late", "key", t.id.Key, "message", cut(commdn.Trace(e.Answer, false)), "took", time.Since(t.started))
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		return
	}
	d.running.Go(func() {
		guarded(d.o.Log, "", func() Outcome { // the store may take its time
			if kept(t.req) {
				if err := d.o.Store.Settle(context.WithoutCancel(d.ctx), t.id, Outcome{Answer: e.Answer}); err != nil {
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
