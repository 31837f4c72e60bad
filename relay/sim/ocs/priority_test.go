package ocs_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim"
	"commdn/relay/sim/control"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/ocs"
	"commdn/relay/sim/scenario"
)

// mixed is a list whose phones tell the types of its records.
var mixed = []scenario.Record{
	{Phone: "g1"}, {Phone: "c1", Type: scenario.CampaignCallBack}, {Phone: "g2", Type: scenario.General}, {Phone: "r1", Type: scenario.CampaignRescheduled},
	{Phone: "g3"}, {Phone: "c2", Type: scenario.CampaignCallBack}, {Phone: "g4"}, {Phone: "c3", Type: scenario.CampaignCallBack},
}

// mixedRig dials the mixed list, ten records a second.
func mixedRig(t *testing.T) *simtest.Rig {
	return simtest.NewRig(t, func(s *scenario.Scenario, _ *scenario.OCS) {
		s.CallingLists[0].Records, s.CallingLists[0].Generate = mixed, scenario.Generate{}
	})
}

// dialed gives the phones of list A in the order in which they were dialed last.
func dialed(r *simtest.Rig) string {
	records := r.Records(simtest.ListA)
	slices.SortStableFunc(records, func(a, b control.Record) int { return a.Dialed.Compare(b.Dialed) })
	var phones []string
	for _, record := range records {
		if record.Attempts > 0 {
			phones = append(phones, record.Phone)
		}
	}
	return strings.Join(phones, " ")
}

// dialing_priority says which types of records come first, and how many of one
// before the next.
func TestPriority(t *testing.T) {
	one := func(priority, records int32) *commdn.Priority {
		return &commdn.Priority{Priority: priority, Records: records}
	}
	for _, test := range []struct {
		name     string
		priority *commdn.DialingPriority
		want     string
	}{
		{"none", nil, "g1 c1 g2 r1 g3 c2 g4 c3"},
		{"call backs first", &commdn.DialingPriority{General: one(1, 0), CampaignRescheduled: one(2, 0), CampaignCallBack: one(3, 0)}, "c1 c2 c3 r1 g1 g2 g3 g4"},
		{"two call backs to one other", &commdn.DialingPriority{General: one(1, 1), CampaignCallBack: one(5, 2)}, "c1 c2 g1 r1 c3 g2 g3 g4"},
		{"three general ones in turn", &commdn.DialingPriority{General: one(9, 3), CampaignRescheduled: one(1, 1), CampaignCallBack: one(1, 1)}, "g1 g2 g3 r1 c1 g4 c2 c3"},
		{"only one named", &commdn.DialingPriority{CampaignRescheduled: one(1, 5)}, "r1 g1 c1 g2 c2 g3 c3 g4"},
		{"the last is without a bound", &commdn.DialingPriority{General: one(2, 1), CampaignRescheduled: one(0, 1), CampaignCallBack: one(1, 0)}, "g1 c1 g2 c2 g3 c3 g4 r1"},
	} {
		for _, by := range []string{"load", "start", "set"} {
			t.Run(test.name+"/"+by, func(t *testing.T) {
				r := mixedRig(t)
				load, start, set := simtest.Load(simtest.A7), simtest.Dial(simtest.A7), simtest.Set(simtest.A7, simtest.Predictive)
				switch by {
				case "load":
					load.Priority = test.priority
				case "start":
					start.Priority = test.priority
				case "set":
					set.Priority = test.priority
				}
				r.Do(load, start, set)
				if got := r.State(simtest.A7).Priority; (got == nil) != (test.priority == nil) || got != nil && !samePriority(got.General, test.priority.General) {
					t.Errorf("shows the priority %+v", got)
				}
				r.Advance(time.Minute)
				if got := dialed(r); got != test.want {
					t.Errorf("dialed %s, want %s", got, test.want)
				}
				// It is forgotten with the campaign.
				r.Do(simtest.ForceUnload(simtest.A7), simtest.Load(simtest.A7), simtest.Dial(simtest.A7))
				r.Advance(time.Minute)
				if got, want := dialed(r), "g1 c1 g2 r1 g3 c2 g4 c3"; got != want {
					t.Errorf("loaded again: dialed %s, want %s", got, want)
				}
			})
		}
	}
}

func samePriority(got *control.Priority, want *commdn.Priority) bool {
	if got == nil || want == nil {
		return got == nil && want == nil
	}
	return commdn.Priority(*got) == *want
}

