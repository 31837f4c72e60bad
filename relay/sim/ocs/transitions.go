package ocs

import (
	"commdn/protocol/commdn"
)

func (g *campaignGroup) load(c commdn.Control) *refusal {
	if g.loaded() {
		return refuse(commdn.ErrorCampaignAlreadyLoaded)
	}
	if no := g.licensed(c.Dialing); no != nil {
		return no
	}
	g.dialing, g.auto, g.priority, g.run = c.Dialing, c.AutoCompletion, newPriority(c.Priority), run{}
	for _, l := range g.lists {
		if l.users++; l.users == 1 && !g.e.behaviour.UsedUp {
			l.renew()
		}
	}
	g.change(commdn.StatusActive)
	return nil
}

// unload begins to unload. With the option UnloadedAtEnd from gets its
// CM_EvCampaignUnloaded at the end.
func (g *campaignGroup) unload(from asker) *refusal {
	if no := g.controllable(); no != nil {
		return no
	}
	if g.e.behaviour.UnloadedAtEnd {
		g.unloader = from
	}
	g.startUnload()
	return nil
}

func (g *campaignGroup) startUnload() {
	if g.unloading() {
		return
	}
	g.at = g.e.o.Clock.Now()
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

// endUnload makes the campaign group what it was before it was loaded. It drops
// the calls that are not over.
func (g *campaignGroup) endUnload() {
	g.drop()
	g.disturbOthers()
	for _, l := range g.lists {
		l.users--
	}
	g.dialing, g.auto, g.priority = g.conf.Dialing.CommDN(), commdn.AutoCompletionUnset, nil
	g.status, g.changed = commdn.StatusNotLoaded, g.e.o.Clock.Now()
	if g.unloader != (asker{}) {
		event := g.event(commdn.EvCampaignUnloaded)
		event.Address = commdn.Address{Origin: g.e.o.DBID, Target: g.unloader.application}
		g.e.leave(told{g.tenant, g.unloader.dn, event.UserData()})
		g.unloader = asker{}
	}
	g.change(commdn.StatusNotLoaded)
	g.held = nil
	g.settle() // nothing is due any more
}

func (g *campaignGroup) start(c commdn.Control) *refusal {
	if g.status == commdn.StatusRunning {
		return refuse(commdn.ErrorCampaignAlreadyStarted)
	}
	if no := g.controllable(); no != nil {
		return no
	}
	if no := g.licensed(c.Dialing); no != nil {
		return no
	}
	g.begin(c, run{})
	return nil
}

// begin starts dialing, or goes on with r, until a limit of r is reached.
func (g *campaignGroup) begin(c commdn.Control, r run) {
	g.dialing, g.run = c.Dialing, r
	g.at = g.e.o.Clock.Now()
	g.nextDial = g.at.Add(g.pause())
	g.takeOver(c)
	g.change(commdn.StatusRunning)
}

// takeOver takes what a request may say besides the dialing.
func (g *campaignGroup) takeOver(c commdn.Control) {
	if c.AutoCompletion != commdn.AutoCompletionUnset {
		g.auto = c.AutoCompletion
	}
	if c.Priority != nil {
		g.priority = newPriority(c.Priority)
	}
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

func (g *campaignGroup) setDialing(c commdn.Control) *refusal {
	if no := g.running(); no != nil {
		return no
	}
	if no := g.licensed(c.Dialing); no != nil {
		return no
	}
	if withoutAgents(c.Mode) != withoutAgents(g.dialing.Mode) {
		return &refusal{commdn.ErrorInvalidCampaignMode, "a running campaign cannot change between modes with agents and GVP modes"}
	}
	g.dialing = c.Dialing
	g.takeOver(c)
	now := g.e.o.Clock.Now()
	if soonest := now.Add(g.pause()); soonest.Before(g.nextDial) || g.nextDial.Before(now) {
		g.nextDial = soonest // the new pace may be faster; nobody makes up for what was missed
	}
	g.change(commdn.StatusRunning)
	return nil
}

// withoutAgents says whether calls in this mode go to Genesys Voice Platform.
func withoutAgents(m commdn.DialMode) bool {
	return m == commdn.DialProgressGVP || m == commdn.DialPowerGVP
}
