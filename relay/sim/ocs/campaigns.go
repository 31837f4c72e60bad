package ocs

import (
	"slices"
	"time"

	"commdn/protocol/commdn"
)

// campaignGroup is a campaign group at run time.
type campaignGroup struct {
	e       *engine
	conf    CampaignGroup
	id      commdn.CampaignGroup
	records []Record

	status   commdn.GroupStatus
	dialing  commdn.Dialing
	auto     commdn.AutoCompletion
	run      run         // what was dialed since the last start
	next     int         // records before it are done with since the last load
	phaseEnd time.Time   // when the state of unloading ends
	unloader commdn.DBID // who waits for CM_EvCampaignUnloaded; 0 is nobody
	held     *sequence   // that the campaign was loaded by
}

func newCampaignGroup(e *engine, conf CampaignGroup, records []Record) *campaignGroup {
	if conf.Dialing == (commdn.Dialing{}) {
		conf.Dialing = defaultDialing
	}
	conf.Licensed = slices.Clone(conf.Licensed)
	return &campaignGroup{e: e, conf: conf, id: conf.ID(), records: records, dialing: conf.Dialing}
}

// find gives a campaign group of the configuration, or the refusal that tells
// what of it is not there.
func (e *engine) find(id commdn.CampaignGroup) (*campaignGroup, *refusal) {
	if _, ok := e.campaigns[id.Campaign]; !ok {
		return nil, refuse(commdn.ErrorCampaignNotFound)
	}
	if !e.groups[id.Group] {
		return nil, refuse(commdn.ErrorGroupNotFound)
	}
	g, ok := e.byID[id]
	if !ok {
		return nil, refuse(commdn.ErrorGroupCampNotFound)
	}
	return g, nil
}

// control serves a request about one campaign.
func (e *engine) control(c control) (*commdn.CampaignEvent, *refusal) {
	g, no := e.find(c.id)
	if no != nil {
		return nil, no
	}
	if g.held != nil && c.kind != commdn.ReqGetCampaignStatus && c.kind != commdn.ReqSetDialingMode {
		return nil, &refusal{commdn.ErrorInvalidCampaignScheduleMode, "the campaign belongs to a sequence that is loaded for the group"}
	}
	switch c.kind {
	case commdn.ReqLoadCampaign:
		no = g.load(c.dialing, c.auto)
	case commdn.ReqUnloadCampaign:
		no = g.unload(c.from)
	case commdn.ReqForceUnloadCampaign:
		no = g.forceUnload()
	case commdn.ReqStartDialing:
		no = g.start(c.dialing, c.auto)
	case commdn.ReqStopDialing:
		no = g.stop()
	case commdn.ReqSetDialingMode:
		no = g.setDialing(c.dialing, c.auto)
	}
	if no != nil {
		return nil, no
	}
	event := g.event(c.acknowledgement())
	if c.kind == commdn.ReqUnloadCampaign && g.unloader != 0 {
		return nil, nil // it comes at the end
	}
	return &event, nil
}

// event says how the campaign group is.
func (g *campaignGroup) event(t commdn.MessageType) commdn.CampaignEvent {
	return commdn.CampaignEvent{
		Event: t, CampaignGroup: g.id, Dialing: g.dialing, AutoCompletion: g.auto,
		Status: g.status, HasStatus: true,
	}
}

// change goes over to another state and tells everybody.
func (g *campaignGroup) change(to commdn.GroupStatus) {
	g.status = to
	g.e.tell(g.event(commdn.EvCampaignStatus), 0)
	if g.held != nil {
		g.held.changed = true
	}
}

func (g *campaignGroup) loaded() bool { return g.status != commdn.StatusNotLoaded }

// controllable refuses what only a loaded campaign, that is not being unloaded,
// can do.
func (g *campaignGroup) controllable() *refusal {
	if g.status != commdn.StatusActive && g.status != commdn.StatusRunning {
		return refuse(commdn.ErrorCampaignNotLoaded)
	}
	return nil
}

func (g *campaignGroup) licensed(d commdn.Dialing) *refusal {
	if g.conf.Licensed != nil && !slices.Contains(g.conf.Licensed, d.Mode) {
		return refuse(commdn.ErrorLicenseViolation)
	}
	return nil
}

