package ocs_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/control"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/scenario"
)

// faulty is a Rig with faults from the start.
func faulty(t *testing.T, faults ...scenario.Fault) *simtest.Rig {
	t.Helper()
	return simtest.NewRig(t, func(s *scenario.Scenario, _ *scenario.OCS) { s.Faults = faults })
}

// ask sends do-not-call requests for phones and gives the phones of the next n
// answers, an error as its code.
func ask(r *simtest.Rig, n int, phones ...string) (answers []string) {
	for _, phone := range phones {
		r.Send(simtest.DoNotCall(phone, "").UserData())
	}
	for range n {
		switch m := r.Answer().(type) {
		case *commdn.DoNotCallProcessed:
			answers = append(answers, m.Phone)
		case *commdn.Fault:
			answers = append(answers, strconv.Itoa(int(m.Code)))
		}
	}
	return answers
}

func wantAnswers(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("answers %q, want %q", got, want)
	}
}

// phonesOn gives the phones on the Do Not Call list.
func phonesOn(r *simtest.Rig) (phones []string) {
	for _, entry := range r.List() {
		phones = append(phones, entry.Phone)
	}
	return phones
}

// A delayed request is served later, by the machine's time, and no later request
// overtakes it.
func TestFaultDelay(t *testing.T) {
	const latency = 150 * time.Millisecond
	r := faulty(t, scenario.Fault{Do: scenario.Delay, Latency: latency, Jitter: 10 * time.Millisecond, Phone: "1"})
	sent := time.Now()
	got := ask(r, 3, "1", "2", "3")
	if took := time.Since(sent); took < latency {
		t.Errorf("answered after %s", took)
	}
	wantAnswers(t, got, "1", "2", "3")
}

// OCS tells at once what happens while a request is delayed.
func TestToldDuringADelay(t *testing.T) {
	r := faulty(t, scenario.Fault{Do: scenario.Delay, Latency: time.Second, Phone: "1"})
	r.Do(unloading...)
	r.Send(simtest.DoNotCall("1", "").UserData())
	r.Event() // its own: OCS has it, too
	r.Advance(time.Minute)
	for _, want := range []string{"CampaignStatus 11/7 NotLoaded", "CM_EvDoNotCallProcessed"} {
		if got := simtest.Line(r.HeardRaw()); !strings.HasPrefix(got, want) {
			t.Errorf("heard %s, want %s", got, want)
		}
	}
}

// A dropped answer is lost, and OCS still does what was asked.
func TestFaultDrop(t *testing.T) {
	r := faulty(t, scenario.Fault{Do: scenario.Drop, Phone: "1"}, scenario.Fault{Do: scenario.Drop, Request: commdn.ReqLoadCampaign})
	wantAnswers(t, ask(r, 1, "1", "2"), "2")
	if got := phonesOn(r); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("list %q", got)
	}
	r.Want(lines{"CampaignStatus 11/7 Active"}, simtest.Load(simtest.A7)) // notifications are no answers
}

func TestFaultDuplicate(t *testing.T) {
	r := faulty(t, scenario.Fault{Do: scenario.Duplicate, Phone: "1"}, scenario.Fault{Do: scenario.Duplicate, Request: commdn.ReqStartDialing})
	wantAnswers(t, ask(r, 3, "1", "2"), "1", "1", "2")
	r.Do(loaded...)
	r.Want(lines{"DialingStarted 11/7 Running", "DialingStarted 11/7 Running", "CampaignStatus 11/7 Running"}, simtest.Dial(simtest.A7))
}

// A request is served after the next one, or a second later when there is none.
func TestFaultReorder(t *testing.T) {
	r := faulty(t, scenario.Fault{Do: scenario.Reorder, Phone: "1"})
	wantAnswers(t, ask(r, 3, "1", "2", "3"), "2", "1", "3")
	sent := time.Now()
	wantAnswers(t, ask(r, 1, "1"), "1")
	if took := time.Since(sent); took < time.Second {
		t.Errorf("alone it is answered after %s", took)
	}
	// With each request two change places.
	r = faulty(t, scenario.Fault{Do: scenario.Reorder})
	wantAnswers(t, ask(r, 4, "1", "2", "3", "4"), "2", "1", "4", "3")
	if got := phonesOn(r); !slices.Equal(got, []string{"2", "1", "4", "3"}) {
		t.Errorf("list %q", got)
	}
}

