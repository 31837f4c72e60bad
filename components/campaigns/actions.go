package campaigns

import (
	"commdn/components/lang"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/commdn"
)

// inFlight is how many requests of a bulk action are in flight at once. OCS need not name
// the campaign group that it refuses, so only a single request in flight can be matched
// with its refusal at once.
const inFlight = 1

// action is a request that a supervisor can make of a campaign group.
type action struct {
	typ            commdn.MessageType
	word, yes, now lang.Key                           // on the button; to confirm; while in flight
	states         uint8                              // bit n: possible in GroupStatus n
	wrong          [commdn.StatusRunning + 1]lang.Key // why it is impossible, by status
	dialing        bool                               // the request carries the dialing parameters
}

// Why a state rules out an action. Reasons that OCS would give have OCS's text.
const (
	notLoaded = lang.Fault4
	loaded    = lang.Fault5
	notRuns   = lang.Fault6
	runs      = lang.Fault7
	unloading = lang.CampaignsUnloading
	inactive  = lang.CampaignsInactive
)

const anyLoaded = 1<<commdn.StatusInActive | 1<<commdn.StatusActive | 1<<commdn.StatusRunning

var actions = [...]*action{
	{commdn.ReqLoadCampaign, lang.CampaignsLoad, lang.CampaignsYesLoad, lang.CampaignsNowLoad, 1 << commdn.StatusNotLoaded,
		[...]lang.Key{0, unloading, unloading, loaded, loaded, loaded}, true},
	{commdn.ReqStartDialing, lang.CampaignsStart, lang.CampaignsYesStart, lang.CampaignsNowStart, 1 << commdn.StatusActive,
		[...]lang.Key{notLoaded, unloading, unloading, inactive, 0, runs}, true},
	{commdn.ReqStopDialing, lang.CampaignsStop, lang.CampaignsYesStop, lang.CampaignsNowStop, 1 << commdn.StatusRunning,
		[...]lang.Key{notLoaded, unloading, unloading, notRuns, notRuns, 0}, false},
	{commdn.ReqSetDialingMode, lang.CampaignsSet, lang.CampaignsYesSet, lang.CampaignsNowSet, 1 << commdn.StatusRunning,
		[...]lang.Key{notLoaded, unloading, unloading, notRuns, notRuns, 0}, true},
	{commdn.ReqUnloadCampaign, lang.CampaignsUnload, lang.CampaignsYesUnload, lang.CampaignsNowUnload, anyLoaded,
		[...]lang.Key{notLoaded, unloading, unloading, 0, 0, 0}, false},
	{commdn.ReqForceUnloadCampaign, lang.CampaignsForce, lang.CampaignsYesForce, lang.CampaignsNowForce,
		anyLoaded | 1<<commdn.StatusWaitingUnload | 1<<commdn.StatusUnloadInProgress,
		[...]lang.Key{notLoaded, 0, 0, 0, 0, 0}, false},
}

// actionOf returns the action of a request, or nil.
func actionOf(req commdn.Request) *action {
	for _, a := range actions {
		if a.typ == req.Type() {
			return a
		}
	}
	return nil
}

// blocked says why no action is possible. Empty means that actions are possible.
func (c *Campaigns) blocked() string {
	switch {
	case c.readonly:
		return c.lang.Text(lang.CampaignsReadOnly)
	case !c.canAct():
		return c.lang.Text(lang.CampaignsNoRight)
	case !c.fresh():
		return c.away()
	}
	return ""
}

// refusal says why a row does not allow an action. Empty means that it does. An unknown
// state allows every action: OCS decides.
func (c *Campaigns) refusal(a *action, r *row) string {
	s := r.status()
	switch {
	case c.rows[r.g.Key] != r:
		return c.lang.Text(lang.CampaignsGone)
	case r.g.Busy():
		return c.lang.Text(lang.CampaignsBusy)
	case c.target(r) == 0:
		return c.lang.Text(lang.CampaignsNoOcs)
	case s.Known() && a.states>>uint(s)&1 == 0:
		return c.lang.Text(a.wrong[s])
	}
	return ""
}

// target returns the OCS to ask about a row, or 0 if it is unknown.
func (c *Campaigns) target(r *row) commdn.DBID {
	if id := r.g.Key.OCS; id != 0 {
		return id
	}
	if all := c.env.Session.Status().OCS; len(all) == 1 {
		return all[0]
	}
	return 0
}

// target is one request of an action.
type target struct {
	row     *row
	name    string
	key     session.GroupKey // as it was when the panel opened
	dialing commdn.Dialing   // the last that OCS reported
	req     commdn.Request   // nil: not sent
	entry   session.Entry
	held    bool // held back: do not send
}

// failed reports whether the request failed.
func (t *target) failed() bool { return t.entry.ID != 0 && !t.entry.UnderWay() && !t.entry.OK() }

// request builds the request of an action.
func (t *target) request(a *action, d commdn.Dialing, auto commdn.AutoCompletion, priority *commdn.DialingPriority) commdn.Request {
	return commdn.Control{
		Address:       commdn.Address{Target: t.key.OCS},
		CampaignGroup: commdn.CampaignGroup{Campaign: t.key.Campaign, Group: t.key.Group},
		Dialing:       d, AutoCompletion: auto, Priority: priority,
	}.Request(a.typ)
}

// send queues the requests and sends them, inFlight at a time.
func (c *Campaigns) send(targets []*target) {
	c.queue = append(c.queue, targets...)
	c.pump()
}

func (c *Campaigns) pump() {
	for c.flying < inFlight && len(c.queue) > 0 {
		t := c.queue[0]
		c.queue = c.queue[1:]
		if t.held {
			continue
		}
		c.mu.Lock()
		asleep := c.asleep
		c.own = append(c.own, t)
		c.mu.Unlock()
		if asleep {
			return
		}
		c.flying++
		c.env.Session.Send(t.req)
	}
}

// entryChanged takes each change of a request of this element: in flight, then settled.
func (c *Campaigns) entryChanged(t *target, e session.Entry) {
	t.entry = e
	if e.UnderWay() {
		c.env.Emit(ui.Detail(c.lang, e), "commdn-state")
		return
	}
	c.env.Emit(ui.Detail(c.lang, e), "commdn-state", "commdn-result")
	c.flying--
	c.say(e)
	c.pump()
}

// corrected takes the late outcome of a request of this element.
func (c *Campaigns) corrected(e session.Entry) {
	if p := c.panel; p != nil {
		for _, t := range p.targets {
			if t.req == e.Req {
				t.entry = e
			}
		}
	}
	c.env.Emit(ui.Detail(c.lang, e), "commdn-state", "commdn-late")
	c.say(e)
}

// say tells screen readers what became of a request, or of a bulk action.
func (c *Campaigns) say(e session.Entry) {
	if p := c.panel; p == nil || !p.sent {
		c.said = ui.Outcome(c.env.Session, c.lang, e) + " " + ui.Why(c.lang, e.Err).String()
	} else if c.flying == 0 && len(c.queue) == 0 {
		c.said = c.summary()
	}
}
