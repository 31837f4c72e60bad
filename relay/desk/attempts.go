package desk

import (
	"context"
	"slices"
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
	var best Event           // the answer of earlier attempts that decides most
	var final *frame.Refusal // why parts of the request never get an answer
	var never []part         // these parts
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
		a := d.attempt(t, actor, j, left)
		final, never = joined(final, a.final), append(never, a.never...)
		t.missing(slices.Concat(never, a.open))
		if len(a.open) == 0 {
			d.decided(ctx, t, actor, j, a, best, final)
			return
		}
		if d.ctx.Err() != nil {
			j.Release()
			return
		}
		left = a.open
		if a.last.Answer != nil && (best.Answer == nil || weight(a.last.Answer) >= weight(best.Answer)) {
			best = a.last
		}
		if !a.tried { // no link: that is nobody's fault, and costs no attempt
			if !down() {
				return
			}
			continue
		}
		tries++
		if tries >= d.o.Retry.Attempts {
			d.bury(ctx, t, actor, j, tries, joined(final, a.why))
			return
		}
		d.again(t, tries, pause, a.why)
		if !wait(nil, pause) {
			return
		}
		pause = min(2*pause, d.o.Retry.Max)
	}
}

// again logs that a request is tried again, and why.
func (d *Desk) again(t *Ticket, tries int, pause time.Duration, why *frame.Refusal) {
	what := "a request in the journal has no answer and is tried again"
	if why.Code != frame.RefusedNoAnswer {
		what = "a request in the journal was refused and is tried again, as that may pass"
	}
	d.o.Log.Warn(what, "key", t.id.Key, "tries", tries, "pause", pause, "code", why.Code.String(), "reason", why.Message)
}

// decided ends a job whose last attempt was a. best is the answer of earlier attempts that
// decides most; final, if not nil, why parts of the request never get an answer: then that
// is the outcome, whatever was said of the others.
func (d *Desk) decided(ctx context.Context, t *Ticket, actor Actor, j Job, a attempt, best Event, final *frame.Refusal) {
	last, told := a.last, a.final != nil // ask tells every answer where there is a refusal
	if best.Answer != nil && last.Answer != nil && weight(best.Answer) > weight(last.Answer) {
		if !told {
			d.answer(t, last)
		}
		last, told = best, true
	}
	if final == nil {
		d.close(ctx, t, actor, j, Outcome{Answer: last.Answer}, last)
		return
	}
	if last.Answer != nil && !told {
		d.answer(t, last)
	}
	d.close(ctx, t, actor, j, Outcome{Refusal: final}, Event{})
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

// attempt is what came of one try of a request.
type attempt struct {
	last  Event          // of the answer that decides
	open  []part         // that have no answer, and may get one
	why   *frame.Refusal // why these have none
	never []part         // that get none
	final *frame.Refusal // why
	tried bool           // one of them was sent, or failed otherwise than for want of a link
}

func (d *Desk) attempt(t *Ticket, actor Actor, j Job, parts []part) (a attempt) {
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
	failed := guarded(d.o.Log, actor.Session, func() Outcome {
		_, last, ends := d.ask(ctx, t, parts)
		mayPass := func(e ending) bool { return e.open() && !e.final }
		a = attempt{
			last: last, open: those(parts, ends, mayPass), why: d.refusal(parts, ends, mayPass),
			never: those(parts, ends, ending.never), final: d.refusal(parts, ends, ending.never),
		}
		for _, e := range ends {
			a.tried = a.tried || e.open() && e.refusal.Code != frame.RefusedLinkDown
		}
		return Outcome{}
	})
	if failed.Refusal != nil { // a panic
		return attempt{open: parts, why: failed.Refusal, tried: true}
	}
	return a
}
