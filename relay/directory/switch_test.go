package directory

import (
	"fmt"
	"strings"
	"testing"
)

// sites has CommDN_L on a switch whose T-Server is not in the Connections of OCS, and a
// CommDN_1 on each of the two switches.
const sites = `{"CFGApplication": [{"DBID": 99, "name": "T_Madrid", "type": 1}, {"DBID": 98, "name": "T_Lyon", "type": 1}, {"DBID": 101, "name": "commdn", "type": 23},
		{"DBID": 201, "name": "OCS_1", "type": 12, "appServerDBIDs": {"CfgConnectionInfo": [{"appServerDBID": 99}, {"appServerDBID": 101}]}}],
	"CFGDN": [
		{"DBID": 301, "number": "CommDN_M", "type": 23, "switchDBID": 401},
		{"DBID": 302, "number": "CommDN_L", "type": 23, "switchDBID": {"value": "402"}},
		{"DBID": 303, "number": "CommDN_1", "type": 23, "switchDBID": 401},
		{"DBID": 304, "number": "CommDN_1", "type": 23, "switchDBID": 402}],
	"CFGSwitch": [{"DBID": 401, "name": "Madrid", "TServerDBID": "99"}, {"DBID": {"value": 402}, "name": {"value": "Lyon"}, "TServerDBID": {"value": 98}}, {"DBID": 403, "state": 3}]}`

// TestSilentSwitch: an OCS without the T-Server of the CommDN's switch hears nothing
// there, which is no more than a warning.
func TestSilentSwitch(t *testing.T) {
	const silent = "warning: OCS_1 (201) probably does not hear requests on %s: T_Lyon (98), the T-Server of its switch Lyon (402), is not in the Connections of OCS_1 (201); add that T-Server to them, unless OCS has another one for this switch"
	d := parse(t, sites)
	for dn, want := range map[string]string{
		"CommDN_M": "",
		"CommDN_L": fmt.Sprintf(silent, "CommDN_L"),
		"CommDN_1": "warning: CommDN_1 is the number of 2 DNs, CommDN_1 on Madrid (401), CommDN_1 on Lyon (402); the T-Server of the link decides which one it is " +
			fmt.Sprintf(silent, "CommDN_1 on Lyon (402)"),
		"": "error: there are 4 CommDNs that OCS_1 (201) works with, so that one has to be named: CommDN_M, CommDN_L, CommDN_1 on Madrid (401), CommDN_1 on Lyon (402)",
	} {
		if got := fmt.Sprint(d.Check(Use{Application: "commdn", CommDN: dn})); got != "["+want+"]" {
			t.Errorf("%s: %s", dn, got)
		}
	}
	excluded := parse(t, strings.Replace(sites, `"DBID": 304,`, `"DBID": 304, "userProperties": {"default": {"outbound_contact_server": "false"}},`, 1))
	if got := fmt.Sprint(excluded.Check(Use{Application: "commdn", CommDN: "CommDN_1"})); strings.Contains(got, "Lyon (402), is not") {
		t.Errorf("OCS does not work with the one on Lyon: %s", got)
	}
	only := parse(t, strings.Replace(strings.Replace(sites, `"CommDN_M", "type": 23`, `"CommDN_M", "type": 1`, 1), `"CommDN_1", "type": 23`, `"CommDN_1", "type": 1`, 2))
	if got := fmt.Sprint(only.Check(Use{})); got != "[info: application commdn (101) is taken: the only one that an OCS serves "+
		"info: CommDN_L is taken: the only CommDN that OCS_1 (201) works with "+fmt.Sprintf(silent, "CommDN_L")+"]" {
		t.Error(got)
	}
	var b strings.Builder
	if !d.Explain(&b, Use{Application: "commdn", CommDN: "CommDN_L"}) {
		t.Error("not ok")
	}
	for _, want := range []string{
		"4 CommDNs, 0 campaigns, 0 groups, 0 campaign groups, 2 switches\n",
		"  on      CommDN_M                 outbound_contact_server is undefined, and true for none\n",
		"  on      CommDN_L                 outbound_contact_server is undefined, and true for none; but T_Lyon (98), the T-Server of its switch Lyon (402), is not in the Connections of OCS_1 (201)\n",
		"  on      CommDN_1 on Madrid (401) outbound",
		"  on      CommDN_1 on Lyon (402)   outbound",
	} {
		if !strings.Contains(strings.ReplaceAll(b.String(), "  outbound", " outbound"), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// TestChosenOnSwitch: a CommDN that is named in the reason for another has its switch too.
func TestChosenOnSwitch(t *testing.T) {
	d := parse(t, strings.Replace(sites, `"DBID": 304,`, `"DBID": 304, "userProperties": {"default": {"outbound_contact_server": "true"}},`, 1))
	got := fmt.Sprint(d.Check(Use{Application: "commdn", CommDN: "CommDN_M"}))
	if !strings.Contains(got, "OCS_1 (201) does not monitor CommDN_M: CommDN_1 on Lyon (402) has outbound_contact_server true, and it has not") {
		t.Error(got)
	}
}

// TestVendorNames: the names of the vendor's enumerations count as their numbers do.
func TestVendorNames(t *testing.T) {
	numbers := `{"CFGApplication": [{"DBID": 1, "name": "O", "type": 12}, {"DBID": 2, "name": "A", "type": 22}, {"DBID": 3, "name": "S", "type": 23},
		{"DBID": 4, "name": "E", "type": 12, "state": 1}, {"DBID": 5, "name": "D", "type": 12, "state": 2}, {"DBID": 6, "name": "X", "type": 12, "state": 3}],
		"CFGDN": [{"DBID": 7, "number": "A", "type": 23}]}`
	names := strings.NewReplacer(`"number": "A", "type": 23`, `"number": "A", "type": "CFGCommDN"`, `"type": 12`, `"type": "CFGCMServer"`, `"type": 22`, `"type": "CFGThirdPartyApp"`,
		`"type": 23`, `"type": "CFGThirdPartyServer"`, `"state": 1`, `"state": "CFGEnabled"`, `"state": 2`, `"state": "CFGDisabled"`, `"state": 3`, `"state": "CFGDeleted"`).Replace(numbers)
	one, other := parse(t, numbers), parse(t, names)
	if !one.Equal(other) || len(one.Applications) != 5 || len(one.CommDNs) != 1 {
		t.Errorf("%+v\n%+v", one, other)
	}
}
