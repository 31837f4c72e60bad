package ocs

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/sim/scenario"
)

// engine is what OCS does with campaigns. A request or an alarm of the clock makes
// it step: it does all that is due by now and sets the alarm for what comes next.
// It puts what it has to tell into notices, in order.
//
// The caller of a method in lower case holds mu, unless the method says otherwise.
type engine struct {
	o         *Options
	behaviour scenario.OCS // with defaults
	connected []commdn.DBID
	own       *manner // that of the start
	manner    atomic.Pointer[manner]
	wake      chan struct{} // has a value when notices were left behind
	dnc       list

	mu         sync.Mutex
	lists      map[commdn.DBID]*callingList
	listOrder  []commdn.DBID
	all        []*campaignGroup // in the order of the scenario
	byID       map[commdn.CampaignGroup]*campaignGroup
	sequences  map[commdn.DBID]*sequence // by group
	statistics time.Time                 // when the next report to Stat Server is due; zero is never
	notices    []told
	stopAlarm  func()
	closed     bool
}

// told is an event that does not answer the request that was served last.
type told struct {
	tenant   commdn.DBID
	dn       *commDN // nil is every CommDN of the tenant
	userData tkvlist.List
}

func newEngine(o *Options, application scenario.Application, connected []commdn.DBID, m *manner) *engine {
	e := &engine{
		o: o, behaviour: behaviour(application.OCS), connected: connected, own: m,
		wake: make(chan struct{}, 1), stopAlarm: func() {},
	}
	e.fill()
	return e
}

// fill makes everything what the scenario says. It has the lists that campaign
// groups of this OCS dial.
func (e *engine) fill() {
	e.manner.Store(e.own)
	s := e.o.Scenario
	e.lists, e.listOrder = make(map[commdn.DBID]*callingList), nil
	e.all, e.byID = nil, make(map[commdn.CampaignGroup]*campaignGroup)
	e.sequences = make(map[commdn.DBID]*sequence)
	wanted := make(map[commdn.DBID]bool)
	campaigns := make(map[commdn.DBID]scenario.Campaign)
	for _, c := range s.Campaigns {
		campaigns[c.DBID] = c
	}
	groups := make(map[commdn.DBID]scenario.Group)
	for _, g := range s.Groups {
		groups[g.DBID] = g
	}
	own := s.CampaignGroupsOf(e.o.DBID)
	for _, conf := range own {
		for _, id := range campaigns[conf.Campaign].CallingLists {
			wanted[id] = true
		}
	}
	for i, conf := range s.CallingLists {
		if wanted[conf.DBID] {
			e.lists[conf.DBID] = newCallingList(conf, s.TenantOf(conf.Tenant), i)
			e.listOrder = append(e.listOrder, conf.DBID)
		}
	}
	for _, conf := range own {
		g := newCampaignGroup(e, conf, campaigns[conf.Campaign], groups[conf.Group])
		e.all, e.byID[g.id] = append(e.all, g), g
	}
	now := e.o.Clock.Now()
	e.dnc.clear()
	for _, entry := range s.DoNotCall {
		e.dnc.add(s.TenantOf(entry.Tenant), entry.Phone, entry.CustomerID, now)
	}
	e.statistics = time.Time{}
	if e.behaviour.Statistics > 0 {
		e.statistics = now.Add(e.behaviour.Statistics)
	}
	e.setAlarm(now)
}

// close ends everything; an alarm that is ringing does nothing any more. The
// caller does not hold mu.
func (e *engine) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	e.stopAlarm()
}

// alarm is what the clock calls, without mu.
func (e *engine) alarm() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.step()
		e.rouse()
	}
}

// rouse wakes the sender of notices if there are any.
func (e *engine) rouse() {
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
	if !e.statistics.IsZero() && !now.Before(e.statistics) {
		e.report()
		e.statistics = now.Add(e.behaviour.Statistics)
	}
	e.setAlarm(now)
}

func (e *engine) setAlarm(now time.Time) {
	next := e.statistics
	for _, g := range e.all {
		next = earlier(next, g.next)
	}
	for _, q := range e.sequences {
		next = earlier(next, q.due())
	}
	e.stopAlarm()
	e.stopAlarm = func() {}
	if !next.IsZero() && !e.closed {
		if soonest := now.Add(minTick); next.Before(soonest) {
			next = soonest
		}
		e.stopAlarm = e.o.Clock.AfterFunc(next.Sub(now), e.alarm)
	}
}

// minTick is the least time between two alarms. What is due in between happens
// together, each event with its own time.
const minTick = 10 * time.Millisecond

// stepOnce does what is due and says whether anything happened, as more may be
// due then.
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

// inOrder gives the sequences sorted by group, so that every run is the same.
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

// disturb makes every campaign group look at its lists again, as records were
// changed from outside.
func (e *engine) disturb() {
	for _, g := range e.all {
		g.unsettled = true
	}
}

// earlier gives the earlier of two times. A zero time counts as never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// tell leaves an event of a tenant for every connected application. Where OCS
// names no target, one event is for all of them.
func (e *engine) tell(tenant commdn.DBID, event commdn.CampaignEvent) {
	targets := e.connected
	if m := e.manner.Load(); (m.Target0 || m.OmitAddresses) && len(targets) > 0 {
		targets = targets[:1]
	}
	for _, target := range targets {
		event.Address = commdn.Address{Origin: e.o.DBID, Target: target}
		e.leave(told{tenant: tenant, userData: event.UserData()})
	}
}

func (e *engine) leave(n told) {
	if len(e.notices) == maxQueue {
		e.o.Log.Warn("sim OCS is too busy, notification lost")
		return
	}
	e.notices = append(e.notices, n)
}

// take takes the notices that wait.
func (e *engine) take() []told {
	notices := e.notices
	e.notices = nil
	return notices
}

// tidings is take, without mu.
func (e *engine) tidings() []told {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.take()
}
