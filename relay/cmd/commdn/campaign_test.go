package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay"
	"commdn/relay/fronttest"
	"commdn/relay/habits/habitstest"
	"commdn/relay/sim"
	"commdn/relay/sim/ocs"
	"commdn/relay/sim/scenario"
)

// offersSales is "Autumn offers/Sales" of the simulator's configuration.
var offersSales = commdn.CampaignGroup{Campaign: 1001, Group: 502}

// object reads what -o json printed.
func object(t *testing.T, text string) (v map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	return v
}

func TestCampaign(t *testing.T) {
	t.Parallel()
	url, s := simulation(t, func(sc *scenario.Scenario, _ *relay.Options) { behaviour(sc).DialRate = 1 })
	const both = "Autumn offers/Sales"
	for _, step := range []struct {
		args   string
		status commdn.GroupStatus
		want   map[string]any // some of what is printed
	}{
		{"status 1001/502", commdn.StatusNotLoaded, map[string]any{"event": "CM_EvCampaignStatus", "status": "CM_GCS_NotLoaded", "dial_mode": "CFGDMPredict", "goal": 80.0}},
		{"load @ --dial-mode preview --optimize-by CFGOMOverdialRate --goal 3", commdn.StatusActive, map[string]any{"event": "CM_EvCampaignLoaded", "dial_mode": "CFGDMPreview", "optimize_by": "CFGOMOverdialRate", "goal": 3.0, "auto_completion": nil}},
		{"start @ --auto-complete --goal 4", commdn.StatusRunning, map[string]any{"event": "CM_EvDialingStarted", "dial_mode": "CFGDMPreview", "goal": 4.0}},
		{"mode @ --dial-mode 2 --no-auto-complete", commdn.StatusRunning, map[string]any{"event": "CM_EvDialingModeChanged", "dial_mode": "CFGDMProgress", "optimize_by": "CFGOMOverdialRate", "goal": 4.0, "auto_completion": false}},
		{"stop @ --wait active", commdn.StatusActive, map[string]any{"status": "CM_GCS_Active"}},
		{"start @", commdn.StatusRunning, map[string]any{"event": "CM_EvDialingStarted", "dial_mode": "CFGDMProgress"}},
		{"unload @ --wait not-loaded --ocs 201", commdn.StatusNotLoaded, map[string]any{"status": "CM_GCS_NotLoaded"}},
		{"load @ --wait 4", commdn.StatusActive, map[string]any{"status": "CM_GCS_Active"}},
		{"force-unload @ --wait CM_GCS_NotLoaded", commdn.StatusNotLoaded, map[string]any{"status": "CM_GCS_NotLoaded"}},
	} {
		args := strings.Fields("campaign " + step.args + " -o json")
		for i := range args {
			args[i] = strings.Replace(args[i], "@", both, 1)
		}
		code, stdout, stderr := invoke(t, "", with(url, args...)...)
		if code != 0 || stderr != "" {
			t.Fatalf("%s: exit %d, %s%s", step.args, code, stdout, stderr)
		}
		got := object(t, stdout)
		for key, want := range map[string]any{"ok": true, "command": args[1], "campaign": "Autumn offers", "campaign_dbid": 1001.0, "group": "Sales", "group_dbid": 502.0, "ocs": 201.0} {
			if got[key] != want {
				t.Errorf("%s: %s is %v", step.args, key, got[key])
			}
		}
		for key, want := range step.want {
			if got[key] != want {
				t.Errorf("%s: %s is %v, want %v", step.args, key, got[key], want)
			}
		}
		if state, _ := s.OCS()[0].CampaignGroup(offersSales); state.Status != step.status {
			t.Errorf("%s: OCS has %v", step.args, state)
		}
	}
}

func TestCampaignTable(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, nil)
	code, stdout, stderr := invoke(t, "", with(url, "campaign", "status", "Autumn offers/Sales")...)
	const want = "" +
		"CAMPAIGN              GROUP        STATUS            MODE          OPTIMIZE BY      GOAL  OCS\n" +
		"Autumn offers (1001)  Sales (502)  CM_GCS_NotLoaded  CFGDMPredict  CFGOMBusyFactor  80    201\n"
	if code != 0 || stdout != want || stderr != "" {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}

