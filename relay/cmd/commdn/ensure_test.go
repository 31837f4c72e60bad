package main

import (
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay"
	"commdn/relay/sim/scenario"
)

// A campaign that is being unloaded is loaded again when it is.
func TestEnsureWhileUnloading(t *testing.T) {
	t.Parallel()
	url, s := simulation(t, func(sc *scenario.Scenario, _ *relay.Options) {
		patient(sc, nil)
		behaviour(sc).UnloadTime = 3 * time.Second
	})
	for _, args := range []string{"load 1001/502", "start 1001/502", "unload 1001/502"} {
		if code, _, stderr := invoke(t, "", with(url, strings.Fields("campaign "+args)...)...); code != 0 {
			t.Fatal(stderr)
		}
	}
	if state, _ := s.OCS()[0].CampaignGroup(offersSales); state.Status != commdn.StatusWaitingUnload && state.Status != commdn.StatusUnloadInProgress {
		t.Fatalf("OCS has %v", state.Status)
	}
	code, stdout, stderr := invoke(t, "", with(url, "campaign", "ensure", "running", "1001/502", "-o", "json")...)
	if got := object(t, stdout); code != 0 || got["status"] != "CM_GCS_Running" || stderr != "" {
		t.Errorf("exit %d, %v, %s", code, got, stderr)
	}
}

// Ensure goes from any state to the one that is wanted, and does nothing there.
func TestCampaignEnsure(t *testing.T) {
	t.Parallel()
	url, s := simulation(t, patient)
	for _, step := range []struct {
		args    string
		changed bool
		status  commdn.GroupStatus
	}{
		{"stopped", false, commdn.StatusNotLoaded},
		{"unloaded", false, commdn.StatusNotLoaded},
		{"running --dial-mode progress --optimize-by busy-factor --goal 70", true, commdn.StatusRunning},
		{"running --goal 5", false, commdn.StatusRunning},
		{"stopped", true, commdn.StatusActive},
		{"stopped", false, commdn.StatusActive},
		{"running", true, commdn.StatusRunning},
		{"unloaded", true, commdn.StatusNotLoaded},
	} {
		words := strings.Fields(step.args)
		args := append([]string{"campaign", "ensure", words[0], "Autumn offers/Sales"}, words[1:]...)
		code, stdout, stderr := invoke(t, "", with(url, append(args, "-o", "json")...)...)
		if code != 0 || stderr != "" {
			t.Fatalf("%s: exit %d, %s%s", step.args, code, stdout, stderr)
		}
		got := object(t, stdout)
		state, _ := s.OCS()[0].CampaignGroup(offersSales)
		if got["ok"] != true || got["changed"] != step.changed || got["status"] != step.status.String() || state.Status != step.status || got["command"] != "ensure "+words[0] {
			t.Errorf("%s: %v; OCS has %v", step.args, got, state.Status)
		}
		if step.status == commdn.StatusRunning && got["dial_mode"] != "CFGDMProgress" {
			t.Errorf("%s: dialed as %v", step.args, got["dial_mode"])
		}
	}
	code, stdout, stderr := invoke(t, "", with(url, "campaign", "ensure", "running", "77/502", "-o", "json")...)
	if got := object(t, stdout); code != exitInvalid || got["ok"] != false || got["changed"] != false || got["code"] != 3.0 || !strings.Contains(stderr, "CM_ERROR_CAMPAIGN_NOT_FOUND") {
		t.Errorf("an unknown campaign: exit %d, %v, %s", code, got, stderr)
	}
	if code, _, stderr := invoke(t, "", with(url, "campaign", "ensure", "paused", "1001/502")...); code != exitUsage || !strings.Contains(stderr, "running") {
		t.Errorf("an unknown state: exit %d, %s", code, stderr)
	}
}

// Who finds that somebody else was faster goes on from there.
func TestEnsureTogether(t *testing.T) {
	t.Parallel()
	url, s := simulation(t, patient)
	for _, c := range []struct {
		state string
		want  commdn.GroupStatus
	}{{"running", commdn.StatusRunning}, {"stopped", commdn.StatusActive}, {"unloaded", commdn.StatusNotLoaded}} {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if code, stdout, stderr := invoke(t, "", with(url, "campaign", "ensure", c.state, "1001/502")...); code != 0 || stderr != "" {
					t.Errorf("%s: exit %d, %s%s", c.state, code, stdout, stderr)
				}
			})
		}
		wg.Wait()
		if state, _ := s.OCS()[0].CampaignGroup(offersSales); state.Status != c.want {
			t.Errorf("%s: OCS has %v", c.state, state.Status)
		}
	}
}
