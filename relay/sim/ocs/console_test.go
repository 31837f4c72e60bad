package ocs_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/control"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/scenario"
)

// What the vendor's console does is not answered, and told to everybody.
func TestConsole(t *testing.T) {
	r := simtest.NewRig(t, func(_ *scenario.Scenario, o *scenario.OCS) {
		o.UnloadedAtEnd, o.Licensed = true, []commdn.DialMode{commdn.DialPredict, commdn.DialPreview}
	})
	preview := &control.Dialing{Mode: "CFGDMPreview", OptimizeBy: "CFGOMWaitTime", Goal: 5}
	unlicensed := &control.Dialing{Mode: "CFGDMPowerGVP", OptimizeBy: "CFGOMBusyFactor", Goal: 5}
	for _, test := range []struct {
		do      control.Control
		code    commdn.ErrorCode // 0 is done
		want    lines
		dialing commdn.DialMode
	}{
		{control.Control{Campaign: 11, Group: 7, Do: control.Start}, commdn.ErrorCampaignNotLoaded, nil, 0},
		{control.Control{Campaign: 11, Group: 99, Do: control.Load}, commdn.ErrorGroupNotFound, nil, 0},
		{control.Control{Campaign: 99, Group: 7, Do: control.Load}, commdn.ErrorCampaignNotFound, nil, 0},
		{control.Control{Campaign: 12, Group: 8, Do: control.Load}, commdn.ErrorGroupCampNotFound, nil, 0},
		{control.Control{Campaign: 11, Group: 7, Do: control.Load, Dialing: unlicensed}, commdn.ErrorLicenseViolation, nil, 0},
		{control.Control{Campaign: 11, Group: 7, Do: control.Load}, 0, lines{"CampaignStatus 11/7 Active"}, commdn.DialPredict},
		{control.Control{Campaign: 11, Group: 7, Do: control.Start}, 0, lines{"CampaignStatus 11/7 Running"}, commdn.DialPredict},
		{control.Control{Campaign: 11, Group: 7, Do: control.Start}, commdn.ErrorCampaignAlreadyStarted, nil, 0},
		{control.Control{Campaign: 11, Group: 7, Do: control.Set, Dialing: preview}, 0, lines{"CampaignStatus 11/7 Running"}, commdn.DialPreview},
		{control.Control{Campaign: 11, Group: 7, Do: control.Stop}, 0, lines{"CampaignStatus 11/7 Active"}, commdn.DialPreview},
		{control.Control{Campaign: 11, Group: 7, Do: control.Unload}, 0, lines{"CampaignStatus 11/7 WaitingUnload", "CampaignStatus 11/7 UnloadInProgress"}, commdn.DialPreview},
		{control.Control{Campaign: 11, Group: 7, Do: control.ForceUnload}, 0, lines{"CampaignStatus 11/7 NotLoaded"}, commdn.DialPredict},
	} {
		got, err := r.Control.Do(simtest.Context(t), test.do)
		refused := new(control.Error)
		if test.code != 0 {
			if !errors.As(err, &refused) || refused.Code != test.code {
				t.Errorf("%+v: %v", test.do, err)
			}
		} else if err != nil || got.Dialing == nil || got.Dialing.Mode != test.dialing.String() {
			t.Errorf("%+v: %+v, %v", test.do, got, err)
		}
		r.Want(test.want)
	}
}

// The console works with a sequence that an application has loaded.
func TestConsoleAndSequence(t *testing.T) {
	r := simtest.NewRig(t, nil)
	r.Do(loadSequence(plan()))
	for _, test := range []struct {
		do   string
		want lines
	}{
		{control.Start, lines{"CampaignStatus 11/7 Running", "CampaignStatus 0/7 Running [5 4 4]"}},
		{control.Stop, lines{"CampaignStatus 11/7 Active", "CampaignStatus 0/7 Active [4 4 4]"}},
		{control.ForceUnload, lines{"CampaignStatus 11/7 NotLoaded", "CampaignStatus 12/7 NotLoaded", "CampaignStatus 13/7 NotLoaded", "CampaignStatus 0/7 NotLoaded [0 0 0]"}},
	} {
		if _, err := r.Control.Do(simtest.Context(t), control.Control{Group: 7, Do: test.do}); err != nil {
			t.Errorf("%s: %v", test.do, err)
		}
		r.Want(test.want)
	}
}

// What an operator puts on the Do Not Call list counts as what a request does.
func TestForbid(t *testing.T) {
	r := simtest.NewRig(t, nil)
	records := r.Records(simtest.ListC)
	r.Do(simtest.Load(simtest.C7), simtest.Dial(simtest.C7))
	r.Advance(time.Second)
	for _, entry := range []control.Forbidden{{Phone: records[14].Phone}, {CustomerID: records[16].CustomerID}} {
		got, err := r.Control.Forbid(simtest.Context(t), entry)
		if err != nil || got.Phone != entry.Phone || got.CustomerID != entry.CustomerID || got.Tenant != 1 || !got.Time.Equal(simtest.Midnight.Add(time.Second)) {
			t.Errorf("%+v: %+v, %v", entry, got, err)
		}
	}
	if _, err := r.Control.Forbid(simtest.Context(t), control.Forbidden{}); err == nil {
		t.Error("an entry of nobody is taken")
	}
	r.Advance(time.Hour)
	for i, record := range r.Records(simtest.ListC) {
		if forbidden := i == 14 || i == 16; record.Attempts == 0 != forbidden || record.Result == "do-not-call" != forbidden {
			t.Errorf("record %d: %+v", i, record)
		}
	}
}

