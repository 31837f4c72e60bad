package main

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay"
	"commdn/relay/cmd/commdn/seqfile"
	"commdn/relay/sim/scenario"
)

// patient has OCS dial so slowly that a campaign that runs goes on.
func patient(sc *scenario.Scenario, _ *relay.Options) { behaviour(sc).DialRate = 1 }

func TestCampaignList(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, patient)
	for _, args := range []string{"load Autumn_offers/Sales", "start Autumn_offers/Sales"} {
		words := strings.Fields("campaign " + args)
		words[2] = strings.ReplaceAll(words[2], "_", " ")
		if code, _, stderr := invoke(t, "", with(url, words...)...); code != 0 {
			t.Fatalf("%s: exit %d, %s", args, code, stderr)
		}
	}
	var all []map[string]any
	code, stdout, stderr := invoke(t, "", with(url, "campaign", "list", "-o", "json")...)
	if err := json.Unmarshal([]byte(stdout), &all); err != nil || code != 0 || stderr != "" || len(all) < 3 {
		t.Fatalf("exit %d, %v, %s%s", code, err, stdout, stderr)
	}
	running := 0
	for _, g := range all {
		if g["ok"] != true || g["command"] != "list" || g["campaign"] == "" || g["group"] == "" || g["as_of"] == nil {
			t.Errorf("%v", g)
		}
		if g["status"] == "CM_GCS_Running" {
			running++
			since, err := time.Parse(time.RFC3339, g["since"].(string))
			if err != nil || time.Since(since).Abs() > time.Hour || g["campaign"] != "Autumn offers" || g["dial_mode"] != "CFGDMPredict" {
				t.Errorf("%v", g)
			}
		}
	}
	if running != 1 {
		t.Errorf("%d run", running)
	}
	code, stdout, _ = invoke(t, "", with(url, "campaign", "list", "--state", "running")...)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if code != 0 || len(lines) != 2 || !strings.HasPrefix(lines[0], "CAMPAIGN") || !strings.HasSuffix(lines[0], "SINCE") || !strings.HasPrefix(lines[1], "Autumn offers (1001)  Sales (502)  CM_GCS_Running") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	if code, stdout, _ = invoke(t, "", with(url, "campaign", "list", "--state", "running", "-o", "jsonl")...); code != 0 || object(t, stdout)["campaign_dbid"] != 1001.0 {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	// A relay that does not know which campaigns are of which groups.
	some, _ := installation(t, nil, recipe(t))
	code, stdout, stderr = invoke(t, "", with(some, "campaign", "list")...)
	if lines := strings.Split(strings.TrimSpace(stdout), "\n"); code != 0 || stderr != "" || len(lines) != 3 || !strings.HasPrefix(lines[2], "Renewals (1002) ") {
		t.Errorf("a relay without campaign groups: exit %d\n%s%s", code, stdout, stderr)
	}
	none, _ := installation(t, nil, []string{"--ocs", "201"})
	if code, stdout, stderr := invoke(t, "", with(none, "campaign", "list")...); code != exitInvalid || stdout != "" || stderr != errNothing.Error()+"\n" {
		t.Errorf("a relay without a directory: exit %d, %s%s", code, stdout, stderr)
	}
}

// recipe gives the flags of commdn relay in the README's recipe of two processes,
// but for its addresses. They name what the scenario beside it has.
func recipe(t *testing.T) []string {
	t.Helper()
	_, text, found := strings.Cut(mustRead(t, "../../../README.md"), "commdn relay --listen 127.0.0.1:8080 --tserver 127.0.0.1:7000 ")
	text, _, _ = strings.Cut(text, "\n```")
	var flags []string
	for _, word := range regexp.MustCompile(`"([^"]*)"|([^\s\\]+)`).FindAllStringSubmatch(text, -1) {
		flags = append(flags, word[1]+word[2])
	}
	if demo := scenario.Shipped("demo"); !found || !slices.Equal(flags, []string{
		"--ocs", "201", "--campaign", "1001=" + demo.Campaigns[0].Name, "--campaign", "1002=" + demo.Campaigns[1].Name, "--group", "502=Sales",
	}) {
		t.Errorf("the recipe of README.md has %q", flags)
	}
	return flags
}

