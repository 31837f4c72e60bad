package confdb

import "testing"

func TestDeaf(t *testing.T) {
	d := &DB{
		Applications: []Application{{DBID: 99, Name: "T", Type: "type 1"}},
		Switches:     []Switch{{DBID: 401, Name: "Madrid", TServer: 99}, {DBID: 402, Name: "Lyon", TServer: 98}, {DBID: 403, Name: "Bonn"}},
	}
	ocs := Application{DBID: 201, Name: "O", Type: OutboundContactServer, Connections: ids(101)}
	both := ocs
	both.Connections = ids(98, 99)
	for _, c := range []struct {
		name string
		ocs  Application
		dn   CommDN
		want string
	}{
		{"connected", both, CommDN{Switch: 401}, ""},
		{"connected to the other one", both, CommDN{Switch: 402}, ""},
		{"not connected", ocs, CommDN{Switch: 401}, "T (99), the T-Server of its switch Madrid (401), is not in the Connections of O (201)"},
		{"not connected, a T-Server that is not there", ocs, CommDN{Switch: 402}, "application 98, the T-Server of its switch Lyon (402), is not in the Connections of O (201)"},
		{"a switch without T-Server", ocs, CommDN{Switch: 403}, ""},
		{"a switch that is not there", ocs, CommDN{Switch: 404}, ""},
		{"no switch", ocs, CommDN{}, ""},
	} {
		if got := d.Deaf(c.ocs, c.dn); got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

func TestCommDNText(t *testing.T) {
	d := &DB{
		Switches: []Switch{{DBID: 401, Name: "Madrid"}, {DBID: 402, Name: "Lyon"}},
		CommDNs: []CommDN{
			{DBID: 1, Number: "A", Switch: 401}, {DBID: 2, Number: "A", Switch: 402}, {DBID: 3, Number: "A", Switch: 403}, {DBID: 4, Number: "A"},
			{DBID: 5, Number: "B", Switch: 401},
		},
	}
	for i, want := range []string{"A on Madrid (401)", "A on Lyon (402)", "A on switch 403", "A (4)", "B"} {
		if got := d.CommDNText(d.CommDNs[i]); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
