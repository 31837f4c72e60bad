package sim_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/internal/raced"
	"commdn/relay/sim"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/ocs"
	"commdn/relay/sim/scenario"
)

// part is by how much the lists are shorter under the race detector.
var part = map[bool]int{false: 1, true: 10}[raced.On]

// fast makes an OCS of which each campaign group dials 5,000 records a second, and calls
// that are over soon.
func fast(sc *scenario.Scenario) *scenario.Scenario {
	still := 0.0
	sc.Clock.Speed = &still
	for i := range sc.CallingLists {
		sc.CallingLists[i].Generate.Customers /= part
	}
	o := &sc.Applications[slices.IndexFunc(sc.Applications, func(a scenario.Application) bool {
		return a.Type == scenario.OutboundContactServer
	})].OCS
	o.DialRate, o.Ring, o.Talk = 5000/float64(part), time.Millisecond, time.Millisecond
	o.Treatment = scenario.Treatment{Attempts: 2, After: 10 * time.Second}
	return sc
}

// After a do-not-call request was answered, its phone or customer is never
// dialed again: over the million records of the scenario "large", 5,000 requests
// while all 200 campaigns are dialed and busy lines are tried again. And every other
// record is dialed.
func TestNeverDialedAgain(t *testing.T) {
	const asked = 5000
	phones, customers := make(map[string]bool), make(map[string]bool)
	dialed := make(map[string]int)
	wrong := 0
	var mu sync.Mutex // of all three
	s := simtest.InProcess(t, sim.Options{Scenario: fast(scenario.Shipped("large")), OnDial: func(d ocs.Dial) {
		mu.Lock()
		defer mu.Unlock()
		if phones[d.Phone] || customers[d.CustomerID] {
			wrong++
		}
		dialed[d.Phone]++
	}})
	one := s.OCS()[0]
	var records []ocs.Record
	groups := one.CampaignGroups()
	for _, list := range one.CallingLists() {
		page, _ := one.Records(ocs.Query{List: list.DBID, AnyStatus: true})
		records = append(records, page...)
	}
	if len(records) != 1_000_000/part || len(groups) != 200 {
		t.Fatalf("%d records, %d campaign groups", len(records), len(groups))
	}
	a := simtest.Connect(t, s.CommDN(), s.Addr())
	for _, g := range groups {
		load := &commdn.LoadCampaign{Address: simtest.To, CampaignGroup: g.CampaignGroup, Dialing: g.Dialing}
		start := &commdn.StartDialing{Address: simtest.To, CampaignGroup: g.CampaignGroup, Dialing: g.Dialing, AutoCompletion: commdn.AutoCompletionOn}
		for _, request := range []commdn.Message{load, start} {
			a.Send(request.UserData())
			if event, ok := a.Answer().(*commdn.CampaignEvent); !ok {
				t.Fatalf("%s: %v", g.CampaignGroup, event)
			}
		}
	}
	note := func(set map[string]bool, id string) {
		mu.Lock()
		defer mu.Unlock()
		set[id] = true
	}
	random := rand.New(rand.NewPCG(1, 1))
	step := asked / 50
	for range 50 {
		s.Clock().Advance(10 * time.Millisecond)
		for n := range step {
			r := records[random.IntN(len(records))]
			if n%2 == 0 {
				a.Send(simtest.DoNotCall(r.Phone, "").UserData())
				a.Answer()
				note(phones, r.Phone)
			} else {
				a.Send(simtest.DoNotCall("", r.CustomerID).UserData())
				a.Answer()
				note(customers, r.CustomerID)
			}
		}
	}
	before := len(dialed)
	s.Clock().Advance(time.Hour)
	if wrong > 0 {
		t.Errorf("%d dials of what was on the list", wrong)
	}
	if before == 0 || before > len(records)*3/4 {
		t.Errorf("%d of %d were dialed while the requests came", before, len(records))
	}
	page, _ := one.Records(ocs.Query{AnyStatus: true})
	forbidden, missed, again := 0, 0, 0
	for _, r := range page {
		switch listed := phones[r.Phone] || customers[r.CustomerID]; {
		case r.Status != ocs.RecordUpdated:
			missed++
		case r.Result == ocs.ResultDoNotCall:
			forbidden++
			if !listed {
				t.Errorf("%+v is not on the list", r)
			}
		case !listed && dialed[r.Phone] == 0:
			missed++
		}
		if r.Attempts > 1 {
			again++
		}
	}
	if missed > 0 || forbidden < asked/4 || again == 0 {
		t.Errorf("%d records missed, %d not dialed for the list, %d dialed twice", missed, forbidden, again)
	}
	t.Logf("%d dials of %d records; %d requests, %d records not dialed for them; %d dialed before the last request",
		sum(dialed), len(dialed), asked, forbidden, before)
}

func sum(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}
