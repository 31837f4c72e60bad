package link

import (
	"context"
	"errors"
	"fmt"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
)

// Call is one request and whom to tell of it. All but Request may be nil.
type Call struct {
	Key     string // of the request, for the log
	Request commdn.Request
	// Waits is called when an earlier request in flight holds the same subject.
	Waits func()
	// Sending is called before each attempt to send the request.
	Sending func()
	// Answer is called for each answer as it comes; last marks the one that
	// settles the request.
	Answer func(a Answer, last bool)
	// Late is called for an answer that comes after Ask has given up, within one
	// more answer time. It must not block.
	Late func(a Answer)
	// Final is called when every further attempt would end with the refusal that Ask is
	// about to return, and nothing has gone out.
	Final func()
}

// Ask sends a request. It blocks until the last answer, or returns why there is no
// (further) answer.
//
// A request that finds no link is refused at once. One that loses the link, as
// in a switchover, waits for the next one within its time: if it may be
// repeated, Ask sends it again there, else only its answer can still come.
func (l *Link) Ask(ctx context.Context, c Call) *frame.Refusal {
	return l.ask(ctx, c, &exchange{req: c.Request, key: c.Key, late: c.Late})
}

func (l *Link) ask(ctx context.Context, c Call, x *exchange) *frame.Refusal {
	if refusal := l.down(); refusal != nil { // also for one that would wait for another
		return refusal
	}
	waited := false
	x.began = time.Now()
	waits := func() {
		if waited = true; c.Waits != nil {
			c.Waits()
		}
	}
	answer := func(a Answer, last bool) {
		if !waited { // else it is not OCS that took the time
			l.health.answered(a.Addr().Origin, time.Since(x.began))
		}
		if c.Answer != nil {
			c.Answer(a, last)
		}
	}
	if a := c.Request.Addr(); a.Origin != l.o.AppDBID { // an earlier attempt may still be read
		a.Origin = l.o.AppDBID
	}
	if control, ok := commdn.ControlOf(c.Request); ok && control.Sequence != nil {
		l.sequenceIn(control.Group)
	}
	ctx, cancel := context.WithTimeout(ctx, l.o.AnswerTimeout)
	defer cancel()
	if refusal := l.begin(ctx, x, waits); refusal != nil {
		return refusal
	}
	defer l.finish(x)
	for attempt := 0; ; attempt++ {
		again := l.comesBack()
		if c.Sending != nil {
			c.Sending()
		}
		refusal, final := l.send(ctx, x, attempt)
		if final && c.Final != nil {
			c.Final()
		}
		if refusal != nil {
			return refusal
		}
		if !x.req.Repeatable() {
			again = nil
		}
		lost, refusal := l.await(ctx, x, again, answer)
		if !lost {
			return refusal
		}
	}
}

// send sends the request of x. A first attempt without a link is refused; what
// has gone out before, or may have, waits for its answer. final says that the refusal is
// that of every further attempt, and that no earlier one has gone out.
func (l *Link) send(ctx context.Context, x *exchange, attempt int) (refusal *frame.Refusal, final bool) {
	if refusal := l.down(); attempt == 0 && refusal != nil {
		return refusal, false
	}
	plain := l.userData(x)
	data, err := l.charset.Out(plain)
	if err != nil {
		return &frame.Refusal{Code: frame.RefusedInvalid, Message: err.Error()}, attempt == 0
	}
	l.goes(x, plain) // before it is sent: the answer may be quicker than the acknowledgement
	err = l.tserver.SendUserEvent(ctx, data)
	switch {
	case err == nil:
		if w := l.watch.Load(); w != nil {
			w.Taken()
		}
		return nil, false
	case errors.Is(err, tserver.ErrFenced):
		return fenced(x.req, attempt), false
	case errors.Is(err, tserver.ErrLinkDown) && (attempt > 0 || x.req.Repeatable()):
		return nil, false // the next link makes up for it
	case errors.Is(err, tserver.ErrLinkDown):
		return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "the link to T-Server was lost as the request was sent, so it may have been carried out; " + afterwards(x.req)}, false
	case ctx.Err() == nil:
		l.stays(x)
	default:
		err = fmt.Errorf("%w: %w", errNotTaken, err)
	}
	refused, is := errors.AsType[*tserver.Error](err)
	return l.refuse(ctx, x, err), is && refused.Permanent() && attempt == 0
}