// A record that was not answered is one of CampaignRescheduled when it is due.
func TestPriorityOfRescheduled(t *testing.T) {
	for _, test := range []struct {
		name     string
		priority *commdn.DialingPriority
		first    bool // of the records that are dialed again
	}{
		{"without any", nil, true},
		{"before others", &commdn.DialingPriority{General: &commdn.Priority{Priority: 1}, CampaignRescheduled: &commdn.Priority{Priority: 2}}, true},
		{"after others", &commdn.DialingPriority{General: &commdn.Priority{Priority: 2}, CampaignRescheduled: &commdn.Priority{Priority: 1}}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := simtest.NewRig(t, func(s *scenario.Scenario, o *scenario.OCS) {
				o.Results, o.Treatment = scenario.Results{NoAnswer: 1}, scenario.Treatment{Attempts: 2, After: time.Second}
			})
			load := simtest.Load(simtest.A7)
			load.Priority = test.priority
			r.Do(load, simtest.Dial(simtest.A7))
			r.Advance(5 * time.Second) // half of the list
			if again := slices.ContainsFunc(r.Records(simtest.ListA), func(r control.Record) bool { return r.Attempts == 2 }); again != test.first {
				t.Errorf("dialed again while there are general ones: %v", again)
			}
			r.Advance(time.Minute)
			for _, record := range r.Records(simtest.ListA) {
				if record.Attempts != 2 {
					t.Fatalf("%s: %d attempts", record.Phone, record.Attempts)
				}
			}
		})
	}
}

// What was rescheduled is a general record again when its list begins anew.
func TestPriorityWhenLoadedAgain(t *testing.T) {
	sc := simtest.Scenario()
	sc.CallingLists[0].Generate = scenario.Generate{Customers: 5, Phones: 2}
	sc.Applications[0].OCS.Results = scenario.Results{NoAnswer: 1}
	sc.Applications[0].OCS.Treatment = scenario.Treatment{Attempts: 2, After: time.Second}
	var phones []string // appended to within Advance
	s := simtest.InProcess(t, sim.Options{Scenario: sc, OnDial: func(d ocs.Dial) { phones = append(phones, d.Phone) }})
	load := simtest.Load(simtest.A7)
	load.Priority = &commdn.DialingPriority{General: &commdn.Priority{Priority: 2, Records: 2}, CampaignRescheduled: &commdn.Priority{Priority: 1, Records: 1}}
	var runs [2][]string
	for i := range runs {
		phones = nil
		for _, request := range []commdn.Request{load, simtest.Dial(simtest.A7)} {
			if err := s.OCS()[0].Control(request); err != nil {
				t.Fatal(err)
			}
		}
		s.Clock().Advance(time.Minute)
		if err := s.OCS()[0].Control(simtest.ForceUnload(simtest.A7)); err != nil {
			t.Fatal(err)
		}
		runs[i] = phones
	}
	if len(runs[0]) != 20 || !slices.Equal(runs[0], runs[1]) {
		t.Errorf("dialed\n%q, then\n%q", runs[0], runs[1])
	}
}

// The priority of a sequence is that of each of its campaigns.
func TestPriorityOfASequence(t *testing.T) {
	first := &commdn.DialingPriority{CampaignCallBack: &commdn.Priority{Priority: 1}}
	for _, by := range []string{"load", "start", "set"} {
		r := mixedRig(t)
		plan := &commdn.Sequence{Items: items(nil)}
		load, start, set := loadSequence(plan), startSequence(plan), setSequence(plan)
		switch by {
		case "load":
			load.Priority = first
		case "start":
			start.Priority = first
		case "set":
			set.Priority = first
		}
		r.Do(load, start, set)
		r.Advance(time.Minute)
		if got, want := dialed(r), "c1 c2 c3 g1 r1 g2 g3 g4"; got != want {
			t.Errorf("%s: dialed %s, want %s", by, got, want)
		}
	}
}

// A record that an agent gives back has its turn among those of its type.
func TestPriorityAndCheckOut(t *testing.T) {
	r := mixedRig(t)
	for _, onDesktop := range []bool{true, false} {
		if _, err := r.Control.CheckOut(simtest.Context(t), simtest.ListA, 2, onDesktop); err != nil {
			t.Fatal(err)
		}
		if onDesktop {
			load := simtest.Load(simtest.A7)
			load.Priority = &commdn.DialingPriority{CampaignCallBack: &commdn.Priority{Priority: 1}}
			r.Do(load, simtest.Dial(simtest.A7))
			r.Advance(300 * time.Millisecond)
		}
	}
	r.Advance(time.Minute)
	if got, want := dialed(r), "c2 c3 g1 c1 g2 r1 g3 g4"; got != want {
		t.Errorf("dialed %s, want %s", got, want)
	}
}