// Reset makes everything as it was at the start, and says so of what was loaded.
func TestReset(t *testing.T) {
	r := simtest.NewRig(t, func(s *scenario.Scenario, o *scenario.OCS) {
		o.Ring, o.Talk = time.Minute, time.Hour
		s.CallingLists[1].Records = []scenario.Record{{Phone: "5551"}, {Phone: "5552", OnDesktop: true}}
		s.DoNotCall = []scenario.Entry{{Phone: "5559", CustomerID: "c-9"}}
		s.Faults = []scenario.Fault{{Do: scenario.Refuse, Error: commdn.ErrorInvalidParameter, Phone: "0", Times: 1}}
	})
	lists := func() []control.Record {
		return slices.Concat(r.Records(simtest.ListA), r.Records(simtest.ListB), r.Records(simtest.ListC))
	}
	atStart := lists()
	short := &commdn.Sequence{Items: items(func(i *commdn.SequenceItem) { i.Campaign = 13 })}
	wantAnswers(t, ask(r, 1, "0"), "10")
	r.Do(simtest.DoNotCall("5558", ""), simtest.Load(simtest.A7), simtest.Dial(simtest.A7), simtest.Load(simtest.B7),
		cancel("5551", "", "", ""), simtest.Load(simtest.A8), simtest.Unload(simtest.A8), loadSequence(short), startSequence(short))
	for id, onDesktop := range map[int]bool{1: true, 2: false} {
		if _, err := r.Control.CheckOut(simtest.Context(t), simtest.ListB, id, onDesktop); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Control.AddFault(simtest.Context(t), scenario.Fault{Do: scenario.Silence, Phone: "5557"}); err != nil {
		t.Fatal(err)
	}
	r.Advance(500 * time.Millisecond)
	r.Do()
	if _, err := r.Control.SetSpeed(simtest.Context(t), 1); err != nil {
		t.Fatal(err)
	}
	now, err := r.Control.Reset(simtest.Context(t))
	if err != nil || !now.Now.Equal(simtest.Midnight) || now.Speed != 0 {
		t.Errorf("clock %+v, %v", now, err)
	}
	if list := r.List(); len(list) != 1 || list[0].Phone != "5559" || !list[0].Time.Equal(simtest.Midnight) {
		t.Errorf("list %+v", list)
	}
	if got := lists(); !slices.Equal(got, atStart) {
		t.Error("the calling lists are not as at the start")
	}
	r.Want(lines{"CampaignStatus 13/7 NotLoaded", "CampaignStatus 0/7 NotLoaded [0]",
		"CampaignStatus 11/7 NotLoaded", "CampaignStatus 12/7 NotLoaded", "CampaignStatus 11/8 NotLoaded"})
	all, err := r.Control.Campaigns(simtest.Context(t))
	if err != nil || len(all) != 4 {
		t.Errorf("campaign groups %+v, %v", all, err)
	}
	for _, g := range all {
		if g.Status != commdn.StatusNotLoaded.String() || g.Dials != 0 || g.Ringing+g.Talking != 0 || g.InSequence || !g.Changed.IsZero() {
			t.Errorf("%+v", g)
		}
	}
	faults, err := r.Control.Faults(simtest.Context(t))
	if err != nil || len(faults) != 1 || faults[0].Phone != "0" || faults[0].Happened != 0 {
		t.Errorf("faults %+v, %v", faults, err)
	}
	// Nothing of what was under way comes to pass.
	r.Run(3 * time.Hour)
	if got := lists(); !slices.Equal(got, atStart) {
		t.Error("the calling lists are not as at the start, after some hours")
	}
	r.Want(lines{"CampaignLoaded 11/7 Active", "CampaignStatus 11/7 Active"}, simtest.Load(simtest.A7))
}

// Requests that wait, for an hour as it may be, are forgotten with a reset, and
// hold up nobody.
func TestResetDuringADelay(t *testing.T) {
	r := simtest.NewRig(t, nil)
	if _, err := r.Control.AddFault(simtest.Context(t), scenario.Fault{Do: scenario.Delay, Latency: time.Hour}); err != nil {
		t.Fatal(err)
	}
	for _, phone := range []string{"5551", "5552"} {
		r.Send(simtest.DoNotCall(phone, "").UserData())
		r.Event() // its own
	}
	// OCS has the first request when the fault has happened.
	for late := time.Now().Add(simtest.Patience); ; {
		all, err := r.Control.Faults(simtest.Context(t))
		if err != nil || time.Now().After(late) {
			t.Fatalf("faults %+v, %v", all, err)
		}
		if all[0].Happened == 2 {
			break
		}
	}
	if _, err := r.Control.Reset(simtest.Context(t)); err != nil {
		t.Fatal(err)
	}
	wantAnswers(t, ask(r, 1, "5553"), "5553")
	if got := phonesOn(r); !slices.Equal(got, []string{"5553"}) {
		t.Errorf("list %q", got)
	}
}
