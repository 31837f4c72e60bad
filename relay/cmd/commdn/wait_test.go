package main

import (
	"reflect"
	"strings"
	"testing"

	"commdn/protocol/commdn"
)

// A wait ends at once when the state can no longer come.
func TestWaitCannotCome(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, patient)
	for _, args := range []string{"load 1001/502", "start 1001/502"} {
		if code, _, stderr := invoke(t, "", with(url, strings.Fields("campaign "+args)...)...); code != 0 {
			t.Fatal(stderr)
		}
	}
	for _, args := range []string{"stop 1001/502 --wait running", "force-unload 1001/502 --wait active"} {
		words := append(strings.Fields("campaign "+args), "--wait-timeout", "10m", "-o", "json")
		code, stdout, stderr := invoke(t, "", with(url, words...)...)
		got := object(t, stdout)
		if code != exitWait || got["state"] != "cannot-come" || got["retryable"] != false || !strings.Contains(stderr, "can no longer come without another request") || got["status"] == "" {
			t.Errorf("%s: exit %d, %v, %s", args, code, got, stderr)
		}
	}
}

func TestGoalLost(t *testing.T) {
	t.Parallel()
	const running, active, unloaded = commdn.StatusRunning, commdn.StatusActive, commdn.StatusNotLoaded
	for _, c := range []struct {
		asked  commdn.MessageType
		want   commdn.GroupStatus
		now    commdn.GroupStatus
		loaded bool
		lost   bool
	}{
		{commdn.ReqLoadCampaign, active, unloaded, false, false}, // the relay may have it from before
		{commdn.ReqLoadCampaign, active, unloaded, true, true},
		{commdn.ReqLoadCampaign, running, active, true, false}, // somebody may start it
		{commdn.ReqLoadCampaign, unloaded, active, true, false},
		{commdn.ReqStartDialing, running, active, true, false},
		{commdn.ReqStartDialing, running, unloaded, false, true},
		{commdn.ReqStartDialing, running, commdn.StatusWaitingUnload, true, true},
		{commdn.ReqStartDialing, unloaded, running, true, false},
		{commdn.ReqStopDialing, running, active, true, true},
		{commdn.ReqStopDialing, active, running, true, false},
		{commdn.ReqUnloadCampaign, unloaded, commdn.StatusUnloadInProgress, true, false},
		{commdn.ReqUnloadCampaign, active, commdn.StatusUnloadInProgress, true, true},
		{commdn.ReqGetCampaignStatus, running, unloaded, true, false},
	} {
		g := goal{on: true, status: c.want}
		e := &commdn.CampaignEvent{Event: commdn.EvCampaignStatus, HasStatus: true, Status: c.now}
		if g.reached(c.asked, e, false) || g.lost(c.asked, e, c.loaded) != c.lost {
			t.Errorf("%v, waiting for %v at %v: lost %v", c.asked, c.want, c.now, !c.lost)
		}
		if g.lost(c.asked, &commdn.CampaignEvent{}, c.loaded) {
			t.Errorf("%v: lost without a state", c.asked)
		}
	}
}

// The words of -o json can be waited for, and a wrong one lists them all.
func TestWaitWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		word     string
		sequence bool
		want     goal
	}{
		{"loaded", true, goal{on: true, phase: "loaded"}}, {"Finished", true, goal{on: true, phase: "finished"}},
		{"stopped", true, goal{on: true, phase: "stopped"}}, {"unloading", true, goal{on: true, phase: "unloading"}},
		{"running", true, goal{on: true, status: commdn.StatusRunning}}, {"not_loaded", true, goal{on: true, status: commdn.StatusNotLoaded}},
		{"loaded", false, goal{on: true, status: commdn.StatusActive, also: []commdn.GroupStatus{commdn.StatusInActive}}},
	} {
		if got, err := (waitFlags{Wait: c.word}).goal(c.sequence); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", c.word, got, err)
		}
	}
	const states = "there are not-loaded, waiting-unload, unload-in-progress, in-active, active, running, loaded"
	for _, c := range []struct {
		word     string
		sequence bool
		want     string
	}{
		{"finishd", true, `--wait: "finishd" is no state; ` + states + ", stopped, finished, unloading; did you mean finished?"},
		{"finished", false, `--wait: "finished" is no state; ` + states},
	} {
		if _, err := (waitFlags{Wait: c.word}).goal(c.sequence); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.word, err)
		}
	}
}

// The phases of a sequence come, and are lost, as the states of its items have it.
func TestGoalOfPhase(t *testing.T) {
	t.Parallel()
	const off, on = commdn.StatusNotLoaded, commdn.StatusActive
	event := func(status commdn.GroupStatus, items ...commdn.GroupStatus) *commdn.CampaignEvent {
		e := &commdn.CampaignEvent{Event: commdn.EvCampaignStatus, HasStatus: true, Status: status, Sequence: &commdn.Sequence{}}
		for _, s := range items {
			e.Sequence.Items = append(e.Sequence.Items, commdn.SequenceItem{HasStatus: true, Status: s})
		}
		return e
	}
	for _, c := range []struct {
		phase         string
		asked         commdn.MessageType
		e             *commdn.CampaignEvent
		reached, lost bool
	}{
		{"loaded", commdn.ReqLoadCampaign, event(on, on, on), true, false},
		{"loaded", commdn.ReqLoadCampaign, event(off, off, off), false, true},
		{"stopped", commdn.ReqStopDialing, event(on, off, on), true, false},
		{"stopped", commdn.ReqStopDialing, event(on, on, on), true, false}, // in its first item
		{"stopped", commdn.ReqStartDialing, event(on, on, on), false, false},
		{"finished", commdn.ReqStartDialing, event(on, off, off), true, false},
		{"finished", commdn.ReqStopDialing, event(on, off, on), false, true},
		{"unloading", commdn.ReqUnloadCampaign, event(commdn.StatusWaitingUnload, on), true, false},
		{"unloading", commdn.ReqUnloadCampaign, event(on, on), false, false},
		{"unloading", commdn.ReqUnloadCampaign, event(off, off), false, true},
	} {
		g := goal{on: true, phase: c.phase}
		if got := g.reached(c.asked, c.e, false); got != c.reached {
			t.Errorf("%s after %v at %v: reached %v", c.phase, c.asked, c.e, got)
		}
		if got := g.lost(c.asked, c.e, true); !c.reached && got != c.lost {
			t.Errorf("%s after %v at %v: lost %v", c.phase, c.asked, c.e, got)
		}
	}
}
