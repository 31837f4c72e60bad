package ocs_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/sim/control"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/scenario"
)

// lines are what OCS is expected to say, as simtest.Line has it.
type lines = []string

// requests that bring the campaign group A7 into a state.
var (
	loaded    = []commdn.Message{simtest.Load(simtest.A7)}
	running   = []commdn.Message{simtest.Load(simtest.A7), simtest.Dial(simtest.A7)}
	unloading = []commdn.Message{simtest.Load(simtest.A7), simtest.Unload(simtest.A7)}
)

// Every request in every state: what is answered and told, and where it leads.
func TestTransitions(t *testing.T) {
	a := simtest.A7
	for _, test := range []struct {
		name    string
		before  []commdn.Message
		request commdn.Message
		want    lines
		status  commdn.GroupStatus
	}{
		{"load", nil, simtest.Load(a), lines{"CampaignLoaded 11/7 Active", "CampaignStatus 11/7 Active"}, commdn.StatusActive},
		{"start", loaded, simtest.Dial(a), lines{"DialingStarted 11/7 Running", "CampaignStatus 11/7 Running"}, commdn.StatusRunning},
		{"stop", running, simtest.Stop(a), lines{"DialingStopped 11/7 Active", "CampaignStatus 11/7 Active"}, commdn.StatusActive},
		{"set", running, simtest.Set(a, simtest.Preview), lines{"DialingModeChanged 11/7 Running", "CampaignStatus 11/7 Running"}, commdn.StatusRunning},
		{"unload an active one", loaded, simtest.Unload(a), lines{"CampaignUnloaded 11/7 WaitingUnload", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 11/7 UnloadInProgress"}, commdn.StatusUnloadInProgress},
		{"unload a running one", running, simtest.Unload(a), lines{"CampaignUnloaded 11/7 WaitingUnload", "CampaignStatus 11/7 WaitingUnload", "CampaignStatus 11/7 UnloadInProgress"}, commdn.StatusUnloadInProgress},
		{"force an active one", loaded, simtest.ForceUnload(a), lines{"CampaignUnloaded 11/7 NotLoaded", "CampaignStatus 11/7 NotLoaded"}, commdn.StatusNotLoaded},
		{"force a running one", running, simtest.ForceUnload(a), lines{"CampaignUnloaded 11/7 NotLoaded", "CampaignStatus 11/7 NotLoaded"}, commdn.StatusNotLoaded},
		{"force one that is being unloaded", unloading, simtest.ForceUnload(a), lines{"CampaignUnloaded 11/7 NotLoaded", "CampaignStatus 11/7 NotLoaded"}, commdn.StatusNotLoaded},
		{"status of one not loaded", nil, simtest.Status(a), lines{"CampaignStatus 11/7 NotLoaded"}, commdn.StatusNotLoaded},
		{"status of a running one", running, simtest.Status(a), lines{"CampaignStatus 11/7 Running"}, commdn.StatusRunning},

		{"load twice", loaded, simtest.Load(a), lines{"Error 5"}, commdn.StatusActive},
		{"load while running", running, simtest.Load(a), lines{"Error 5"}, commdn.StatusRunning},
		{"load while it is being unloaded", unloading, simtest.Load(a), lines{"Error 5"}, commdn.StatusUnloadInProgress},
		{"unload unloaded", nil, simtest.Unload(a), lines{"Error 4"}, commdn.StatusNotLoaded},
		{"start unloaded", nil, simtest.Dial(a), lines{"Error 4"}, commdn.StatusNotLoaded},
		{"stop unloaded", nil, simtest.Stop(a), lines{"Error 4"}, commdn.StatusNotLoaded},
		{"set unloaded", nil, simtest.Set(a, simtest.Preview), lines{"Error 4"}, commdn.StatusNotLoaded},
		{"force unloaded", nil, simtest.ForceUnload(a), lines{"Error 4"}, commdn.StatusNotLoaded},
		{"unload while it is being unloaded", unloading, simtest.Unload(a), lines{"Error 4"}, commdn.StatusUnloadInProgress},
		{"start while it is being unloaded", unloading, simtest.Dial(a), lines{"Error 4"}, commdn.StatusUnloadInProgress},
		{"stop before the start", loaded, simtest.Stop(a), lines{"Error 6"}, commdn.StatusActive},
		{"set before the start", loaded, simtest.Set(a, simtest.Preview), lines{"Error 6"}, commdn.StatusActive},
		{"start twice", running, simtest.Dial(a), lines{"Error 7"}, commdn.StatusRunning},
		{"from agents to GVP while running", running, simtest.Set(a, simtest.GVP), lines{"Error 11"}, commdn.StatusRunning},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := simtest.NewRig(t, nil)
			r.Do(test.before...)
			r.Want(test.want, test.request)
			if got := r.State(a).Status; got != test.status.String() {
				t.Errorf("then it is %s, want %s", got, test.status)
			}
		})
	}
}

