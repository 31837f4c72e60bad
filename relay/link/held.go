package link

import (
	"slices"
	"time"
)

// heldAnswer is an answer that fits several requests. It waits until all of them
// but one are answered, or as many answers are held as there are requests, or its
// time is over: then the oldest request is meant, as an OCS reads its CommDN in
// order.
type heldAnswer struct {
	answer Answer
	fits   []*exchange // by age
	timer  *time.Timer
}

// holdFor and holdLong are the parts of the answer timeout that an answer is held for.
// The longer one is for an OCS whose acknowledgements say whom: they decide whose a
// refusal without a name is.
const (
	holdFor  = 20
	holdLong = 4
)

// hold says how long an answer that fits several requests is held.
func (r *exchanges) hold(fits []*exchange) time.Duration {
	for _, x := range fits {
		if bare, known := r.bare[familyOf(x.req)]; bare || !known {
			return r.timeout / holdFor
		}
	}
	return r.timeout / holdLong
}

// decided gives the exchange that a held answer belongs to, if that is clear, and
// takes the answer out of those held. Of as many answers as there are requests the
// first one belongs to the oldest request.
func (r *exchanges) decided(h *heldAnswer) *exchange {
	alike := 0
	for _, o := range r.held {
		o.fits = slices.DeleteFunc(o.fits, func(x *exchange) bool { return !r.expects(x, o.answer) })
		if slices.Equal(o.fits, h.fits) {
			alike++
		}
	}
	if len(h.fits) == 0 || len(h.fits) > 1 && alike < len(h.fits) || r.before(h) != h {
		return nil
	}
	r.drop(h)
	return h.fits[0]
}

// before gives the oldest held answer that fits the same requests as h.
func (r *exchanges) before(h *heldAnswer) *heldAnswer {
	for _, o := range r.held {
		if slices.Equal(o.fits, h.fits) {
			return o
		}
	}
	return h
}

func (r *exchanges) drop(h *heldAnswer) {
	if h.timer != nil {
		h.timer.Stop()
	}
	r.held = slices.DeleteFunc(r.held, func(o *heldAnswer) bool { return o == h })
}

// review gives the held answers that are decided now, with their exchanges; x is
// nil for one that has become nobody's.
func (r *exchanges) review() (h *heldAnswer, x *exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range slices.Clone(r.held) {
		if x := r.decided(h); x != nil {
			return h, x
		}
		if len(h.fits) == 0 {
			r.drop(h)
			return h, nil
		}
	}
	return nil, nil
}

// expired decides a held answer, as the time of one is over: the oldest request
// that somebody waits for is meant, else the oldest one. Of several answers that
// fit the same requests the oldest one is decided. It is nil where the answer was
// decided before.
func (r *exchanges) expired(late *heldAnswer) (h *heldAnswer, x *exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.held, late) {
		return nil, nil
	}
	if h = r.before(late); h != late {
		late.timer.Reset(0)
	}
	r.drop(h)
	fits := slices.DeleteFunc(h.fits, func(x *exchange) bool { return !r.expects(x, h.answer) })
	if x = oldestLive(fits); x == nil && len(fits) > 0 {
		x = fits[0]
	}
	if len(fits) > 1 {
		r.guesses(x, h.answer, fits)
	}
	return h, x
}

// oldestLive gives the first of these that somebody waits for; nil: there is none.
func oldestLive(fits []*exchange) *exchange {
	for _, x := range fits {
		if x.live() {
			return x
		}
	}
	return nil
}
