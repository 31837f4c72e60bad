package scenario

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/habits"
)

// base is a scenario of 21 lines that a test adds to.
const base = `applications:
  - {dbid: 201, type: ocs, connections: [101]}
  - {dbid: 202, type: ocs, tenants: [2]}
  - {dbid: 203, type: ocs, disabled: true}
  - {dbid: 101, type: third-party-server}
  - {dbid: 102, type: third-party-application, connections: [201]}
tenants:
  - {dbid: 1, name: A}
  - {dbid: 2, name: B}
groups:
  - {dbid: 501, name: Sales}
  - {dbid: 502, name: Sales, tenant: 2}
calling_lists:
  - {dbid: 601, name: First}
  - {dbid: 602, name: Second}
  - {dbid: 603, name: Second, tenant: 2}
campaigns:
  - {dbid: 1001, name: Autumn, calling_lists: [601]}
  - {dbid: 1002, name: Winter, calling_lists: [601, 602]}
  - {dbid: 1003, name: Winter, tenant: 2, calling_lists: [603]}
# The end of what the tests have in common.
`

func TestCheck(t *testing.T) {
	if got := lines(t, base); got != "" {
		t.Fatal(got)
	}
	const noTServer = " has no meaning for "
	for _, c := range []struct{ name, text, want string }{
		{"name", "name: ' a'", "name: begins or ends with a blank"},
		{"name, long", "name: " + strings.Repeat("a", 256), "name: has 256 bytes; at most 255 are possible"},
		{"name, control character", `name: "a\u0007"`, "name: holds a control character"},
		{"description", "description: '" + strings.Repeat("a", 4097) + "'", "description: has 4097 bytes; at most 4096 are possible"},
		{"clock.start", "clock: {start: 2107-01-01T00:00:00Z}", "clock.start: is 2107-01-01T00:00:00Z; give a time from 1970 to 2106"},
		{"clock.start, early", "clock: {start: 1969-12-31T00:00:00Z}", "clock.start: is 1969-12-31T00:00:00Z; give a time from 1970 to 2106"},
		{"clock.speed", "clock: {speed: 10000.5}", "clock.speed: is 10000.5; give 0 to 10000"},
		{"clock.speed, negative", "clock: {speed: -1}", "clock.speed: is -1; give 0 to 10000"},
		{"max_user_data", "tserver: {max_user_data: 65536}", "tserver.max_user_data: is 65536; give 0 to 65535"},
		{"number of a CommDN", "comm_dns: [{number: ''}]", "comm_dns[0].number: is empty"},
		{"number of a CommDN, long", "comm_dns: [{number: " + strings.Repeat("7", 256) + "}]", "comm_dns[0].number: has 256 bytes; at most 255 are possible"},
		{"number of a CommDN, twice", "comm_dns: [{number: A}, {number: A}]", `comm_dns[1].number: "A" is the number of comm_dns[0] in line 22`},
		{"tenant of a CommDN", "comm_dns: [{number: A, tenant: 3}]", "comm_dns[0].tenant: there is no tenant 3; there are 1, 2"},
		{"neither", "do_not_call: [{tenant: 2}]", "do_not_call[0]: has neither phone nor customer_id; give one of them, or both"},
		{"do_not_call.phone", "do_not_call: [{phone: " + strings.Repeat("5", 65) + "}]", "do_not_call[0].phone: has 65 bytes; at most 64 are possible"},
		{"do_not_call.customer_id", "do_not_call: [{customer_id: " + strings.Repeat("5", 256) + "}]", "do_not_call[0].customer_id: has 256 bytes; at most 255 are possible"},
		{"do_not_call.tenant", "do_not_call: [{phone: 1, tenant: -1}]", "do_not_call[0].tenant: there is no tenant -1; there are 1, 2"},

		{"campaign of none", "campaign_groups: [{campaign: 1004, group: 501}]", "campaign_groups[0].campaign: there is no campaign 1004; there are 1001, 1002, 1003"},
		{"group of none", "campaign_groups: [{campaign: 1001, group: 503}]", "campaign_groups[0].group: there is no group 503; there are 501, 502"},
		{"OCS of none", "campaign_groups: [{campaign: 1001, group: 501, ocs: 204}]", "campaign_groups[0].ocs: there is no OCS 204; there are 201, 202, 203"},
		{"OCS that is none", "campaign_groups: [{campaign: 1001, group: 501, ocs: 101}]", "campaign_groups[0].ocs: application 101 is no OCS but a third-party-server; there are 201, 202, 203"},
		{"OCS that is disabled", "campaign_groups: [{campaign: 1001, group: 501, ocs: 203}]", "campaign_groups[0].ocs: OCS 203 is disabled"},
		{"campaign group, twice", "campaign_groups:\n- {campaign: 1001, group: 501}\n- {campaign: 1001, group: 501}", "!f:24: campaign_groups[1]: campaign 1001 and group 501 are those of campaign_groups[0] in line 23"},
		{"tenants of campaign and group", "campaign_groups: [{campaign: 1001, group: 502}]", "campaign_groups[0]: campaign 1001 is of tenant 1, and group 502 of tenant 2"},
		{"tenant of OCS", "campaign_groups: [{campaign: 1001, group: 501, ocs: 202}]", "campaign_groups[0]: OCS 202 does not work for tenant 1, which campaign 1001 is of; name another ocs, or put the tenant into its tenants"},
		{"dialing.mode", "campaign_groups: [{campaign: 1001, group: 501, dialing: {mode: predikt, optimize_by: 1, goal: 1}}]", `campaign_groups[0].dialing.mode: "predikt" is no dialing mode; there are predict, progress, preview, progress-and-seize, predict-and-seize, push-preview, progress-gvp, power-gvp; did you mean predict?`},
		{"dialing.goal", "campaign_groups: [{campaign: 1001, group: 501, dialing: {mode: 1, optimize_by: 2, goal: 101}}]", "campaign_groups[0].dialing.goal: is 101; give 0 to 100"},
		{"dialing.goal, seconds", "campaign_groups: [{campaign: 1001, group: 501, dialing: {mode: 1, optimize_by: 3, goal: -1}}]", "campaign_groups[0].dialing.goal: is -1; give 0 to 2147483647"},

		{"do", "faults: [{do: dely}]", `faults[0].do: "dely" is no fault; did you mean delay?`},
		{"do, nothing like it", "faults: [{do: explode}]", `faults[0].do: "explode" is no fault; there are delay, drop, duplicate, reorder, refuse, silence, close, stall, garbage, link_down, link_up, switchover, unregister`},
		{"delay", "faults: [{do: delay, percent: 5}]", "faults[0]: a delay needs latency, jitter or both"},
		{"latency", "faults: [{do: delay, latency: -1s}]", "faults[0].latency: is -1s; give 0 to 8784h"},
		{"jitter", "faults: [{do: delay, jitter: 8784h1s}]", "faults[0].jitter: is 8784h0m1s; give 0 to 8784h"},
		{"refuse", "faults: [{do: refuse, phone: 1}]", "faults[0]: refuse needs an error; there are server-connected, register-client, campaign-not-found, campaign-not-loaded, campaign-already-loaded, campaign-not-started, campaign-already-started, group-not-found, group-camp-not-found, invalid-parameter, invalid-campaign-mode, invalid-campaign-schedule, campaign-schedule-not-found, invalid-campaign-schedule-mode, license-violation"},
		{"stall", "faults: [{do: stall, after: 5}]", "faults[0]: stall needs for, a duration"},
		{"for", "faults: [{do: link_down, for: -1ns, after: 1}]", "faults[0].for: is -1ns; give 0 to 8784h"},
		{"switchover", "faults: [{do: switchover, after: 5}]", "faults[0]: there is no backup to switch over to; a scenario has one with tserver: {backup: true}"},
		{"after", "faults: [{do: close}]", "faults[0]: close needs after, the number of UserEvents until it happens"},
		{"after, negative", "faults: [{do: close, after: -1}]", "faults[0].after: is -1; give 0 to 1000000000"},
		{"times", "faults: [{do: drop, times: -1}]", "faults[0].times: is -1; give 0 to 1000000000"},
		{"percent", "faults: [{do: drop, percent: 101}]", "faults[0].percent: is 101; give 0 to 100"},
		{"a key of another fault of OCS", "faults: [{do: drop, latency: 5s}]", "faults[0].latency:" + noTServer + "drop, which has ocs, request, phone, campaign, percent, times"},
		{"a key of T-Server", "faults: [{do: silence, after: 5}]", "faults[0].after:" + noTServer + "silence, which has ocs, request, phone, campaign, percent, times"},
		{"a key of OCS", "faults: [{do: garbage, after: 5, phone: 1}]", "faults[0].phone:" + noTServer + "garbage, which has application, after, times"},
		{"a client of the link", "faults: [{do: link_up, after: 5, application: a}]", "faults[0].application:" + noTServer + "link_up, which has after, times"},
		{"fault.ocs", "faults: [{do: drop, ocs: 205}]", "faults[0].ocs: there is no OCS 205; there are 201, 202, 203"},
		{"fault.ocs, disabled", "faults: [{do: drop, ocs: 203}]", "faults[0].ocs: OCS 203 is disabled"},
		{"fault.ocs, another type", "faults: [{do: drop, ocs: 102}]", "faults[0].ocs: application 102 is no OCS but a third-party-application; there are 201, 202, 203"},
		{"fault.campaign", "faults: [{do: drop, campaign: 1}]", "faults[0].campaign: there is no campaign 1; there are 1001, 1002, 1003"},
		{"fault.request", "faults: [{do: drop, request: 33}]", `faults[0].request: "33" is no request; there are load-campaign, unload-campaign, start-dialing, stop-dialing, set-dialing-mode, get-campaign-status, force-unload-campaign, cancel-record, do-not-call`},
		{"fault.phone", "faults: [{do: drop, phone: " + strings.Repeat("5", 65) + "}]", "faults[0].phone: has 65 bytes; at most 64 are possible"},
		{"fault.application", "faults: [{do: close, after: 1, application: ' a'}]", "faults[0].application: begins or ends with a blank"},
		{"a request without a phone", "faults: [{do: drop, request: load-campaign, phone: 1}]", "faults[0].phone: CM_ReqLoadCampaign has no phone"},
		{"a request without a campaign", "faults: [{do: drop, request: do-not-call, campaign: 1001}]", "faults[0].campaign: CM_ReqDoNotCall has no campaign"},

		{"generate.groups", "generate: {groups: 1001}", "generate.groups: is 1001; give 0 to 1000"},
		{"generate.campaigns", "generate: {campaigns: -1}", "generate.campaigns: is -1; give 0 to 10000"},
		{"generate.customers", "generate: {campaigns: 2, customers: -1}", "generate.customers: is -1; give 0 to 1000000"},
		{"generate.phones", "generate: {campaigns: 2, customers: 1000, phones: 1001}", "generate: has 1001000 records; at most 1000000 are possible in a calling list"},
		{"generate.agents", "generate: {agents: 5}", "generate.agents: is without effect: there are no groups to be made up"},
		{"generate.customers, no campaigns", "generate: {customers: 5}", "generate: customers and phones are without effect: there are no campaigns to be made up"},
		{"generate.agents, many", "generate: {groups: 1, agents: 10001}", "groups[2].agents: is 10001; give 0 to 10000"},
		{"all records", "generate: {campaigns: 6, customers: 1000000}", "!f:13: calling_lists: have 6000000 records; at most 5000000 are possible"},
	} {
		want := "f:22: " + c.want
		if strings.HasPrefix(c.want, "!") {
			want = c.want[1:]
		}
		if got := lines(t, base+c.text+"\n"); got != want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, want)
		}
	}
}