// Without calls CM_GCS_WaitingUnload is over at once, and CM_GCS_UnloadInProgress
// takes its time.
func TestUnloading(t *testing.T) {
	r := simtest.NewRig(t, nil)
	r.Do(unloading...)
	r.Run(999 * time.Millisecond)
	r.Want(lines{"Error 5"}, simtest.Load(simtest.A7))
	r.Run(time.Millisecond, "CampaignStatus 11/7 NotLoaded")
	r.Want(lines{"CampaignLoaded 11/7 Active", "CampaignStatus 11/7 Active"}, simtest.Load(simtest.A7))
}

// With UnloadedAtEnd the asker waits for the end, whoever brings it about.
func TestUnloadedAtEnd(t *testing.T) {
	r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { o.UnloadedAtEnd = true })
	for name, end := range map[string]func(){
		"time": func() {
			r.Run(time.Second, "CampaignUnloaded 11/7 NotLoaded", "CampaignStatus 11/7 NotLoaded")
		},
		"force": func() {
			r.Want(lines{"CampaignUnloaded 11/7 NotLoaded", "CampaignUnloaded 11/7 NotLoaded", "CampaignStatus 11/7 NotLoaded"},
				simtest.ForceUnload(simtest.A7))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r.Do(loaded...)
			r.Want(lines{"CampaignStatus 11/7 WaitingUnload", "CampaignStatus 11/7 UnloadInProgress"}, simtest.Unload(simtest.A7))
			end()
			r.Do(loaded...) // nobody waits any more
			r.Want(lines{"CampaignUnloaded 11/7 NotLoaded", "CampaignStatus 11/7 NotLoaded"}, simtest.ForceUnload(simtest.A7))
		})
	}
}

func TestCampaignRefused(t *testing.T) {
	id := func(campaign, group commdn.DBID) commdn.CampaignGroup {
		return commdn.CampaignGroup{Campaign: campaign, Group: group}
	}
	everyOCS := simtest.Load(simtest.A7)
	everyOCS.Target = 0
	negative := simtest.Dial(simtest.A7)
	negative.Dialing = commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeWaitTime, Goal: -1}
	unlicensed := simtest.Load(simtest.A7)
	unlicensed.Dialing = simtest.GVP
	for _, test := range []struct {
		name    string
		request commdn.Message
		code    commdn.ErrorCode
		message string
	}{
		{"campaign", simtest.Load(id(99, 7)), commdn.ErrorCampaignNotFound, ""},
		{"campaign and group", simtest.Status(id(99, 99)), commdn.ErrorCampaignNotFound, ""},
		{"group", simtest.Dial(id(11, 99)), commdn.ErrorGroupNotFound, ""},
		{"campaign for the group", simtest.Stop(id(12, 8)), commdn.ErrorGroupCampNotFound, ""},
		{"no group", simtest.Unload(id(11, 0)), commdn.ErrorInvalidParameter, commdn.KeyGroupID},
		{"negative campaign", simtest.Unload(id(-1, 7)), commdn.ErrorInvalidParameter, commdn.KeyCampaignID},
		{"no such dial mode", simtest.Set(simtest.A7, commdn.Dialing{Mode: 6, OptimizeBy: 1}), commdn.ErrorInvalidParameter, commdn.KeyDialMode},
		{"no such optimization", simtest.Set(simtest.A7, commdn.Dialing{Mode: 1}), commdn.ErrorInvalidParameter, commdn.KeyOptimizeBy},
		{"goal over 100 percent", simtest.Set(simtest.A7, commdn.Dialing{Mode: 1, OptimizeBy: 1, Goal: 101}), commdn.ErrorInvalidParameter, commdn.KeyOptimizeGoal},
		{"goal of negative seconds", negative, commdn.ErrorInvalidParameter, commdn.KeyOptimizeGoal},
		{"target is every OCS", everyOCS, commdn.ErrorInvalidParameter, commdn.KeyTargetAppID},
		{"dial mode without a licence", unlicensed, commdn.ErrorLicenseViolation, ""},
	} {
		for name, echo := range map[string]bool{"": false, ", echoed": true} {
			t.Run(test.name+name, func(t *testing.T) {
				r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) {
					o.EchoOnError, o.Licensed = echo, []commdn.DialMode{commdn.DialPredict, commdn.DialPreview}
				})
				r.Send(test.request.UserData())
				fault, ok := r.Answer().(*commdn.Fault)
				if !ok || fault.Code != test.code || fault.Address != (commdn.Address{Origin: 201, Target: 101}) {
					t.Fatalf("answer = %+v", fault)
				}
				if !strings.HasPrefix(fault.Message, test.message) || fault.Message == "" {
					t.Errorf("message = %q, want it to begin with %s", fault.Message, test.message)
				}
				want := commdn.CampaignGroup{}
				if echo {
					want = campaignGroup(test.request)
				}
				if fault.CampaignGroup != want {
					t.Errorf("is about %s, want %s", fault.CampaignGroup, want)
				}
			})
		}
	}
}

func campaignGroup(m commdn.Message) (id commdn.CampaignGroup) {
	campaign, _ := m.UserData().Int(commdn.KeyCampaignID)
	group, _ := m.UserData().Int(commdn.KeyGroupID)
	return commdn.CampaignGroup{Campaign: commdn.DBID(campaign), Group: commdn.DBID(group)}
}

