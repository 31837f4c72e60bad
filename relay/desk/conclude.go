package desk

import (
	"context"
	"time"

	"commdn/protocol/frame"
)

// close keeps the outcome of a job and tells it.
func (d *Desk) close(ctx context.Context, t *Ticket, actor Actor, j Job, o Outcome, last Event) {
	if d.keeps(t, actor, j, d.audited(ctx, t, o, func() error { return j.Settle(ctx, o) })) {
		d.conclude(t, actor, o, last)
	}
}

// bury puts a job aside for an administrator, and tells who asked.
func (d *Desk) bury(ctx context.Context, t *Ticket, actor Actor, j Job, tries int, why *frame.Refusal) {
	if d.keeps(t, actor, j, d.audited(ctx, t, Outcome{Refusal: why}, func() error { return j.Bury(ctx, tries, why) })) {
		d.conclude(t, actor, Outcome{Refusal: &frame.Refusal{
			Code: why.Code, Message: why.Message + "; the relay has put the request aside, and an administrator may send it again",
		}}, Event{})
	}
}

// audited gives what has an outcome in the audit, once, and then kept.
func (d *Desk) audited(ctx context.Context, t *Ticket, o Outcome, keep func() error) func() error {
	told := false
	return func() error {
		if !told {
			if err := d.ended(ctx, t, o); err != nil {
				return err
			}
			told = true
		}
		return keep()
	}
}

// keeps has the outcome of a job kept, and tries until that is done. Nobody hears an
// outcome before: after a crash the request is sent once more, and OCS may answer
// otherwise. It is false where the desk drains first, which leaves the job in the
// journal, or where an administrator has given the request another outcome.
func (d *Desk) keeps(t *Ticket, actor Actor, j Job, keep func() error) bool {
	for pause := d.o.Retry.Min; ; pause = min(2*pause, d.o.Retry.Max) {
		err := keep()
		if err == nil {
			return true
		}
		d.o.Log.Error("an outcome cannot be kept, and is not told before it is", "session", actor.Session, "key", t.id.Key, "pause", pause, "error", err)
		o, goOn := d.pause(t, j, nil, pause)
		if goOn {
			continue
		}
		j.Release()
		if o != nil {
			d.conclude(t, actor, *o, Event{})
		}
		return false
	}
}

// lost says whether another process may have the entry of a job.
func lost(j Job) bool {
	select {
	case <-j.Lost():
		return true
	default:
		return false
	}
}

// pause waits, until changed at most. goOn is false where the desk drains, or ends,
// where the job is lost, or where the request has the outcome o by another hand: that of
// an administrator, or another relay's.
func (d *Desk) pause(t *Ticket, j Job, changed <-chan struct{}, most time.Duration) (o *Outcome, goOn bool) {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	case o := <-t.found:
		return &o, false
	case <-j.Lost():
		return nil, false
	case <-d.draining:
		return nil, false
	}
	return nil, true
}
