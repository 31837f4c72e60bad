package scenario

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
)

// lines gives what Parse says about a file named f, line by line.
func lines(t *testing.T, text string) string {
	t.Helper()
	s, err := Parse("f", []byte(text))
	if err == nil {
		return ""
	}
	if s != nil {
		t.Errorf("%q: a scenario with an error", text)
	}
	return err.Error()
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "f: is empty; give the keys of a scenario"},
		{"a comment alone", "# no keys\n", "f: is empty; give the keys of a scenario"},
		{"null", "~\n", "f:1: a scenario must be keys with values"},
		{"a list", "- name: a\n", "f:1: a scenario must be keys with values"},
		{"a text", "demo\n", "f:1: a scenario must be keys with values"},
		{"two documents", "name: a\n---\nname: b\n", "f:3: a second document; give a scenario alone"},
		{"no YAML", "name: a\n  seed: 1\n", "f:1: mapping value is not allowed in this context"},
		{"no UTF-8", "name: a\ndescription: \"\xff\"\n", "f:2: is no UTF-8 text"},
		{"a long line", "#" + strings.Repeat("x", 8<<10) + "\n", "f:1: a line of 8194 bytes; at most 8192 are possible"},
		{"brackets", "\nname: " + strings.Repeat("[", 201), "f:2: is nested too deep"},
		{"dashes", strings.Repeat("- ", 101), "f:1: is nested too deep"},

		{"unknown key", "name: a\nnmae: b\n", "f:2: nmae: unknown key; did you mean name?"},
		{"unknown key, nothing like it", "tenants:\n  - dbid: 1\n    name: a\n    x: 1\n", "f:4: tenants[0].x: unknown key; the keys here are dbid, name"},
		{"unknown key, in braces", "applications:\n  - {dbid: 1, type: ocs, ocs: {dialrate: 5}}\n", "f:2: applications[0].ocs.dialrate: unknown key; did you mean dial_rate?"},
		{"unreadable key", "\"a\\nb\": 1\n", `f:1: "a\nb": unknown key; the keys here are name, description, seed, clock, tserver, tenants, applications, comm_dns, groups, calling_lists, campaigns, campaign_groups, do_not_call, faults, generate`},
		{"a key twice", "name: a\nseed: 1\nname: b\n", "f:3: name: is there twice; first in line 1"},
		{"a key missing", "tenants:\n\n  - name: a\n", "f:3: tenants[0]: dbid is missing"},
		{"part of a dialing", "campaign_groups:\n  - campaign: 1\n    group: 1\n    dialing: {mode: predict}\n",
			"f:4: campaign_groups[0].dialing: optimize_by is missing\nf:4: campaign_groups[0].dialing: goal is missing"},

		{"list", "tenants: {dbid: 1}\n", "f:1: tenants: must be a list"},
		{"mapping", "clock: 5\n", "f:1: clock: must be keys with values"},
		{"item", "tenants:\n  - 5\n  -\n", "f:2: tenants[0]: must be keys with values\nf:3: tenants[1]: must be keys with values"},
		{"text", "name: [a]\n", "f:1: name: is no plain value; give a text"},
		{"text, a bool", "name: true\n", "f:1: name: is true; give a text"},
		{"text, nothing", "name:\n", "f:1: name: is empty; give a value, or leave the key out"},
		{"bool", "tserver:\n  backup: yes\n", `f:2: tserver.backup: is the text "yes"; give true or false`},
		{"optional bool", "comm_dns:\n  - number: A\n    outbound_contact_server: undefined\n", `f:3: comm_dns[0].outbound_contact_server: is the text "undefined"; give true or false`},
		{"optional bool, nothing", "comm_dns:\n  - number: A\n    outbound_contact_server:\n", "f:3: comm_dns[0].outbound_contact_server: is empty; give a value, or leave the key out"},
		{"int", "tserver: {max_user_data: 1.5}\n", "f:1: tserver.max_user_data: is 1.5; give a whole number up to 2147483647"},
		{"int in quotes", "tenants:\n  - {dbid: \"1\", name: a}\n", `f:2: tenants[0].dbid: is the text "1"; give a whole number up to 2147483647`},
		{"int, too large", "tenants:\n  - {dbid: 2147483648, name: a}\n", "f:2: tenants[0].dbid: is 2147483648; give a whole number up to 2147483647"},
		{"seed", "seed: -1\n", "f:1: seed: is -1; give a whole number from 0 to 18446744073709551615"},
		{"float", "clock: {speed: fast}\n", `f:1: clock.speed: is the text "fast"; give a number`},
		{"float, none", "clock: {speed: .nan}\n", "f:1: clock.speed: is .nan; give a number"},
		{"duration", "faults:\n  - do: delay\n    latency: 5 s\n", `f:3: faults[0].latency: is the text "5 s"; give a duration such as 200ms, 90s or 1h30m`},
		{"time", "clock:\n  start: 2026-11-23 09:00\n", `f:2: clock.start: is the text "2026-11-23 09:00"; give a time with a zone such as 2026-11-23T09:00:00+01:00`},
		{"enumeration", "faults:\n  - do: refuse\n    error: licence-violation\n", "f:3: faults[0].error: \"licence-violation\" is no error; there are server-connected, register-client, campaign-not-found, campaign-not-loaded, campaign-already-loaded, campaign-not-started, campaign-already-started, group-not-found, group-camp-not-found, invalid-parameter, invalid-campaign-mode, invalid-campaign-schedule, campaign-schedule-not-found, invalid-campaign-schedule-mode, license-violation; did you mean license-violation?"},
		{"enumeration, a list", "faults:\n  - {do: drop, request: [32]}\n", "f:2: faults[0].request: is no plain value; give a name"},
		{"long text", "clock: {speed: " + strings.Repeat("é", 100) + "}\n", `f:1: clock.speed: is the text "` + strings.Repeat("é", 60) + `…"; give a number`},

		{"no anchor", "name: *a\n", "f:1: name: there is no anchor &a before it"},
		{"an anchor that comes later", "name: *a\ndescription: &a b\n", "f:1: name: there is no anchor &a before it"},
		{"an anchor in itself", "tenants: &a\n  - *a\n", "f:2: tenants[0]: *a stands for itself"},
		{"an anchor merged into itself", "clock: &a\n  <<: *a\n", "f:2: clock: *a stands for itself"},
		{"a merged text", "clock:\n  <<: 5\n", "f:2: clock: must be keys with values"},
		{"an error in what is merged", "clock: &a {speed: 1}\ntserver:\n  <<: *a\n", "f:1: tserver.speed: unknown key; the keys here are max_user_data, backup"},
		{"tag", "name: !!str 5\n", "f:1: name: has the tag !!str; there are none here"},
	} {
		if got := lines(t, c.text); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// A short file stays a small scenario.
func TestAliasesAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("calling_lists:\n  - &a\n    dbid: 1\n    name: a\n    records:\n")
	b.WriteString("      - &r {phone: 1}\n" + strings.Repeat("      - *r\n", 999))
	b.WriteString(strings.Repeat("  - *a\n", 1000))
	got := lines(t, b.String())
	if !strings.Contains(got, "f:6: calling_lists[99].records[802].phone: aliases stand for more than 200000 values") || strings.Contains(got, "missing") {
		t.Errorf("got %.500s", got)
	}
}