// What has a licence for some modes can be loaded in one, and not be started or
// set to another.
func TestLicence(t *testing.T) {
	r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { o.Licensed = []commdn.DialMode{commdn.DialPreview} })
	load, start := simtest.Load(simtest.A8), simtest.Dial(simtest.A8)
	load.Dialing, start.Dialing = simtest.Preview, simtest.Preview
	r.Want(lines{"Error 15"}, simtest.Load(simtest.A8))
	r.Want(lines{"CampaignLoaded 11/8 Active", "CampaignStatus 11/8 Active"}, load)
	r.Want(lines{"Error 15"}, simtest.Dial(simtest.A8))
	r.Want(lines{"DialingStarted 11/8 Running", "CampaignStatus 11/8 Running"}, start)
	r.Want(lines{"Error 15"}, simtest.Set(simtest.A8, simtest.Predictive))
}

// The dialing of the last request is told and kept; unloading forgets it.
func TestDialing(t *testing.T) {
	r := simtest.NewRig(t, nil)
	back := commdn.Address{Origin: 201, Target: 101}
	load := simtest.Load(simtest.A7)
	load.Dialing, load.AutoCompletion = simtest.Preview, commdn.AutoCompletionOff
	r.Send(load.UserData())
	want := &commdn.CampaignEvent{
		Address: back, Event: commdn.EvCampaignLoaded, CampaignGroup: simtest.A7, Dialing: simtest.Preview,
		AutoCompletion: commdn.AutoCompletionOff, Status: commdn.StatusActive, HasStatus: true,
	}
	for _, event := range []commdn.MessageType{commdn.EvCampaignLoaded, commdn.EvCampaignStatus} {
		want.Event = event
		if got := r.Heard(); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	check := func(when string, dialing commdn.Dialing, auto *bool) {
		t.Helper()
		got := r.State(simtest.A7)
		want := control.Dialing{Mode: dialing.Mode.String(), OptimizeBy: dialing.OptimizeBy.String(), Goal: dialing.Goal}
		if got.Dialing == nil || *got.Dialing != want || !reflect.DeepEqual(got.AutoCompletion, auto) {
			t.Errorf("%s: %+v", when, got)
		}
	}
	on, off := true, false
	start := simtest.Dial(simtest.A7)
	start.AutoCompletion = commdn.AutoCompletionOn
	r.Do(start)
	check("started", simtest.Predictive, &on)
	r.Do(simtest.Set(simtest.A7, simtest.Preview))
	check("set without auto completion", simtest.Preview, &on)
	set := simtest.Set(simtest.A7, simtest.Preview)
	set.AutoCompletion = commdn.AutoCompletionOff
	r.Do(set)
	check("set", simtest.Preview, &off)
	r.Do(simtest.ForceUnload(simtest.A7))
	check("unloaded", simtest.Predictive, nil)
}

// Every connected application is told of a change, each with its own DBID; only
// the asker gets the answer.
func TestStatusForEveryApplication(t *testing.T) {
	r := simtest.NewRig(t, func(s *scenario.Scenario, _ *scenario.OCS) {
		s.Applications[0].Connections = []commdn.DBID{103, 101}
		s.Applications = append(s.Applications, scenario.Application{DBID: 103, Name: "other", Type: scenario.ThirdPartyServer})
	})
	r.Send(simtest.Load(simtest.A7).UserData())
	var to []commdn.DBID
	for range 3 {
		to = append(to, r.Heard().Addr().Target)
	}
	if want := []commdn.DBID{101, 101, 103}; !reflect.DeepEqual(to, want) {
		t.Errorf("targets %v, want %v", to, want)
	}
}

// Nobody is told of requests that are not for this OCS or not from a connected
// application.
func TestCampaignSilence(t *testing.T) {
	r := simtest.NewRig(t, nil)
	stranger, other := simtest.Load(simtest.A7), simtest.Load(simtest.A7)
	stranger.Origin, other.Target = 102, 202
	r.Want(nil, stranger, other)
	if got := r.State(simtest.A7).Status; got != commdn.StatusNotLoaded.String() {
		t.Errorf("state %s", got)
	}
}

// A request that lacks what it needs is refused, though it cannot be read.
func TestUnreadableCampaignRequest(t *testing.T) {
	r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) { o.EchoOnError = true })
	l := simtest.Load(simtest.A7).UserData()
	l.Delete(commdn.KeyDialMode)
	r.Send(l)
	if fault, ok := r.Answer().(*commdn.Fault); !ok || fault.Code != commdn.ErrorInvalidParameter || fault.CampaignGroup != simtest.A7 {
		t.Errorf("answer = %+v", fault)
	}
	l = simtest.Load(simtest.A7).UserData()
	l.Set(commdn.KeyGroupID, tkvlist.String("x"))
	r.Send(l)
	if fault, ok := r.Answer().(*commdn.Fault); !ok || fault.Code != commdn.ErrorInvalidParameter || fault.Group != 0 {
		t.Errorf("answer = %+v", fault)
	}
}
