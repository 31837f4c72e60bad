package sim_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/control"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/scenario"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The applications and campaign groups of the day.
var (
	service   = commdn.CampaignGroup{Campaign: 1002, Group: 501} // Renewals, progressive
	voice     = commdn.CampaignGroup{Campaign: 1003, Group: 503} // Reminders, power GVP
	salesPlan = commdn.CampaignGroup{Group: 502}                 // a sequence of three
)

// day is a contact centre of three groups at six in the morning.
func day(seed uint64) *scenario.Scenario {
	still := 0.0
	agents := func(id commdn.DBID, name string, n int) scenario.Group {
		return scenario.Group{DBID: id, Name: name, Agents: n}
	}
	list := func(id commdn.DBID, name string, customers, phones int) scenario.CallingList {
		return scenario.CallingList{DBID: id, Name: name, Generate: scenario.Generate{Customers: customers, Phones: phones}}
	}
	campaign := func(id commdn.DBID, name string, list commdn.DBID) scenario.Campaign {
		return scenario.Campaign{DBID: id, Name: name, CallingLists: []commdn.DBID{list}}
	}
	return &scenario.Scenario{
		Name: "day", Seed: seed,
		Clock:   scenario.Clock{Start: time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC), Speed: &still},
		CommDNs: []scenario.CommDN{{Number: "CommDN_1"}},
		Applications: []scenario.Application{
			{DBID: simtest.OCS, Name: "OCS_201", Type: scenario.OutboundContactServer, Connections: []commdn.DBID{simtest.Application},
				OCS: scenario.OCS{
					Treatment: scenario.Treatment{Attempts: 3, After: 90 * time.Minute}, UnloadTime: 2 * time.Second,
				}},
			{DBID: simtest.Application, Name: "relay", Type: scenario.ThirdPartyServer},
		},
		Groups: []scenario.Group{agents(501, "Service", 8), agents(502, "Sales", 12), agents(503, "Voice platform", 30)},
		CallingLists: []scenario.CallingList{
			list(601, "Offers", 900, 2), list(602, "Renewals", 4000, 1), list(603, "Reminders", 4000, 1), list(604, "Survey", 400, 1),
		},
		Campaigns: []scenario.Campaign{
			campaign(1001, "Offers", 601), campaign(1002, "Renewals", 602), campaign(1003, "Reminders", 603), campaign(1004, "Survey", 604),
		},
		CampaignGroups: []scenario.CampaignGroup{
			{Campaign: 1001, Group: 502}, {Campaign: 1002, Group: 502}, {Campaign: 1004, Group: 502},
			{Campaign: 1002, Group: 501}, {Campaign: 1003, Group: 503},
		},
	}
}

// plan is the sequence of the sales group: offers until noon or 250 contacts,
// half an hour later a survey of 200 dials, then renewals until five.
func plan(start time.Time) *commdn.Sequence {
	at := func(hour int) int64 { return time.Date(2026, 3, 2, hour, 0, 0, 0, time.UTC).Unix() }
	return &commdn.Sequence{Description: "Sales on Monday", Start: start.Unix(), Items: []commdn.SequenceItem{
		{Campaign: 1001, Dialing: simtest.Predictive, StopAtTime: at(12), StopAtContacts: 250},
		{Campaign: 1004, Dialing: simtest.Preview, SleepBeforeNextStart: 30, StopAtDials: 200},
		{Campaign: 1002, Dialing: simtest.Predictive, StopAtTime: at(17)},
	}}
}

// A whole day of dialing, of three groups and with do-not-call and cancel
// requests in between, comes out the same every time: the trace is a golden
// file. (go test ./relay/sim -run TestDay -update writes it.)
func TestDay(t *testing.T) {
	got := trace(t, 1)
	golden := filepath.Join("testdata", "day.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the day is another one than in %s:\n%s", golden, difference(got, string(want)))
	}
	if other := trace(t, 2); other == got {
		t.Error("another seed has the same day")
	}
}

// difference gives the first line in which two texts differ.
func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d\ngot  %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

// trace lives through the day minute by minute: what OCS says, and every hour
// how far each campaign group and each list is.
func trace(t *testing.T, seed uint64) string {
	s := simtest.Start(t, day(seed))
	r := &simtest.Rig{App: simtest.Join(t, s), Sim: s}
	begin := s.Scenario.Clock.Start
	var b strings.Builder
	note := func(at time.Time, lines []string) {
		for _, line := range lines {
			fmt.Fprintf(&b, "%s %s\n", at.Format("15:04"), line)
		}
	}
	auto := simtest.Dial(voice)
	auto.Dialing, auto.AutoCompletion = simtest.GVP, commdn.AutoCompletionOn
	loadVoice := simtest.Load(voice)
	loadVoice.Dialing = simtest.GVP
	sequence := plan(begin.Add(2 * time.Hour))
	load, start := simtest.Load(salesPlan), simtest.Dial(salesPlan)
	load.Sequence, start.Sequence = sequence, sequence
	progress, faster := simtest.Dial(service), simtest.Set(service, simtest.Predictive)
	progress.Dialing = commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeWaitTime, Goal: 20}
	records := r.Records(602)
	timetable := map[string][]commdn.Message{
		"06:30": {loadVoice, auto},
		"07:00": {load, start},
		"08:00": {simtest.Load(service), progress},
		"09:15": {simtest.DoNotCall(records[900].Phone, ""), simtest.DoNotCall("", records[901].CustomerID)},
		"10:00": {&commdn.CancelRecord{Address: simtest.To, Phone: records[1000].Phone, Campaign: "Renewals"}},
		"11:30": {simtest.Stop(service)},
		"12:30": {simtest.Dial(service)},
		"14:00": {faster},
		"16:30": {simtest.Unload(service)},
	}
	for minute := range 16 * 60 {
		at := begin.Add(time.Duration(minute) * time.Minute)
		note(at, r.Do(timetable[at.Format("15:04")]...))
		if minute%60 == 0 {
			hourly(t, &b, r, at)
		}
		r.Advance(time.Minute)
	}
	return b.String()
}

func hourly(t *testing.T, b *strings.Builder, r *simtest.Rig, at time.Time) {
	state, err := r.Control.Campaigns(simtest.Context(t))
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[commdn.DBID]bool)
	var lists []control.List
	for _, g := range state {
		if g.Campaign == 0 {
			continue
		}
		fmt.Fprintf(b, "%s    %s %s: %d dials, %d contacts, %d abandoned, %d ringing, %d talking\n", at.Format("15:04"),
			g.ID(), g.Status, g.Dials, g.Contacts, g.Abandoned, g.Ringing, g.Talking)
		for _, l := range g.Lists {
			if !seen[l.DBID] {
				seen[l.DBID] = true
				lists = append(lists, l)
			}
		}
	}
	for _, l := range lists {
		fmt.Fprintf(b, "%s    list %d:", at.Format("15:04"), l.DBID)
		for _, status := range []string{"ready", "retrieved", "updated", "canceled", "chain-updated"} {
			fmt.Fprintf(b, " %d %s", l.Counts[status], status)
		}
		b.WriteString("\n")
	}
}
