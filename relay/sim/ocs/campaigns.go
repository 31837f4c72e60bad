package ocs

import (
	"math/rand/v2"
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/scenario"
)

// campaignGroup is a campaign group at run time.
type campaignGroup struct {
	e         *engine
	conf      scenario.CampaignGroup
	id        commdn.CampaignGroup
	campaign  string
	group     string
	tenant    commdn.DBID
	agents    int
	lists     []*callingList
	random    *rand.Rand
	status    commdn.GroupStatus
	changed   time.Time // when status last was; zero is never
	dialing   commdn.Dialing
	auto      commdn.AutoCompletion
	priority  *priority // nil: records come in the order of the list
	run       run       // what was dialed since the last start
	calls     calls
	phases    [phases]int // how many calls are in each
	at        time.Time   // of the last thing that happened
	nextDial  time.Time   // not before it
	phaseEnd  time.Time   // of CM_GCS_UnloadInProgress
	unloader  asker       // who waits for CM_EvCampaignUnloaded
	held      *sequence   // that the campaign was loaded by
	next      time.Time   // when something is due again; zero is never
	unsettled bool        // next must be found again
}

func newCampaignGroup(e *engine, conf scenario.CampaignGroup, campaign scenario.Campaign, group scenario.Group) *campaignGroup {
	g := &campaignGroup{
		e: e, conf: conf, id: conf.ID(), campaign: campaign.Name, group: group.Name,
		tenant: e.o.Scenario.TenantOf(campaign.Tenant), agents: group.Agents, dialing: conf.Dialing.CommDN(),
		random: rand.New(rand.NewPCG(e.o.Scenario.Seed, uint64(conf.Campaign)<<32|uint64(conf.Group))),
	}
	if g.agents == 0 {
		g.agents = scenario.DefaultAgents
	}
	for _, id := range campaign.CallingLists {
		g.lists = append(g.lists, e.lists[id])
	}
	return g
}

// find gives a campaign group of a tenant, or a refusal that says which part of
// it does not exist.
func (e *engine) find(tenant commdn.DBID, id commdn.CampaignGroup) (*campaignGroup, *refusal) {
	s := e.o.Scenario
	if !slices.ContainsFunc(s.Campaigns, func(c scenario.Campaign) bool {
		return c.DBID == id.Campaign && s.TenantOf(c.Tenant) == tenant
	}) {
		return nil, refuse(commdn.ErrorCampaignNotFound)
	}
	if !e.hasGroup(tenant, id.Group) {
		return nil, refuse(commdn.ErrorGroupNotFound)
	}
	g, ok := e.byID[id]
	if !ok {
		return nil, refuse(commdn.ErrorGroupCampNotFound)
	}
	return g, nil
}

// tenantOf gives the tenant whose console asks for a campaign, or for a sequence
// of a group.
func (e *engine) tenantOf(id commdn.CampaignGroup) commdn.DBID {
	s := e.o.Scenario
	for _, c := range s.Campaigns {
		if c.DBID == id.Campaign {
			return s.TenantOf(c.Tenant)
		}
	}
	for _, g := range s.Groups {
		if g.DBID == id.Group {
			return s.TenantOf(g.Tenant)
		}
	}
	return 0
}

func (e *engine) hasGroup(tenant, id commdn.DBID) bool {
	s := e.o.Scenario
	return slices.ContainsFunc(s.Groups, func(g scenario.Group) bool {
		return g.DBID == id && s.TenantOf(g.Tenant) == tenant
	})
}

