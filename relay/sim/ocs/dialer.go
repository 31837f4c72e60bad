package ocs

import (
	"time"

	"commdn/protocol/commdn"
)

// run is one stretch of dialing, from a start to a stop.
type run struct {
	since           time.Time // an interval before the first dial
	dials, contacts int
	// Where dialing ends by itself; 0 is nowhere.
	maxDials, maxContacts int
}

// ended says whether a limit of the run is reached.
func (r *run) ended() bool {
	return r.maxDials > 0 && r.dials >= r.maxDials || r.maxContacts > 0 && r.contacts >= r.maxContacts
}

// minTick is the least time between two alarms of a dialer: a fast one dials
// several records at once.
const minTick = 10 * time.Millisecond

// step does what is due and says whether the state changed.
func (g *campaignGroup) step(now time.Time) bool {
	switch g.status {
	case commdn.StatusWaitingUnload, commdn.StatusUnloadInProgress:
		return g.stepUnload(now)
	case commdn.StatusRunning:
		g.dial(now)
		if g.auto == commdn.AutoCompletionOn && g.depleted() && g.held == nil {
			g.change(commdn.StatusActive)
			g.startUnload()
			return true
		}
	}
	return false
}

func (g *campaignGroup) stepUnload(now time.Time) bool {
	if now.Before(g.phaseEnd) {
		return false
	}
	if g.status == commdn.StatusWaitingUnload {
		g.phaseEnd = g.phaseEnd.Add(g.e.o.UnloadTime)
		g.change(commdn.StatusUnloadInProgress)
		return true
	}
	g.endUnload()
	return true
}

// due gives the time of the next step; zero is never.
func (g *campaignGroup) due(now time.Time) time.Time {
	switch {
	case g.unloading():
		return g.phaseEnd
	case g.status == commdn.StatusRunning && !g.depleted() && !g.run.ended():
		next := g.run.since.Add(time.Duration(g.run.dials+1) * g.interval())
		if soonest := now.Add(minTick); next.Before(soonest) {
			return soonest
		}
		return next
	}
	return time.Time{}
}

func (g *campaignGroup) interval() time.Duration {
	return time.Second / time.Duration(g.e.o.DialRate)
}

// dial dials the records that are due by now.
func (g *campaignGroup) dial(now time.Time) {
	due := int(now.Sub(g.run.since) / g.interval())
	for g.run.dials < due && !g.depleted() && !g.run.ended() {
		r := &g.records[g.next]
		g.next++
		if g.e.dnc.forbids(r.Phone, r.CustomerID) {
			r.Status = RecordDoNotCall
			continue
		}
		g.run.dials++
		r.Status = RecordDialed
		// Every so many dials one more contact is due, evenly spread.
		if g.run.dials*g.e.o.ContactShare/100 > g.run.contacts {
			g.run.contacts++
			r.Status = RecordContacted
		}
	}
}

// depleted moves on to the next record that may be dialed and says whether
// there is none.
func (g *campaignGroup) depleted() bool {
	for ; g.next < len(g.records); g.next++ {
		if r := &g.records[g.next]; r.Status == RecordReady && !r.OnDesktop {
			return false
		}
	}
	return true
}