func (g *campaignGroup) load(d commdn.Dialing, auto commdn.AutoCompletion) *refusal {
	if g.loaded() {
		return refuse(commdn.ErrorCampaignAlreadyLoaded)
	}
	if no := g.licensed(d); no != nil {
		return no
	}
	g.dialing, g.auto, g.run, g.next = d, auto, run{}, 0
	for i := range g.records {
		if s := &g.records[i].Status; *s == RecordDialed || *s == RecordContacted {
			*s = RecordReady
		}
	}
	g.change(commdn.StatusActive)
	return nil
}

// unload begins to unload; asker gets CM_EvCampaignUnloaded at the end if the
// options say so.
func (g *campaignGroup) unload(asker commdn.DBID) *refusal {
	if no := g.controllable(); no != nil {
		return no
	}
	if g.e.o.UnloadedAtEnd {
		g.unloader = asker
	}
	g.startUnload()
	return nil
}

func (g *campaignGroup) startUnload() {
	if g.unloading() {
		return
	}
	g.phaseEnd = g.e.o.Clock.Now().Add(g.e.o.UnloadTime)
	g.change(commdn.StatusWaitingUnload)
}

func (g *campaignGroup) unloading() bool {
	return g.status == commdn.StatusWaitingUnload || g.status == commdn.StatusUnloadInProgress
}

func (g *campaignGroup) forceUnload() *refusal {
	if !g.loaded() {
		return refuse(commdn.ErrorCampaignNotLoaded)
	}
	g.endUnload()
	return nil
}

// endUnload leaves the campaign group as it was before it was loaded.
func (g *campaignGroup) endUnload() {
	g.dialing, g.auto = g.conf.Dialing, commdn.AutoCompletionUnset
	g.status = commdn.StatusNotLoaded
	if g.unloader != 0 {
		g.e.tell(g.event(commdn.EvCampaignUnloaded), g.unloader)
		g.unloader = 0
	}
	g.change(commdn.StatusNotLoaded)
	g.held = nil
}

func (g *campaignGroup) start(d commdn.Dialing, auto commdn.AutoCompletion) *refusal {
	if g.status == commdn.StatusRunning {
		return refuse(commdn.ErrorCampaignAlreadyStarted)
	}
	if no := g.controllable(); no != nil {
		return no
	}
	if no := g.licensed(d); no != nil {
		return no
	}
	g.begin(d, auto, run{})
	return nil
}

// begin starts dialing, or goes on with r, until r's limits are reached where it
// has some.
func (g *campaignGroup) begin(d commdn.Dialing, auto commdn.AutoCompletion, r run) {
	r.since = g.e.o.Clock.Now().Add(-time.Duration(r.dials) * g.interval())
	g.dialing, g.run = d, r
	if auto != commdn.AutoCompletionUnset {
		g.auto = auto
	}
	g.change(commdn.StatusRunning)
}

func (g *campaignGroup) stop() *refusal {
	if no := g.running(); no != nil {
		return no
	}
	g.change(commdn.StatusActive)
	return nil
}

// running refuses what only a running campaign can do.
func (g *campaignGroup) running() *refusal {
	if no := g.controllable(); no != nil {
		return no
	}
	if g.status != commdn.StatusRunning {
		return refuse(commdn.ErrorCampaignNotStarted)
	}
	return nil
}

func (g *campaignGroup) setDialing(d commdn.Dialing, auto commdn.AutoCompletion) *refusal {
	if no := g.running(); no != nil {
		return no
	}
	if no := g.licensed(d); no != nil {
		return no
	}
	if withoutAgents(d.Mode) != withoutAgents(g.dialing.Mode) {
		return &refusal{commdn.ErrorInvalidCampaignMode, "a running campaign cannot change between modes with agents and GVP modes"}
	}
	g.dialing = d
	if auto != commdn.AutoCompletionUnset {
		g.auto = auto
	}
	g.change(commdn.StatusRunning)
	return nil
}

// withoutAgents says whether calls in this mode go to Genesys Voice Platform.
func withoutAgents(m commdn.DialMode) bool {
	return m == commdn.DialProgressGVP || m == commdn.DialPowerGVP
}
