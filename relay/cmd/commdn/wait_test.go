package main

import (
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
		if g.reached(e, false) || g.lost(c.asked, e, c.loaded) != c.lost {
			t.Errorf("%v, waiting for %v at %v: lost %v", c.asked, c.want, c.now, !c.lost)
		}
		if g.lost(c.asked, &commdn.CampaignEvent{}, c.loaded) {
			t.Errorf("%v: lost without a state", c.asked)
		}
	}
}