func TestCampaignErrors(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, nil)
	for args, want := range map[string]struct {
		code int
		text string
	}{
		"start Renewals/Sales":                                     {exitInvalid, "OCS 201 refused: CM_ERROR_CAMPAIGN_NOT_LOADED (4)"},
		"mode Renewals/Sales --goal 3":                             {exitInvalid, "OCS 201 refused: CM_ERROR_CAMPAIGN_NOT_LOADED (4)"},
		"load Survey/Service --dial-mode predict-and-seize":        {exitInvalid, "OCS 201 refused: CM_ERROR_LICENSE_VIOLATION (15)"},
		"status 77/502":                                            {exitInvalid, "OCS 201 refused: CM_ERROR_CAMPAIGN_NOT_FOUND (3)"},
		"load 77/502":                                              {exitInvalid, "OCS 201 refused: CM_ERROR_CAMPAIGN_NOT_FOUND (3)"},
		"load Renewals/Sales --goal 101":                           {exitInvalid, "GSW_CM_AttrOptimizeGoal: is 101; give 0 to 100 percent"},
		"load Renewal/Sales":                                       {exitInvalid, `campaign "Renewal" is not known; near it: Renewals (1002)`},
		"watch Renewals/Sale":                                      {exitInvalid, `group "Sale" is not known; near it: Sales (502)`},
		"watch 77/502":                                             {exitInvalid, "CM_ERROR_CAMPAIGN_NOT_FOUND (3)"},
		"status Renewals/Sales --ocs 999":                          {exitInvalid, "no OCS with DBID 999 is known here"},
		"status Renewals/Sales --wait Running --wait-timeout 1":    {exitUsage, "--wait-timeout"},
		"status Renewals/Sales --wait ready":                       {exitUsage, `--wait: "ready" is no state; there are not-loaded,`},
		"status Renewals/Sales --wait run --wait-timeout 1ms":      {exitUsage, "did you mean running?"},
		"stop Renewals/Sales --wait x":                             {exitUsage, `--wait: "x" is no state`},
		"load Renewals/Sales --wait x":                             {exitUsage, `--wait: "x" is no state`},
		"load Renewals/Sales --dial-mode fast":                     {exitUsage, `--dial-mode: "fast" is no dialing mode; there are predict,`},
		"load Renewals/Sales --optimize-by wait-time":              {exitUsage, "--optimize-by goes with --goal"},
		"load Renewals/Sales --optimize-by x":                      {exitUsage, `--optimize-by: "x" is no optimization method`},
		"load":                                                     {exitUsage, "<campaign/group>"},
		"status Renewals/Sales --wait running --wait-timeout 10ms": {exitWait, "Renewals/Sales is CM_GCS_NotLoaded, not CM_GCS_Running, after 10ms"},
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := invoke(t, "", with(url, strings.Fields("campaign "+args)...)...)
			if code != want.code || stdout != "" || !strings.Contains(stderr, want.text) {
				t.Errorf("exit %d\nstdout: %s\nstderr: %s", code, stdout, stderr)
			}
		})
	}
	code, stdout, _ := invoke(t, "", with(url, "campaign", "stop", "Renewals/Sales", "-o", "jsonl")...)
	got := object(t, stdout)
	if code != exitInvalid || got["ok"] != false || got["code"] != 4.0 || got["name"] != "CM_ERROR_CAMPAIGN_NOT_LOADED" || got["ocs"] != 201.0 || got["message"] == "" ||
		!strings.HasPrefix(got["error"].(string), "OCS 201 refused: ") {
		t.Errorf("as JSON: exit %d, %v", code, got)
	}
	code, _, stderr := invoke(t, "", "campaign", "status", "1/1", "--relay", "ws://127.0.0.1:1/ws")
	if code != exitNoAnswer || !strings.HasPrefix(stderr, "not connected to the relay at ws://127.0.0.1:1/ws: dial tcp") {
		t.Errorf("no relay: exit %d, %s", code, stderr)
	}
}

