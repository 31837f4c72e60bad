package directory

import (
	"fmt"
	"strings"
	"testing"

	"commdn/protocol/commdn"
)

// paired is an export with OCS 201, whose server information is to be filled in, and 202.
func paired(serverInfo string) string {
	return `{"CFGApplication": [{"DBID": 101, "name": "commdn", "type": 23},
		{"DBID": 201, "name": "OCS_1", "type": 12, "appServerDBIDs": {"CfgConnectionInfo": {"appServerDBID": 101}}` + serverInfo + `},
		{"DBID": 202, "name": "OCS_1_B", "type": 12, "appServerDBIDs": {"CfgConnectionInfo": {"appServerDBID": 101}}}],
		"CFGDN": [{"DBID": 301, "number": "CommDN_1", "type": 23}],
		"CFGAgentGroup": [{"DBID": 501, "name": "Service"}], "CFGCampaign": [{"DBID": 1001, "name": "Autumn"}],
		"CFGCampaignGroup": [{"DBID": 1, "campaignDBID": 1001, "groupDBID": 501, "serverDBIDs": {"DBID": %}}]}`
}

const bridgeInfo = `,"serverInfo":{"CfgServer":{"backupServerDBID":202}}` // as the bridge writes it

// TestExportedBackup: the backup of an OCS is read in every form of an export.
func TestExportedBackup(t *testing.T) {
	for info, want := range map[string]commdn.DBID{
		bridgeInfo: 202,
		`,"serverInfo":{"CfgServer":[{"backupServerDBID":"202"}]}`:                       202,
		`,"serverInfo":{"CfgServer":{"backupServerDBID":{"value":"202"},"port":"7010"}}`: 202,
		`,"serverInfo":{"value":{"CfgServer":{"value":{"backupServerDBID":202}}}}`:       202,
		`,"serverInfo":{"backupServerDBID":202,"hostDBID":1}`:                            202,
		`,"CfgServer":{"backupServerDBID":202}`:                                          202,
		`,"serverInfo":{"CfgServer":{"backupServerDBID":0}}`:                             0,
		`,"serverInfo":{"CfgServer":{"backupServerDBID":""}}`:                            0,
		`,"serverInfo":{"CfgServer":{"backupServerDBID":{"value":0},"hostDBID":1}}`:      0,
		`,"serverInfo":{"CfgServer":{}}`:                                                 0,
		`,"serverInfo":{"CfgServer":""}`:                                                 0,
		`,"serverInfo":""`:                                                               0,
		``:                                                                               0,
	} {
		d := parse(t, strings.ReplaceAll(paired(info), "%", "201"))
		if a, _ := d.Application(201); a.Backup != want {
			t.Errorf("%s: %d", info, a.Backup)
		}
	}
	_, err := Parse("f", []byte(strings.ReplaceAll(paired(`,"serverInfo":{"CfgServer":{"backupServerDBID":"x"}}`), "%", "201")))
	if err == nil || err.Error() != `f: CFGApplication[1] "OCS_1" (201): backupServerDBID is "x"; a DBID is a whole number from 1 to 2147483647` {
		t.Errorf("%v", err)
	}
}

