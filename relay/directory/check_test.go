package directory

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/confdb"
)

// TestExportedRules: the rules follow an export's Connections and options of CommDNs.
func TestExportedRules(t *testing.T) {
	d := load(t, "export.json")
	for _, c := range []struct {
		ocs, app commdn.DBID
		want     bool
		why      string
	}{
		{201, 101, true, "a third-party server in the Connections of OCS"},
		{201, 102, true, "a third-party application with OCS in its own"},
		{202, 101, true, "the other OCS"},
		{202, 102, false, "connected to OCS_1 alone"},
		{201, 103, false, "the application is disabled"},
		{203, 101, false, "the OCS is disabled"},
		{201, 104, false, "a third-party server with OCS in its own Connections"},
		{201, 99, false, "a T-Server"},
	} {
		ocs, _ := d.Application(c.ocs)
		app, ok := d.Application(c.app)
		if got := confdb.Serves(ocs, app); got != c.want || !ok {
			t.Errorf("%d, %d: %v (%s)", c.ocs, c.app, got, c.why)
		}
	}
	ocs, _ := d.Application(202)
	if got := join(d.Monitored(ocs)); got != "CommDN_1, CommDN_4" {
		t.Errorf("a section for one OCS: %s", got)
	}
}

const servers = `
applications:
  - {dbid: 201, name: OCS_1, type: ocs, connections: [101, 103]}
  - {dbid: 202, name: OCS_2, type: ocs, connections: [105]}
  - {dbid: 203, name: OCS_3, type: ocs, disabled: true, connections: [105]}
  - {dbid: 101, name: commdn, type: third-party-server}
  - {dbid: 102, name: lonely, type: third-party-server, connections: [202]}
  - {dbid: 103, name: apart, type: third-party-application}
  - {dbid: 104, name: off, type: third-party-server, disabled: true}
  - {dbid: 105, name: second, type: third-party-server}
  - {dbid: 106, name: both, type: third-party-application, connections: [201, 202]}
`

