package directory

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/relay/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

var update = flag.Bool("update", false, "write the golden files")

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what came out; go test -update writes it again, look at what changes\n%s", file, got)
	}
}

func load(t testing.TB, name string) *Directory {
	t.Helper()
	d, err := Load(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func parse(t testing.TB, text string) *Directory {
	t.Helper()
	d, err := Parse("f", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestGolden: how each kind of file is read, with the findings.
func TestGolden(t *testing.T) {
	for _, name := range []string{"export.json", "directory.yaml"} {
		d := load(t, name)
		read, err := json.MarshalIndent(d, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".read", append(read, '\n'))
		var b bytes.Buffer
		if !d.Explain(&b, Use{Application: "commdn", CommDN: "CommDN_1"}) {
			t.Errorf("%s: not ok", name)
		}
		golden(t, name+".explained", b.Bytes())
	}
}

// TestExplainWithoutUse: no use, as in `commdn directory check FILE`.
func TestExplainWithoutUse(t *testing.T) {
	var b bytes.Buffer
	if ok := load(t, "export.json").Explain(&b, Use{}); ok || !strings.Contains(b.String(),
		"error:   there are 2 applications that an OCS serves, so that the relay's own has to be named: commdn (101), wallboard (102)\n") {
		t.Errorf("%v\n%s", ok, b.String())
	}
}

func TestLoad(t *testing.T) {
	folder := t.TempDir()
	_, err := Load(filepath.Join(folder, "none"))
	if err == nil || !os.IsNotExist(err) && !strings.Contains(err.Error(), "no such file") {
		t.Errorf("%v", err)
	}
	large := filepath.Join(folder, "large")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, MaxSize+1); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(large); err == nil || err.Error() != large+": is too large: at most 67108864 bytes are possible" {
		t.Errorf("%v", err)
	}
	if _, err := Parse("a pipe", make([]byte, MaxSize+1)); err == nil || err.Error() != tooLarge("a pipe").Error() {
		t.Errorf("%v", err)
	}
	if err := os.Truncate(large, MaxYAMLSize+1); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(large); err == nil || err.Error() != large+": is too large: at most 4194304 bytes are possible" {
		t.Errorf("%v", err)
	}
}

// TestKinds: JSON may be either kind; its keys tell.
func TestKinds(t *testing.T) {
	for text, export := range map[string]bool{
		`{"tenants": [{"dbid": 1, "name": "A"}]}`:                     false,
		"\ufeff" + `{"CFGTenant": [{"DBID": 1, "name": "A"}]}`:        true,
		` {"tenants": 5, "CFGTenant": [{"DBID": 1, "name": "A"}]}`:    true,
		"\ufefftenants: [{dbid: 1, name: A}]":                         false,
		"# {\n" + `{"tenants": [{"dbid": 1, "name": "CFGTenant"}]}`:   false,
		`{"__metadata__": "", "CFGTenant": {"DBID": 1, "name": "A"}}`: true,
	} {
		d, err := Parse("f", []byte(text))
		if err != nil || len(d.Tenants) != 1 || (d.Export != nil) != export {
			t.Errorf("%s: %+v, %v", text, d, err)
		}
	}
}

func TestYAMLRefuses(t *testing.T) {
	const base = "tenants: [{dbid: 1, name: A}, {dbid: 2, name: B}]\napplications: [{dbid: 201, name: O, type: ocs}, {dbid: 101, name: c, type: third-party-server}]\n" +
		"groups: [{dbid: 501, name: S}, {dbid: 502, name: S, tenant: 2}]\ncampaigns: [{dbid: 1001, name: X}]\n"
	parse(t, base)
	for _, c := range []struct{ text, want string }{
		{"aplications: []", "f:1:1: aplications: unknown key; did you mean applications?"},
		{"tenants: [{dbid: 1}]", "f:1:11: tenants[0]: name is missing"},
		{"tenants: [{dbid: 0, name: A}]", "f:1:12: tenants[0].dbid: is 0; give 1 or more"},
		{"tenants: [{dbid: 1, name: A}, {dbid: 1, name: A}]", "f:1:32: tenants[1].dbid: 1 is the DBID of tenants[0] in line 1\nf:1:41: tenants[1].name: \"A\" is the name of tenants[0] in line 1"},
		{"tenants: [{dbid: 1, name: ''}]", "f:1:21: tenants[0].name: is empty"},
		{"tenants: [{dbid: 1, name: ' A'}]", "f:1:21: tenants[0].name: begins or ends with a blank"},
		{"tenants: [{dbid: 1, name: \"a\\tb\"}]", "f:1:21: tenants[0].name: holds a control character"},
		{"tenants: [{dbid: 1, name: " + strings.Repeat("a", 256) + "}]", "f:1:21: tenants[0].name: has 256 bytes; at most 255 are possible"},
		{"applications: [{dbid: 1, name: a, type: oc}]", `f:1:35: applications[0].type: "oc" is no type of application; did you mean ocs?`},
		{"applications: [{dbid: 1, name: a, type: x}]", `f:1:35: applications[0].type: "x" is no type of application; there are ocs, third-party-server, third-party-application`},
		{"applications: [{dbid: 1, name: a, type: third-party-server, tenants: [1]}]", "f:1:61: applications[0].tenants: is for applications of the type ocs only"},
		{"applications: [{dbid: 1, name: a, type: ocs, connections: [2, 2, 1], tenants: [5]}]",
			"f:1:60: applications[0].connections[0]: there is no application 2; there is 1\nf:1:63: applications[0].connections[1]: 2 is there twice\nf:1:66: applications[0].connections[2]: 1 is the application itself\nf:1:80: applications[0].tenants[0]: there is no tenant 5; there is 1"},
		{"groups: [{dbid: 5, name: A, tenant: 0}]", "f:1:29: groups[0].tenant: there is no tenant 0; there is 1"},
		{"comm_dns: [{number: A, dbid: 5}, {number: A, dbid: 5, tenant: 3}]", "f:1:35: comm_dns[1].number: \"A\" is the number of comm_dns[0] in line 1\nf:1:46: comm_dns[1].dbid: 5 is the DBID of comm_dns[0] in line 1\nf:1:55: comm_dns[1].tenant: there is no tenant 3; there is 1"},
		{"comm_dns: [{number: A, dbid: 0}]", "f:1:24: comm_dns[0].dbid: is 0; give 1 or more"},
		{base + "campaign_groups: [{campaign: 1, group: 1, ocs: 1}]", "f:5:20: campaign_groups[0].campaign: there is no campaign 1; there is 1001\nf:5:33: campaign_groups[0].group: there is no group 1; there are 501, 502\nf:5:43: campaign_groups[0].ocs: there is no OCS 1; there is 201"},
		{base + "campaign_groups: [{campaign: 1001, group: 502, ocs: 101}]", "f:5:19: campaign_groups[0]: campaign 1001 is of tenant 1, and group 502 of tenant 2\nf:5:48: campaign_groups[0].ocs: application 101 is no OCS but a third-party-server; there is 201"},
		{base + "campaign_groups: [{campaign: 1001, group: 501}, {campaign: 1001, group: 501}]", "f:5:49: campaign_groups[1]: campaign 1001 and group 501 are those of campaign_groups[0] in line 5"},
	} {
		if d, err := Parse("f", []byte(c.text)); err == nil || d != nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestExportRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"CFGTenant": [{"DBID": 1}]}`, "f: CFGTenant[0] (1): name is missing"},
		{`{"CFGTenant": [{"name": "A"}]}`, `f: CFGTenant[0] "A": DBID is missing`},
		{`{"CFGTenant": [{"DBID": 0, "name": "A"}]}`, `f: CFGTenant[0] "A": DBID is "0"; a DBID is a whole number from 1 to 2147483647`},
		{`{"CFGTenant": [{"DBID": {"a": 1}, "name": "A"}]}`, `f: CFGTenant[0] "A": DBID is "{\"a\":1}"; a DBID is a whole number from 1 to 2147483647`},
		{`{"CFGTenant": [{"DBID": 1.5, "name": "A"}]}`, `f: CFGTenant[0] "A": DBID is "1.5"; a DBID is a whole number from 1 to 2147483647`},
		{`{"CFGTenant": [{"DBID": 1, "name": "A"}, {"DBID": "1", "name": "B"}]}`, `f: CFGTenant[1] "B" (1): DBID 1 is that of another CFGTenant before it`},
		{`{"CFGTenant": [5, {}]}`, "f: CFGTenant[0]: is no object\nf: CFGTenant[1]: is no object"},
		{`{"CFGApplication": [{"DBID": 1, "name": "A"}]}`, `f: CFGApplication[0] "A" (1): type is missing`},
		{`{"CFGApplication": [{"DBID": 1, "name": "A", "type": 12, "appServerDBIDs": {"CfgConnectionInfo": [{"appServerDBID": 5}, {"id": "x"}]}}]}`, `f: CFGApplication[0] "A" (1): appServerDBIDs[1]: appServerDBID is missing`},
		{`{"CFGApplication": [{"DBID": 1, "name": "A", "type": 12, "tenantDBIDs": {"DBID": "x"}}]}`, `f: CFGApplication[0] "A" (1): tenantDBIDs[0]: tenantDBID is missing`},
		{`{"CFGDN": [{"DBID": 1, "number": 7000}]}`, "f: CFGDN[0] (1): type is missing"},
		{`{"CFGDN": [{"DBID": 1, "type": 23}]}`, "f: CFGDN[0] (1): number is missing"},
		{`{"CFGDN": [{"number": "A", "type": 23}]}`, "f: CFGDN[0]: DBID is missing"},
		{`{"CFGAgentGroup": [{"agentDBIDs": "", "CfgGroup": {"DBID": 5}}]}`, "f: CFGAgentGroup[0] (5): name is missing"},
		{`{"CFGCampaign": [{"DBID": 5, "name": "X", "tenantDBID": "?"}]}`, `f: CFGCampaign[0] "X" (5): tenantDBID is "?"; a DBID is a whole number from 1 to 2147483647`},
		{`{"CFGCampaignGroup": [{"DBID": 5}]}`, "f: CFGCampaignGroup[0] (5): campaignDBID is missing\nf: CFGCampaignGroup[0] (5): groupDBID is missing"},
		{`{"__metadata__": {"formatName": "JSON"}, "applications": {}}`, `f: __metadata__: the export has the format "JSON", without DBIDs; export it in the format RAW`},
		{"{\"CFGTenant\": [\n\n{\"DBID\": 1,}]}", "f:3: invalid character '}' looking for beginning of object key string"},
		{"{\"CFGTenant\": [],\n", "f:2: the file ends in the middle of the export"},
		{"{\"CFGTenant\": []}\n{}", "f:2: something stands after the end of the export"},
	} {
		if d, err := Parse("f", []byte(c.text)); err == nil || d != nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

// TestExportZero: the vendor's values for "none" are no errors.
func TestExportZero(t *testing.T) {
	d := parse(t, `{"CFGApplication": [{"DBID": 201, "name": "O", "type": 12, "appServerDBIDs": {"CfgConnectionInfo": [{"appServerDBID": 0}, {"appServerDBID": "101"}]},
		"tenantDBIDs": {"DBID": {"value": 0}}}], "CFGCampaign": {"DBID": 5, "name": "X", "tenantDBID": "0"}}`)
	if a := d.Applications[0]; len(a.Connections) != 1 || a.Tenants != nil || d.Campaigns[0].Tenant != 0 {
		t.Errorf("%+v", d)
	}
}

func TestFind(t *testing.T) {
	d := parse(t, `
tenants: [{dbid: 1, name: A}, {dbid: 2, name: B}]
campaigns:
  - {dbid: 1001, name: Autumn}
  - {dbid: 1002, name: Winter}
  - {dbid: 1003, name: Winter, tenant: 2}
  - {dbid: 1004, name: "1001"}
  - {dbid: 1005, name: "77"}
  - {dbid: 1006, name: "1006"}
  - {dbid: 1007, name: "Fr\u00fchling"}
`)
	for s, want := range map[string]string{
		"Autumn": "Autumn (1001)", "1002": "Winter (1002)",
		"1001":           `campaign "1001" is a DBID, and the name of 1004; write dbid:1001 or name:1001`,
		"dbid:1001":      "Autumn (1001)",
		"name:1001":      "1001 (1004)",
		"name:Autumn":    "Autumn (1001)",
		"1006":           "1006 (1006)", // its own name
		"Fru\u0308hling": "Fr\u00fchling (1007)",
		"dbid:77":        `campaign "dbid:77" is not in the directory, nor is one like it; there are 7`,
		"77":             "77 (1005)", // a name where it is no DBID
		"Winter":         `campaign "Winter" is the name of several; give the DBID: 1002, 1003`,
		"autum":          `campaign "autum" is not in the directory; did you mean Autumn?`,
		"Spring time":    `campaign "Spring time" is not in the directory, nor is one like it; there are 7`,
	} {
		c, err := d.FindCampaign(s)
		if got := fmt.Sprint(c); err == nil && got != want || err != nil && err.Error() != want {
			t.Errorf("%s: %s, %v", s, got, err)
		}
	}
	if _, err := d.FindGroup("x"); err == nil || err.Error() != `group "x" is not in the directory, which has no group` {
		t.Error(err)
	}
	if x, err := d.FindTenant("B"); err != nil || x.DBID != 2 {
		t.Error(x, err)
	}
	if _, ok := d.Campaign(5); ok {
		t.Error("a campaign that is not there")
	}
}

func TestServerOf(t *testing.T) {
	d := load(t, "export.json")
	for g, want := range map[commdn.CampaignGroup]commdn.DBID{
		{Campaign: 1001, Group: 501}: 201,
		{Campaign: 1002, Group: 502}: 202,
		{Campaign: 1001, Group: 505}: 0, // two OCS
		{Campaign: 1, Group: 1}:      0,
	} {
		if got := d.ServerOf(g); got != want {
			t.Errorf("%s: %d, want %d", g, got, want)
		}
	}
}
