package ocs_test

import (
	"math"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/ocs"
	"commdn/relay/sim/scenario"
)

// longTalks has calls that last from 5 to 15 minutes.
func longTalks(_ *scenario.Scenario, o *scenario.OCS) { o.Talk = 10 * time.Minute }

// talkingRig has ten customers on the line, of campaign A.
func talkingRig(t *testing.T, change func(*scenario.Scenario, *scenario.OCS)) *simtest.Rig {
	t.Helper()
	r := simtest.NewRig(t, change)
	r.Do(running...)
	r.Advance(1050 * time.Millisecond)
	if got := r.State(simtest.A7); got.Talking != 10 || got.Ringing != 0 {
		t.Fatalf("%d talk, %d ring", got.Talking, got.Ringing)
	}
	return r
}

// CM_GCS_WaitingUnload lasts until the last call is over, whether dialing was
// stopped before or not; no call begins, and nobody is told anything meanwhile.
func TestWaitingUnload(t *testing.T) {
	for name, before := range map[string][]commdn.Message{"running": nil, "stopped": {simtest.Stop(simtest.A7)}} {
		t.Run(name, func(t *testing.T) {
			r := talkingRig(t, longTalks)
			r.Do(before...)
			r.Want(lines{"CampaignUnloaded 11/7 WaitingUnload", "CampaignStatus 11/7 WaitingUnload"}, simtest.Unload(simtest.A7))
			for request, code := range map[commdn.Message]string{
				simtest.Load(simtest.A7): "Error 5", simtest.Unload(simtest.A7): "Error 4", simtest.Dial(simtest.A7): "Error 4",
				simtest.Stop(simtest.A7): "Error 4", simtest.Set(simtest.A7, simtest.Preview): "Error 4",
				simtest.Status(simtest.A7): "CampaignStatus 11/7 WaitingUnload",
			} {
				r.Want(lines{code}, request)
			}
			const step = 5
			waited := 0
			for {
				r.Advance(step * time.Second)
				state := r.State(simtest.A7)
				if state.Dials != 10 {
					t.Fatalf("%d dials", state.Dials)
				}
				if state.Talking == 0 {
					break
				}
				waited += step
				if state.Status != commdn.StatusWaitingUnload.String() {
					t.Fatalf("%s with %d calls", state.Status, state.Talking)
				}
			}
			if waited < 10*60 || waited > 15*60 {
				t.Errorf("it waited %d seconds", waited)
			}
			r.Run(time.Second, "CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 11/7 NotLoaded")
			for i, record := range r.Records(simtest.ListA)[:10] {
				if record.Result != "answer" || record.Status != "updated" {
					t.Errorf("record %d: %+v", i+1, record)
				}
			}
		})
	}
}

// With UnloadedAtEnd the asker waits for the last call, too.
func TestUnloadedAtEndOfTheCalls(t *testing.T) {
	r := talkingRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { o.Talk, o.UnloadedAtEnd = 10*time.Minute, true })
	r.Want(lines{"CampaignStatus 11/7 WaitingUnload"}, simtest.Unload(simtest.A7))
	r.Run(5*time.Minute - 2*time.Second)
	r.Run(11*time.Minute, "CampaignStatus 11/7 UnloadInProgress", "CampaignUnloaded 11/7 NotLoaded", "CampaignStatus 11/7 NotLoaded")
}