// fenced says that another relay may send by now. Of a first attempt nothing has gone out.
func fenced(req commdn.Request, attempt int) *frame.Refusal {
	if attempt == 0 {
		return &frame.Refusal{Code: frame.RefusedLinkDown, Message: "another relay has taken over the link to T-Server; nothing was sent, ask again"}
	}
	return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "another relay has taken over the link to T-Server before OCS answered, so the request may have been carried out; " + afterwards(req)}
}

// userData gives the request of x as the OCS that answers now expects it.
func (l *Link) userData(x *exchange) tkvlist.List {
	req := x.req
	if to := l.pairs.target(req.Addr().Target); to != req.Addr().Target {
		req = commdn.Clone(req)
		req.Addr().Target = to
	}
	return req.UserData()
}

// await hands answers on until the request is settled; lost says that the link
// was lost, and is back, before.
func (l *Link) await(ctx context.Context, x *exchange, again <-chan struct{}, answer func(a Answer, last bool)) (lost bool, refusal *frame.Refusal) {
	var sure <-chan time.Time
	for {
		select {
		case a := <-x.answers:
			if l.tell(x, a, answer) {
				return false, nil
			}
		case <-x.proved: // a refusal may still follow
			if sure == nil {
				sure = time.After(surely)
			}
		case <-sure:
			if a, ok := l.certain(x); ok {
				answer(a, true)
				return false, nil
			}
			sure = time.After(surely) // the other's answer may still come
		case <-again:
			return true, nil
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				if a, ok := l.lastResort(x); ok {
					answer(a, true)
					return false, nil
				}
				if l.fallBack(x, answer) {
					return false, nil
				}
			}
			return false, l.refuse(ctx, x, ctx.Err())
		}
	}
}

// tell hands an answer on; settled says that no OCS is left.
func (l *Link) tell(x *exchange, a Answer, answer func(a Answer, last bool)) (settled bool) {
	settled = l.settled(x)
	answer(a, settled)
	return settled
}

// fallBack hands on the answers that count as nothing better came; settled is
// that of tell.
func (l *Link) fallBack(x *exchange, answer func(a Answer, last bool)) (settled bool) {
	l.eachSpare(x, func(a Answer) { l.hand(x, a) })
	for {
		select {
		case a := <-x.answers:
			if l.tell(x, a, answer) {
				return true
			}
		default:
			return false
		}
	}
}

// finish ends x, and tells of the answers that were nobody's in the end.
func (l *Link) finish(x *exchange) {
	l.end(x)
	l.eachSpare(x, func(a Answer) { l.unasked(a, nil) })
}

// eachSpare takes the spare answers of x in the order of all answers.
func (l *Link) eachSpare(x *exchange, f func(Answer)) {
	all := l.spares(x)
	if len(all) == 0 {
		return
	}
	l.handling.Lock()
	defer l.handling.Unlock()
	if l.ended {
		return
	}
	for _, a := range all {
		f(a)
	}
}

// refuse says why a request ends without its (last) answer.
func (l *Link) refuse(ctx context.Context, x *exchange, err error) *frame.Refusal {
	var refused *tserver.Error
	switch {
	case errors.Is(err, tserver.ErrLinkDown):
		if refusal := l.down(); refusal != nil {
			return refusal
		}
		return &frame.Refusal{Code: frame.RefusedLinkDown, Message: "the link to T-Server was lost and is back; ask again"}
	case errors.As(err, &refused):
		return &frame.Refusal{Code: frame.RefusedTServer, Message: refused.Error()}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		silent, lost := l.silent(x)
		if lost {
			return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: fmt.Sprintf(
				"the link to T-Server was lost before OCS%s answered, so the request may have been carried out; %s", silent, afterwards(x.req))}
		}
		return l.timedOut(ctx, x, err)
	}
	return &frame.Refusal{Code: frame.RefusedTServer, Message: err.Error()}
}

// afterwards says what to do about a request of which nobody knows.
func afterwards(req commdn.Request) string {
	if req.Repeatable() {
		return "ask again, once more does no harm"
	}
	return "ask for the status"
}
