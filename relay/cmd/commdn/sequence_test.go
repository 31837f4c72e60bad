package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"commdn/relay"
	"commdn/relay/sim/scenario"
)

const autumn = `description: Autumn, then renewals
start: now
items:
  - campaign: Autumn offers
    dial_mode: predict
    optimize_by: busy-factor
    goal: 85
    stop_at_dials: 5
    stop_at_time: 2099-01-01T00:00:00Z
  - campaign: 1002
    dial_mode: progress
    optimize_by: wait-time
    goal: 120
    wait_minutes: 3
`

func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSequence(t *testing.T) {
	t.Parallel()
	url, s := simulation(t, func(sc *scenario.Scenario, _ *relay.Options) { behaviour(sc).DialRate = 1 })
	file := written(t, "autumn.yaml", autumn)
	for _, step := range []struct{ command, event string }{
		{"load", "CM_EvCampaignLoaded"}, {"start", "CM_EvDialingStarted"}, {"status", "CM_EvCampaignStatus"}, {"stop", "CM_EvDialingStopped"}, {"unload", "CM_EvCampaignUnloaded"},
	} {
		code, stdout, stderr := invoke(t, "", with(url, "sequence", step.command, file, "--group", "Sales", "-o", "json")...)
		if code != 0 || stderr != "" {
			t.Fatalf("%s: exit %d, %s%s", step.command, code, stdout, stderr)
		}
		got := object(t, stdout)
		items, _ := got["items"].([]any)
		if got["event"] != step.event || got["command"] != "sequence "+step.command || got["campaign_dbid"] != 0.0 || got["group"] != "Sales" ||
			got["description"] != "Autumn, then renewals" || len(items) != 2 {
			t.Fatalf("%s: %v", step.command, got)
		}
		second := items[1].(map[string]any)
		if second["campaign"] != "Renewals" || second["goal"] != 120.0 || second["optimize_by"] != "CFGOMWaitTime" || second["status"] == nil {
			t.Errorf("%s: second item %v", step.command, second)
		}
		if step.command != "load" {
			continue
		}
		loaded, ok := s.OCS()[0].Sequence(502)
		if !ok || loaded.Sequence.Items[0].StopAtDials != 5 || loaded.Sequence.Items[0].StopAtTime != 4070908800 || loaded.Sequence.Items[1].SleepBeforeNextStart != 3 {
			t.Errorf("OCS has %+v", loaded.Sequence)
		}
	}
	code, stdout, _ := invoke(t, "group: 502\n"+autumn, with(url, "sequence", "load", "-")...)
	lines := strings.Split(stdout, "\n")
	if code != 0 || len(lines) != 5 || !strings.HasPrefix(lines[1], "sequence Autumn, then renewals  Sales (502)  CM_GCS_") || !strings.HasPrefix(lines[3], "2 Renewals (1002) ") {
		t.Errorf("as a table, from standard input: exit %d\n%s", code, stdout)
	}
}

func TestSequenceErrors(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, nil)
	for name, c := range map[string]struct {
		text string
		args string
		code int
		want string
	}{
		"no group":          {autumn, "", exitUsage, "commdn: standard input names no group; give --group"},
		"unknown key":       {strings.Replace(autumn, "goal", "gaol", 1), "", exitInvalid, "standard input:7: gaol: unknown key in an item; did you mean goal?"},
		"unknown campaign":  {strings.Replace(autumn, "offers", "offer", 1), "--group Sales", exitInvalid, `-:4: campaign: campaign "Autumn offer" is not known; near it: Autumn offers (1001)`},
		"unknown group":     {autumn, "--group Sale", exitInvalid, `group "Sale" is not known; near it: Sales (502)`},
		"too good a goal":   {strings.Replace(autumn, "85", "850", 1), "--group Sales", exitInvalid, "-:4: goal: is 850; give 0 to 100 percent"},
		"stop before start": {strings.Replace(autumn, "2099-", "2019-", 1), "--group Sales", exitInvalid, "-:4: stop_at_time: is not after start; give a later one, or none"},
		"two at once":       {autumn, "--group Sales --dialing-priority general=1:2 --dialing-priority general=2:3", exitUsage, "commdn: --dialing-priority: general is there twice"},
		"no such state":     {autumn, "--group Sales --wait done", exitUsage, `commdn: --wait: "done" is no state`},
		"not loaded":        {autumn, "--group Sales", exitInvalid, "OCS 201 refused: "},
		"no relay":          {autumn, "--group Sales --relay ws://127.0.0.1:1/ws", exitNoAnswer, "not connected to the relay"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := invoke(t, c.text, append(with(url, "sequence", "start", "-"), strings.Fields(c.args)...)...)
			if code != c.code || stdout != "" || !strings.Contains(stderr, c.want) {
				t.Errorf("exit %d\nstdout: %s\nstderr: %s", code, stdout, stderr)
			}
		})
	}
	if code, _, stderr := invoke(t, "", "sequence", "load", "/no/such.yaml"); code != exitInvalid || !strings.Contains(stderr, "/no/such.yaml") {
		t.Errorf("no file: exit %d, %s", code, stderr)
	}
}