// What the base of TestCheck has of its own.
func TestCheckObjects(t *testing.T) {
	ocs := func(keys string) string { return "applications:\n- dbid: 201\n  type: ocs\n  ocs:\n    " + keys + "\n" }
	list := func(keys string) string { return "calling_lists:\n- dbid: 601\n  name: a\n  " + keys + "\n" }
	for _, c := range []struct{ name, text, want string }{
		{"type", "applications:\n- {dbid: 1, type: OCS}\n", `f:2: applications[0].type: "OCS" is no type of application; did you mean ocs?`},
		{"type, nothing like it", "applications:\n- {dbid: 1, type: stat-server}\n", `f:2: applications[0].type: "stat-server" is no type of application; there are ocs, third-party-server, third-party-application`},
		{"DBID", "tenants:\n- {dbid: -5, name: a}\n", "f:2: tenants[0].dbid: is -5; give 1 or more"},
		{"DBID twice", "applications:\n- dbid: 5\n  type: ocs\n-\n  type: ocs\n  dbid: 5\n", "f:6: applications[1].dbid: 5 is the DBID of applications[0] in line 2"},
		{"DBIDs of two kinds", "groups:\n- {dbid: 5, name: a}\ncampaigns:\n- {dbid: 5, name: a}\n", ""},
		{"name empty", "groups:\n- {dbid: 5, name: ''}\n", "f:2: groups[0].name: is empty"},
		{"name twice", "campaigns:\n- {dbid: 1, name: a}\n- {dbid: 2, name: a}\n", `f:3: campaigns[1].name: "a" is the name of campaigns[0] in line 2`},
		{"name twice, of one tenant", "tenants:\n- {dbid: 7, name: x}\ncampaigns:\n- {dbid: 1, name: a}\n- {dbid: 2, name: a, tenant: 7}\n", `f:5: campaigns[1].name: "a" is the name of campaigns[0] in line 4`},
		{"name of an application twice", "applications:\n- {dbid: 1, type: ocs, name: a}\n- {dbid: 2, type: ocs, name: a}\n- {dbid: 3, type: ocs}\n- {dbid: 4, type: ocs}\n", `f:3: applications[1].name: "a" is the name of applications[0] in line 2`},
		{"the only tenant", "groups:\n- {dbid: 1, name: a, tenant: 1}\n- {dbid: 2, name: b, tenant: 2}\n", "f:3: groups[1].tenant: there is no tenant 2; there is 1"},
		{"tenant 0", "groups:\n- {dbid: 1, name: a, tenant: 0}\n", "f:2: groups[0].tenant: there is no tenant 0; there is 1"},
		{"agents", "groups:\n- {dbid: 1, name: a, agents: -1}\n", "f:2: groups[0].agents: is -1; give 0 to 10000"},

		{"connection to nothing", "applications:\n- {dbid: 201, type: ocs, connections: [102]}\n", "f:2: applications[0].connections[0]: there is no application 102; there is 201"},
		{"connection to itself", "applications:\n- {dbid: 201, type: ocs, connections: [201]}\n", "f:2: applications[0].connections[0]: 201 is the application itself"},
		{"connection twice", "applications:\n- {dbid: 101, type: third-party-server}\n- {dbid: 201, type: ocs, connections: [101, 101]}\n", "f:3: applications[1].connections[1]: 101 is there twice"},
		{"connection of OCS to a third-party application", "applications:\n- {dbid: 102, type: third-party-application}\n- {dbid: 201, type: ocs, connections:\n  [102]}\n", "f:4: applications[1].connections[0]: is without effect: the connection of a third-party-application goes the other way round; put 201 into the connections of application 102"},
		{"connection of a third-party server", "applications:\n- {dbid: 101, type: third-party-server, connections: [201]}\n- {dbid: 201, type: ocs}\n", "f:2: applications[0].connections[0]: is without effect: the connection of a third-party-server goes the other way round; put 101 into the connections of the OCS"},
		{"connection to no OCS", "applications:\n- {dbid: 101, type: third-party-server}\n- {dbid: 102, type: third-party-application, connections: [101]}\n", "f:3: applications[1].connections[0]: 101 is no OCS but a third-party-server; a third-party-application has the OCS in its connections that serve it"},
		{"connection to another OCS", "applications:\n- {dbid: 201, type: ocs, connections: [202]}\n- {dbid: 202, type: ocs}\n", "f:2: applications[0].connections[0]: 202 is an OCS too; an OCS has the third-party-servers in its connections that it serves"},
		{"tenant of OCS", "applications:\n- {dbid: 201, type: ocs, tenants: [1, 5]}\n", "f:2: applications[0].tenants[1]: there is no tenant 5; there is 1"},
		{"keys of OCS", "applications:\n- dbid: 101\n  type: third-party-server\n  ocs: {used_up: true}\n  tenants: [1]\n", "f:4: applications[0].ocs: is for applications of the type ocs only\nf:5: applications[0].tenants: is for applications of the type ocs only"},

		{"licensed", ocs("licensed: [1, 12]"), `f:5: applications[0].ocs.licensed[1]: "12" is no dialing mode; there are predict, progress, preview, progress-and-seize, predict-and-seize, push-preview, progress-gvp, power-gvp`},
		{"licensed twice", ocs("licensed: [1, predict]"), "f:5: applications[0].ocs.licensed[1]: CFGDMPredict is there twice"},
		{"ring", ocs("ring: -1s"), "f:5: applications[0].ocs.ring: is -1s; give 0 to 8784h"},
		{"talk", ocs("talk: 8785h"), "f:5: applications[0].ocs.talk: is 8785h; give 0 to 8784h"},
		{"preview", ocs("preview: -1s"), "f:5: applications[0].ocs.preview: is -1s; give 0 to 8784h"},
		{"dial_rate", ocs("dial_rate: 10001"), "f:5: applications[0].ocs.dial_rate: is 10001; give 0 to 10000"},
		{"dial_rate, negative", ocs("dial_rate: -0.1"), "f:5: applications[0].ocs.dial_rate: is -0.1; give 0 to 10000"},
		{"results", ocs("results: {busy: -1, fax: 1000001}"), "f:5: applications[0].ocs.results.busy: is -1; give 0 to 1000000\nf:5: applications[0].ocs.results.fax: is 1000001; give 0 to 1000000"},
		{"results, all 0", ocs("results: {busy: 0}"), "f:5: applications[0].ocs.results: has shares of 0 alone; give one, or leave the key out"},
		{"attempts", ocs("treatment: {attempts: 101}"), "f:5: applications[0].ocs.treatment.attempts: is 101; give 0 to 100"},
		{"after", ocs("treatment: {after: -1m}"), "f:5: applications[0].ocs.treatment.after: is -1m; give 0 to 8784h"},
		{"unload_time", ocs("unload_time: -1h"), "f:5: applications[0].ocs.unload_time: is -1h; give 0 to 8784h"},
		{"statistics", ocs("statistics: -1h1m"), "f:5: applications[0].ocs.statistics: is -1h1m; give 0 to 8784h"},
		{"response_key", ocs("response_key: " + strings.Repeat("k", 256)), "f:5: applications[0].ocs.response_key: has 256 bytes; at most 255 are possible"},
		{"charset", ocs("charset: latin"), `f:5: applications[0].ocs.charset: is "latin", which is no charset that is known; give iso-8859-1, windows-1252, shift_jis or another name of the WHATWG's list`},
		{"backup", ocs("backup: -202"), "f:5: applications[0].ocs.backup: is -202; a DBID is 1 or more"},
		{"big_answers", ocs("big_answers: true"), "f:5: applications[0].ocs.big_answers: needs a tserver.max_user_data of 48000 to 65535, or T-Server takes no such answer"},
		{"no habit", ocs("no_eco: true"), "f:5: applications[0].ocs.no_eco: unknown key; did you mean no_echo?"},

		{"record without phone", list("records: [{phone: ''}]"), "f:4: calling_lists[0].records[0].phone: is empty; every record has one"},
		{"phone of a record", list("records:\n  - {phone: 1}\n  - {phone: " + strings.Repeat("5", 65) + "}"), "f:6: calling_lists[0].records[1].phone: has 65 bytes; at most 64 are possible"},
		{"customer of a record", list("records: [{phone: 1, customer_id: " + strings.Repeat("5", 256) + "}]"), "f:4: calling_lists[0].records[0].customer_id: has 256 bytes; at most 255 are possible"},
		{"type of a record", list("records: [{phone: 1, type: call-back}]"), `f:4: calling_lists[0].records[0].type: is "call-back"; give general, campaign-rescheduled or campaign-call-back`},
		{"chain of a record", list("records: [{phone: 1, chain: -1}]"), "f:4: calling_lists[0].records[0].chain: is negative; give 0 for a chain of its own, or 1 and more"},
		{"customers", list("generate: {customers: 1000001}"), "f:4: calling_lists[0].generate.customers: is 1000001; give 0 to 1000000"},
		{"phones", list("generate: {customers: 1, phones: -1}"), "f:4: calling_lists[0].generate.phones: is -1; give 0 to 1000000"},
		{"records", list("generate: {customers: 500000, phones: 2}\n  records: [{phone: 1}]"), "f:2: calling_lists[0]: has 1000001 records; at most 1000000 are possible in a calling list"},
		{"tenant of a list", list("tenant: 2"), "f:4: calling_lists[0].tenant: there is no tenant 2; there is 1"},

		{"list of none", "calling_lists: [{dbid: 601, name: a}, {dbid: 602, name: b}]\ncampaigns:\n- {dbid: 1, name: a}\n- {dbid: 2, name: b}\n- dbid: 3\n  name: c\n  calling_lists:\n  - 609\n", "f:8: campaigns[2].calling_lists[0]: there is no calling list 609; there are 601, 602"},
		{"no lists at all", "campaigns:\n- {dbid: 1, name: a, calling_lists: [601]}\n", "f:2: campaigns[0].calling_lists[0]: there is no calling list 601; there is none"},
		{"list twice", "calling_lists: [{dbid: 601, name: a}]\ncampaigns:\n- {dbid: 1, name: a, calling_lists: [601, 601]}\n", "f:3: campaigns[0].calling_lists[1]: 601 is there twice"},
		{"list of another tenant", "tenants: [{dbid: 1, name: a}, {dbid: 2, name: b}]\ncalling_lists: [{dbid: 601, name: a}]\ncampaigns:\n- {dbid: 5, name: a, tenant: 2, calling_lists: [601]}\n", "f:4: campaigns[0].calling_lists[0]: calling list 601 is of tenant 1, and campaign 5 of tenant 2"},
		{"tenant of a campaign", "campaigns:\n- {dbid: 5, name: a, tenant: 2}\n", "f:2: campaigns[0].tenant: there is no tenant 2; there is 1"},
		{"a list for two OCS", "applications: [{dbid: 201, type: ocs}, {dbid: 202, type: ocs}]\ngroups: [{dbid: 1, name: a}]\ncalling_lists: [{dbid: 601, name: a}]\n" +
			"campaigns: [{dbid: 1, name: a, calling_lists: [601]}, {dbid: 2, name: b, calling_lists: [601]}]\ncampaign_groups:\n- {campaign: 1, group: 1}\n- {campaign: 2, group: 1, ocs: 202}\n",
			"f:7: campaign_groups[1]: calling list 601 would be dialed by OCS 202, and by OCS 201 for campaign_groups[0] in line 6; give each its own"},
		{"no OCS", "groups: [{dbid: 1, name: a}]\ncampaigns: [{dbid: 1, name: a}]\ncampaign_groups:\n- {campaign: 1, group: 1}\n", "f:4: campaign_groups[0]: there is no OCS that serves it; add an application of the type ocs that is not disabled"},
		{"campaigns without a group", "generate: {campaigns: 1}\n", "f:1: generate.campaigns: there is no group for the campaigns; give groups too"},
		{"a name that generate gives", "generate: {groups: 1}\ngroups:\n- {dbid: 1, name: Group 501}\n", `f:1: groups[1].name: "Group 501" is the name of groups[0] in line 3`},
		{"one of many", "generate: {groups: 20}\napplications: [{dbid: 201, type: ocs}]\ncampaigns: [{dbid: 1, name: a}]\ncampaign_groups:\n- {campaign: 1, group: 5111}\n", "f:5: campaign_groups[0].group: there is no group 5111; did you mean 511 or 501 or 510?"},
		{"none of many", "generate: {groups: 20}\napplications: [{dbid: 201, type: ocs}]\ncampaigns: [{dbid: 1, name: a}]\ncampaign_groups:\n- {campaign: 1, group: 99}\n", "f:5: campaign_groups[0].group: there is no group 99; there are 20 from 501 to 520"},
	} {
		if got := lines(t, c.text); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// A scenario that is written in Go can have what no file can.
func TestCheckInGo(t *testing.T) {
	nan := math.NaN()
	s := &Scenario{
		Description: "\xff",
		Clock:       Clock{Speed: &nan},
		Applications: []Application{{DBID: 201, Type: OutboundContactServer, OCS: OCS{
			Licensed: []commdn.DialMode{6}, DialRate: nan, Habits: habits.Habits{ResponseKey: "\xff", NItems: "few", BigAnswers: true}, Backup: 201, Ring: math.MaxInt64}}},
		Groups:         []Group{{DBID: 1, Name: "a"}},
		Campaigns:      []Campaign{{DBID: 1, Name: "a"}, {DBID: 1, Name: "a"}},
		CampaignGroups: []CampaignGroup{{Campaign: 1, Group: 1, Dialing: Dialing{Mode: 7, OptimizeBy: 9}}},
		Faults:         []Fault{{Do: Refuse, Error: 99}, {Do: Drop, Request: commdn.EvError}},
	}
	const modes = "; there are predict, progress, preview, progress-and-seize, predict-and-seize, push-preview, progress-gvp, power-gvp"
	want := []string{
		"description: is no UTF-8 text",
		"clock.speed: is NaN; give 0 to 10000",
		"applications[0].ocs.licensed[0]: 6 is no dialing mode" + modes,
		"applications[0].ocs.ring: is 2562047h47m16.854775807s; give 0 to 8784h",
		"applications[0].ocs.dial_rate: is NaN; give 0 to 10000",
		"applications[0].ocs.backup: 201 is the application ocs_201 already; a backup is part of its pair and has no entry of its own",
		`applications[0].ocs.response_key: is "\xff", which is no plain text`,
		`applications[0].ocs.n_items: is "few"; give absent or wrong`,
		"applications[0].ocs.big_answers: needs a tserver.max_user_data of 48000 to 65535, or T-Server takes no such answer",
		"campaigns[1].dbid: 1 is the DBID of campaigns[0]",
		`campaigns[1].name: "a" is the name of campaigns[0]`,
		"campaign_groups[0].dialing.mode: 7 is no dialing mode" + modes,
		"campaign_groups[0].dialing.optimize_by: 9 is no optimization method; there are busy-factor, overdial-rate, wait-time",
		"faults[0].error: 99 is no error; there are server-connected, register-client, campaign-not-found, campaign-not-loaded, campaign-already-loaded, campaign-not-started, campaign-already-started, group-not-found, group-camp-not-found, invalid-parameter, invalid-campaign-mode, invalid-campaign-schedule, campaign-schedule-not-found, invalid-campaign-schedule-mode, license-violation",
		"faults[1].request: CM_EvError is no request; there are load-campaign, unload-campaign, start-dialing, stop-dialing, set-dialing-mode, get-campaign-status, force-unload-campaign, cancel-record, do-not-call",
	}
	err := s.Check()
	if err == nil {
		t.Fatal("no error")
	}
	if got := err.Error(); got != "scenario: "+strings.Join(want, "\nscenario: ") {
		t.Errorf("got\n%s", got)
	}
	if first, ok := errors.AsType[*Error](err); !ok || *first != (Error{Path: "description", What: "is no UTF-8 text"}) {
		t.Errorf("%+v", first)
	}
	if err := (&Scenario{}).Check(); err != nil {
		t.Errorf("nothing at all: %v", err)
	}
}

func TestErrorsAreBounded(t *testing.T) {
	list := CallingList{DBID: 1, Name: "a", Records: make([]Record, 100_000)}
	err := (&Scenario{CallingLists: []CallingList{list}}).Check()
	if err == nil {
		t.Fatal("no error")
	}
	all := strings.Split(err.Error(), "\n")
	if len(all) != MaxErrors || all[19] != "scenario: calling_lists[0].records[19].phone: is empty; every record has one" {
		t.Errorf("%d errors, the last one %s", len(all), all[len(all)-1])
	}
}

func TestFaultCheck(t *testing.T) {
	s := Shipped("demo")
	for _, f := range []Fault{
		{Do: Delay, Latency: time.Second}, {Do: Drop, OCS: 201, Campaign: 1001, Request: commdn.ReqCancelRecord, Phone: "1"},
		{Do: Close}, {Do: Close, Times: 1}, {Do: Close, After: 3, Times: 5}, {Do: Stall, For: time.Second, Application: "commdn"},
		{Do: Garbage}, {Do: LinkDown}, {Do: LinkDown, For: time.Second}, {Do: LinkUp}, {Do: Unregister}, {Do: Reorder, Percent: 100},
		{Do: Duplicate}, {Do: Silence, Times: 1}, {Do: Refuse, Error: 3},
	} {
		if err := f.Check(s); err != nil {
			t.Errorf("%+v: %v", f, err)
		}
	}
	for want, f := range map[string]Fault{
		`fault: do: "" is no fault; there are ` + strings.Join(dos, ", "):                                                  {},
		"fault: a delay needs latency, jitter or both":                                                                     {Do: Delay},
		"fault: after: has no meaning for drop, which has ocs, request, phone, campaign, percent, times":                   {Do: Drop, After: 1},
		"fault: times: is 2; a fault that happens at once does so once, so give after too":                                 {Do: Close, Times: 2},
		"fault: ocs: there is no OCS 202; there is 201":                                                                    {Do: Drop, OCS: 202},
		"fault: ocs: application 101 is no OCS but a third-party-server; there is 201":                                     {Do: Drop, OCS: 101},
		"fault: campaign: there is no campaign 5; there are 1001, 1002, 1003, 1004":                                        {Do: Drop, Campaign: 5},
		"fault: there is no backup to switch over to; a scenario has one with tserver: {backup: true}":                     {Do: Switchover},
		"fault: percent: is -1; give 0 to 100\nfault: campaign: there is no campaign -1; there are 1001, 1002, 1003, 1004": {Do: Drop, Percent: -1, Campaign: -1},
	} {
		if err := f.Check(s); err == nil || err.Error() != want {
			t.Errorf("%+v:\n got %v\nwant %s", f, err, want)
		}
	}
	if err := (Fault{Do: Switchover}).Check(Shipped("two-ocs")); err != nil {
		t.Errorf("with a backup: %v", err)
	}
}
