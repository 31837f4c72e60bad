package directory

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"commdn/relay/confdb"
)

func TestCounts(t *testing.T) {
	d := New(Directory{
		DB:     confdb.DB{Tenants: make([]Tenant, 1), Applications: make([]Application, 2), CommDNs: make([]CommDN, 3), Switches: make([]Switch, 7)},
		Groups: make([]Group, 4), Campaigns: make([]Campaign, 5), CampaignGroups: make([]CampaignGroup, 6),
	})
	var got []string
	for i, c := range d.Counts() {
		got = append(got, c.Kind)
		if c.N != i+1 {
			t.Errorf("%+v", c)
		}
	}
	if s := strings.Join(got, " "); s != "tenants applications comm_dns groups campaigns campaign_groups switches" {
		t.Error(s)
	}
}

// TestEqual: the content of a directory counts, not its origin and time.
func TestEqual(t *testing.T) {
	data, err := os.ReadFile("testdata/export.json")
	if err != nil {
		t.Fatal(err)
	}
	parse := func(name string, data []byte) *Directory {
		t.Helper()
		d, err := Parse(name, data)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	one, two := parse("one", data), parse("two", data)
	two.Export.Date = "another"
	if !one.Equal(two) {
		t.Error("the same objects are not equal")
	}
	for _, name := range []string{"Retail", "OCS_1", "CommDN_1", "Madrid\", \"type\": 1, \"TServerDBID\""} {
		changed := bytes.Replace(data, []byte(name), []byte("other"+strings.TrimPrefix(name, strings.Split(name, `"`)[0])), 1)
		if bytes.Equal(changed, data) {
			t.Fatalf("the export has no %s", name)
		}
		if one.Equal(parse("three", changed)) {
			t.Errorf("equal with another name in place of %s", name)
		}
	}
}
