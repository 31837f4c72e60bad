package confdb

import (
	"slices"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/relay/internal/leak"
	"commdn/relay/internal/strictyaml"
)

func TestMain(m *testing.M) { leak.Main(m) }

func ids(all ...commdn.DBID) []commdn.DBID { return all }

func TestServes(t *testing.T) {
	ocs := Application{DBID: 201, Type: OutboundContactServer, Connections: ids(101, 103)}
	off := ocs
	off.Disabled = true
	for _, c := range []struct {
		name         string
		ocs, client  Application
		want, linked bool
	}{
		{"a third-party server in the Connections of OCS", ocs, Application{DBID: 101, Type: ThirdPartyServer}, true, true},
		{"a third-party application with OCS in its own", ocs, Application{DBID: 102, Type: ThirdPartyApplication, Connections: ids(201)}, true, true},
		{"a third-party server with OCS in its own", ocs, Application{DBID: 104, Type: ThirdPartyServer, Connections: ids(201)}, false, false},
		{"a third-party application in those of OCS", ocs, Application{DBID: 103, Type: ThirdPartyApplication}, false, false},
		{"an OCS", ocs, Application{DBID: 101, Type: OutboundContactServer, Connections: ids(201)}, false, false},
		{"another type", ocs, Application{DBID: 101, Type: "type 2", Connections: ids(201)}, false, false},
		{"the wrong way round", Application{DBID: 101, Type: ThirdPartyServer}, ocs, false, false},
		{"the client is disabled", ocs, Application{DBID: 101, Type: ThirdPartyServer, Disabled: true}, false, true},
		{"the OCS is disabled", off, Application{DBID: 101, Type: ThirdPartyServer}, false, true},
	} {
		if got := Serves(c.ocs, c.client); got != c.want {
			t.Errorf("%s: serves %v", c.name, got)
		}
		if got := Connected(c.ocs, c.client); got != c.linked {
			t.Errorf("%s: connected %v", c.name, got)
		}
	}
}

// TestMonitored has the three examples of "Special OCS Option", and what else
// counts.
func TestMonitored(t *testing.T) {
	yes, no := true, false
	ocs := Application{DBID: 201, Name: "O", Type: OutboundContactServer, Tenants: ids(1)}
	for _, c := range []struct {
		name string
		dns  []CommDN
		want string
	}{
		{"example 1", []CommDN{{Number: "A", OutboundContactServer: &yes}, {Number: "B", OutboundContactServer: &no}, {Number: "C"}}, "A"},
		{"example 2", []CommDN{{Number: "A", OutboundContactServer: &no}, {Number: "B"}, {Number: "C"}}, "B C"},
		{"example 3", []CommDN{{Number: "A"}, {Number: "B"}, {Number: "C"}}, "A B C"},
		{"two of true", []CommDN{{Number: "A", OutboundContactServer: &yes}, {Number: "B"}, {Number: "C", OutboundContactServer: &yes}}, "A C"},
		{"true, but disabled", []CommDN{{Number: "A", OutboundContactServer: &yes, Disabled: true}, {Number: "B"}}, "B"},
		{"true, but of another tenant", []CommDN{{Number: "A", OutboundContactServer: &yes, Tenant: 2}, {Number: "B", Tenant: 1}}, "B"},
		{"false alone", []CommDN{{Number: "A", OutboundContactServer: &no}}, ""},
		{"a section of this OCS", []CommDN{{Number: "A", OutboundContactServer: &no, Sections: map[string]bool{"O": true}}, {Number: "B"}}, "A"},
		{"a section of another OCS", []CommDN{{Number: "A", Sections: map[string]bool{"P": true}}, {Number: "B"}}, "A B"},
	} {
		d := &DB{Tenants: []Tenant{{DBID: 1, Name: "T"}, {DBID: 2, Name: "U"}}, CommDNs: c.dns}
		var got []string
		for _, dn := range d.Monitored(ocs) {
			got = append(got, dn.Number)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %q, want %q", c.name, s, c.want)
		}
	}
	d := &DB{CommDNs: []CommDN{{Number: "A"}}}
	for _, a := range []Application{{DBID: 1, Type: ThirdPartyServer}, {DBID: 2, Type: OutboundContactServer, Disabled: true}} {
		if got := d.Monitored(a); got != nil {
			t.Errorf("%s monitors %v", a, got)
		}
	}
}

