package link

import (
	"time"

	"commdn/protocol/commdn"
)

// surely is how long an event that says the goal of a request is reached waits for
// an acknowledgement or refusal that belongs to the request itself.
const surely = 60 * time.Millisecond

// doubted says whether an event that says the goal of x is reached may be the
// doing of somebody else: "running" as news, and then OCS refuses the start. An
// acknowledgement of just the request, for our application, is beyond doubt, as
// are refusals and answers about people.
func (r *exchanges) doubted(x *exchange, a Answer) bool {
	e, ok := a.Message.(*commdn.CampaignEvent)
	if !ok || x.over {
		return false
	}
	if x.foreign { // what is its own acknowledgement ends the dispute, news do not
		return e.Event == commdn.EvCampaignStatus && x.req.Type() != commdn.ReqGetCampaignStatus
	}
	if c, _ := commdn.ControlOf(x.req); e.Event == commdn.EvCampaignStatus && e.Named() && e.Campaign != c.Campaign {
		return true // of an item: it may be news of that campaign
	}
	if x.req.Type() == commdn.ReqGetCampaignStatus {
		return false
	}
	own := e.Event == acknowledges(x.req.Type())
	if own && e.Target == r.app {
		return r.rival(x) && differs(x.req, e)
	}
	// A status may be news, also where it is for us: some OCS tell each application.
	return r.rival(x) || differs(x.req, e) || !own
}

// certain gives what says that the goal of x is reached, where it is its own doing
// as far as anybody can tell: nobody else asked for the same, and OCS does just what
// x asked for.
func (r *exchanges) certain(x *exchange) (a Answer, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if x.reached == nil || r.rival(x) || !x.does(*x.reached) {
		return Answer{}, false
	}
	return reached(x)
}

// lastResort gives what says that the goal of x is reached, where nothing better
// came in time. It is no answer where OCS does something else than was asked.
func (r *exchanges) lastResort(x *exchange) (a Answer, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if x.reached == nil {
		return Answer{}, false
	}
	return reached(x)
}

// reached gives what says that the goal of x is reached; ok is false where OCS dials
// in another way than x asked for.
func reached(x *exchange) (a Answer, ok bool) {
	a = *x.reached
	_, a.Message = relate(x.req, a.Message)
	e, _ := a.Message.(*commdn.CampaignEvent)
	return a, e != nil && !differs(x.req, e)
}

// mostDialing bounds the campaign groups of which it is kept how they dial.
const mostDialing = 20_000

// dials notes how a campaign group dials.
func (r *exchanges) dials(e *commdn.CampaignEvent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.dialing[e.CampaignGroup]; e.Dialing != (commdn.Dialing{}) && (known || len(r.dialing) < mostDialing) {
		r.dialing[e.CampaignGroup] = e.Dialing
	}
}

// dialingOf gives how the campaign group of a request dials, as far as OCS has told.
func (r *exchanges) dialingOf(req commdn.Request) commdn.Dialing {
	if _, changes := req.(*commdn.SetDialingMode); !changes {
		return commdn.Dialing{}
	}
	c, _ := commdn.ControlOf(req)
	return r.dialing[c.CampaignGroup]
}

// oldNews says whether a status that comes after a request for another dialing
// tells how it was before: its goal is not the one that was asked for, and OCS has
// adjusted none, as far as is known.
func (x *exchange) oldNews(a Answer) bool {
	e, ok := a.Message.(*commdn.CampaignEvent)
	_, changes := x.req.(*commdn.SetDialingMode)
	return ok && changes && e.Event == commdn.EvCampaignStatus && dialsElse(x.req, a) && (x.before == commdn.Dialing{} || x.before == e.Dialing)
}

// does says whether OCS dials as x asks for. A status that is no old news may tell of
// a goal that OCS has adjusted.
func (x *exchange) does(a Answer) bool {
	_, changes := x.req.(*commdn.SetDialingMode)
	return !dialsElse(x.req, a) || changes && a.Type() == commdn.EvCampaignStatus
}

// rival says whether somebody else asked for something of the same campaign group
// lately.
func (r *exchanges) rival(x *exchange) bool {
	for o := range r.open {
		if o.foreign && o.req.Type() != commdn.ReqGetCampaignStatus && shared(o.req, x.req) {
			return true
		}
	}
	return false
}

// shared says whether two requests have a subject in common.
func shared(a, b commdn.Request) bool {
	for _, s := range a.Subjects() {
		for _, t := range b.Subjects() {
			if s == t {
				return true
			}
		}
	}
	return false
}

// differs says whether OCS dials in another way than a request asks for. The goal
// is OCS's to adjust, and what it leaves out does not differ.
func differs(req commdn.Request, e *commdn.CampaignEvent) bool {
	c, _ := commdn.ControlOf(req)
	if c.Dialing == (commdn.Dialing{}) || e.Dialing == (commdn.Dialing{}) {
		return false
	}
	return c.Mode != e.Mode || c.OptimizeBy != e.OptimizeBy
}

// acknowledges gives the type of the event that acknowledges a request.
func acknowledges(t commdn.MessageType) commdn.MessageType {
	switch t {
	case commdn.ReqLoadCampaign:
		return commdn.EvCampaignLoaded
	case commdn.ReqUnloadCampaign, commdn.ReqForceUnloadCampaign:
		return commdn.EvCampaignUnloaded
	case commdn.ReqStartDialing:
		return commdn.EvDialingStarted
	case commdn.ReqStopDialing:
		return commdn.EvDialingStopped
	case commdn.ReqSetDialingMode:
		return commdn.EvDialingModeChanged
	}
	return commdn.EvCampaignStatus
}
