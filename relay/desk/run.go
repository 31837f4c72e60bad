package desk

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"

	"commdn/protocol/frame"
)

// begin enters a ticket; mine is false where there is one with its ID.
func (d *Desk) begin(t *Ticket) (mine bool, refusal *frame.Refusal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.idle != nil:
		return false, shuttingDown()
	case d.tickets[t.id] != nil:
		return false, nil
	case d.count >= maxTickets:
		return false, &frame.Refusal{Code: frame.RefusedBusy, Message: "too many requests of everybody are in flight; try again"}
	}
	t.taken = make(chan struct{})
	d.tickets[t.id] = t
	d.count++
	d.running.Add(1)
	return true, nil
}

func (d *Desk) end(t *Ticket) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.tickets, t.id)
	d.count--
	if d.count == 0 && d.idle != nil {
		close(d.idle)
	}
	d.running.Done()
}

// InFlight says how many requests are not settled.
func (d *Desk) InFlight() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.count
}

// Drain lets no request begin any more. It gives what is closed when the last
// one is settled.
func (d *Desk) Drain() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.idle == nil {
		d.idle = make(chan struct{})
		close(d.draining)
		if d.count == 0 {
			close(d.idle)
		}
	}
	return d.idle
}

// Close gives up the requests in flight and waits for their goroutines.
func (d *Desk) Close() {
	d.Drain()
	d.mu.Lock() // late answers begin under it
	d.cancel()
	d.mu.Unlock()
	d.running.Wait()
}

// run is the goroutine of a ticket.
func (d *Desk) run(t *Ticket, actor Actor, parts []part) {
	defer d.end(t)
	defer d.failed(t, actor)
	if o, goOn := d.hold(t, nil); o != nil {
		d.settle(t, actor, *o, Event{})
		return
	} else if !goOn {
		t.tell(Event{Kind: Left})
		return
	}
	var last Event
	o := guarded(d.o.Log, actor.Session, func() (o Outcome) {
		if refusal := d.asked(t); refusal != nil {
			return Outcome{Refusal: refusal}
		}
		var ends []ending
		o, last, ends = d.ask(d.ctx, t, parts)
		t.missing(those(parts, ends, ending.open))
		return o
	})
	d.settle(t, actor, o, last)
}

// guarded gives what f gives; a mistake in it becomes a refusal.
func guarded(log *slog.Logger, session string, f func() Outcome) (o Outcome) {
	defer func() {
		if p := recover(); p != nil {
			log.Error("a request failed", "session", session, "panic", p, "stack", string(debug.Stack()))
			o = Outcome{Refusal: theRelayFailed()}
		}
	}()
	return f()
}

func theRelayFailed() *frame.Refusal {
	return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "the relay failed while it handled the request, which may have been carried out"}
}

// failed is deferred by the goroutine of a ticket: a mistake outside of guarded, in what
// keeps or tells an outcome, costs the request, never the process. One in the journal stays
// there for the next start.
func (d *Desk) failed(t *Ticket, actor Actor) {
	p := recover()
	if p == nil {
		return
	}
	d.o.Log.Error("a request failed", "session", actor.Session, "key", t.id.Key, "panic", p, "stack", string(debug.Stack()))
	if t.jobs == nil && !t.over() {
		t.source.leave()
		t.tell(Event{Kind: Settled, Refusal: theRelayFailed()})
	}
}

// settle keeps the outcome, and tells it; last is the event of its answer.
func (d *Desk) settle(t *Ticket, actor Actor, o Outcome, last Event) {
	if err := d.ended(context.WithoutCancel(d.ctx), t, o); err != nil {
		d.o.Log.Error("an outcome is not in the audit yet", "session", actor.Session, "key", t.id.Key, "error", err)
		d.endLater(t, o)
	}
	if kept(t.req) {
		if err := d.o.Store.Settle(context.WithoutCancel(d.ctx), t.id, o); err != nil {
			d.o.Log.Error("an outcome was not kept", "session", actor.Session, "key", t.id.Key, "error", err)
		}
	}
	d.conclude(t, actor, o, last)
}

// conclude logs and tells an outcome.
func (d *Desk) conclude(t *Ticket, actor Actor, o Outcome, last Event) {
	switch {
	case o.Refusal == nil:
		d.answered(t, actor, o.Answer)
	case o.Undone():
		d.tookBack(t, actor)
	default:
		d.refused(d.o.Log, actor, t.source, t.id.Key, t.req, o.Refusal, time.Since(t.started))
	}
	t.source.leave() // first: who hears the outcome may ask the next thing
	t.tell(Event{Kind: Settled, Answer: o.Answer, Refusal: o.Refusal, Of: last.Of, Seq: last.Seq})
}
