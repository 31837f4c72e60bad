package desk

import (
	"context"
	"errors"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Undo takes back a request of a person that is still held. What becomes of it, its
// ticket tells: the refusal RefusedUndone, or that it was too late. It does not block.
func (d *Desk) Undo(subject, key string) {
	d.mu.Lock()
	t := d.tickets[ID{subject, key}]
	d.mu.Unlock()
	if t == nil || t.undo == nil {
		return // it has its outcome, or never was held
	}
	select {
	case t.undo <- struct{}{}:
	default: // once is enough
	}
}

// window gives for how long a request is held: as its client asks, within what the
// relay allows.
func (d *Desk) window(asked time.Duration, req commdn.Request) (time.Duration, *frame.Refusal) {
	switch {
	case asked <= 0:
		return 0, nil
	case !req.Type().AboutPerson():
		return 0, invalid(errors.New("undo_ms: only a do-not-call and a cancel can be undone; ask for " + req.Type().String() + " without it"))
	}
	return min(asked, d.o.Undo()), nil
}

// heldFor makes it the ticket of a request that is held for some time from now on. The
// clock of the wall may jump meanwhile: the time counts by the one that does not.
func (t *Ticket) heldFor(left time.Duration) {
	t.until = time.Now().Add(left)
	t.undo = make(chan struct{}, 1)
}

// heldAgain makes it the ticket of a request that an earlier process held till
// notBefore. Of the wall's clock only the difference to now is taken, and no more of
// it than the longest window: it may have been set back meanwhile.
func (d *Desk) heldAgain(t *Ticket, notBefore time.Time) {
	if notBefore.IsZero() {
		return
	}
	left := min(notBefore.Round(0).Sub(d.wall()), d.o.Undo())
	t.heldFor(left)
	if left > 0 {
		t.events = append(t.events, Event{Kind: Held, Until: t.until})
	}
}

// wall gives the time on the wall, without the reading of the clock that never jumps.
func (d *Desk) wall() time.Time {
	if d.o.Wall != nil {
		return d.o.Wall().Round(0)
	}
	return time.Now().Round(0)
}

// tellWindow tells a client that asked for a window of what it got.
func (t *Ticket) tellWindow(asked time.Duration) {
	switch {
	case t.undo != nil:
		t.tell(Event{Kind: Held, Until: t.until})
	case asked > 0:
		t.tell(Event{Kind: Released})
	}
}

// hold waits until a request may go out. Else it gives the outcome, of one that was
// undone for example, or neither where the desk ends. It is the one place that decides
// between the two: whoever asks for undo while it waits has asked in time. With a
// job, of the journal, the decision is on disk before anybody hears of it; a job that is
// lost to another relay has none here.
func (d *Desk) hold(t *Ticket, j Job) (o *Outcome, goOn bool) {
	if t.undo == nil || t.released { // a job that was lost may come back
		return nil, true
	}
	ends := d.ctx.Done() // without a journal it is only held in here
	var lost <-chan struct{}
	if j != nil {
		ends, lost = d.draining, j.Lost()
	}
	timer := time.NewTimer(time.Until(t.until))
	defer timer.Stop()
	if !t.undone {
		select {
		case <-timer.C:
			select {
			case <-t.undo:
				t.undone = true
			default:
			}
		case <-t.undo:
			t.undone = true
		case o := <-t.found:
			return &o, false
		case <-lost:
			return nil, false
		case <-ends:
			return nil, false
		}
	}
	if j != nil {
		if o, goOn := d.decide(t, j); !goOn {
			return o, false
		}
	}
	if t.undone {
		return &Outcome{Refusal: &frame.Refusal{Code: frame.RefusedUndone, Message: "taken back in time; OCS was told nothing"}}, false
	}
	t.released = true
	t.tell(Event{Kind: Released})
	return nil, true
}

// decide has the journal keep whether a request was undone. An earlier process, or
// another relay, may have decided before: that counts. It goes on until the journal
// has said so, as else nobody knows whether the request may go out.
func (d *Desk) decide(t *Ticket, j Job) (o *Outcome, goOn bool) {
	for pause := d.o.Retry.Min; ; pause = min(2*pause, d.o.Retry.Max) {
		undone, err := d.o.Journal.Decide(context.WithoutCancel(d.ctx), t.id, t.undone)
		if err == nil {
			t.undone = undone
			return nil, true
		}
		d.o.Log.Error("a request is held on, as the journal does not keep whether it was undone", "key", t.id.Key, "error", err)
		if o, goOn := d.pause(t, j, nil, pause); !goOn {
			return o, false
		}
	}
}

// undoWithoutJob takes in an undo while the journal has not handed out the request:
// another relay may be about to send it, and finds on disk that it was undone. Where
// that cannot be kept it tries again, as long as there is the ticket.
func (d *Desk) undoWithoutJob(t *Ticket) {
	t.undone = true // hold asks once more
	if _, err := d.o.Journal.Decide(context.WithoutCancel(d.ctx), t.id, true); err != nil {
		d.o.Log.Error("the journal does not keep that a request was undone", "key", t.id.Key, "error", err)
		time.AfterFunc(max(d.o.Retry.Min, time.Millisecond), func() { d.Undo(t.id.Subject, t.id.Key) })
	}
}