// A refusal is any error, of the requests that are meant, and nothing is done.
func TestFaultRefuse(t *testing.T) {
	for _, test := range []struct {
		name    string
		fault   scenario.Fault
		refused []commdn.Message
		served  []commdn.Message
	}{
		{"by phone", scenario.Fault{Phone: "5551"},
			[]commdn.Message{simtest.DoNotCall("5551", "c"), cancel("5551", "", "", "")},
			[]commdn.Message{simtest.DoNotCall("5552", ""), simtest.DoNotCall("", "5551"), cancel("5552", "", "", ""), simtest.Status(simtest.A7)}},
		{"by request", scenario.Fault{Request: commdn.ReqGetCampaignStatus},
			[]commdn.Message{simtest.Status(simtest.A7), simtest.Status(simtest.B7)},
			[]commdn.Message{simtest.DoNotCall("5551", ""), simtest.Load(simtest.A7)}},
		{"by campaign", scenario.Fault{Campaign: 11},
			[]commdn.Message{simtest.Load(simtest.A7), simtest.Status(simtest.A8)},
			[]commdn.Message{simtest.Load(simtest.B7), simtest.DoNotCall("5551", ""), cancel("5551", "", "", "")}},
		{"by campaign and request", scenario.Fault{Campaign: 11, Request: commdn.ReqLoadCampaign},
			[]commdn.Message{simtest.Load(simtest.A7)}, []commdn.Message{simtest.Status(simtest.A7), simtest.Load(simtest.B7)}},
		{"by OCS", scenario.Fault{OCS: 201, Request: commdn.ReqLoadCampaign},
			[]commdn.Message{simtest.Load(simtest.A7)}, []commdn.Message{simtest.Status(simtest.A7)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.fault.Do, test.fault.Error = scenario.Refuse, commdn.ErrorInvalidCampaignMode
			r := faulty(t, test.fault)
			for _, request := range test.refused {
				r.Send(request.UserData())
				want := commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: 11, Message: commdn.ErrorInvalidCampaignMode.Text()}
				if fault, ok := r.Answer().(*commdn.Fault); !ok || *fault != want {
					t.Errorf("%s: %+v", commdn.Trace(request, true), fault)
				}
			}
			if list := r.List(); len(list) != 0 {
				t.Errorf("list %+v", list)
			}
			if got := r.State(simtest.A7).Status; got != commdn.StatusNotLoaded.String() {
				t.Errorf("the campaign is %s", got)
			}
			for _, request := range test.served {
				if got := r.Do(request); len(got) == 0 || got[0] == "Error 11" {
					t.Errorf("%s: OCS says %q", commdn.Trace(request, true), got)
				}
			}
		})
	}
}

// With silence OCS neither answers nor does anything, until the fault is removed.
func TestFaultSilence(t *testing.T) {
	r := faulty(t)
	set, err := r.Control.AddFault(simtest.Context(t), scenario.Fault{Do: scenario.Silence, Request: commdn.ReqLoadCampaign})
	if err != nil {
		t.Fatal(err)
	}
	r.Want(nil, simtest.Load(simtest.A7))
	if got := r.State(simtest.A7).Status; got != commdn.StatusNotLoaded.String() {
		t.Errorf("the campaign is %s", got)
	}
	if err := r.Control.RemoveFault(simtest.Context(t), set.ID); err != nil {
		t.Fatal(err)
	}
	r.Want(lines{"CampaignLoaded 11/7 Active", "CampaignStatus 11/7 Active"}, simtest.Load(simtest.A7))
}

// Two faults may happen to one request: it is late, and its answer lost.
func TestFaultsTogether(t *testing.T) {
	r := faulty(t, scenario.Fault{Do: scenario.Delay, Latency: 50 * time.Millisecond}, scenario.Fault{Do: scenario.Drop, Phone: "1"},
		scenario.Fault{Do: scenario.Refuse, Phone: "2", Error: commdn.ErrorInvalidParameter}, scenario.Fault{Do: scenario.Duplicate, Phone: "2"})
	sent := time.Now()
	wantAnswers(t, ask(r, 3, "1", "2", "3"), "10", "10", "3")
	if took := time.Since(sent); took < 50*time.Millisecond {
		t.Errorf("answered after %s", took)
	}
	if got := phonesOn(r); !slices.Equal(got, []string{"1", "3"}) {
		t.Errorf("list %q", got)
	}
}

