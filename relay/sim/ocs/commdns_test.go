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

// An answer goes out on the CommDN of its request, also when it comes later;
// what nobody has asked for on all.
func TestSeveralCommDNs(t *testing.T) {
	first := simtest.NewRig(t, func(s *scenario.Scenario, o *scenario.OCS) {
		s.CommDNs = append(s.CommDNs, scenario.CommDN{Number: "CommDN_2"})
		o.UnloadedAtEnd = true
	})
	second := first.On("CommDN_2")
	first.Want(lines{"CampaignLoaded 11/7 Active", "CampaignStatus 11/7 Active"}, simtest.Load(simtest.A7))
	second.Want(lines{"CampaignStatus 11/7 Active", "DialingStarted 11/7 Running", "CampaignStatus 11/7 Running"}, simtest.Dial(simtest.A7))
	first.Want(lines{"CampaignStatus 11/7 Running", "Error 5"}, simtest.Load(simtest.A7))
	second.Want(lines{"CampaignStatus 11/7 WaitingUnload", "CampaignStatus 11/7 UnloadInProgress"}, simtest.Unload(simtest.A7))
	first.Advance(time.Second)
	second.Want(lines{"CampaignUnloaded 11/7 NotLoaded", "CampaignStatus 11/7 NotLoaded"})
	first.Want(lines{"CampaignStatus 11/7 WaitingUnload", "CampaignStatus 11/7 UnloadInProgress", "CampaignStatus 11/7 NotLoaded"})
	// The Do Not Call list is one.
	second.Do(simtest.DoNotCall("5551", ""))
	if list := first.List(); !slices.ContainsFunc(list, func(e control.Entry) bool { return e.Phone == "5551" }) {
		t.Errorf("list %+v", list)
	}
}

// Which of three CommDNs OCS works with: the examples of "Special OCS Option",
// and CommDNs that are disabled. On the others there is silence.
func TestCommDNsThatOCSWorksWith(t *testing.T) {
	yes, no := true, false
	for _, test := range []struct {
		name    string
		commDNs [3]scenario.CommDN
		want    []string
	}{
		{"example 1", [3]scenario.CommDN{{OutboundContactServer: &yes}, {OutboundContactServer: &no}, {}}, []string{"CommDN_1"}},
		{"example 2", [3]scenario.CommDN{{OutboundContactServer: &no}, {}, {}}, []string{"CommDN_2", "CommDN_3"}},
		{"example 3", [3]scenario.CommDN{{}, {}, {}}, []string{"CommDN_1", "CommDN_2", "CommDN_3"}},
		{"disabled", [3]scenario.CommDN{{}, {Disabled: true}, {}}, []string{"CommDN_1", "CommDN_3"}},
		{"true and disabled", [3]scenario.CommDN{{}, {Disabled: true, OutboundContactServer: &yes}, {}}, []string{"CommDN_1", "CommDN_3"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := simtest.NewRig(t, func(s *scenario.Scenario, _ *scenario.OCS) {
				s.CommDNs = test.commDNs[:]
				for i, number := range []string{"CommDN_1", "CommDN_2", "CommDN_3"} {
					s.CommDNs[i].Number = number
				}
			})
			state, err := r.Control.State(simtest.Context(t))
			if err != nil {
				t.Fatal(err)
			}
			var monitored, registered []string
			for _, dn := range state.OCS[0].CommDNs {
				if !dn.Up {
					t.Errorf("OCS is not registered on %s: %s", dn.Number, dn.Error)
				}
				monitored = append(monitored, dn.Number)
			}
			for _, client := range state.TServers[0].Clients {
				if client.Application == "OCS_201" {
					registered = append(registered, client.DNs...)
				}
			}
			slices.Sort(registered)
			if !slices.Equal(monitored, test.want) || !slices.Equal(registered, test.want) {
				t.Errorf("OCS works with %q and is registered on %q, want %q", monitored, registered, test.want)
			}
			// OCS is not there to hear a request on the others, which T-Server
			// distributes before it acknowledges it.
			for _, number := range []string{"CommDN_1", "CommDN_2", "CommDN_3"} {
				a := r.On(number)
				a.Send(simtest.DoNotCall("555"+number[len(number)-1:], "").UserData())
				a.Event() // its own
				if slices.Contains(test.want, number) {
					a.Answer()
				}
			}
			var served []string
			for _, entry := range r.List() {
				served = append(served, "CommDN_"+entry.Phone[len(entry.Phone)-1:])
			}
			if !slices.Equal(served, test.want) {
				t.Errorf("served on %q, want %q", served, test.want)
			}
		})
	}
}

// Served are third-party servers in the Connections of OCS, and third-party
// applications that have OCS in theirs.
func TestConnections(t *testing.T) {
	r := simtest.NewRig(t, func(s *scenario.Scenario, _ *scenario.OCS) {
		s.Applications[0].Connections = []commdn.DBID{101, 106}
		s.Applications = append(s.Applications,
			scenario.Application{DBID: 102, Name: "connected", Type: scenario.ThirdPartyApplication, Connections: []commdn.DBID{201}},
			scenario.Application{DBID: 103, Name: "application", Type: scenario.ThirdPartyApplication},
			scenario.Application{DBID: 104, Name: "server", Type: scenario.ThirdPartyServer},
			scenario.Application{DBID: 105, Name: "disabled", Type: scenario.ThirdPartyApplication, Connections: []commdn.DBID{201}, Disabled: true},
			scenario.Application{DBID: 106, Name: "disabled too", Type: scenario.ThirdPartyServer, Disabled: true},
		)
	})
	from := func(application commdn.DBID) commdn.Message {
		m := simtest.Status(simtest.A7)
		m.Origin = application
		return m
	}
	for application, want := range map[commdn.DBID]lines{
		101: {"CampaignStatus 11/7 NotLoaded"}, 102: {"CampaignStatus 11/7 NotLoaded"},
		103: nil, 104: nil, 105: nil, 106: nil, 107: nil, 201: nil,
	} {
		if got := r.Do(from(application)); !slices.Equal(got, want) {
			t.Errorf("application %d: OCS says %q, want %q", application, got, want)
		}
	}
	// The same are told of changes.
	r.Send(simtest.Load(simtest.A7).UserData())
	var told []commdn.DBID
	for range 3 {
		told = append(told, r.Heard().Addr().Target)
	}
	if !slices.Equal(told, []commdn.DBID{101, 101, 102}) {
		t.Errorf("told were %v", told)
	}
}