func TestTooMuchToBeTold(t *testing.T) {
	got := strings.Split(lines(t, strings.Repeat("x: 1\n", 5000)), "\n")
	if len(got) != MaxErrors || !strings.HasPrefix(got[19], "f:20: x: unknown key") {
		t.Errorf("%d errors, the last one %s", len(got), got[len(got)-1])
	}
}

// Keys may come in any order; errors are told in the order of the file.
func TestOrderOfErrors(t *testing.T) {
	got := lines(t, "campaigns:\n  - {dbid: 0, name: a}\ntenants:\n  - {dbid: 0, name: a}\nname: ' '\n")
	want := "f:2: campaigns[0].dbid: is 0; give 1 or more\nf:4: tenants[0].dbid: is 0; give 1 or more\nf:5: name: begins or ends with a blank"
	if got != want {
		t.Errorf("got %s", got)
	}
}

func TestParse(t *testing.T) {
	text := `
# A comment.
name: "A \"b\" \u00e4"
description: |
  two
  lines
seed: 18446744073709551615
clock: {start: 2026-11-23T09:00:00+01:00, speed: 2.5}
tenants:
tserver:
applications:
- dbid: 201
  type: ocs
  ocs: &o
    licensed: [predict, CFGDMProgress, 11]
    ring: 0
    talk: 1m30s
- dbid: 202
  type: ocs
  ocs:
    <<: *o
    talk: 5s
- {dbid: 203, type: ocs, ocs: {<<: [*o, {preview: 1s, ring: 3s}]}}
comm_dns:
  - {number: 7000, outbound_contact_server: false}
calling_lists:
  - dbid: 601
    name: 2026
    records:
      - phone: 0123
      - phone: +49123
      - phone: 0x10
      - phone: 1.50
`
	speed, no := 2.5, false
	first := OCS{Licensed: []commdn.DialMode{1, 2, 11}, Talk: 90 * time.Second}
	second, third := first, first
	second.Talk = 5 * time.Second
	third.Preview = time.Second
	want := &Scenario{
		Name: `A "b" ä`, Description: "two\nlines\n", Seed: 18446744073709551615,
		Clock: Clock{time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC), &speed},
		Applications: []Application{
			{DBID: 201, Type: OutboundContactServer, OCS: first},
			{DBID: 202, Type: OutboundContactServer, OCS: second},
			{DBID: 203, Type: OutboundContactServer, OCS: third},
		},
		CommDNs: []CommDN{{Number: "7000", OutboundContactServer: &no}},
		CallingLists: []CallingList{{DBID: 601, Name: "2026",
			Records: []Record{{Phone: "0123"}, {Phone: "+49123"}, {Phone: "0x10"}, {Phone: "1.50"}}}},
	}
	got, err := Parse("f", []byte(text))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
	if json, err := Parse("f", []byte(`{"name": "a", "tenants": [{"dbid": 5, "name": "b"}]}`)); err != nil || json.Tenants[0].DBID != 5 {
		t.Errorf("JSON: %+v, %v", json, err)
	}
}

