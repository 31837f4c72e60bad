package directory

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"commdn/protocol/frame"
)

// FuzzParse: an accepted directory answers lookups and fits into frames.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"export.json", "directory.yaml"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(servers + "comm_dns: [{number: A}]"))
	f.Add([]byte(`{"CFGDN": {"DBID": 1, "number": "A", "type": [23], "userProperties": {"list_pair": {"key": "default", "int_pair": {"key": "outbound_contact_server", "value": 1}}}}}`))
	f.Add([]byte(`{"CFGApplication": [{"DBID": {"value": {"value": 1}}, "name": [["x"]], "type": null, "appServerDBIDs": [[1, [2]], {"CfgConnectionInfo": null}]}]}`))
	f.Add([]byte(`{"CFGTenant": {"dbid": 1, "NAME": "a"}, "CFGTenant": [{"DBID": 2, "name": "b"}]} `))
	f.Add([]byte("tenants: &a [{dbid: 1, name: x}]\ngroups: *a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 64<<10 {
			return // the YAML parser is slow
		}
		d, err := Parse("f", data)
		if (d == nil) == (err == nil) {
			t.Fatalf("%v, %v", d, err)
		}
		if err != nil {
			return
		}
		for _, c := range d.Campaigns {
			if got, ok := d.Campaign(c.DBID); !ok || got != c || c.DBID < 1 || c.Name == "" {
				t.Fatalf("campaign %+v is found as %+v", c, got)
			}
		}
		for _, ocs := range d.Servers() {
			all := d.Monitored(ocs)
			for _, dn := range all { // either all of them are chosen, or none is
				if v, first := dn.Option(ocs), all[0].Option(ocs); dn.Disabled || (v == nil) != (first == nil) || v != nil && !*v {
					t.Fatalf("%s monitors %s: %+v", ocs, dn, all)
				}
			}
		}
		var again frame.Directory
		shown := d.Frame(everything)
		for _, body := range shown.Bodies() {
			again.Read(body)
		}
		if len(again.Campaigns) != len(shown.Campaigns) || len(again.Groups) != len(shown.Groups) || len(again.CampaignGroups) != len(shown.CampaignGroups) {
			t.Fatalf("%+v comes out of the frames as %+v", shown, again)
		}
		link, found := d.Resolve(Use{})
		complete := link.Application.DBID != 0 && link.CommDN.Number != "" && len(link.OCS) > 0
		for _, f := range found {
			complete = complete || f.Severity == Error
		}
		if !complete {
			t.Fatalf("no error, but %+v", link)
		}
		d.Explain(io.Discard, Use{Application: "a", CommDN: "A"})
	})
}
