package ocs_test

import (
	"slices"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/control"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/scenario"
)

// b9 is the campaign group of the second tenant.
var b9 = commdn.CampaignGroup{Campaign: 12, Group: 9}

// twoTenants has the campaigns A and C and the groups 7 and 8 of one, and the
// campaign B and the group 9 of another, each with its CommDN. Both call the
// same two people first.
func twoTenants(s *scenario.Scenario, _ *scenario.OCS) {
	s.Tenants = []scenario.Tenant{{DBID: 1, Name: "North"}, {DBID: 2, Name: "South"}}
	s.CommDNs = append(s.CommDNs, scenario.CommDN{Number: "CommDN_2", Tenant: 2})
	s.Groups = append(s.Groups, scenario.Group{DBID: 9, Name: "South", Tenant: 2})
	s.CallingLists[1].Tenant, s.Campaigns[1].Tenant = 2, 2
	s.CampaignGroups[1].Group = 9
	people := []scenario.Record{{Phone: "5551", CustomerID: "c-1"}, {Phone: "5552", CustomerID: "c-2"}, {Phone: "5553", CustomerID: "c-3"}}
	s.CallingLists[0].Records, s.CallingLists[1].Records = people, people
	s.DoNotCall = []scenario.Entry{{Phone: "5553", Tenant: 2}}
}

// What is of one tenant is unknown on the CommDN of the other.
func TestTenants(t *testing.T) {
	north := simtest.NewRig(t, twoTenants)
	south := north.On("CommDN_2")
	both := &commdn.Sequence{Items: items(nil, nil)} // A and B
	for _, test := range []struct {
		name    string
		on      *simtest.Rig
		request commdn.Message
		want    string
	}{
		{"own", north, simtest.Status(simtest.A7), "CampaignStatus 11/7 NotLoaded"},
		{"own", south, simtest.Status(b9), "CampaignStatus 12/9 NotLoaded"},
		{"campaign and group of the other", north, simtest.Load(b9), "Error 3"},
		{"campaign and group of the other", south, simtest.Load(simtest.A7), "Error 3"},
		{"group of the other", north, simtest.Load(commdn.CampaignGroup{Campaign: 11, Group: 9}), "Error 8"},
		{"group of the other", south, simtest.Load(commdn.CampaignGroup{Campaign: 12, Group: 7}), "Error 8"},
		{"sequence with a campaign of the other", north, loadSequence(both), "Error 12"},
		{"sequence for a group of the other", south, loadSequence(plan()), "Error 8"},
		{"cancel in a campaign of the other", south, cancel("5551", "", "A", ""), "Error 3"},
	} {
		if got := test.on.Do(test.request); !slices.Equal(got, lines{test.want}) {
			t.Errorf("%s: %s: OCS says %q, want %s", test.name, commdn.Trace(test.request, true), got, test.want)
		}
	}

	north.Want(lines{"CampaignLoaded 11/7 Active", "CampaignStatus 11/7 Active"}, simtest.Load(simtest.A7))
	south.Want(lines{"CampaignLoaded 12/9 Active", "CampaignStatus 12/9 Active"}, simtest.Load(b9))
	north.Want(nil) // not told of the other's

	// Lists and Do Not Call list are the tenant's own.
	north.Do(simtest.DoNotCall("5551", ""))
	south.Do(cancel("5552", "", "", ""), simtest.DoNotCall("", "c-9"))
	north.Do(simtest.Dial(simtest.A7))
	south.Do(simtest.Dial(b9))
	north.Advance(time.Second)
	for list, want := range map[commdn.DBID][]string{
		simtest.ListA: {"do-not-call", "answer", "answer"},
		simtest.ListB: {"answer", "cancel-record", "do-not-call"},
	} {
		var got []string
		for _, record := range north.Records(list)[:3] {
			got = append(got, record.Result)
		}
		if !slices.Equal(got, want) {
			t.Errorf("list %d: %q, want %q", list, got, want)
		}
	}
	tenants := make(map[string]commdn.DBID)
	for _, entry := range north.List() {
		tenants[entry.Phone+entry.CustomerID] = entry.Tenant
	}
	if tenants["5551"] != 1 || tenants["5553"] != 2 || tenants["c-9"] != 2 {
		t.Errorf("entries are of %v", tenants)
	}

	// An operator names the tenant; the console needs not.
	if _, err := north.Control.Forbid(simtest.Context(t), control.Forbidden{Phone: north.Records(simtest.ListA)[60].Phone, Tenant: 2}); err != nil {
		t.Fatal(err)
	}
	north.Do()
	south.Do()
	if _, err := north.Control.Do(simtest.Context(t), control.Control{Campaign: 12, Group: 9, Do: control.Stop}); err != nil {
		t.Fatal(err)
	}
	south.Want(lines{"CampaignStatus 12/9 Active"})
	north.Want(nil)
	north.Advance(time.Minute)
	if got := north.Records(simtest.ListA)[60].Result; got != "answer" {
		t.Errorf("with an entry of the other tenant the result is %s", got)
	}
}

// An OCS works with the CommDNs of its tenants only.
func TestTenantsOfAnOCS(t *testing.T) {
	r := simtest.NewRig(t, func(s *scenario.Scenario, o *scenario.OCS) {
		twoTenants(s, o)
		s.Applications[0].Tenants = []commdn.DBID{1}
		s.CampaignGroups = slices.Delete(s.CampaignGroups, 1, 2)
	})
	state, err := r.Control.State(simtest.Context(t))
	if err != nil || len(state.OCS[0].CommDNs) != 1 || state.OCS[0].CommDNs[0].Number != "CommDN_1" {
		t.Fatalf("OCS works with %+v, %v", state.OCS, err)
	}
	south := r.On("CommDN_2")
	south.Send(simtest.DoNotCall("5559", "").UserData())
	south.Event() // its own
	r.Want(nil)
	if list := r.List(); slices.ContainsFunc(list, func(e control.Entry) bool { return e.Phone == "5559" }) {
		t.Errorf("list %+v", list)
	}
}
