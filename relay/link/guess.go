package link

import (
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/internal/loglimit"
)

// guess is an answer that named nobody and was taken for that of the oldest request
// when its time was over.
type guess struct {
	answer Answer
	others []*exchange // that it fitted as well
}

// guesses keeps a guess in mind for as long as an answer may take.
func (r *exchanges) guesses(x *exchange, a Answer, fits []*exchange) {
	if x.foreign || len(r.guessed) >= mostStrangers {
		return
	}
	x.guess = &guess{a, slices.DeleteFunc(slices.Clone(fits), func(o *exchange) bool { return o == x })}
	r.guessed[x] = struct{}{}
	time.AfterFunc(r.timeout, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.guessed, x)
	})
}

// misjudged gives the request that an answer names and that was told of a refusal which
// was another's, as this says; nil: there is none. News are no answer.
func (r *exchanges) misjudged(a Answer) *exchange {
	for x := range r.guessed {
		if e, ok := a.Message.(*commdn.CampaignEvent); ok && e.Event != acknowledges(x.req.Type()) {
			continue
		}
		_, refused := x.guess.answer.Message.(*commdn.Fault)
		if is, _ := relate(x.req, a.Message); refused && is == exact && x.guess.answer.Addr().Origin == a.Addr().Origin {
			delete(r.guessed, x)
			return x
		}
	}
	return nil
}

// rightful gives the request whose answer was taken for that of x; nil: it waits no
// more.
func (r *exchanges) rightful(x *exchange) *exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return oldestLive(slices.DeleteFunc(x.guess.others, func(o *exchange) bool { return !r.expects(o, x.guess.answer) }))
}

// isOver says whether nobody waits for x any more.
func (r *exchanges) isOver(x *exchange) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return x.over
}

// correct tells what OCS has answered to x, and gives the refusal that x was told of to the request that it belongs to.
func (l *Link) correct(x *exchange, a Answer) {
	l.passOver(PassedLate, a.Addr().Origin, "a refusal that named nobody was taken for that of another request", "ocs", int(a.Addr().Origin), "key", x.key,
		"request", commdn.Trace(x.req, false), "message", loglimit.Line(commdn.Trace(a.Message, false)))
	if x.late != nil && l.isOver(x) {
		a.Corrects = true
		x.late(a)
	}
	if o := l.rightful(x); o != nil {
		l.hand(o, x.guess.answer)
		l.handHeld()
	}
}
