package scenario

import (
	"slices"
	"testing"

	"commdn/protocol/commdn"
)

// option gives outbound_contact_server as the vendor writes it.
func option(s string) *bool {
	yes := s == "true"
	if s == "undefined" {
		return nil
	}
	return &yes
}

// The three examples are those of "Special OCS Option".
func TestMonitored(t *testing.T) {
	for _, c := range []struct {
		name    string
		tenants []commdn.DBID // of OCS
		dns     []CommDN
		want    []string
	}{
		{"example 1", nil, []CommDN{
			{Number: "CommDN_1", OutboundContactServer: option("true")},
			{Number: "CommDN_2", OutboundContactServer: option("false")},
			{Number: "CommDN_3", OutboundContactServer: option("undefined")},
		}, []string{"CommDN_1"}},
		{"example 2", nil, []CommDN{
			{Number: "CommDN_1", OutboundContactServer: option("false")},
			{Number: "CommDN_2", OutboundContactServer: option("undefined")},
			{Number: "CommDN_3", OutboundContactServer: option("undefined")},
		}, []string{"CommDN_2", "CommDN_3"}},
		{"example 3", nil, []CommDN{
			{Number: "CommDN_1", OutboundContactServer: option("undefined")},
			{Number: "CommDN_2", OutboundContactServer: option("undefined")},
			{Number: "CommDN_3", OutboundContactServer: option("undefined")},
		}, []string{"CommDN_1", "CommDN_2", "CommDN_3"}},
		{"a disabled one does not count as true", nil, []CommDN{
			{Number: "CommDN_1", OutboundContactServer: option("true"), Disabled: true},
			{Number: "CommDN_2"},
			{Number: "CommDN_3", Disabled: true},
		}, []string{"CommDN_2"}},
		{"nor does one of another tenant", []commdn.DBID{102}, []CommDN{
			{Number: "CommDN_1", OutboundContactServer: option("true")},
			{Number: "CommDN_2", Tenant: 102},
			{Number: "CommDN_3", Tenant: 101},
		}, []string{"CommDN_2"}},
		{"the first tenant is meant where there is none", []commdn.DBID{101}, []CommDN{
			{Number: "CommDN_1"}, {Number: "CommDN_2", Tenant: 102}, {Number: "CommDN_3", Tenant: 101},
		}, []string{"CommDN_1", "CommDN_3"}},
		{"all false", nil, []CommDN{{Number: "CommDN_1", OutboundContactServer: option("false")}}, nil},
	} {
		s := &Scenario{
			Tenants:      []Tenant{{101, "A"}, {102, "B"}},
			Applications: []Application{{DBID: 201, Type: OutboundContactServer, Tenants: c.tenants}},
			CommDNs:      c.dns,
		}
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		var got []string
		for _, dn := range s.Monitored(201) {
			got = append(got, dn.Number)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestConnected(t *testing.T) {
	s := &Scenario{Applications: []Application{
		{DBID: 201, Type: OutboundContactServer, Connections: []commdn.DBID{104, 101, 102}},
		{DBID: 202, Type: OutboundContactServer},
		{DBID: 101, Type: ThirdPartyServer},
		{DBID: 102, Type: ThirdPartyServer, Disabled: true},
		{DBID: 103, Type: ThirdPartyApplication, Connections: []commdn.DBID{202, 201}},
		{DBID: 104, Type: ThirdPartyServer},
		{DBID: 105, Type: ThirdPartyApplication, Connections: []commdn.DBID{201}, Disabled: true},
		{DBID: 106, Type: ThirdPartyServer},
	}}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	for ocs, want := range map[commdn.DBID][]commdn.DBID{201: {101, 103, 104}, 202: {103}} {
		if got := s.Connected(ocs); !slices.Equal(got, want) {
			t.Errorf("OCS %d serves %v, want %v", ocs, got, want)
		}
	}
}

func TestServers(t *testing.T) {
	s := &Scenario{
		Applications: []Application{
			{DBID: 200, Type: OutboundContactServer, Disabled: true},
			{DBID: 201, Type: OutboundContactServer},
			{DBID: 202, Type: OutboundContactServer},
			{DBID: 101, Type: ThirdPartyServer},
		},
		Groups:         []Group{{DBID: 501, Name: "A"}},
		Campaigns:      []Campaign{{DBID: 1001, Name: "A"}, {DBID: 1002, Name: "B"}},
		CampaignGroups: []CampaignGroup{{Campaign: 1001, Group: 501}, {Campaign: 1002, Group: 501, OCS: 202}},
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	if all := s.Servers(); len(all) != 2 || all[0].DBID != 201 || all[1].DBID != 202 {
		t.Errorf("servers %v", all)
	}
	for ocs, want := range map[commdn.DBID]commdn.DBID{201: 1001, 202: 1002} {
		if got := s.CampaignGroupsOf(ocs); len(got) != 1 || got[0].Campaign != want {
			t.Errorf("OCS %d serves %v", ocs, got)
		}
	}
	if all := s.CampaignGroupsOf(200); all != nil {
		t.Errorf("an OCS that is disabled serves %v", all)
	}
	if none := (&Scenario{}).ServerOf(CampaignGroup{}); none != 0 {
		t.Errorf("without an OCS %d serves", none)
	}
}