func TestCheck(t *testing.T) {
	const three = "comm_dns: [{number: CommDN_1, outbound_contact_server: true}, {number: CommDN_2}, {number: CommDN_3, outbound_contact_server: false}]\n"
	const without = "warning: OCS_2 (202) is in the Connections of third-party-server lonely (102), to no effect: put the third-party-server into the Connections of the OCS"
	const wrongWay = "warning: third-party-application apart (103) is in the Connections of OCS_1 (201), to no effect: put the OCS into the Connections of the third-party-application"
	for _, c := range []struct {
		name, dns string
		use       Use
		want      []string // beside the usual ones
	}{
		{"all is well", three, Use{"commdn", "CommDN_1", []commdn.DBID{201}, nil}, nil},
		{"by DBID", three, Use{"101", "CommDN_1", nil, nil}, nil},
		{"the CommDN is found", three, Use{Application: "commdn"}, []string{"info: CommDN_1 is taken: the only CommDN that OCS_1 (201) works with"}},
		{"unknown application", three, Use{Application: "comdn"}, []string{`error: application "comdn" is not in the directory; did you mean commdn?`}},
		{"an OCS as application", three, Use{Application: "OCS_1"}, []string{"error: application OCS_1 (201) is of the type ocs; OCS takes requests from a third-party-server or a third-party-application alone"}},
		{"disabled application", three, Use{Application: "off"}, []string{"error: application off (104) is disabled; enable it"}},
		{"no application named", three, Use{}, []string{"error: there are 3 applications that an OCS serves, so that the relay's own has to be named: commdn (101), second (105), both (106)"}},
		{"silence, a server", three, Use{Application: "lonely", CommDN: "CommDN_1"}, []string{
			"error: application lonely (102) is connected to no OCS: every request would be met with silence; add it to the Connections of one of OCS_1 (201), OCS_2 (202) (it has OCS_2 (202) in its own, which counts for a third-party-application only)"}},
		{"silence, an application", three, Use{Application: "apart", CommDN: "CommDN_1"}, []string{
			"error: application apart (103) is connected to no OCS: every request would be met with silence; add one of OCS_1 (201), OCS_2 (202) to its Connections (OCS_1 (201) has it in its own, which counts for a third-party-server only)"}},
		{"a disabled OCS", three, Use{"second", "CommDN_1", nil, nil}, []string{"warning: OCS_3 (203) is connected to application second (105), but disabled: it does not answer"}},
		{"several OCS", three, Use{"both", "CommDN_1", nil, nil}, []string{"info: 2 OCS answer on CommDN_1: OCS_1 (201), OCS_2 (202); a request to all of them is answered by each"}},
		{"one OCS too few", three, Use{"both", "CommDN_1", []commdn.DBID{202}, nil}, []string{"warning: OCS_1 (201) serves application both (106) too, but is not among the OCS of the link: answers of it would be passed over"}},
		{"OCS that are none", three, Use{"both", "CommDN_1", []commdn.DBID{5, 101, 203, 201, 202}, nil}, []string{
			"error: there is no application 5, which should be an OCS; there are OCS_1 (201), OCS_2 (202)",
			"error: application commdn (101) is no OCS but of the type third-party-server; there are OCS_1 (201), OCS_2 (202)",
			"error: OCS_3 (203) is disabled, so that requests to it would be met with silence"}},
		{"an OCS that is not connected", three, Use{"commdn", "CommDN_1", []commdn.DBID{201, 202}, nil}, []string{
			"error: application commdn (101) is not connected to OCS_2 (202), which would meet every request with silence; add it to the Connections of OCS_2 (202)"}},
		{"unknown CommDN", three, Use{Application: "commdn", CommDN: "commdn_1"}, []string{`error: there is no CommDN "commdn_1"; did you mean CommDN_1?`}},
		{"unknown CommDN, nothing like it", three, Use{Application: "commdn", CommDN: "7000"}, []string{`error: there is no CommDN "7000"; there are CommDN_1, CommDN_2, CommDN_3`}},
		{"not the chosen CommDN", three, Use{Application: "commdn", CommDN: "CommDN_2"}, []string{
			"warning: OCS_1 (201) does not monitor CommDN_2: CommDN_1 has outbound_contact_server true, and it has not",
			"error: no OCS of the link works with CommDN_2: every request would be met with silence"}},
		{"not the chosen CommDN, the OCS named", three, Use{"commdn", "CommDN_3", []commdn.DBID{201}, nil}, []string{
			"error: OCS_1 (201) does not monitor CommDN_3: it has outbound_contact_server false",
			"error: no OCS of the link works with CommDN_3: every request would be met with silence"}},
		{"one CommDN for all OCS", "comm_dns: [{number: A}]", Use{Application: "both"}, []string{"info: A is taken: the only CommDN that all of OCS_1 (201), OCS_2 (202) work with",
			"info: 2 OCS answer on A: OCS_1 (201), OCS_2 (202); a request to all of them is answered by each"}},
		{"several CommDNs fit", "comm_dns: [{number: A}, {number: B}]", Use{Application: "commdn"}, []string{"error: there are 2 CommDNs that OCS_1 (201) works with, so that one has to be named: A, B"}},
		{"none fits", "comm_dns: [{number: A, outbound_contact_server: false}, {number: B, disabled: true}]", Use{Application: "commdn"}, []string{
			"error: there is no CommDN that OCS_1 (201) works with", "info: OCS_1 (201) does not monitor A: it has outbound_contact_server false", "info: OCS_1 (201) does not monitor B: it is disabled"}},
		{"none is there", "comm_dns: []", Use{Application: "commdn"}, []string{"error: there is no CommDN that OCS_1 (201) works with", "info: the directory has no CommDN: a DN of the type Communication DN"}},
	} {
		want := append(c.want, wrongWay, without)
		var got []string
		for _, f := range parse(t, servers+c.dns).Check(c.use) {
			got = append(got, f.String())
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
	}
}

func TestCheckWithoutServers(t *testing.T) {
	d := parse(t, "applications: [{dbid: 101, name: a, type: third-party-server}]")
	for use, want := range map[string]string{
		"":  "error: no application is connected to an OCS: put a third-party-server into the Connections of an OCS, or an OCS into those of a third-party-application",
		"a": "error: application a (101) is connected to no OCS: every request would be met with silence; there is no OCS that is enabled",
	} {
		if got := fmt.Sprint(d.Check(Use{Application: use})); got != "["+want+"]" {
			t.Errorf("%q: %s", use, got)
		}
	}
}

func TestResolve(t *testing.T) {
	d := parse(t, "applications: [{dbid: 201, name: O, type: ocs, connections: [101]}, {dbid: 101, name: a, type: third-party-server}]\ncomm_dns: [{number: A}, {number: B, disabled: true}]")
	link, found := d.Resolve(Use{})
	if link.Application.DBID != 101 || link.CommDN.Number != "A" || len(link.OCS) != 1 || link.OCS[0].DBID != 201 ||
		fmt.Sprint(found) != "[info: application a (101) is taken: the only one that an OCS serves info: A is taken: the only CommDN that O (201) works with]" {
		t.Errorf("%+v, %v", link, found)
	}
	link, found = load(t, "export.json").Resolve(Use{Application: "commdn", CommDN: "CommDN_4"})
	if len(link.OCS) != 1 || link.OCS[0].DBID != 202 || link.CommDN.DBID != 304 ||
		!strings.Contains(fmt.Sprint(found), "warning: OCS_1 (201) does not monitor CommDN_4: CommDN_1 has outbound_contact_server true, and it has not") {
		t.Errorf("an OCS that does not monitor the CommDN is left out: %+v, %v", link, found)
	}
}

// TestSameNumber: two switches may have DNs of the same number.
func TestSameNumber(t *testing.T) {
	d := parse(t, `{"CFGApplication": [{"DBID": 201, "name": "O", "type": 12, "appServerDBIDs": {"CfgConnectionInfo": {"appServerDBID": 101}}}, {"DBID": 101, "name": "a", "type": 23}],
		"CFGDN": [{"DBID": 1, "number": "A", "type": 23, "state": 2}, {"DBID": 2, "number": "A", "type": 23}]}`)
	link, found := d.Resolve(Use{"a", "A", nil, nil})
	if link.CommDN.DBID != 2 || fmt.Sprint(found) != "[warning: A is the number of 2 DNs, A (1), A (2); the T-Server of the link decides which one it is]" {
		t.Errorf("%+v, %v", link, found)
	}
}

func TestFrame(t *testing.T) {
	d := load(t, "export.json")
	all := frame.Directory{
		Campaigns: []frame.Named{{DBID: 1001, Name: "Autumn offers"}, {DBID: 1002, Name: "Renewals"}, {DBID: 1004, Name: "true"}},
		Groups:    []frame.Named{{DBID: 501, Name: "Service"}, {DBID: 502, Name: "Sales"}, {DBID: 505, Name: "Voice platform"}},
		CampaignGroups: []frame.CampaignGroup{
			{Campaign: 1001, Group: 501, OCS: 201},
			{Campaign: 1002, Group: 502, OCS: 202},
		},
	}
	if got := d.Frame(everything); !reflect.DeepEqual(got, all) {
		t.Errorf("%+v", got)
	}
	got := d.Frame(func(kind Kind, o, tenant frame.Named) bool {
		return kind == KindCampaign && tenant == frame.Named{DBID: 102, Name: "Bank"} || kind == KindGroup && o.Name == "Sales"
	})
	if want := (frame.Directory{Campaigns: all.Campaigns[2:], Groups: all.Groups[1:2]}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	got = d.Frame(func(kind Kind, o, _ frame.Named) bool { return kind == KindCampaign || o.DBID == 502 })
	if want := (frame.Directory{Campaigns: all.Campaigns, Groups: all.Groups[1:2], CampaignGroups: all.CampaignGroups[1:]}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	d = parse(t, "campaigns: [{dbid: 1, name: X}]")
	d.Frame(func(_ Kind, _, tenant frame.Named) bool {
		if tenant != (frame.Named{DBID: confdb.DefaultTenant}) {
			t.Errorf("without tenants: %+v", tenant)
		}
		return true
	})
	if got := parse(t, "tenants: [{dbid: 1, name: T, disabled: true}]\ncampaigns: [{dbid: 1, name: X}]").Frame(everything); got.Campaigns != nil {
		t.Errorf("of a tenant that is disabled: %+v", got)
	}
}

// TestNamesInLines: names of an export may hold anything; the lines of Explain stay
// lines.
func TestNamesInLines(t *testing.T) {
	d := parse(t, `{"CFGApplication": [{"DBID": 201, "name": "O\n\u001b[2J", "type": 12}], "CFGDN": [{"DBID": 1, "number": "A\tB", "type": 23}]}`)
	var b strings.Builder
	d.Explain(&b, Use{})
	if text := b.String(); strings.ContainsAny(text, "\x1b\t") || !strings.Contains(text, `"O\n\x1b[2J" (201)`) {
		t.Errorf("%q", text)
	}
}

// everything is visible.
func everything(Kind, frame.Named, frame.Named) bool { return true }