// Forcing to unload drops the calls that are under way, from any state; a record
// that an agent only looked at is as before.
func TestForceUnloadDropsCalls(t *testing.T) {
	for name, test := range map[string]struct {
		before []commdn.Message
		change func(*scenario.OCS)
		start  commdn.Dialing
		status string // of the records
		result string
	}{
		"while they talk":              {nil, func(o *scenario.OCS) { o.Talk = time.Hour }, simtest.Predictive, "updated", "dropped"},
		"while they ring":              {nil, func(o *scenario.OCS) { o.Ring = time.Hour }, simtest.Predictive, "updated", "dropped"},
		"stopped":                      {[]commdn.Message{simtest.Stop(simtest.A7)}, func(o *scenario.OCS) { o.Talk = time.Hour }, simtest.Predictive, "updated", "dropped"},
		"while it waits":               {[]commdn.Message{simtest.Unload(simtest.A7)}, func(o *scenario.OCS) { o.Talk = time.Hour }, simtest.Predictive, "updated", "dropped"},
		"while agents look at records": {nil, func(o *scenario.OCS) { o.Preview = time.Hour }, simtest.Preview, "ready", "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { test.change(o) })
			start := simtest.Dial(simtest.A7)
			start.Dialing = test.start
			r.Do(simtest.Load(simtest.A7), start)
			r.Advance(1050 * time.Millisecond)
			r.Do(test.before...)
			for i, record := range r.Records(simtest.ListA)[:11] {
				if record.Status == "retrieved" != (i < 10) {
					t.Errorf("before: record %d: %+v", i+1, record)
				}
			}
			r.Want(lines{"CampaignUnloaded 11/7 NotLoaded", "CampaignStatus 11/7 NotLoaded"}, simtest.ForceUnload(simtest.A7))
			for i, record := range r.Records(simtest.ListA)[:10] {
				if record.Status != test.status || record.Result != test.result || record.OnDesktop {
					t.Errorf("record %d: %+v", i+1, record)
				}
			}
			if got := r.State(simtest.A7); got.Previewing+got.Ringing+got.Talking != 0 {
				t.Errorf("calls are left: %+v", got)
			}
			r.Run(2 * time.Hour) // nothing comes of them later
		})
	}
}

// resultsOf gives the results of a list of n records that were dialed once.
func resultsOf(t *testing.T, n int, seed uint64, results scenario.Results) (r *simtest.Rig, all []string) {
	t.Helper()
	r = simtest.NewRig(t, func(s *scenario.Scenario, o *scenario.OCS) {
		s.Seed = seed
		s.CallingLists[0].Generate.Customers = n
		o.DialRate, o.Results = 1000, results
	})
	return r, dialAll(r)
}

func dialAll(r *simtest.Rig) (results []string) {
	r.Do(running...)
	r.Advance(time.Minute)
	for _, record := range r.Records(simtest.ListA) {
		results = append(results, record.Result)
	}
	return results
}

// The results of many calls have the shares of the scenario.
func TestResults(t *testing.T) {
	for name, shares := range map[string]scenario.Results{
		"default":    {},
		"one of two": {Busy: 2, Fax: 2},
		"one only":   {InvalidNumber: 7},
	} {
		t.Run(name, func(t *testing.T) {
			r, results := resultsOf(t, 10_000, 1, shares)
			if shares == (scenario.Results{}) {
				shares = scenario.DefaultResults
			}
			counts := make(map[string]int)
			for _, result := range results {
				counts[result]++
			}
			sum := shares.Answer + shares.NoAnswer + shares.Busy + shares.AnsweringMachine + shares.Fax + shares.InvalidNumber
			for result, share := range map[ocs.CallResult]int{
				ocs.ResultAnswer: shares.Answer, ocs.ResultNoAnswer: shares.NoAnswer, ocs.ResultBusy: shares.Busy,
				ocs.ResultAnsweringMachine: shares.AnsweringMachine, ocs.ResultFax: shares.Fax, ocs.ResultInvalidNumber: shares.InvalidNumber,
			} {
				got, want := counts[result.String()], 10_000*share/sum
				if math.Abs(float64(got-want)) > 5*math.Sqrt(float64(want)) {
					t.Errorf("%s: %d of 10000, want about %d", result, got, want)
				}
				delete(counts, result.String())
			}
			if len(counts) > 0 {
				t.Errorf("there is also %v", counts)
			}
			if got := r.State(simtest.A7); got.Dials != 10_000 || got.Contacts < 10_000*shares.Answer/sum-300 || got.Contacts > 10_000*shares.Answer/sum+300 {
				t.Errorf("%d dials, %d contacts", got.Dials, got.Contacts)
			}
		})
	}
}

// The same seed has the same calls, after a reset as well, and another one has
// others.
func TestSeed(t *testing.T) {
	const calls = 2000
	r, first := resultsOf(t, calls, 7, scenario.Results{})
	if _, err := r.Control.Reset(simtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	again := dialAll(r)
	_, same := resultsOf(t, calls, 7, scenario.Results{})
	_, other := resultsOf(t, calls, 8, scenario.Results{})
	var reset, started, differ int
	for i := range first {
		if again[i] != first[i] {
			reset++
		}
		if same[i] != first[i] {
			started++
		}
		if other[i] != first[i] {
			differ++
		}
	}
	if reset+started > 0 || differ < calls/10 {
		t.Errorf("of %d calls %d differ after a reset, %d with the same seed, %d with another", calls, reset, started, differ)
	}
}
