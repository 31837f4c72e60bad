package ocs

import (
	"slices"
	"sync"
	"time"

	"commdn/protocol/commdn"
)

// engine is what OCS does with campaigns. A request or an alarm of the clock
// makes it step: all that is due by now happens, and the alarm is set for what
// comes next. What it has to tell goes to notices, in order.
//
// Methods in lower case are called with mu held where they do not say
// otherwise.
type engine struct {
	o    *Options
	dnc  *list
	wake chan struct{} // has a value when an alarm left notices behind

	mu        sync.Mutex
	campaigns map[commdn.DBID]string
	groups    map[commdn.DBID]bool
	all       []*campaignGroup // in the order of the configuration
	byID      map[commdn.CampaignGroup]*campaignGroup
	sequences map[commdn.DBID]*sequence // by group
	notices   []notice
	stopAlarm func()
	closed    bool
}

// notice is an event that nobody waits for with a request.
type notice struct {
	event commdn.CampaignEvent
	to    commdn.DBID // 0 is every connected application
}

func newEngine(o *Options, dnc *list) *engine {
	e := &engine{
		o: o, dnc: dnc, wake: make(chan struct{}, 1),
		campaigns: make(map[commdn.DBID]string), groups: make(map[commdn.DBID]bool),
		byID:      make(map[commdn.CampaignGroup]*campaignGroup),
		sequences: make(map[commdn.DBID]*sequence), stopAlarm: func() {},
	}
	for _, c := range o.Configuration.Campaigns {
		e.campaigns[c.DBID] = c.Name
	}
	for _, g := range o.Configuration.Groups {
		e.groups[g.DBID] = true
	}
	for i, conf := range o.Configuration.CampaignGroups {
		g := newCampaignGroup(e, conf, conf.callingList(i))
		e.all, e.byID[g.id] = append(e.all, g), g
	}
	return e
}

// close ends everything; an alarm that is ringing does nothing any more. It is
// called without mu.
func (e *engine) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	e.stopAlarm()
}

// alarm is called by the clock, without mu.
func (e *engine) alarm() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return
	}
	e.step()
	if len(e.notices) == 0 {
		return
	}
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// step does all that is due and sets the alarm.
func (e *engine) step() {
	now := e.o.Clock.Now()
	for e.stepOnce(now) {
	}
	for _, q := range e.inOrder() {
		q.tell()
	}
	var next time.Time
	for _, g := range e.all {
		next = earlier(next, g.due(now))
	}
	for _, q := range e.sequences {
		next = earlier(next, q.due())
	}
	e.stopAlarm()
	e.stopAlarm = func() {}
	if !next.IsZero() {
		e.stopAlarm = e.o.Clock.AfterFunc(next.Sub(now), e.alarm)
	}
}

// stepOnce says whether anything came to pass, so that more may be due.
func (e *engine) stepOnce(now time.Time) bool {
	busy := false
	for _, g := range e.all {
		busy = g.step(now) || busy
	}
	for _, q := range e.inOrder() {
		busy = q.step(now) || busy
	}
	return busy
}

// inOrder gives the sequences by group, so that the same comes out every time.
func (e *engine) inOrder() []*sequence {
	if len(e.sequences) == 0 {
		return nil
	}
	all := make([]*sequence, 0, len(e.sequences))
	for _, q := range e.sequences {
		all = append(all, q)
	}
	slices.SortFunc(all, func(a, b *sequence) int { return int(a.group) - int(b.group) })
	return all
}

// earlier gives the earlier of two times, of which a zero one counts as never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// tell leaves an event for application to, or for every connected one.
func (e *engine) tell(event commdn.CampaignEvent, to commdn.DBID) {
	if len(e.notices) == maxQueue {
		e.o.Log.Warn("sim OCS is too busy, notification lost", "event", event.Event.String())
		return
	}
	e.notices = append(e.notices, notice{event, to})
}

// take gives the events that wait, addressed.
func (e *engine) take() []commdn.Message {
	var messages []commdn.Message
	for _, n := range e.notices {
		to := e.o.Connected
		if n.to != 0 {
			to = []commdn.DBID{n.to}
		}
		for _, application := range to {
			event := n.event
			event.Address = commdn.Address{Origin: e.o.DBID, Target: application}
			messages = append(messages, &event)
		}
	}
	e.notices = nil
	return messages
}
