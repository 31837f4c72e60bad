package ocs

import (
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/scenario"
)

// overdials says whether calls are made in the hope that an agent gets free, so
// that one may be answered while none is.
func (g *campaignGroup) overdials() bool {
	if g.e.behaviour.DialRate > 0 {
		return false
	}
	switch g.dialing.Mode {
	case commdn.DialPredict, commdn.DialPredictAndSeize, commdn.DialPowerGVP:
		return true
	}
	return false
}

// agentBound says whether a record is taken only for an agent who is free.
func (g *campaignGroup) agentBound() bool {
	return g.e.behaviour.DialRate == 0 && !g.overdials()
}

// rate gives how many records a second are dialed while the campaign group is
// running, as far as agents are free where it needs one for each.
//
// A predictive dialer that knows the share of calls which are answered, and how
// long they last, keeps its agents as busy as the goal wants: that is what the
// formulas say. They are ours; the vendor's are not public.
func (g *campaignGroup) rate() float64 {
	b := &g.e.behaviour
	if b.DialRate > 0 {
		return b.DialRate
	}
	answered := max(float64(b.Results.Answer)/float64(total(b.Results)), 0.01)
	agents, goal := float64(g.agents), float64(g.dialing.Goal)
	ring, talk, preview := b.Ring.Seconds(), b.Talk.Seconds(), b.Preview.Seconds()
	var rate float64
	switch {
	case !g.overdials() && (g.dialing.Mode == commdn.DialPreview || g.dialing.Mode == commdn.DialPushPreview):
		rate = agents / (preview + ring + answered*talk)
	case !g.overdials():
		rate = agents / (ring + answered*talk)
	case g.dialing.OptimizeBy == commdn.OptimizeOverdialRate:
		rate = agents / (answered * talk) * (1 + goal/100)
	case g.dialing.OptimizeBy == commdn.OptimizeWaitTime:
		rate = agents / (answered * (talk + goal))
	default:
		rate = agents / (answered * talk) * goal / 100
	}
	return min(rate, scenario.MaxDialRate)
}

// never is a time that is as good as endless, and can be added to a time.
const never = 1 << 62

// pause gives the time between two records. None is needed where each waits for
// an agent.
func (g *campaignGroup) pause() time.Duration {
	if rate := g.rate(); rate > 0 && !g.agentBound() {
		return time.Duration(min(float64(time.Second)/rate, never))
	}
	return 0
}
