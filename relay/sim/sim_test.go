package sim_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/fronttest"
	"commdn/relay/internal/leak"
	"commdn/relay/sim"
	"commdn/relay/sim/control"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/ocs"
	"commdn/relay/sim/scenario"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver"
)

func TestMain(m *testing.M) { leak.Main(m) }

// Each registrant gets the request and the answer, the sender included.
func TestEveryRegistrantSeesAll(t *testing.T) {
	s := simtest.Start(t, simtest.Scenario())
	sender, other := simtest.Join(t, s), simtest.Join(t, s)
	request := simtest.DoNotCall("5551", "").UserData()
	sender.Send(request)
	for _, a := range []*simtest.App{sender, other} {
		if got := a.Event(); !tkvlist.Equal(got, request) {
			t.Errorf("first event is %v", got)
		}
		if got := a.Event(); !tkvlist.Equal(got, simtest.Processed("5551", "", "").UserData()) {
			t.Errorf("second event is %v", got)
		}
	}
}

// severalOCS has three OCS on one CommDN, each with other applications, and the
// third with a campaign group of its own.
func severalOCS(s *scenario.Scenario, _ *scenario.OCS) {
	s.Applications[0].Connections = []commdn.DBID{101}
	s.Applications = append(s.Applications,
		scenario.Application{DBID: 202, Name: "OCS_202", Type: scenario.OutboundContactServer, Connections: []commdn.DBID{101, 102}},
		scenario.Application{DBID: 203, Name: "OCS_203", Type: scenario.OutboundContactServer, Connections: []commdn.DBID{102}},
		scenario.Application{DBID: 102, Name: "other", Type: scenario.ThirdPartyServer},
	)
	s.CampaignGroups[2].OCS = 202
}

// With target 0 every OCS acts and answers; otherwise the one that is meant.
// Each has campaign groups and a list of its own.
func TestSeveralOCS(t *testing.T) {
	r := simtest.NewRig(t, severalOCS)
	origins := func(n int) (from []commdn.DBID) {
		for range n {
			from = append(from, r.Answer().Addr().Origin)
		}
		slices.Sort(from)
		return from
	}
	r.Send(simtest.DoNotCall("5551", "").UserData())
	if got := origins(2); !slices.Equal(got, []commdn.DBID{201, 202}) {
		t.Errorf("answers of %v", got)
	}
	r.Send((&commdn.DoNotCall{Address: commdn.Address{Origin: 101, Target: 202}, Phone: "5552"}).UserData())
	if got := origins(1); !slices.Equal(got, []commdn.DBID{202}) {
		t.Errorf("answer of %v", got)
	}
	if got := r.List(); len(got) != 2 || got[0].Phone != "5551" || got[1].Phone != "5552" {
		t.Errorf("all lists together: %v", got)
	}
	// 13/7 is the second's: for the first the campaign is not configured for the
	// group.
	r.Send(simtest.Load(simtest.C7).UserData())
	if fault, ok := r.Answer().(*commdn.Fault); !ok || fault.Code != commdn.ErrorGroupCampNotFound || fault.Origin != 201 {
		t.Errorf("the first OCS: %+v", fault)
	}
	load := simtest.Load(simtest.C7)
	load.Target = 202
	r.Send(load.UserData())
	if event, ok := r.Answer().(*commdn.CampaignEvent); !ok || event.Event != commdn.EvCampaignLoaded || event.Origin != 202 {
		t.Errorf("the second OCS: %+v", event)
	}
	if state := r.State(simtest.C7); state.OCS != 202 || state.Status != commdn.StatusActive.String() {
		t.Errorf("%+v", state)
	}
	if state := r.State(simtest.A7); state.OCS != 201 || state.Status != commdn.StatusNotLoaded.String() {
		t.Errorf("%+v", state)
	}
}

// An entry that several OCS have counts once; a list of each is its own.
func TestListsOfSeveralOCS(t *testing.T) {
	sc := simtest.Scenario()
	severalOCS(sc, nil)
	s := simtest.InProcess(t, sim.Options{Scenario: sc})
	a := simtest.Connect(t, s.CommDN(), s.Addr())
	a.Send(simtest.DoNotCall("5551", "").UserData())
	a.Answer()
	a.Answer()
	for i, want := range []int{1, 1, 0} {
		if got := s.OCS()[i].List(); len(got) != want {
			t.Errorf("OCS %d has %v", s.OCS()[i].DBID(), got)
		}
	}
	if got := s.DNC(); len(got) != 1 || got[0].Phone != "5551" || got[0].Time.Location() != time.UTC {
		t.Errorf("all lists together: %v", got)
	}
}

