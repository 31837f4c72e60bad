package ocs_test

import (
	"math"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/control"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/scenario"
)

// How the agents of an office work: half of the calls are answered.
const (
	agents  = 100
	preview = 30
	ring    = 10
	talk    = 60 // seconds, as the ones before
)

// office is a Rig whose pace follows mode and goal.
func office(t *testing.T, d commdn.Dialing) *simtest.Rig {
	t.Helper()
	r := simtest.NewRig(t, func(s *scenario.Scenario, o *scenario.OCS) {
		s.Groups[0].Agents = agents
		s.CallingLists[0].Generate.Customers = 30_000
		o.DialRate, o.Results = 0, scenario.Results{Answer: 1, NoAnswer: 1}
		o.Preview, o.Ring, o.Talk = preview*time.Second, ring*time.Second, talk*time.Second
	})
	start := simtest.Dial(simtest.A7)
	start.Dialing = d
	r.Do(simtest.Load(simtest.A7), start)
	return r
}

// span is for how long an office is measured.
const span = 15 * time.Minute

// measured is what an office does in a span.
type measured struct {
	rate             float64 // dials a second
	busy             float64 // share of agents who talk, on the average
	most             int     // calls at a time
	abandoned, dials int
}

// measure lets five minutes pass, until there are as many calls as ever, and then a
// span.
func measure(r *simtest.Rig) (m measured) {
	r.Advance(5 * time.Minute)
	before := r.State(simtest.A7)
	const samples = 40
	var after control.CampaignGroup
	for range samples {
		r.Advance(span / samples)
		after = r.State(simtest.A7)
		m.busy += float64(after.Talking) / agents / samples
		m.most = max(m.most, after.Ringing+after.Talking)
	}
	m.dials, m.abandoned = after.Dials-before.Dials, after.Abandoned-before.Abandoned
	m.rate = float64(m.dials) / span.Seconds()
	return m
}

func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance*want }

// What is dialed follows mode and goal. busy is for calls that go to whoever is
// free: as much as the goal wants, less what is abandoned because calls come by
// chance.
func TestPace(t *testing.T) {
	const answered = 0.5
	progressive := agents / (ring + answered*talk)
	previewed := agents / (preview + ring + answered*talk)
	predictive := func(busy float64) float64 { return agents / (answered * talk) * busy }
	all := []commdn.OptimizeBy{commdn.OptimizeBusyFactor, commdn.OptimizeOverdialRate, commdn.OptimizeWaitTime}
	type test struct {
		dialing commdn.Dialing
		rate    float64
		busy    float64 // 0 is not looked at
	}
	var tests []test
	for _, by := range all {
		for _, mode := range []commdn.DialMode{commdn.DialProgress, commdn.DialProgressAndSeize, commdn.DialProgressGVP} {
			tests = append(tests, test{commdn.Dialing{Mode: mode, OptimizeBy: by, Goal: 10}, progressive, 0})
		}
		for _, mode := range []commdn.DialMode{commdn.DialPreview, commdn.DialPushPreview} {
			tests = append(tests, test{commdn.Dialing{Mode: mode, OptimizeBy: by, Goal: 10}, previewed, 0})
		}
	}
	for _, mode := range []commdn.DialMode{commdn.DialPredict, commdn.DialPredictAndSeize, commdn.DialPowerGVP} {
		tests = append(tests,
			test{commdn.Dialing{Mode: mode, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 40}, predictive(0.4), 0.4},
			test{commdn.Dialing{Mode: mode, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}, predictive(0.8), 0.8},
			test{commdn.Dialing{Mode: mode, OptimizeBy: commdn.OptimizeOverdialRate, Goal: 0}, predictive(1), 0},
			test{commdn.Dialing{Mode: mode, OptimizeBy: commdn.OptimizeOverdialRate, Goal: 20}, predictive(1.2), 0},
			test{commdn.Dialing{Mode: mode, OptimizeBy: commdn.OptimizeWaitTime, Goal: 30}, predictive(talk / (talk + 30.0)), talk / (talk + 30.0)},
		)
	}
	for _, test := range tests {
		d := test.dialing
		t.Run(d.Mode.String()+" "+d.OptimizeBy.String(), func(t *testing.T) {
			r := office(t, d)
			if got := r.State(simtest.A7).Rate; !near(got, test.rate, 0.001) {
				t.Errorf("shows %.3f dials a second, want %.3f", got, test.rate)
			}
			m := measure(r)
			if !near(m.rate, test.rate, 0.04) {
				t.Errorf("%.3f dials a second, want %.3f", m.rate, test.rate)
			}
			if test.busy != 0 && !near(m.busy, test.busy, 0.05) {
				t.Errorf("agents are busy %.3f of the time, want %.3f", m.busy, test.busy)
			}
			t.Logf("goal %d: %+v", d.Goal, m)
		})
	}
}

