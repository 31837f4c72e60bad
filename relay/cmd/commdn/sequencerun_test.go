package main

import (
	"context"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/relay/cmd/commdn/seqfile"
)

// A sequence is followed to its end, which looks like its beginning to OCS.
func TestSequenceFinished(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, nil)
	text := strings.Replace(autumn, "    wait_minutes: 3\n", "", 1)
	file := written(t, "autumn.yaml", text)
	sequence := func(command string, more ...string) map[string]any {
		t.Helper()
		code, stdout, stderr := invoke(t, "", with(url, append([]string{"sequence", command, file, "--group", "Sales", "-o", "json"}, more...)...)...)
		if code != 0 || stderr != "" {
			t.Fatalf("%s: exit %d, %s%s", command, code, stdout, stderr)
		}
		return object(t, stdout)
	}
	loaded := sequence("load")
	if loaded["phase"] != "loaded" || loaded["start"] == nil {
		t.Errorf("loaded: %v", loaded)
	}
	first := loaded["items"].([]any)[0].(map[string]any)
	if first["stop_at_time"] != "2099-01-01T00:00:00Z" || first["stop_at_dials"] != 5.0 || first["stop_at_contacts"] != 0.0 || first["wait_minutes"] != 0.0 {
		t.Errorf("first item: %v", first)
	}
	if got := sequence("start", "--wait", "finished", "--wait-timeout", "25s"); got["phase"] != "finished" || got["status"] != "CM_GCS_Active" {
		t.Errorf("started: %v", got)
	}
	if got := sequence("status"); got["phase"] != "finished" {
		t.Errorf("status: %v", got)
	}
	if got := sequence("force-unload", "--wait", "not-loaded"); got["phase"] != "not-loaded" {
		t.Errorf("unloaded: %v", got)
	}
	// With auto completion it is unloaded at its end.
	sequence("load", "--auto-complete")
	if got := sequence("start", "--auto-complete", "--wait", "finished", "--wait-timeout", "25s"); got["phase"] != "not-loaded" {
		t.Errorf("started with auto completion: %v", got)
	}
}

func TestSequenceWatch(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, patient)
	file := written(t, "autumn.yaml", autumn)
	out, log := &safeBuffer{}, &safeBuffer{}
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	if code, _, stderr := invoke(t, "", with(url, "sequence", "load", file, "--group", "Sales")...); code != 0 {
		t.Fatal(stderr)
	}
	go func() {
		ended <- run(&env{ctx: ctx, stdout: out, stderr: log}, with(url, "sequence", "watch", file, "--group", "Sales", "-o", "jsonl"))
	}()
	out.wait(t, `"phase":"loaded"`)
	if code, _, stderr := invoke(t, "", with(url, "sequence", "start", file, "--group", "Sales")...); code != 0 {
		t.Fatal(stderr)
	}
	out.wait(t, `"phase":"running"`)
	interrupt()
	if code := <-ended; code != 0 || log.String() != "" {
		t.Errorf("exit %d, %s", code, log)
	}
	for _, text := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		if e := object(t, text); e["campaign_dbid"] != 0.0 || e["time"] == nil {
			t.Errorf("%s", text)
		}
	}
}

func TestSequenceNew(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := invoke(t, "", "sequence", "new")
	if code != 0 || stdout != seqfile.Template || stderr != "" {
		t.Errorf("exit %d, %s%s", code, stdout, stderr)
	}
	url, _ := simulation(t, patient)
	if code, _, stderr := invoke(t, stdout, with(url, "sequence", "load", "-")...); code != 0 {
		t.Errorf("what it prints cannot be loaded: exit %d, %s", code, stderr)
	}
}

func TestPhase(t *testing.T) {
	t.Parallel()
	const none, off, leaving, loaded, running = commdn.GroupStatus(-9), commdn.StatusNotLoaded, commdn.StatusUnloadInProgress, commdn.StatusActive, commdn.StatusRunning
	for _, c := range []struct {
		status commdn.GroupStatus // none: in the items alone
		items  []commdn.GroupStatus
		want   string
	}{
		{loaded, []commdn.GroupStatus{loaded, loaded}, "loaded"}, {loaded, []commdn.GroupStatus{none, none}, "loaded"}, {loaded, nil, "loaded"},
		{running, []commdn.GroupStatus{off, running}, "running"}, {loaded, []commdn.GroupStatus{off, loaded}, "stopped"},
		{loaded, []commdn.GroupStatus{off, off}, "finished"}, {commdn.StatusInActive, []commdn.GroupStatus{off, leaving}, "finished"},
		{off, []commdn.GroupStatus{off, off}, "not-loaded"}, {leaving, []commdn.GroupStatus{off, leaving}, "unloading"},
		{none, []commdn.GroupStatus{off, running}, "running"}, {none, []commdn.GroupStatus{loaded, loaded}, "loaded"}, {none, []commdn.GroupStatus{off, off}, "not-loaded"}, {none, []commdn.GroupStatus{none}, ""},
	} {
		e := &commdn.CampaignEvent{Event: commdn.EvCampaignStatus, Status: c.status, HasStatus: c.status != none, Sequence: &commdn.Sequence{}}
		for _, s := range c.items {
			e.Sequence.Items = append(e.Sequence.Items, commdn.SequenceItem{Status: s, HasStatus: s != none})
		}
		if got := phaseOf(e); got != c.want {
			t.Errorf("%v with %v: %q, want %q", c.status, c.items, got, c.want)
		}
	}
	if got := phaseOf(&commdn.CampaignEvent{CampaignGroup: offersSales, HasStatus: true, Status: running}); got != "" {
		t.Errorf("a campaign: %q", got)
	}
}