// A request that waits when everything is closed is not served, and Close does
// not wait for it.
func TestCloseDuringADelay(t *testing.T) {
	sc := simtest.Scenario()
	sc.Faults = []scenario.Fault{{Do: scenario.Delay, Latency: time.Hour}}
	s := simtest.InProcess(t, sim.Options{Scenario: sc})
	a := simtest.Connect(t, s.CommDN(), s.Addr())
	a.Send(simtest.DoNotCall("5551", "").UserData())
	a.Event()
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.DNC(); len(got) != 0 {
		t.Errorf("list = %v", got)
	}
}

func TestSubscribe(t *testing.T) {
	for name, backup := range map[string]bool{"one T-Server": false, "a pair": true} {
		t.Run(name, func(t *testing.T) {
			sc := simtest.Scenario()
			sc.TServer.Backup = backup
			s := simtest.InProcess(t, sim.Options{Scenario: sc})
			events, cancel := s.Subscribe(16)
			defer cancel()
			a := simtest.Connect(t, s.CommDN(), s.Addr())
			request := simtest.DoNotCall("5551", "").UserData()
			a.Send(request)
			for _, want := range []sim.Event{
				{DN: "CommDN_1", Application: "relay", UserData: request, Time: simtest.Midnight},
				{DN: "CommDN_1", Application: "OCS_201", UserData: simtest.Processed("5551", "", "").UserData(), Time: simtest.Midnight},
			} {
				e := <-events
				if e.DN != want.DN || e.Application != want.Application || !tkvlist.Equal(e.UserData, want.UserData) || !e.Time.Equal(want.Time) {
					t.Errorf("got  %+v\nwant %+v", e, want)
				}
			}
			cancel()
			if _, open := <-events; open {
				t.Error("there is an event after cancel")
			}
		})
	}
}

// The link of T-Server to the switch goes away and returns: OCS and the
// application are registered again and go on.
func TestLinkToTheSwitchReturns(t *testing.T) {
	r := simtest.NewRig(t, nil)
	do := func(do scenario.Do) {
		t.Helper()
		if set, err := r.Control.AddFault(simtest.Context(t), scenario.Fault{Do: do}); err != nil || set.ID != 0 {
			t.Fatalf("%+v, %v", set, err)
		}
	}
	do(scenario.LinkDown)
	r.Wait(false)
	if err := r.Link.SendUserEvent(t.Context(), simtest.DoNotCall("5551", "").UserData()); !errors.Is(err, tserver.ErrLinkDown) {
		t.Errorf("send while down: %v", err)
	}
	do(scenario.LinkUp)
	r.Wait(true)
	r.Insist(simtest.DoNotCall("5552", ""))
	if got := r.List(); len(got) != 1 || got[0].Phone != "5552" {
		t.Errorf("list = %v", got)
	}
}

