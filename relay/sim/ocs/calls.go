package ocs

import (
	"container/heap"
	"math/rand/v2"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/scenario"
)

// Dial is one dial attempt.
type Dial struct {
	OCS           commdn.DBID
	CampaignGroup commdn.CampaignGroup
	List          commdn.DBID
	Record        int // from 1, in its list
	Phone         string
	CustomerID    string
	Attempt       int // from 1
	Time          time.Time
}

// run is one stretch of dialing, from a start to a stop.
type run struct {
	dials, contacts, abandoned int
	// Limits at which dialing ends by itself; 0 is none.
	maxDials, maxContacts int
}

// ended says whether the run has reached a limit. It counts the records that
// agents look at before they are dialed.
func (r *run) ended(previewing int) bool {
	return r.maxDials > 0 && r.dials+previewing >= r.maxDials || r.maxContacts > 0 && r.contacts >= r.maxContacts
}

// phase is the part of a call that goes on now.
type phase uint8

const (
	previewing phase = iota // an agent looks at the record
	ringing
	talking
	phases
)

// call is a record that was taken from its list. It has a phase, which ends at
// a known time.
type call struct {
	end    time.Time
	phase  phase
	result CallResult    // that the call will have
	talk   time.Duration // if it is answered
	list   *callingList
	record int32
}

// calls is a heap with the earliest end first.
type calls []*call

func (h calls) Len() int           { return len(h) }
func (h calls) Less(i, j int) bool { return h[i].end.Before(h[j].end) }
func (h calls) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push is for package heap.
func (h *calls) Push(x any) { *h = append(*h, x.(*call)) }

// Pop is for package heap.
func (h *calls) Pop() any {
	last := (*h)[len(*h)-1]
	(*h)[len(*h)-1] = nil
	*h = (*h)[:len(*h)-1]
	return last
}

// around draws a time between half of mean and one and a half.
func around(random *rand.Rand, mean time.Duration) time.Duration {
	return mean/2 + time.Duration(random.Int64N(int64(mean)+1))
}

// draw draws the result of a call.
func draw(random *rand.Rand, r scenario.Results) CallResult {
	shares := [...]struct {
		share  int
		result CallResult
	}{
		{r.Answer, ResultAnswer}, {r.NoAnswer, ResultNoAnswer}, {r.Busy, ResultBusy},
		{r.AnsweringMachine, ResultAnsweringMachine}, {r.Fax, ResultFax}, {r.InvalidNumber, ResultInvalidNumber},
	}
	n := random.IntN(total(r))
	for _, s := range shares {
		if n -= s.share; n < 0 {
			return s.result
		}
	}
	return ResultNoAnswer // total is the sum
}

func total(r scenario.Results) int {
	return r.Answer + r.NoAnswer + r.Busy + r.AnsweringMachine + r.Fax + r.InvalidNumber
}

// dial does what is due by now, in the order of time. Calls go on and end, and
// a running campaign group takes records. It says whether anything happened.
func (g *campaignGroup) dial(now time.Time) (busy bool) {
	for ; ; busy = true {
		at := g.nextTake()
		if len(g.calls) > 0 && (at.IsZero() || !g.calls[0].end.After(at)) {
			if g.calls[0].end.After(now) {
				break
			}
			g.goOn(heap.Pop(&g.calls).(*call))
			continue
		}
		if at.IsZero() || at.After(now) {
			break
		}
		g.takeRecord(at)
	}
	return busy
}

// nextTake gives the time at which the next record is taken; zero means that
// none is as things are.
func (g *campaignGroup) nextTake() time.Time {
	if g.status != commdn.StatusRunning || g.run.ended(g.phases[previewing]) ||
		g.agentBound() && len(g.calls) >= g.agents || g.rate() == 0 {
		return time.Time{}
	}
	var due time.Time
	for _, l := range g.lists {
		due = earlier(due, l.due())
	}
	if due.IsZero() {
		return due
	}
	for _, t := range []time.Time{g.nextDial, g.at} {
		if due.Before(t) {
			due = t
		}
	}
	return due
}

