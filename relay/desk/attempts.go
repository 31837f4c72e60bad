package desk

import (
	"context"
	"time"

	"commdn/protocol/frame"
)

// journaled is the goroutine of a ticket in the journal.
func (d *Desk) journaled(t *Ticket, actor Actor, links []string) {
	defer d.end(t)
	defer d.failed(t, actor)
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
	var look *time.Timer // at what the journal has; nil: this process has had no job that it lost
	var lookNow <-chan time.Time
	for told, pause := false, linkPatience; ; {
		changed := d.linksChanged()
		if !told {
			told = d.tellDown(t, links)
		}
		select {
		case j := <-t.jobs:
			d.carryOut(t, actor, j, told)
			if t.over() || !lost(j) {
				return
			}
			// Another relay has it: it comes back, or the outcome does. That may have been
			// told before there was this ticket.
			told = false
			if look == nil {
				look = time.NewTimer(0)
				defer look.Stop()
				lookNow = look.C
			}
		case <-lookNow:
			if r, err := d.o.Journal.Find(d.ctx, t.id); err == nil && r != nil && r.Outcome != nil {
				t.find(*r.Outcome)
			}
			look.Reset(pause)
			pause = min(2*pause, time.Minute)
		case o := <-t.found:
			d.conclude(t, actor, o, Event{})
			return
		case <-t.undo:
			d.undoWithoutJob(t)
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
	if o, goOn := d.hold(t, j); !goOn {
		if o != nil && o.Undone() {
			d.close(ctx, t, actor, j, *o, Event{})
			return
		}
		j.Release()
		if o != nil { // an administrator took it out of the journal
			d.conclude(t, actor, *o, Event{})
		}
		return
	}
	left, refusal := d.jobParts(t, j.Entry().Links)
	if refusal != nil {
		d.bury(ctx, t, actor, j, j.Tries(), refusal)
		return
	}
	tries, pause := j.Tries(), d.o.Retry.Min
	if tries > 0 {
		for _, p := range left {
			d.o.Links[p.link].Remember(p.req)
		}
	}
	var best Event // the answer of earlier attempts that decides most
	wait := func(changed <-chan struct{}, most time.Duration) (goOn bool) {
		o, goOn := d.pause(t, j, changed, most)
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
		o, last, rest, tried := d.attempt(t, actor, j, left)
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
		t.missing(rest)
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
func (d *Desk) attempt(t *Ticket, actor Actor, j Job, parts []part) (o Outcome, last Event, rest []part, tried bool) {
	rest, tried = parts, true // of a panic
	ctx, cancel := context.WithCancel(d.ctx)
	defer cancel()
	if lost := j.Lost(); lost != nil {
		go func() { // then another relay asks OCS, and its answer counts
			select {
			case <-lost:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	o = guarded(d.o.Log, actor.Session, func() (o Outcome) {
		var refusals []*frame.Refusal
		o, last, refusals = d.ask(ctx, t, parts)
		rest, tried = unanswered(parts, refusals), false
		for _, r := range refusals {
			tried = tried || r != nil && r.Code != frame.RefusedLinkDown
		}
		return o
	})
	return o, last, rest, tried
}

// unanswered gives the parts that have no answer, by why they have none.
func unanswered(parts []part, refusals []*frame.Refusal) (open []part) {
	for i, r := range refusals {
		if r != nil {
			open = append(open, parts[i])
		}
	}
	return open
}

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
