package config

import (
	"reflect"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/relay/directory"
)

const pairs = `
listen: 127.0.0.1:8080
links:
  - name: a
    servers: ["127.0.0.1:7000"]
    comm_dn: CommDN_1
    application: commdn
    app_dbid: 101
    ocs: %
    charset: windows-1252
    cancel_by_customer: true
limits: {status_age: 10s}
`

// An OCS is a number, or a pair of two.
func TestOCS(t *testing.T) {
	for text, want := range map[string][]OCS{
		"[201, 203]":                            {{DBID: 201}, {DBID: 203}},
		"[{dbid: 201, backup: 202}]":            {{201, 202}},
		"[{dbid: 201, backup: 202}, 203]":       {{201, 202}, {DBID: 203}},
		"[{dbid: 201}, {dbid: 203, backup: 4}]": {{DBID: 201}, {203, 4}},
	} {
		c, err := Parse("c.yaml", []byte(strings.Replace(pairs, "%", text, 1)), nil)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		l := c.Links[0]
		if !reflect.DeepEqual(l.OCS, want) || l.Charset != "windows-1252" || !l.CancelByCustomer || c.Limits.StatusAge.Seconds() != 10 {
			t.Errorf("%s: %+v", text, l)
		}
		again, err := Parse("c.yaml", c.Masked(), nil)
		if err != nil || !reflect.DeepEqual(again.Links, c.Links) {
			t.Errorf("%s: %v\n%s", text, err, c.Masked())
		}
	}
	all := []OCS{{DBID: 201}, {203, 204}}
	if ids := Servers(all); !reflect.DeepEqual(ids, []commdn.DBID{201, 203}) || !reflect.DeepEqual(Backups(all), map[commdn.DBID]commdn.DBID{203: 204}) {
		t.Errorf("%v %v", ids, Backups(all))
	}
	for text, want := range map[string]string{
		"[0]":                             "links[0].ocs[0]: is 0; give 1 or more",
		"[{dbid: 201, backup: 201}]":      "links[0].ocs[0]: 201 is there twice",
		"[201, {dbid: 202, backup: 201}]": "links[0].ocs[1]: 201 is there twice",
		"[{dbid: 201, backup: -1}]":       "links[0].ocs[0].backup: is -1; give 1 or more",
		"[{backup: 202}]":                 "links[0].ocs[0]: dbid is missing",
		"[{dbid: 201, spare: 202}]":       "links[0].ocs[0].spare: unknown key; the keys here are dbid, backup",
		"[x]":                             `links[0].ocs[0]: is the text "x"; give a whole number up to 2147483647`,
		"[[201]]":                         "links[0].ocs[0]: must be keys with values",
	} {
		err := checked(strings.Replace(pairs, "%", text, 1))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	err := checked(strings.Replace(strings.Replace(pairs, "%", "[201]", 1), "windows-1252", "latin", 1))
	if err == nil || !strings.Contains(err.Error(), `links[0].charset: is "latin", which is no charset`) {
		t.Error(err)
	}
}

func checked(text string) error {
	c, err := Parse("c.yaml", []byte(text), nil)
	if err != nil {
		return err
	}
	return c.Check()
}

// The directory says which OCS is the backup of another, unless the configuration does.
func TestCompletePairs(t *testing.T) {
	d, err := directory.Parse("d", []byte(`{
		"CFGApplication": [{"DBID": 101, "name": "commdn", "type": 23},
			{"DBID": 201, "name": "OCS_201", "type": 12, "appServerDBIDs": {"CfgConnectionInfo": {"appServerDBID": 101}}, "serverInfo": {"CfgServer": {"backupServerDBID": 202}}},
			{"DBID": 202, "name": "OCS_201_B", "type": 12, "appServerDBIDs": {"CfgConnectionInfo": {"appServerDBID": 101}}}],
		"CFGDN": [{"DBID": 1, "number": "CommDN_1", "type": 23}]}`))
	if err != nil {
		t.Fatal(err)
	}
	const answers = "info: link a: OCS_201 (201) with its backup OCS_201_B (202) answers on CommDN_1: one of the two at a time"
	for ocs, want := range map[string]struct {
		ocs   []OCS
		found string
	}{
		"[]":                         {[]OCS{{201, 202}}, answers},
		"[201]":                      {[]OCS{{201, 202}}, answers},
		"[{dbid: 201, backup: 202}]": {[]OCS{{201, 202}}, answers},
		"[201, 202]":                 {[]OCS{{201, 202}}, "warning: link a: OCS OCS_201_B (202) of the link is the backup of OCS_201 (201): the link takes the two for a pair\n" + answers},
		"[{dbid: 201, backup: 203}]": {[]OCS{{201, 203}}, "warning: link a: OCS_201 (201) has the backup OCS_201_B (202), and the link says application 203: the link counts, and answers of the former would be passed over\n" +
			"info: link a: OCS_201 (201) with its backup application 203 answers on CommDN_1: one of the two at a time"},
	} {
		c, err := Parse("c.yaml", []byte(strings.Replace(pairs, "%", ocs, 1)), nil)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, f := range c.Complete(d) {
			found = append(found, f.String())
		}
		if got := strings.Join(found, "\n"); got != want.found {
			t.Errorf("%s:\n got %s\nwant %s", ocs, got, want.found)
		}
		if got := c.Links[0].OCS; !reflect.DeepEqual(got, want.ocs) {
			t.Errorf("%s: %+v", ocs, got)
		}
	}
}