// A mode that needs an agent for each call has never more of them than agents,
// and as many at once; a predictive one has.
func TestCallsNeedAgents(t *testing.T) {
	progressive := commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}
	overdialing := commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeOverdialRate, Goal: 50}
	r := office(t, progressive)
	if got := r.State(simtest.A7); got.Ringing != agents || got.Dials != agents {
		t.Errorf("at the start %d calls, %d dials", got.Ringing, got.Dials)
	}
	if m := measure(r); m.most > agents || m.abandoned > 0 {
		t.Errorf("progressive: %+v", m)
	}
	r.Do(simtest.Set(simtest.A7, overdialing))
	if m := measure(r); m.most <= agents || m.abandoned == 0 {
		t.Errorf("predictive: %+v", m)
	}
	r.Do(simtest.Set(simtest.A7, progressive))
	if m := measure(r); m.most > agents || m.abandoned > 0 || m.dials == 0 {
		t.Errorf("progressive again: %+v", m)
	}
}

// A call that is answered while every agent talks is abandoned, and done.
func TestAbandoned(t *testing.T) {
	r := office(t, commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeOverdialRate, Goal: 100})
	r.Advance(30 * time.Minute)
	state, counts := r.State(simtest.A7), make(map[string]int)
	for _, record := range r.Records(simtest.ListA) {
		counts[record.Status+" "+record.Result]++
	}
	if n := counts["updated abandoned"]; n != state.Abandoned || n < 1000 {
		t.Errorf("%d records, %d calls are abandoned", n, state.Abandoned)
	}
	if n := counts["updated answer"]; n+state.Talking != state.Contacts {
		t.Errorf("%d answered and %d on the line are not %d contacts", n, state.Talking, state.Contacts)
	}
}

// Every agent talks before a call is abandoned, and none talks to two.
func TestAbandonedWhenEveryAgentTalks(t *testing.T) {
	r := office(t, commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeOverdialRate, Goal: 100})
	most, before := 0, 0
	for range 6 * 60 {
		r.Advance(time.Second)
		now := r.State(simtest.A7)
		if most = max(most, now.Talking); now.Abandoned > before && most < agents {
			t.Fatalf("a call is abandoned while %d of %d agents have talked", most, agents)
		}
		before = now.Abandoned
	}
	if most != agents || before == 0 {
		t.Errorf("%d agents talk at once, and there are %d; %d calls are abandoned", most, agents, before)
	}
}

// In the preview modes an agent looks at each record before it is dialed, and at
// one at a time.
func TestPreviewsWaitForAgents(t *testing.T) {
	r := office(t, simtest.Preview)
	if got := r.State(simtest.A7); got.Previewing != agents || got.Dials != 0 {
		t.Errorf("at the start %d previews, %d dials", got.Previewing, got.Dials)
	}
	page, err := r.Control.Records(simtest.Context(t), control.Query{List: simtest.ListA, Limit: agents + 1})
	if err != nil || len(page.Records) != agents+1 {
		t.Fatalf("%d records, %v", len(page.Records), err)
	}
	for i, record := range page.Records {
		if want := i < agents; record.OnDesktop != want || record.Status == "retrieved" != want {
			t.Errorf("record %d: %+v", i+1, record)
		}
	}
	r.Advance(preview*time.Second/2 - time.Millisecond)
	if got := r.State(simtest.A7); got.Dials != 0 {
		t.Errorf("%d dials before a preview may be over", got.Dials)
	}
	for range 60 {
		r.Advance(time.Minute)
		if got := r.State(simtest.A7); got.Previewing+got.Ringing+got.Talking != agents {
			t.Fatalf("agents have %d previews and %d calls", got.Previewing, got.Ringing+got.Talking)
		}
	}
}

// The goal can be changed while the campaign is running, and the pace with it;
// nothing is made up for.
func TestGoalChangesThePace(t *testing.T) {
	factor := func(goal int32) commdn.Dialing {
		return commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: goal}
	}
	r := office(t, factor(0))
	for _, test := range []struct {
		goal int32
		want int // dials in an hour
	}{{0, 0}, {40, 4800}, {90, 10_800}, {0, 0}, {10, 1200}} {
		r.Do(simtest.Set(simtest.A7, factor(test.goal)))
		before := r.State(simtest.A7)
		r.Advance(time.Hour)
		after := r.State(simtest.A7)
		if got := after.Dials - before.Dials; got < test.want-1 || got > test.want {
			t.Errorf("goal %d: %d dials in an hour, want %d", test.goal, got, test.want)
		}
	}
	began := simtest.Midnight.Add(4 * time.Hour)
	late := 0
	for _, record := range r.Records(simtest.ListA) {
		if record.Dialed.After(began) {
			late++
		}
		if hour := record.Dialed.Sub(simtest.Midnight); record.Attempts > 0 && (hour < time.Hour || hour > 3*time.Hour && hour < 4*time.Hour) {
			t.Fatalf("record %d was dialed at %s, with the goal 0", record.ID, record.Dialed)
		}
	}
	if late < 1199 {
		t.Errorf("%d dialed in the last hour", late)
	}
}