func TestGenerate(t *testing.T) {
	text := `
applications: [{dbid: 201, type: ocs}]
tenants: [{dbid: 11, name: A}, {dbid: 12, name: B}]
groups:
  - {dbid: 502, name: Sales}
  - {dbid: 504, name: Of another tenant, tenant: 12}
campaigns:
  - {dbid: 1002, name: Autumn}
calling_lists:
  - {dbid: 601, name: Own}
generate: {groups: 2, agents: 7, campaigns: 4, customers: 10, phones: 3}
`
	s, err := Parse("f", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(s.Groups[2:]), "[{501 Group 501 0 7} {503 Group 503 0 7}]"; got != want {
		t.Errorf("groups %s", got)
	}
	if got, want := fmt.Sprint(s.Campaigns[1:]), "[{1001 Campaign 1001 0 [602]} {1003 Campaign 1003 0 [603]} {1004 Campaign 1004 0 [604]} {1005 Campaign 1005 0 [605]}]"; got != want {
		t.Errorf("campaigns %s", got)
	}
	for i, group := range []commdn.DBID{502, 501, 503, 502} {
		if g := s.CampaignGroups[i]; g.Campaign != s.Campaigns[i+1].DBID || g.Group != group {
			t.Errorf("campaign group %v", g)
		}
	}
	if l := s.CallingLists[4]; l.DBID != 605 || l.Name != "List 605" || l.Generate.Records() != 30 {
		t.Errorf("calling list %+v", l)
	}
	roundTrip(t, s)
}