// takeRecord takes one record and begins a call with it, unless the record is on
// the Do Not Call list.
func (g *campaignGroup) takeRecord(at time.Time) {
	g.at = at
	l, i, ok := g.takeNext(at)
	if !ok {
		return
	}
	c := &call{list: l, record: i}
	if g.forbidden(c, at) {
		return
	}
	g.nextDial = at.Add(g.pause())
	c.result = draw(g.random, g.e.behaviour.Results)
	c.talk = around(g.random, g.e.behaviour.Talk)
	if g.dialing.Mode == commdn.DialPreview || g.dialing.Mode == commdn.DialPushPreview {
		g.enter(c, previewing, at.Add(around(g.random, g.e.behaviour.Preview)))
		return
	}
	g.ring(c, at)
}

// forbidden says whether the Do Not Call list forbids a record at that time. Such
// a record is done.
func (g *campaignGroup) forbidden(c *call, at time.Time) bool {
	r := &c.list.records[c.record]
	if !g.e.dnc.forbids(c.list.tenant, r.phone, r.customer) {
		return false
	}
	c.list.finish(c.record, ResultDoNotCall, at)
	return true
}

// enter begins a phase of a call.
func (g *campaignGroup) enter(c *call, p phase, end time.Time) {
	c.phase, c.end = p, end
	g.phases[p]++
	c.list.records[c.record].withAgent = p != ringing
	heap.Push(&g.calls, c)
}

// ring dials. The caller has checked the Do Not Call list for this moment.
func (g *campaignGroup) ring(c *call, at time.Time) {
	r := &c.list.records[c.record]
	g.run.dials++
	r.attempts++
	r.dialed = at.UnixNano()
	g.e.o.OnDial(Dial{
		OCS: g.e.o.DBID, CampaignGroup: g.id, List: c.list.dbid, Record: int(c.record) + 1,
		Phone: r.phone, CustomerID: r.customer, Attempt: int(r.attempts), Time: at,
	})
	g.enter(c, ringing, at.Add(around(g.random, g.e.behaviour.Ring)))
}

// goOn ends a phase of a call that was taken from g.calls.
func (g *campaignGroup) goOn(c *call) {
	g.at = c.end
	g.phases[c.phase]--
	r := &c.list.records[c.record]
	r.withAgent = false
	again := c.result == ResultNoAnswer || c.result == ResultBusy
	switch {
	case c.phase == previewing:
		if !g.forbidden(c, c.end) {
			g.ring(c, c.end)
		}
	case c.phase == talking:
		c.list.finish(c.record, ResultAnswer, c.end)
	case c.result == ResultAnswer && g.overdials() && g.phases[talking] >= g.agents:
		g.run.abandoned++
		c.list.finish(c.record, ResultAbandoned, c.end)
	case c.result == ResultAnswer:
		g.run.contacts++
		g.enter(c, talking, c.end.Add(c.talk))
	case again && int(r.attempts) < g.e.behaviour.Treatment.Attempts && r.status == RecordRetrieved:
		c.list.reschedule(c.record, c.end.Add(g.e.behaviour.Treatment.After))
	default:
		c.list.finish(c.record, c.result, c.end)
	}
}

// drop ends all calls at once.
func (g *campaignGroup) drop() {
	now := g.e.o.Clock.Now()
	for _, c := range g.calls {
		c.list.records[c.record].withAgent = false
		if c.phase == previewing {
			c.list.again(c.record, now)
			continue
		}
		c.list.finish(c.record, ResultDropped, now)
	}
	g.calls, g.phases = nil, [phases]int{}
}

// depleted says whether nothing is left to dial and no record that was taken can
// come back.
func (g *campaignGroup) depleted() bool {
	for _, l := range g.lists {
		if !l.depleted() {
			return false
		}
	}
	return g.phases[previewing]+g.phases[ringing] == 0
}