// OCS and the application find the T-Server that is the primary now; what OCS
// knows outlives a switchover.
func TestSwitchover(t *testing.T) {
	r := simtest.NewRig(t, func(s *scenario.Scenario, _ *scenario.OCS) { s.TServer.Backup = true })
	r.Do(simtest.Load(simtest.A7), simtest.Dial(simtest.A7))
	r.Advance(time.Second)
	roles := func() (roles []string) {
		t.Helper()
		state, err := r.Control.State(simtest.Context(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, server := range state.TServers {
			roles = append(roles, server.Role)
		}
		return roles
	}
	before := roles()
	for range 2 { // there and back
		if _, err := r.Control.AddFault(simtest.Context(t), scenario.Fault{Do: scenario.Switchover}); err != nil {
			t.Fatal(err)
		}
		after := roles()
		if before[0] != after[1] || before[1] != after[0] {
			t.Errorf("roles %v, then %v", before, after)
		}
		before = after
		r.Wait(false)
		r.Wait(true)
		r.Insist(simtest.DoNotCall("5551", ""))
	}
	r.Advance(time.Second)
	if got := r.State(simtest.A7); got.Status != commdn.StatusRunning.String() || got.Dials != 20 {
		t.Errorf("%s after %d dials", got.Status, got.Dials)
	}
	if got := r.List(); !slices.ContainsFunc(got, func(e control.Entry) bool { return e.Phone == "5551" }) {
		t.Errorf("list = %v", got)
	}
}

// OCS keeps its list over a restart of T-Server and serves again.
func TestRestartOfTServer(t *testing.T) {
	first, err := simtserver.Start(simtserver.Options{CommDNs: []string{"CommDN_1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	front := fronttest.New(t)
	front.Use(first.Addr())
	o, err := ocs.Start(ocs.Options{Servers: []string{front.Addr()}, DBID: simtest.OCS, Scenario: simtest.Scenario()})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	<-o.Ready()
	a := simtest.Connect(t, "CommDN_1", front.Addr())
	a.Send(simtest.DoNotCall("5551", "").UserData())
	a.Answer()
	first.Close()
	front.Use("")
	a.Wait(false)
	second, err := simtserver.Start(simtserver.Options{CommDNs: []string{"CommDN_1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	front.Use(second.Addr())
	a.Wait(true)
	a.Insist(simtest.DoNotCall("5552", ""))
	if got := o.List(); len(got) != 2 || got[0].Phone != "5551" || got[1].Phone != "5552" {
		t.Errorf("list = %v", got)
	}
}

func TestStartRefused(t *testing.T) {
	taken := simtest.InProcess(t, sim.Options{Scenario: simtest.Scenario()})
	for _, test := range []struct {
		change func(*sim.Options)
		want   string
	}{
		{func(o *sim.Options) { o.Addr = taken.Addr() }, "sim/tserver: listen tcp"},
		{func(o *sim.Options) { o.Scenario.TServer.Backup, o.BackupAddr = true, taken.Addr() }, "sim/tserver: listen tcp"},
		{func(o *sim.Options) { o.Scenario.TServer.MaxUserData = -1 }, "scenario: tserver.max_user_data: "},
		{func(o *sim.Options) { o.Scenario.CampaignGroups[0].Campaign = 99 }, "scenario: campaign_groups[0].campaign: there is no campaign 99"},
		{func(o *sim.Options) { o.Scenario.Applications[1].DBID = 201 }, "scenario: applications[1].dbid: 201 is the DBID of "},
	} {
		o := sim.Options{Scenario: simtest.Scenario()}
		test.change(&o)
		if s, err := sim.Start(o); err == nil {
			s.Close()
			t.Errorf("no error, want %s", test.want)
		} else if !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

// The first CommDN that is enabled is the one of the simulation.
func TestOwnNames(t *testing.T) {
	r := simtest.NewRig(t, func(s *scenario.Scenario, _ *scenario.OCS) {
		s.CommDNs = []scenario.CommDN{{Number: "8000", Disabled: true}, {Number: "8001"}}
		s.Applications[0].Name = ""
	})
	if r.CommDN != "8001" {
		t.Errorf("CommDN = %s", r.CommDN)
	}
	r.Send(simtest.DoNotCall("5551", "").UserData())
	r.Answer()
	state, err := r.Control.State(simtest.Context(t))
	if err != nil || state.OCS[0].Name != "ocs_201" || state.TServers[0].Clients[0].Application != "ocs_201" {
		t.Errorf("%+v, %v", state, err)
	}
}

// Every scenario that is shipped starts, and its campaign groups can be loaded
// and dialed as they are configured; without any it is the demo. (The large one
// has a test of its own.)
func TestShippedScenarios(t *testing.T) {
	small := slices.DeleteFunc(scenario.Names(), func(name string) bool { return name == "large" })
	for _, name := range append(small, "") {
		t.Run(name, func(t *testing.T) {
			s := simtest.InProcess(t, sim.Options{Scenario: scenario.Shipped(name)})
			if name == "" && s.Scenario().Name != "demo" {
				t.Errorf("it is %q", s.Scenario().Name)
			}
			for _, o := range s.OCS() {
				for _, g := range o.CampaignGroups() {
					load := &commdn.LoadCampaign{Address: simtest.To, CampaignGroup: g.CampaignGroup, Dialing: g.Dialing}
					start := &commdn.StartDialing{Address: simtest.To, CampaignGroup: g.CampaignGroup, Dialing: g.Dialing}
					for _, request := range []commdn.Request{load, start} {
						if err := o.Control(request); err != nil {
							t.Errorf("%s: %v", commdn.Trace(request, true), err)
						}
					}
				}
			}
			s.Clock().Advance(10 * time.Minute)
			for _, o := range s.OCS() {
				for _, g := range o.CampaignGroups() {
					if g.Dials == 0 {
						t.Errorf("%s is not dialed", g.CampaignGroup)
					}
				}
			}
		})
	}
}

// The callers of the demo page are in the calling lists, one on a desktop.
func TestDemoRecords(t *testing.T) {
	s := simtest.InProcess(t, sim.Options{})
	records, _ := s.OCS()[0].Records(ocs.Query{List: 601, AnyStatus: true, Limit: 4})
	var phones []string
	for _, r := range records {
		phones = append(phones, r.Phone)
	}
	if want := []string{"5551234567", "5551234568", "5550198822", "5550133019"}; !slices.Equal(phones, want) || !records[2].OnDesktop {
		t.Errorf("records %+v", records)
	}
}
