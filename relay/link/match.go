package link

import (
	"cmp"
	"slices"
	"time"

	"commdn/protocol/commdn"
)

// verdict says what becomes of an answer.
type verdict int

const (
	belongs      verdict = iota // to an exchange
	isHeld                      // it may be that of several
	isNobody                    // there is no request for it
	isProof                     // it says that a goal is reached, but may be another's doing
	isCorrection                // it says that a guess was wrong, see guess
	isSpare                     // it counts where nothing better comes, see spare.go
)

// judge finds the exchange that an answer belongs to. expire is called when a held
// answer has waited long enough.
func (r *exchanges) judge(a Answer, expire func(*heldAnswer)) (*exchange, verdict) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.learn(a)
	fits, how := r.candidates(a)
	if how != exact {
		if x := r.misjudged(a); x != nil {
			return x, isCorrection
		}
	}
	if len(fits) == 0 {
		if x, a := r.hint(a); x != nil {
			x.keep(a)
			return x, isSpare
		}
		return nil, isNobody
	}
	if how == exact || len(fits) == 1 && (how != other || fits[0].live() && !r.lately.has(a.Message)) {
		x := fits[0]
		if r.doubted(x, a) {
			if !x.granted() {
				x.reached = &a
			}
			select {
			case x.proved <- struct{}{}:
			default:
			}
			return x, isProof
		}
		return x, belongs
	}
	if how == other {
		return nil, isNobody // it names somebody, and nobody who was asked about
	}
	h := &heldAnswer{answer: a, fits: fits}
	r.held = append(r.held, h)
	if x := r.decided(h); x != nil {
		return x, belongs
	}
	h.timer = time.AfterFunc(r.hold(fits), func() { expire(h) })
	return nil, isHeld
}

// learn notes whether OCS says whom its acknowledgements are about, and for whom they
// are.
func (r *exchanges) learn(a Answer) {
	if a.Type() != commdn.EvCampaignStatus {
		r.toNobody = a.Addr().Target == 0
	}
	switch m := a.Message.(type) {
	case *commdn.DoNotCallProcessed:
		r.bare[true] = m.Phone == "" && m.CustomerID == ""
	case *commdn.RecordCanceled:
		r.bare[true] = m.Phone == "" && m.CustomerID == ""
	case *commdn.CampaignEvent:
		if m.Target != 0 {
			r.bare[false] = !m.Named()
		}
	}
}

// candidates gives the exchanges that fit an answer best, the oldest first: those
// that somebody waits for before those that were given up, where both fit as
// well by name.
func (r *exchanges) candidates(a Answer) (fits []*exchange, how relation) {
	ours := a.Addr().Target == r.app
	if x := r.named(a); x != nil {
		return []*exchange{x}, exact
	}
	for x := range r.open {
		if x.sent == 0 || x.foreign && ours && !x.sameOrigin || x.known && !slices.Contains(x.waiting, a.Addr().Origin) {
			continue
		}
		is, _ := relate(x.req, a.Message)
		switch {
		case x.over && x.reached != nil && a.Type() == commdn.EvCampaignStatus, x.oldNews(a), x.weak(a):
			continue
		case is == unrelated || is < how:
			continue
		case is > how:
			fits, how = fits[:0], is
		}
		fits = append(fits, x)
	}
	if plausible := slices.DeleteFunc(slices.Clone(fits), func(x *exchange) bool { return !likely(x.req, a.Message) }); len(plausible) > 0 {
		fits = plausible
	}
	if _, refused := a.Message.(*commdn.Fault); refused {
		if others := slices.DeleteFunc(slices.Clone(fits), (*exchange).granted); len(others) > 0 {
			fits = others
		}
	}
	slices.SortFunc(fits, func(x, y *exchange) int { return cmp.Compare(x.sent, y.sent) })
	if how == exact && len(fits) > 1 {
		fits = r.closest(fits, a)
	}
	return fits, how
}

// named gives the request that an answer names; nil: see candidates. It is the
// quick way of nearly every answer.
func (r *exchanges) named(a Answer) *exchange {
	if r.doubles > 0 || r.strangers > 0 && a.Addr().Target != r.app {
		return nil
	}
	for _, s := range a.Subjects() {
		if x := r.bySubject[s]; x != nil && x.sent != 0 && r.expects(x, a) {
			if is, _ := relate(x.req, a.Message); is == exact && !dialsElse(x.req, a) && !x.weak(a) {
				return x
			}
		}
	}
	return nil
}

// closest puts first the request that an answer fits best of those that it names:
// one with just the dialing that it tells, else the oldest one that somebody
// waits for.
func (r *exchanges) closest(fits []*exchange, a Answer) []*exchange {
	rank := func(x *exchange) int {
		n := 0
		if dialsElse(x.req, a) {
			n = 2
		}
		if x.over {
			n++
		}
		return n
	}
	slices.SortStableFunc(fits, func(x, y *exchange) int { return cmp.Compare(rank(x), rank(y)) })
	return fits
}

// dialsElse says whether an event tells of another dialing than a request asks for.
func dialsElse(req commdn.Request, a Answer) bool {
	e, ok := a.Message.(*commdn.CampaignEvent)
	c, control := commdn.ControlOf(req)
	return ok && control && e.Dialing != (commdn.Dialing{}) && c.Dialing != (commdn.Dialing{}) && c.Dialing != e.Dialing
}

// granted says whether OCS has done what x asks for, by all that is known: a
// refusal is then rather that of another request.
func (x *exchange) granted() bool { return x.reached != nil && x.does(*x.reached) }

// expects says whether x can still get an answer of this OCS.
func (r *exchanges) expects(x *exchange, a Answer) bool {
	_, open := r.open[x]
	return open && (!x.known || slices.Contains(x.waiting, a.Addr().Origin))
}

// take hands an answer to its exchange; it never blocks. late says that it was
// given up before.
func (r *exchanges) take(x *exchange, a Answer) (taken, late bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if x.known {
		i := slices.Index(x.waiting, a.Addr().Origin)
		if i < 0 {
			return false, false // not asked, or the same OCS again
		}
		x.waiting = slices.Delete(x.waiting, i, i+1)
	}
	x.owed = len(x.waiting) > 0
	if x.foreign {
		r.leave(x)
		return true, false
	}
	if x.over {
		if !x.owed {
			delete(r.open, x)
		}
		return true, true
	}
	_, a.Message = relate(x.req, a.Message)
	if _, isEvent := a.Message.(*commdn.CampaignEvent); !isEvent { // those are news to others
		a.Addr().Target = r.app // as OCS may leave it out
	}
	select {
	case x.answers <- a:
		return true, false
	default:
		return false, false // nobody knew how many would answer, and the first one settled it
	}
}