func TestMonitorSaysWhy(t *testing.T) {
	yes, no := true, false
	ocs := Application{DBID: 201, Name: "O", Type: OutboundContactServer, Tenants: ids(1)}
	d := &DB{Tenants: []Tenant{{DBID: 1, Name: "T"}, {DBID: 2, Name: "U"}}, CommDNs: []CommDN{
		{Number: "A"}, {Number: "B", Disabled: true}, {Number: "C", Tenant: 2}, {Number: "D", Tenant: 3}, {Number: "E", OutboundContactServer: &no},
	}}
	why := func() (all []string) {
		for _, dn := range d.CommDNs {
			is, why := d.Monitor(ocs)(dn)
			if is {
				why = "+ " + why
			}
			all = append(all, why)
		}
		return all
	}
	want := []string{
		"+ outbound_contact_server is undefined, and true for none", "it is disabled",
		"it is of tenant U (2), which O (201) does not work for", "it is of tenant 3, which O (201) does not work for",
		"it has outbound_contact_server false",
	}
	if got := why(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	d.CommDNs = append(d.CommDNs, CommDN{Number: "F\n", OutboundContactServer: &yes})
	want[0] = `"F\n" has outbound_contact_server true, and it has not`
	want = append(want, "+ it has outbound_contact_server true")
	if got := why(); !slices.Equal(got, want) {
		t.Errorf("with one that is chosen: %q", got)
	}
}

func TestTenantOf(t *testing.T) {
	for _, c := range []struct {
		d        DB
		id, want commdn.DBID
	}{
		{DB{}, 0, DefaultTenant}, {DB{}, 5, 5},
		{DB{Tenants: []Tenant{{DBID: 7}, {DBID: 8}}}, 0, 7}, {DB{Tenants: []Tenant{{DBID: 7}, {DBID: 8}}}, 8, 8},
	} {
		if got := c.d.TenantOf(c.id); got != c.want {
			t.Errorf("%+v: %d is of %d, want %d", c.d, c.id, got, c.want)
		}
	}
}

func TestCheck(t *testing.T) {
	p := strictyaml.New("f")
	c := Check(p, DB{
		Applications: []Application{
			{DBID: 201, Type: OutboundContactServer, Connections: ids(201, 5, 101, 101), Tenants: ids(1, 2)},
			{DBID: 101, Name: "a", Type: ThirdPartyServer, Tenants: ids(1)},
			{DBID: 101, Name: "a", Type: "stat"},
			{DBID: 0, Name: " b", Type: ThirdPartyApplication},
		},
		CommDNs: []CommDN{{Number: "A", DBID: 3}, {Number: "A", DBID: 3}, {DBID: -1, Tenant: 9}},
	}, true)
	c.OCS("x.ocs", 101)
	c.OCS("x.ocs", 7)
	if i, ok := c.OCS("x.ocs", 201); i != 0 || !ok {
		t.Errorf("OCS 201 is application %d, %v", i, ok)
	}
	c.SameTenant("x", "campaign", 1, 0, "group", 2, 5)
	c.SameTenant("x", "campaign", 1, 0, "group", 2, 1)
	want := []string{
		"applications[2].dbid: 101 is the DBID of applications[1]", `applications[2].name: "a" is the name of applications[1]`,
		"applications[3].dbid: is 0; give 1 or more", "applications[3].name: begins or ends with a blank",
		"applications[0].tenants[1]: there is no tenant 2; there is 1",
		"applications[0].connections[0]: 201 is the application itself", "applications[0].connections[1]: there is no application 5; there are 101, 201",
		"applications[0].connections[3]: 101 is there twice", "applications[1].tenants: is for applications of the type ocs only",
		`applications[2].type: "stat" is no type of application; there are ocs, third-party-server, third-party-application`,
		`comm_dns[1].number: "A" is the number of comm_dns[0]`, "comm_dns[1].dbid: 3 is the DBID of comm_dns[0]",
		"comm_dns[2].number: is empty", "comm_dns[2].dbid: is -1; give 1 or more", "comm_dns[2].tenant: there is no tenant 9; there is 1",
		"x.ocs: application 101 is no OCS but a third-party-server; there is 201", "x.ocs: there is no OCS 7; there is 201",
		"x: campaign 1 is of tenant 1, and group 2 of tenant 5",
	}
	if got := p.Err().Error(); got != "f: "+strings.Join(want, "\nf: ") {
		t.Errorf("got\n%s", got)
	}
	p = strictyaml.New("f")
	Check(p, DB{Applications: []Application{{DBID: 1, Type: OutboundContactServer}}}, false)
	if err := p.Err(); err == nil || err.Error() != "f: applications[0].name: is empty" {
		t.Errorf("an application without a name: %v", err)
	}
}