// TestResolvePair: of a pair the primary is the OCS of a link, whatever the link names.
func TestResolvePair(t *testing.T) {
	const taken, answers = "info: CommDN_1 is taken: the only CommDN that OCS_1 (201) works with\n", "info: OCS_1 (201) with its backup OCS_1_B (202) answers on CommDN_1: one of the two at a time"
	const isBackup = "warning: OCS OCS_1_B (202) of the link is the backup of OCS_1 (201): the link takes the two for a pair\n"
	both := map[commdn.DBID]commdn.DBID{201: 202}
	dbids := func(all ...commdn.DBID) []commdn.DBID { return all }
	for _, c := range []struct {
		name, info  string
		ocs         []commdn.DBID
		backups     map[commdn.DBID]commdn.DBID
		want, found string
	}{
		{"nothing is named", bridgeInfo, nil, nil, "201+202", taken + answers},
		{"the primary", bridgeInfo, dbids(201), nil, "201+202", taken + answers},
		{"the pair", bridgeInfo, dbids(201), both, "201+202", taken + answers},
		{"both", bridgeInfo, dbids(201, 202), nil, "201+202", isBackup + taken + answers},
		{"the backup", bridgeInfo, dbids(202), nil, "201+202", isBackup + taken + answers},
		{"the wrong way round", bridgeInfo, dbids(202), map[commdn.DBID]commdn.DBID{202: 201}, "201+202", isBackup + taken + answers},
		{"another backup", bridgeInfo, dbids(201), map[commdn.DBID]commdn.DBID{201: 203}, "201+203",
			"warning: OCS_1 (201) has the backup OCS_1_B (202), and the link says application 203: the link counts, and answers of the former would be passed over\n" + taken +
				"info: OCS_1 (201) with its backup application 203 answers on CommDN_1: one of the two at a time"},
		{"another backup, and this one by itself", bridgeInfo, dbids(201, 202), map[commdn.DBID]commdn.DBID{201: 203}, "201+203 202",
			"warning: OCS_1 (201) has the backup OCS_1_B (202), and the link says application 203: the link counts, and answers of the former would be passed over\n" +
				"info: CommDN_1 is taken: the only CommDN that all of OCS_1 (201), OCS_1_B (202) work with\n" +
				"info: 2 OCS answer on CommDN_1: OCS_1 (201) with its backup application 203, OCS_1_B (202); a request to all of them is answered by each"},
		{"a pair of the link alone", "", dbids(201), both, "201+202", taken + answers},
		{"no pair", "", dbids(201), nil, "201",
			"warning: OCS_1_B (202) serves application commdn (101) too, but is not among the OCS of the link: answers of it would be passed over\n" + strings.TrimSuffix(taken, "\n")},
		{"two OCS", "", nil, nil, "201 202", "info: CommDN_1 is taken: the only CommDN that all of OCS_1 (201), OCS_1_B (202) work with\n" +
			"info: 2 OCS answer on CommDN_1: OCS_1 (201), OCS_1_B (202); a request to all of them is answered by each"},
		{"a backup that is not there", `,"serverInfo":{"CfgServer":{"backupServerDBID":203}}`, dbids(201, 202), nil, "201+203 202",
			"info: CommDN_1 is taken: the only CommDN that all of OCS_1 (201), OCS_1_B (202) work with\n" +
				"info: 2 OCS answer on CommDN_1: OCS_1 (201) with its backup application 203, OCS_1_B (202); a request to all of them is answered by each"},
		{"a backup that is no OCS", `,"serverInfo":{"CfgServer":{"backupServerDBID":101}}`, dbids(201, 202), nil, "201 202",
			"info: CommDN_1 is taken: the only CommDN that all of OCS_1 (201), OCS_1_B (202) work with\n" +
				"info: 2 OCS answer on CommDN_1: OCS_1 (201), OCS_1_B (202); a request to all of them is answered by each\n" +
				"warning: commdn (101) does not count as the backup of OCS_1 (201): it is no OCS but of the type third-party-server"},
		{"a backup that is no OCS, and nothing is named", `,"serverInfo":{"CfgServer":{"backupServerDBID":101}}`, nil, nil, "201 202",
			"info: CommDN_1 is taken: the only CommDN that all of OCS_1 (201), OCS_1_B (202) work with\n" +
				"info: 2 OCS answer on CommDN_1: OCS_1 (201), OCS_1_B (202); a request to all of them is answered by each\n" +
				"warning: commdn (101) does not count as the backup of OCS_1 (201): it is no OCS but of the type third-party-server"},
		{"a primary that is disabled", bridgeInfo + `,"state":2`, nil, nil, "202",
			"warning: OCS_1 (201) is connected to application commdn (101), but disabled: it does not answer\ninfo: CommDN_1 is taken: the only CommDN that OCS_1_B (202) works with"},
		{"the directory's backup is another's in the link", `,"serverInfo":{"CfgServer":{"backupServerDBID":203}}`, dbids(201, 202), map[commdn.DBID]commdn.DBID{202: 203}, "201 202+203",
			"info: CommDN_1 is taken: the only CommDN that all of OCS_1 (201), OCS_1_B (202) work with\n" +
				"info: 2 OCS answer on CommDN_1: OCS_1 (201), OCS_1_B (202) with its backup application 203; a request to all of them is answered by each"},
	} {
		d := parse(t, strings.ReplaceAll(paired(c.info), "%", "201"))
		use := Use{Application: "commdn", OCS: c.ocs, Backups: c.backups}
		link, _ := d.Resolve(use)
		var got, found []string
		for _, ocs := range link.OCS {
			text := fmt.Sprint(ocs.DBID)
			if ocs.Backup != 0 {
				text += fmt.Sprint("+", ocs.Backup)
			}
			got = append(got, text)
		}
		for _, f := range d.Check(use) {
			found = append(found, f.String())
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
		if s := strings.Join(found, "\n"); s != c.found {
			t.Errorf("%s:\n got %s\nwant %s", c.name, s, c.found)
		}
	}
}

// TestDisabledBackup: it is told once.
func TestDisabledBackup(t *testing.T) {
	d := parse(t, strings.Replace(strings.ReplaceAll(paired(bridgeInfo), "%", "201"), `"OCS_1_B", `, `"OCS_1_B", "state": 2, `, 1))
	if got := fmt.Sprint(d.Check(Use{OCS: []commdn.DBID{201}, CommDN: "CommDN_1"})); got !=
		"[info: application commdn (101) is taken: the only one that an OCS serves warning: OCS_1_B (202) does not count as the backup of OCS_1 (201): it is disabled]" {
		t.Error(got)
	}
}

// TestServerOfPair: a campaign group of a pair is the primary's, whichever is named.
func TestServerOfPair(t *testing.T) {
	g := commdn.CampaignGroup{Campaign: 1001, Group: 501}
	for servers, want := range map[string]commdn.DBID{"201": 201, "202": 201, "[201, 202]": 201, "[202, 201]": 201, "[101, 202]": 201} {
		d := parse(t, strings.ReplaceAll(paired(bridgeInfo), "%", servers))
		if got := d.ServerOf(g); got != want || d.Frame(everything).CampaignGroups[0].OCS != want {
			t.Errorf("%s: %d, %+v", servers, got, d.Frame(everything))
		}
	}
	d := parse(t, "applications: [{dbid: 201, name: A, type: ocs, backup: 202}, {dbid: 202, name: B, type: ocs}]\ncampaigns: [{dbid: 1001, name: X}]\ngroups: [{dbid: 501, name: Y}]\n"+
		"campaign_groups: [{campaign: 1001, group: 501, ocs: 202}]")
	if got := d.ServerOf(g); got != 201 || d.Frame(everything).CampaignGroups[0].OCS != 201 {
		t.Errorf("YAML: %d, %+v", got, d.Frame(everything))
	}
}

// TestConnectionsOfBackup: what is wrong with the Connections of a pair is told once.
func TestConnectionsOfBackup(t *testing.T) {
	d := parse(t, `
applications:
  - {dbid: 201, name: A, type: ocs, backup: 202, connections: [102, 103]}
  - {dbid: 202, name: B, type: ocs, connections: [102, 103]}
  - {dbid: 102, name: app, type: third-party-application, connections: [201]}
  - {dbid: 103, name: wrong, type: third-party-application}
  - {dbid: 104, name: server, type: third-party-server, connections: [201, 202]}
`)
	if got := join(d.General()); got != "warning: third-party-application wrong (103) is in the Connections of A (201), to no effect: put the OCS into the Connections of the third-party-application, "+
		"warning: A (201) is in the Connections of third-party-server server (104), to no effect: put the third-party-server into the Connections of the OCS" {
		t.Error(got)
	}
}