// A state from before the request is not what is waited for.
func TestCampaignWaitForLater(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, nil)
	code, _, stderr := invoke(t, "", with(url, "campaign", "load", "Renewals/Sales", "--wait", "not-loaded", "--wait-timeout", "300ms")...)
	if want := "Renewals/Sales is CM_GCS_Active, not CM_GCS_NotLoaded, after 300ms\n"; code != exitWait || stderr != want {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

// Ctrl-C while a state is awaited.
func TestCampaignWaitInterrupted(t *testing.T) {
	t.Parallel()
	url, s := simulation(t, nil)
	ctx, interrupt := context.WithCancel(t.Context())
	events, stop := s.Subscribe(8)
	defer stop()
	go func() {
		for range 2 { // the question and its answer
			<-events
		}
		interrupt()
	}()
	var out, errs bytes.Buffer
	code := run(&env{ctx: ctx, stdout: &out, stderr: &errs}, with(url, "campaign", "status", "Renewals/Sales", "--wait", "running"))
	if code != exitNoAnswer || out.Len() > 0 || !strings.Contains(errs.String(), "interrupted") {
		t.Errorf("exit %d, %s%s", code, &out, &errs)
	}
}

// A campaign that is loaded, started and dialed to its end, as somebody who
// watches sees it.
func TestCampaignWatch(t *testing.T) {
	t.Parallel()
	url, s := simulation(t, nil)
	ctx, interrupt := context.WithCancel(t.Context())
	in, out := io.Pipe()
	log := &safeBuffer{}
	ended := make(chan int, 1)
	go func() {
		defer out.Close()
		ended <- run(&env{ctx: ctx, stdout: out, stderr: log}, with(url, "campaign", "watch", "Autumn offers/Sales", "-o", "jsonl"))
	}()
	lines := bufio.NewScanner(in)
	next := func() map[string]any {
		if !lines.Scan() {
			t.Fatalf("watch ended: %v\n%s", lines.Err(), log)
		}
		return object(t, lines.Text())
	}
	if first := next(); first["event"] != "CM_EvCampaignStatus" || first["status"] != "CM_GCS_NotLoaded" || first["campaign"] != "Autumn offers" {
		t.Errorf("first %v", first)
	}
	for _, args := range []string{"load", "start --auto-complete"} {
		words := strings.Fields(args)
		words = append([]string{"campaign", words[0], "Autumn offers/Sales"}, words[1:]...)
		if code, _, stderr := invoke(t, "", with(url, words...)...); code != 0 {
			t.Fatalf("%s: exit %d, %s", args, code, stderr)
		}
	}
	seen := map[string]bool{}
	for status := ""; status != "CM_GCS_NotLoaded"; {
		e := next()
		if when, err := time.Parse(time.RFC3339, e["time"].(string)); err != nil || time.Since(when) > time.Hour {
			t.Errorf("time %v, %v", e["time"], err)
		}
		status, _ = e["status"].(string)
		seen[e["event"].(string)], seen[status] = true, true
	}
	for _, want := range []string{"CM_EvCampaignLoaded", "CM_EvDialingStarted", "CM_EvCampaignStatus", "CM_GCS_Active", "CM_GCS_Running"} {
		if !seen[want] {
			t.Errorf("no %s among %v", want, seen)
		}
	}
	if _, dialed := s.OCS()[0].Records(ocs.Query{List: 601, Status: ocs.RecordUpdated}); dialed < 400 {
		t.Errorf("%d dialed", dialed)
	}
	interrupt()
	go func() { _, _ = io.Copy(io.Discard, in) }()
	if code := <-ended; code != 0 || log.String() != "" {
		t.Errorf("exit %d, %s", code, log)
	}
}

// A watch outlives its connection.
func TestCampaignWatchReconnects(t *testing.T) {
	t.Parallel()
	s, err := sim.Start(sim.Options{Scenario: quick(), As: habitstest.As(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	front := fronttest.New(t)
	first := serving(t, "relay", "--listen", "127.0.0.1:0", "--tserver", s.Addr(), "--ocs", "201", "--campaign", "1001=Autumn offers", "--group", "502=Sales")
	first.log.wait(t, "T-Server link is up")
	front.Use(strings.TrimPrefix(first.word(2), "http://"))
	address := front.Addr()
	ctx, interrupt := context.WithCancel(t.Context())
	out, log := &safeBuffer{}, &safeBuffer{}
	ended := make(chan int, 1)
	go func() {
		ended <- run(&env{ctx: ctx, stdout: out, stderr: log}, with("ws://"+address+"/ws", "campaign", "watch", "Autumn offers/Sales"))
	}()
	out.wait(t, "CM_EvCampaignStatus  Autumn offers (1001)  Sales (502)  CM_GCS_NotLoaded  CFGDMPredict  CFGOMBusyFactor  80  201")
	first.end()
	front.Use("")
	log.wait(t, "connection to the relay at ws://"+address+"/ws lost: ")
	second := serving(t, "relay", "--listen", "127.0.0.1:0", "--tserver", s.Addr(), "--ocs", "201")
	front.Use(strings.TrimPrefix(second.word(2), "http://"))
	second.log.wait(t, "T-Server link is up")
	log.wait(t, "connected again; events may have been missed")
	if code, _, stderr := invoke(t, "", with("ws://"+address+"/ws", "campaign", "load", "1001/502")...); code != 0 {
		t.Fatalf("load: exit %d, %s", code, stderr)
	}
	out.wait(t, "CM_GCS_Active")
	interrupt()
	if code := <-ended; code != 0 {
		t.Errorf("exit %d, %s", code, log)
	}
}

// Output that breaks ends a command.
func TestCampaignBrokenPipe(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, nil)
	for _, command := range []string{"status", "watch"} {
		for _, format := range []string{"table", "json"} {
			var errs bytes.Buffer
			code := run(&env{ctx: t.Context(), stdout: brokenWriter{errors.New("broken pipe")}, stderr: &errs}, with(url, "campaign", command, "1001/502", "-o", format))
			if code != exitInvalid || errs.String() != "broken pipe\n" {
				t.Errorf("%s -o %s: exit %d, %s", command, format, code, &errs)
			}
		}
	}
}

// Flags that are not given leave the dialing as OCS tells it.
func TestDialFlagsOver(t *testing.T) {
	t.Parallel()
	goal := int32(9)
	now := commdn.Dialing{Mode: commdn.DialPreview, OptimizeBy: commdn.OptimizeWaitTime, Goal: 30}
	for _, c := range []struct {
		flags dialFlags
		want  commdn.Dialing
	}{
		{dialFlags{}, now},
		{dialFlags{DialMode: "predict"}, commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeWaitTime, Goal: 30}},
		{dialFlags{Goal: &goal}, commdn.Dialing{Mode: commdn.DialPreview, OptimizeBy: commdn.OptimizeWaitTime, Goal: 9}},
		{dialFlags{OptimizeBy: "1", Goal: &goal}, commdn.Dialing{Mode: commdn.DialPreview, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 9}},
	} {
		given, err := c.flags.read()
		if got := given.over(now); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: %+v, %v", c.flags, got, err)
		}
	}
}