// The status says since when it is so, and when that was told.
func TestStatusSince(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, patient)
	before := time.Now().Add(-2 * time.Second)
	if code, _, stderr := invoke(t, "", with(url, "campaign", "load", "1002/502")...); code != 0 {
		t.Fatal(stderr)
	}
	_, stdout, _ := invoke(t, "", with(url, "campaign", "status", "1002/502", "-o", "json")...)
	got := object(t, stdout)
	for _, key := range []string{"since", "as_of"} {
		text, _ := got[key].(string)
		when, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || when.Before(before) || when.After(time.Now().Add(time.Second)) {
			t.Errorf("%s is %v, %v", key, got[key], err)
		}
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

// Several campaigns, or all.
func TestCampaignWatchSeveral(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, want []string }{
		{nil, []string{"Autumn offers", "Renewals"}},
		{[]string{"Autumn offers/Sales", "Renewals/Sales"}, []string{"Autumn offers", "Renewals"}},
		{[]string{"Renewals/Sales"}, []string{"Renewals"}},
	} {
		url, _ := simulation(t, patient)
		out, log := &safeBuffer{}, &safeBuffer{}
		ctx, interrupt := context.WithCancel(t.Context())
		ended := make(chan int, 1)
		go func() {
			ended <- run(&env{ctx: ctx, stdout: out, stderr: log}, with(url, append([]string{"campaign", "watch", "-o", "jsonl"}, c.args...)...))
		}()
		out.wait(t, `"campaign":"Renewals"`)
		for _, name := range []string{"Autumn offers/Sales", "Renewals/Sales"} {
			if code, _, stderr := invoke(t, "", with(url, "campaign", "load", name)...); code != 0 {
				t.Errorf("%s: %s", name, stderr)
			}
		}
		out.wait(t, `"event":"CM_EvCampaignLoaded","campaign":"Renewals"`)
		interrupt()
		if code := <-ended; code != 0 || log.String() != "" {
			t.Errorf("%v: exit %d, %s", c.args, code, log)
		}
		var loaded []string
		for _, text := range strings.Split(strings.TrimSpace(out.String()), "\n") {
			if e := object(t, text); e["event"] == "CM_EvCampaignLoaded" {
				loaded = append(loaded, e["campaign"].(string))
			}
		}
		if !slices.Equal(loaded, c.want) {
			t.Errorf("%v: %v", c.args, loaded)
		}
	}
}

// A watch ends by itself when its time is over, and that is no failure.
func TestWatchFor(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, patient)
	file := written(t, "autumn.yaml", autumn)
	if code, _, stderr := invoke(t, "", with(url, "sequence", "load", file, "--group", "Sales")...); code != 0 {
		t.Fatal(stderr)
	}
	for _, args := range [][]string{{"campaign", "watch"}, {"campaign", "watch", "1001/502"}, {"sequence", "watch", file, "--group", "Sales"}} {
		if code, stdout, stderr := invoke(t, "", with(url, append(args, "--for", "500ms", "-o", "json")...)...); code != 0 || strings.Contains(stdout, `"ok":false`) || stderr != "" {
			t.Errorf("%v: exit %d, %s%s", args, code, stdout, stderr)
		}
	}
}

// A gap is a line of JSON among the events.
func TestWatchGap(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	e := &env{stdout: &out, stderr: &errs}
	for format, want := range map[string]bool{formatJSON: true, formatJSONL: true, formatTable: false} {
		out.Reset()
		errs.Reset()
		if err := (&watcher{output: format}).gap(e, "connection lost"); err != nil {
			t.Fatal(err)
		}
		if want && (object(t, out.String())["gap"] != "connection lost" || errs.Len() > 0) || !want && (errs.String() != "connection lost\n" || out.Len() > 0) {
			t.Errorf("%s: %s%s", format, &out, &errs)
		}
	}
}

// Auto completion and dialing priority go with load, start and mode, of campaigns
// and of sequences.
func TestDialingPriority(t *testing.T) {
	t.Parallel()
	url, s := simulation(t, patient)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events, stop := s.Subscribe(256)
	defer stop()
	asked := make(chan commdn.Control, 64)
	go func() {
		for {
			select {
			case e := <-events:
				if m, err := commdn.Decode(e.UserData); err == nil {
					if req, ok := m.(commdn.Request); ok && req.Type() != commdn.ReqGetCampaignStatus {
						c, _ := commdn.ControlOf(req)
						asked <- c
					}
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	file := written(t, "autumn.yaml", autumn)
	for _, args := range []string{
		"campaign load Survey/Service", "campaign start Survey/Service", "campaign mode Survey/Service",
		"sequence load FILE --group Sales", "sequence start FILE --group Sales", "sequence mode FILE --group Sales",
	} {
		words := strings.Fields(args + " --auto-complete --dialing-priority general=1:100 --dialing-priority CampaignCallBack=2:50")
		words[2] = strings.Replace(words[2], "FILE", file, 1)
		if code, stdout, stderr := invoke(t, "", with(url, words...)...); code != 0 {
			t.Fatalf("%s: exit %d, %s%s", args, code, stdout, stderr)
		}
		c := <-asked
		if c.AutoCompletion != commdn.AutoCompletionOn || c.Priority == nil || *c.Priority.General != (commdn.Priority{Priority: 1, Records: 100}) ||
			c.Priority.CampaignRescheduled != nil || *c.Priority.CampaignCallBack != (commdn.Priority{Priority: 2, Records: 50}) {
			t.Errorf("%s: %+v", args, c.Priority)
		}
	}
	for value, want := range map[string]string{
		"general": "is no TYPE=PRIORITY:RECORDS", "general=1": "is no TYPE=PRIORITY:RECORDS", "general=-1:2": "is no TYPE=PRIORITY:RECORDS",
		"other=1:2": `"other" is no type of records; there are general, campaign-rescheduled, campaign-call-back`,
	} {
		if code, _, stderr := invoke(t, "", with(url, "campaign", "load", "1001/502", "--dialing-priority", value)...); code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit %d, %s", value, code, stderr)
		}
	}
}

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

func TestRelayVariable(t *testing.T) {
	url, _ := simulation(t, nil)
	t.Setenv("COMMDN_RELAY", url)
	if code, stdout, stderr := invoke(t, "", "dnc", "5550104477"); code != 0 || stderr != "" || !strings.Contains(stdout, "on the Do Not Call list") {
		t.Errorf("exit %d, %s%s", code, stdout, stderr)
	}
}
