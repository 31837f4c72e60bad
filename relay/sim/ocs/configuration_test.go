package ocs_test

import (
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/ocs"
)

func TestConfigurationRefused(t *testing.T) {
	for _, test := range []struct {
		want   string
		change func(*ocs.Configuration)
	}{
		{`campaign "A" has the DBID 0`, func(c *ocs.Configuration) { c.Campaigns[0].DBID = 0 }},
		{"campaign 11 has no name", func(c *ocs.Configuration) { c.Campaigns[0].Name = "" }},
		{"two campaigns have the DBID 11", func(c *ocs.Configuration) { c.Campaigns[1].DBID = 11 }},
		{`two campaigns have the name "A"`, func(c *ocs.Configuration) { c.Campaigns[1].Name = "A" }},
		{`group "Sales" has the DBID -1`, func(c *ocs.Configuration) { c.Groups[0].DBID = -1 }},
		{"two groups have the DBID 7", func(c *ocs.Configuration) { c.Groups[1].DBID = 7 }},
		{"campaign group 99/7: there is no campaign 99", func(c *ocs.Configuration) { c.CampaignGroups[0].Campaign = 99 }},
		{"campaign group 11/99: there is no group 99", func(c *ocs.Configuration) { c.CampaignGroups[0].Group = 99 }},
		{"campaign group 11/7 is there twice", func(c *ocs.Configuration) { c.CampaignGroups[1].Campaign = 11 }},
		{"campaign group 11/7: Records is -1", func(c *ocs.Configuration) { c.CampaignGroups[0].Records = -1 }},
		{"campaign group 11/7: Records is 1000001", func(c *ocs.Configuration) { c.CampaignGroups[0].Records = ocs.MaxRecords + 1 }},
		{"campaign group 11/7: record 2 has no phone", func(c *ocs.Configuration) {
			c.CampaignGroups[0].List = []ocs.Record{{Phone: "1"}, {CustomerID: "c"}}
		}},
	} {
		o := ocs.Options{Servers: []string{"127.0.0.1:1"}, CommDN: "CommDN_1", DBID: 201, Configuration: simtest.Configuration()}
		test.change(&o.Configuration)
		if s, err := ocs.Start(o); err == nil {
			s.Close()
			t.Errorf("no error, want %s", test.want)
		} else if !strings.HasPrefix(err.Error(), "sim/ocs: "+test.want) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

// Made-up records follow those of the list, and no two are alike.
func TestCallingLists(t *testing.T) {
	r := simtest.NewRig(t, func(o *ocs.Options) { o.Configuration.CampaignGroups[1].List = []ocs.Record{{Phone: "5551"}} })
	phones := make(map[string]bool)
	for id, want := range map[commdn.CampaignGroup]int{simtest.A7: 100, simtest.B7: 51, simtest.C7: 20, simtest.A8: 0} {
		records := r.OCS.Records(id)
		if len(records) != want {
			t.Errorf("%s: %d records, want %d", id, len(records), want)
		}
		for _, record := range records {
			if phones[record.Phone] {
				t.Errorf("%s occurs twice", record.Phone)
			}
			phones[record.Phone] = true
		}
	}
	if got := r.OCS.Records(simtest.B7); got[0].Phone != "5551" || got[1].CustomerID != "C"+got[1].Phone {
		t.Errorf("list begins with %+v", got[:2])
	}
	r.OCS.Records(simtest.A7)[0].Status = ocs.RecordCanceled // a copy
	if got := r.OCS.Records(simtest.A7)[0].Status; got != ocs.RecordReady {
		t.Errorf("the first record is %s", got)
	}
}

// What the configuration does not have is not there to be looked at.
func TestInspectUnknown(t *testing.T) {
	r := simtest.NewRig(t, nil)
	id := commdn.CampaignGroup{Campaign: 12, Group: 8}
	if _, ok := r.OCS.CampaignGroup(id); ok || r.OCS.Records(id) != nil || r.OCS.Dialed(id) != nil {
		t.Error("there is a campaign group 12/8")
	}
}
