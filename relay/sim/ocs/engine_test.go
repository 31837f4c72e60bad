package ocs

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/sim/clock"
	"commdn/relay/sim/scenario"
)

// Notifications that nobody takes are bounded: the first ones stay.
func TestTooManyNotifications(t *testing.T) {
	o := Options{DBID: 201, Scenario: &scenario.Scenario{Applications: []scenario.Application{
		{DBID: 201, Type: scenario.OutboundContactServer},
	}}}
	application, err := o.complete()
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(&o, application, nil, &manner{})
	for n := range maxQueue + 2 {
		e.leave(told{userData: tkvlist.List{{Key: "n", Value: tkvlist.Int(int32(n))}}})
	}
	notices := e.take()
	if len(notices) != maxQueue {
		t.Fatalf("%d notifications kept", len(notices))
	}
	if n, _ := notices[maxQueue-1].userData.Int("n"); n != maxQueue-1 {
		t.Errorf("the last one kept is the one numbered %d", n)
	}
	if rest := e.take(); len(rest) != 0 {
		t.Errorf("%d notifications taken twice", len(rest))
	}
}

// still is an engine on a clock that stands still, with a random scenario: lists
// of chains and of records on desktops, one that two groups dial, all results.
func still(t *testing.T, random *rand.Rand) *engine {
	t.Helper()
	zero := 0.0
	results := scenario.DefaultResults
	if random.IntN(3) == 0 {
		results = scenario.Results{NoAnswer: 1}
	}
	var records []scenario.Record
	for i := range 10 {
		records = append(records, scenario.Record{Phone: strconv.Itoa(i), CustomerID: "c" + strconv.Itoa(i/3), Chain: i / 3, OnDesktop: random.IntN(5) == 0})
	}
	s := &scenario.Scenario{
		Seed: random.Uint64(), Clock: scenario.Clock{Speed: &zero, Start: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)},
		Applications: []scenario.Application{
			{DBID: 201, Type: scenario.OutboundContactServer, Connections: []commdn.DBID{101}, OCS: scenario.OCS{
				DialRate: float64(random.IntN(2) * 5), Ring: 5 * time.Second, Talk: 20 * time.Second, Preview: 5 * time.Second, Results: results,
				Treatment:     scenario.Treatment{Attempts: 1 + random.IntN(3), After: 30 * time.Second},
				UnloadedAtEnd: random.IntN(2) == 0, UsedUp: random.IntN(2) == 0, UnloadTime: time.Second,
			}},
			{DBID: 101, Type: scenario.ThirdPartyServer},
		},
		Groups: []scenario.Group{{DBID: 7, Name: "7", Agents: 3}, {DBID: 8, Name: "8", Agents: 2}},
		CallingLists: []scenario.CallingList{
			{DBID: 21, Name: "A", Records: records, Generate: scenario.Generate{Customers: 10, Phones: 2}},
			{DBID: 22, Name: "B", Generate: scenario.Generate{Customers: 10}},
		},
		Campaigns:      []scenario.Campaign{{DBID: 11, Name: "A", CallingLists: []commdn.DBID{21, 22}}, {DBID: 12, Name: "B", CallingLists: []commdn.DBID{22}}},
		CampaignGroups: []scenario.CampaignGroup{{Campaign: 11, Group: 7}, {Campaign: 12, Group: 7}, {Campaign: 11, Group: 8}},
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	o := Options{DBID: 201, Scenario: s, Clock: clock.New(s.Clock.Start, 0)}
	application, err := o.complete()
	if err != nil {
		t.Fatal(err)
	}
	return newEngine(&o, application, []commdn.DBID{101}, &manner{})
}

// Whatever is asked for in whatever order: between two steps nothing is due, and
// records, calls and states fit together.
func TestInvariants(t *testing.T) {
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 0))
		e := still(t, random)
		last := e.o.Clock.Now().UnixNano()
		e.o.OnDial = func(d Dial) {
			if d.Time.UnixNano() < last || d.Time.After(e.o.Clock.Now()) {
				t.Errorf("seed %d: dialed at %s, out of the time of the step", seed, d.Time)
			}
			if e.dnc.forbids(e.lists[d.List].tenant, d.Phone, d.CustomerID) {
				t.Errorf("seed %d: %s is on the Do Not Call list, and dialed", seed, d.Phone)
			}
		}
		for range 150 {
			e.mu.Lock()
			e.anything(random)
			e.step()
			e.take()
			e.check(t, seed)
			e.mu.Unlock()
			last = e.o.Clock.Now().UnixNano()
			e.o.Clock.Advance(time.Duration(random.Int64N(int64(20 * time.Second))))
		}
		// In the end everything can be unloaded, and nothing is due any more.
		e.mu.Lock()
		e.unloadAll()
		e.step()
		e.check(t, seed)
		for _, g := range e.all {
			if !g.next.IsZero() || len(g.calls) > 0 || g.lists[0].users != 0 {
				t.Errorf("seed %d: %s unloaded: next %s, %d calls, %d users", seed, g.id, g.next, len(g.calls), g.lists[0].users)
			}
		}
		e.mu.Unlock()
	}
}

