package link

import (
	"slices"
	"time"

	"commdn/protocol/commdn"
)

// A spare answer is one that may be that of a request, and may as well be news or that of
// an earlier one. It counts when the time of the request is over and nothing better came.

// keep keeps a spare answer of x, the last one of each OCS.
func (x *exchange) keep(a Answer) {
	x.spare = append(slices.DeleteFunc(x.spare, func(o Answer) bool { return o.Addr().Origin == a.Addr().Origin }), a)
}

// spares gives the spare answers of x, and forgets them.
func (r *exchanges) spares(x *exchange) []Answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := x.spare
	x.spare = nil
	return all
}

// weak says whether a status that can answer x does not show that OCS has done what x
// asks for: it runs, but OCS says nothing of how it dials; or the sequence is loaded,
// and to start later.
func (x *exchange) weak(a Answer) bool {
	e, ok := a.Message.(*commdn.CampaignEvent)
	if !ok || e.Event != commdn.EvCampaignStatus {
		return false
	}
	switch req := x.req.(type) {
	case *commdn.SetDialingMode:
		return e.Dialing == (commdn.Dialing{})
	case *commdn.StartDialing:
		state, _ := e.State()
		return req.Sequence != nil && state == commdn.StatusActive
	}
	return false
}

// hint gives the only request that a status can be the answer to, if in no way that is
// sure, and the status as that needs it; nil: there is none. It has to be for our
// application. Of an OCS that never says for whom, the item that runs may be the status
// of a sequence that was asked for.
func (r *exchanges) hint(a Answer) (*exchange, Answer) {
	e, ok := a.Message.(*commdn.CampaignEvent)
	if !ok || e.Event != commdn.EvCampaignStatus {
		return nil, a
	}
	item := e.Target == 0 && r.toNobody
	if item {
		ours := *e
		ours.Target = r.app
		e, a.Message = &ours, &ours
	}
	if e.Target != r.app {
		return nil, a
	}
	var found *exchange
	for x := range r.open {
		if is, _ := relate(x.req, e); is <= silent || !x.live() || x.sent == 0 || !r.expects(x, a) || r.rival(x) || !x.hinted(e, item) {
			continue
		}
		if found != nil {
			return nil, a
		}
		found = x
	}
	return found, a
}

// hinted says whether a status for our application may be that of x, if nothing better
// comes. item: OCS never says for whom a status is.
func (x *exchange) hinted(e *commdn.CampaignEvent, item bool) bool {
	switch req := x.req.(type) {
	case *commdn.GetCampaignStatus:
		return item && req.Sequence != nil
	case *commdn.StartDialing:
		return !item && req.Sequence != nil && time.Unix(req.Sequence.Start, 0).After(x.began) && !differs(req, e)
	case *commdn.SetDialingMode: // without what it was before, another goal may be one that OCS adjusted
		return !item && (e.Dialing == commdn.Dialing{} || x.before == commdn.Dialing{}) && !differs(req, e)
	}
	return false
}