// control serves a request about one campaign.
func (e *engine) control(c control) (*commdn.CampaignEvent, *refusal) {
	g, no := e.find(c.tenant, c.CampaignGroup)
	if no != nil {
		return nil, no
	}
	if g.held != nil && c.kind != commdn.ReqGetCampaignStatus && c.kind != commdn.ReqSetDialingMode {
		return nil, &refusal{commdn.ErrorInvalidCampaignScheduleMode, "the campaign belongs to a sequence that is loaded for the group"}
	}
	switch c.kind {
	case commdn.ReqLoadCampaign:
		no = g.load(c.Control)
	case commdn.ReqUnloadCampaign:
		no = g.unload(c.from)
	case commdn.ReqForceUnloadCampaign:
		no = g.forceUnload()
	case commdn.ReqStartDialing:
		no = g.start(c.Control)
	case commdn.ReqStopDialing:
		no = g.stop()
	case commdn.ReqSetDialingMode:
		no = g.setDialing(c.Control)
	}
	if no != nil {
		return nil, no
	}
	event := g.event(acknowledgement(c.kind))
	if c.kind == commdn.ReqUnloadCampaign && g.unloader != (asker{}) {
		return nil, nil // the acknowledgement comes at the end
	}
	return &event, nil
}

// event tells the state of the campaign group.
func (g *campaignGroup) event(t commdn.MessageType) commdn.CampaignEvent {
	return commdn.CampaignEvent{
		Event: t, CampaignGroup: g.id, Dialing: g.dialing, AutoCompletion: g.auto,
		Status: g.status, HasStatus: true,
	}
}

// change enters a state and tells everybody.
func (g *campaignGroup) change(to commdn.GroupStatus) {
	if g.status != to {
		g.status, g.changed = to, g.e.o.Clock.Now()
	}
	g.unsettled = true
	g.e.tell(g.tenant, g.event(commdn.EvCampaignStatus))
	if g.held != nil {
		g.held.changed = true
	}
}

func (g *campaignGroup) loaded() bool { return g.status != commdn.StatusNotLoaded }

// controllable refuses what only a loaded campaign can do that is not being
// unloaded.
func (g *campaignGroup) controllable() *refusal {
	if g.status != commdn.StatusActive && g.status != commdn.StatusRunning {
		return refuse(commdn.ErrorCampaignNotLoaded)
	}
	return nil
}

func (g *campaignGroup) licensed(d commdn.Dialing) *refusal {
	if modes := g.e.behaviour.Licensed; len(modes) > 0 && !slices.Contains(modes, d.Mode) {
		return refuse(commdn.ErrorLicenseViolation)
	}
	return nil
}

// step does what is due and says whether the state changed.
func (g *campaignGroup) step(now time.Time) bool {
	if !g.loaded() || !g.unsettled && (g.next.IsZero() || now.Before(g.next)) {
		return false
	}
	before := g.status
	dialed := g.dial(now)
	switch {
	case g.status == commdn.StatusWaitingUnload && len(g.calls) == 0:
		g.phaseEnd = g.at.Add(g.e.behaviour.UnloadTime)
		g.change(commdn.StatusUnloadInProgress)
	case g.status == commdn.StatusUnloadInProgress && !now.Before(g.phaseEnd):
		g.endUnload()
	case g.status == commdn.StatusRunning && g.auto == commdn.AutoCompletionOn && g.held == nil && g.depleted():
		g.change(commdn.StatusActive)
		g.startUnload()
	}
	g.settle()
	if g.status != before {
		g.unsettled = true // the new state may be over already
	}
	shared := dialed && g.disturbOthers()
	return shared || g.status != before
}

// disturbOthers makes the other campaign groups that dial one of our lists look
// at it again, as it may have more or fewer records now. It says whether there are
// any.
func (g *campaignGroup) disturbOthers() (any bool) {
	for _, other := range g.e.all {
		if other != g && other.loaded() && g.shares(other) {
			other.unsettled = true
			any = true
		}
	}
	return any
}

// shares says whether two campaign groups dial the same list.
func (g *campaignGroup) shares(other *campaignGroup) bool {
	return slices.ContainsFunc(g.lists, func(l *callingList) bool {
		return l.users > 1 && slices.Contains(other.lists, l)
	})
}

// settle finds out when something is due again.
func (g *campaignGroup) settle() {
	g.unsettled = false
	g.next = time.Time{}
	if g.status == commdn.StatusUnloadInProgress {
		g.next = g.phaseEnd
	}
	if len(g.calls) > 0 {
		g.next = earlier(g.next, g.calls[0].end)
	}
	g.next = earlier(g.next, g.nextTake())
}
