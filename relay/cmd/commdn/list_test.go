package main

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay"
	"commdn/relay/directory"
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
	// One that cannot be asked for is told of, and the others are listed.
	wrong, _ := simulation(t, func(_ *scenario.Scenario, o *relay.Options) {
		d := *o.Settings.Directory
		d.CampaignGroups = []directory.CampaignGroup{{Campaign: 77, Group: 502, OCS: 999}, {Campaign: 1001, Group: 502, OCS: 201}}
		o.Settings.Directory = directory.New(directory.Directory{DB: d.DB, Campaigns: append(d.Campaigns, directory.Campaign{DBID: 77, Name: "Gone"}), Groups: d.Groups, CampaignGroups: d.CampaignGroups})
	})
	code, stdout, stderr = invoke(t, "", with(wrong, "campaign", "list")...)
	if code != exitInvalid || strings.Count(stdout, "\n") != 2 || !strings.HasPrefix(stderr, "Gone (77)/Sales (502): relay: no OCS with DBID 999 is known here") {
		t.Errorf("one is wrong: exit %d\n%s%s", code, stdout, stderr)
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

// A state that the history does not end with is not dated by it.
func TestHistoryOf(t *testing.T) {
	t.Parallel()
	h := &history{groups: map[commdn.CampaignGroup]frame.Change{offersSales: {Status: commdn.StatusActive, Since: 1_800_000_000}}, told: make(chan struct{})}
	close(h.told)
	event := func(g commdn.CampaignGroup, s commdn.GroupStatus, known bool) *commdn.CampaignEvent {
		return &commdn.CampaignEvent{CampaignGroup: g, Status: s, HasStatus: known}
	}
	if got := h.of(event(offersSales, commdn.StatusActive, true)); got == nil || got.Unix() != 1_800_000_000 {
		t.Errorf("%v", got)
	}
	for _, e := range []*commdn.CampaignEvent{nil, event(offersSales, commdn.StatusRunning, true), event(offersSales, commdn.StatusActive, false), event(commdn.CampaignGroup{Campaign: 1, Group: 502}, commdn.StatusActive, true)} {
		if got := h.of(e); got != nil {
			t.Errorf("%v: %v", e, got)
		}
	}
}

func TestWorse(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]int{{0, 0, 0}, {0, exitNoAnswer, exitNoAnswer}, {exitNoAnswer, exitUnknown, exitUnknown}, {exitInvalid, exitUnknown, exitInvalid}, {exitUsage, 0, exitUsage}} {
		if worse(c[0], c[1]) != c[2] || worse(c[1], c[0]) != c[2] {
			t.Errorf("%d and %d: %d, %d", c[0], c[1], worse(c[0], c[1]), worse(c[1], c[0]))
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

func TestRelayVariable(t *testing.T) {
	url, _ := simulation(t, nil)
	t.Setenv("COMMDN_RELAY", url)
	if code, stdout, stderr := invoke(t, "", "dnc", "5550104477"); code != 0 || stderr != "" || !strings.Contains(stdout, "on the Do Not Call list") {
		t.Errorf("exit %d, %s%s", code, stdout, stderr)
	}
}