// anything asks for something.
func (e *engine) anything(random *rand.Rand) {
	modes := []commdn.DialMode{commdn.DialPredict, commdn.DialProgress, commdn.DialPreview}
	id := []commdn.CampaignGroup{{Campaign: 11, Group: 7}, {Campaign: 12, Group: 7}, {Campaign: 11, Group: 8}, {Group: 7}}[random.IntN(4)]
	l := e.lists[commdn.DBID(21+random.IntN(2))]
	i := int32(random.IntN(len(l.records)))
	switch random.IntN(12) {
	case 0:
		l.checkOut(i, random.IntN(2) == 0, e.o.Clock.Now())
		e.disturb()
	case 1:
		chain := []commdn.Chain{commdn.AllChain, commdn.RecordOnly}[random.IntN(2)]
		e.cancel(scenario.DefaultTenant, &commdn.CancelRecord{Phone: l.records[i].phone, Chain: chain})
	case 2:
		e.dnc.add(scenario.DefaultTenant, l.records[i].phone, "", e.o.Clock.Now())
	default:
		kinds := []commdn.MessageType{commdn.ReqLoadCampaign, commdn.ReqLoadCampaign, commdn.ReqStartDialing, commdn.ReqStartDialing,
			commdn.ReqStartDialing, commdn.ReqSetDialingMode, commdn.ReqStopDialing, commdn.ReqUnloadCampaign, commdn.ReqForceUnloadCampaign}
		c := control{
			kind: kinds[random.IntN(len(kinds))], tenant: scenario.DefaultTenant, from: asker{application: 101},
			Control: commdn.Control{
				CampaignGroup:  id,
				Dialing:        commdn.Dialing{Mode: modes[random.IntN(3)], OptimizeBy: commdn.OptimizeBusyFactor, Goal: int32(random.IntN(4) * 30)},
				AutoCompletion: commdn.AutoCompletion(random.IntN(3)),
			},
		}
		if id.Campaign == 0 {
			c.Sequence = &commdn.Sequence{Items: []commdn.SequenceItem{
				{Campaign: 11, Dialing: c.Dialing, StopAtDials: 10}, {Campaign: 12, Dialing: c.Dialing, SleepBeforeNextStart: 1}, {Campaign: 11, Dialing: c.Dialing},
			}}
			c.Sequence.Items[random.IntN(3)].StopAtTime = e.o.Clock.Now().Unix() + int64(random.IntN(600))
		}
		e.serve(c)
	}
}

// check finds what does not fit together.
func (e *engine) check(t *testing.T, seed uint64) {
	t.Helper()
	now := e.o.Clock.Now()
	onCall := make(map[*record]bool)
	users := make(map[*callingList]int)
	for _, g := range e.all {
		var counted [phases]int
		for _, c := range g.calls {
			r := &c.list.records[c.record]
			counted[c.phase]++
			if onCall[r] {
				t.Errorf("seed %d: %s is on two calls", seed, r.phone)
			}
			onCall[r] = true
			if r.withAgent != (c.phase != ringing) || r.status != RecordRetrieved && (r.status != RecordCanceled || c.phase == previewing) {
				t.Errorf("seed %d: %s is in phase %d and %s, with an agent: %v", seed, r.phone, c.phase, r.status, r.withAgent)
			}
		}
		if counted != g.phases {
			t.Errorf("seed %d: %s has %v calls and counts %v", seed, g.id, counted, g.phases)
		}
		if !g.next.IsZero() && !g.next.After(now) {
			t.Errorf("seed %d: %s (%s) has something due at %s, and it is %s", seed, g.id, g.status, g.next, now)
		}
		if g.status == commdn.StatusNotLoaded && len(g.calls) > 0 || g.status == commdn.StatusWaitingUnload && len(g.calls) == 0 {
			t.Errorf("seed %d: %s is %s with %d calls", seed, g.id, g.status, len(g.calls))
		}
		if g.status == commdn.StatusRunning && g.held == nil && g.auto == commdn.AutoCompletionOn && g.depleted() {
			t.Errorf("seed %d: %s is running with nothing left to dial", seed, g.id)
		}
		known := g.next
		if g.settle(); !g.next.Equal(known) {
			t.Errorf("seed %d: %s (%s) thinks that something is due at %s, and it is at %s", seed, g.id, g.status, known, g.next)
		}
		if q := e.sequences[g.id.Group]; q != nil && q.status == commdn.StatusRunning && q.startAt.IsZero() && q.items[q.at] == g && g.status != commdn.StatusRunning {
			t.Errorf("seed %d: %s is %s, and the sequence dials it", seed, g.id, g.status)
		}
		if g.held != nil && e.sequences[g.held.group] != g.held {
			t.Errorf("seed %d: %s is held by a sequence that is gone", seed, g.id)
		}
		for _, l := range g.lists {
			if g.loaded() {
				users[l]++
			}
		}
	}
	for _, l := range e.lists {
		if l.users != users[l] {
			t.Errorf("seed %d: list %d has %d users and counts %d", seed, l.dbid, users[l], l.users)
		}
		var counts [RecordStatuses]int
		for i := range l.records {
			r := &l.records[i]
			counts[r.status]++
			if r.status == RecordRetrieved != onCall[r] && r.status != RecordCanceled && r.status != RecordChainUpdated || r.withAgent && !onCall[r] {
				t.Errorf("seed %d: %s is %s, on a call: %v, with an agent: %v", seed, r.phone, r.status, onCall[r], r.withAgent)
			}
			if int(r.attempts) > e.behaviour.Treatment.Attempts && !e.behaviour.UsedUp {
				t.Errorf("seed %d: %s was dialed %d times", seed, r.phone, r.attempts)
			}
		}
		if counts != l.counts {
			t.Errorf("seed %d: list %d has %v records of each status and counts %v", seed, l.dbid, counts, l.counts)
		}
	}
}