// A fault may happen a number of times, and be gone then.
func TestFaultTimes(t *testing.T) {
	r := faulty(t, scenario.Fault{Do: scenario.Refuse, Error: commdn.ErrorInvalidParameter, Times: 2})
	wantAnswers(t, ask(r, 4, "1", "2", "3", "4"), "10", "10", "3", "4")
	if all, err := r.Control.Faults(simtest.Context(t)); err != nil || len(all) != 0 {
		t.Errorf("faults %+v, %v", all, err)
	}
}

// A fault may happen to a share of the requests; which, says the seed.
func TestFaultPercent(t *testing.T) {
	const requests = 400
	phones := make([]string, requests)
	for i := range phones {
		phones[i] = "555" + strconv.Itoa(i)
	}
	run := func(seed uint64) []string {
		r := simtest.NewRig(t, func(s *scenario.Scenario, _ *scenario.OCS) {
			s.Seed = seed
			s.Faults = []scenario.Fault{{Do: scenario.Refuse, Error: commdn.ErrorInvalidParameter, Percent: 25}}
		})
		var answers []string
		for _, phone := range phones {
			answers = append(answers, ask(r, 1, phone)...)
		}
		all, err := r.Control.Faults(simtest.Context(t))
		if err != nil || len(all) != 1 || all[0].Happened < 60 || all[0].Happened > 140 || all[0].Happened != requests-len(r.List()) {
			t.Errorf("of %d requests the fault has happened to %+v; %d are on the list; %v", requests, all, len(r.List()), err)
		}
		return answers
	}
	first := run(3)
	if !slices.Equal(run(3), first) {
		t.Error("the same seed has other faults")
	}
	if slices.Equal(run(4), first) {
		t.Error("another seed has the same faults")
	}
}

// An OCS that is too busy loses what it cannot keep.
func TestTooManyRequests(t *testing.T) {
	const most = 4096
	r := faulty(t, scenario.Fault{Do: scenario.Delay, Latency: time.Hour, Phone: "0"})
	for n := range most + 10 {
		r.Send(simtest.DoNotCall(strconv.Itoa(n), "").UserData())
		r.Event()
	}
	for late := time.Now().Add(simtest.Patience); ; {
		// The first one is being served, most wait.
		if r.Log.Contains("too busy, request lost") {
			break
		}
		if time.Now().After(late) {
			t.Fatalf("no request was lost; the log has\n%s", r.Log)
		}
	}
	if got := phonesOn(r); len(got) != 0 {
		t.Errorf("served: %q", got)
	}
}

// Faults of another OCS are none of this one.
func TestFaultOfAnotherOCS(t *testing.T) {
	r := simtest.NewRig(t, func(s *scenario.Scenario, _ *scenario.OCS) {
		other := scenario.Application{DBID: 202, Name: "OCS_202", Type: scenario.OutboundContactServer, Connections: []commdn.DBID{101}}
		s.Applications = append(s.Applications, other)
		s.Faults = []scenario.Fault{{Do: scenario.Silence, OCS: 202}}
	})
	wantAnswers(t, ask(r, 2, "1", "2"), "1", "2")
	for late := time.Now().Add(simtest.Patience); ; time.Sleep(time.Millisecond) { // the other OCS has read both
		if all, err := r.Control.Faults(simtest.Context(t)); err != nil || len(all) == 1 && all[0].Happened == 2 {
			break
		}
		if time.Now().After(late) {
			t.Fatal("the fault does not happen")
		}
	}
	if _, err := r.Control.AddFault(simtest.Context(t), scenario.Fault{Do: scenario.Silence, OCS: 201}); err != nil {
		t.Fatal(err)
	}
	if err := r.Control.ClearFaults(simtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	if got := ask(r, 2, "3"); !slices.Equal(got, []string{"3", "3"}) {
		t.Errorf("without faults: %q", got)
	}
	var all []control.Fault
	if all, _ = r.Control.Faults(simtest.Context(t)); len(all) != 0 {
		t.Errorf("faults %+v", all)
	}
}
