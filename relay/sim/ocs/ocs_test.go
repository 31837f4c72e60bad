package ocs_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/fronttest"
	"commdn/relay/internal/leak"
	"commdn/relay/sim"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/ocs"
	"commdn/relay/sim/scenario"
	simtserver "commdn/relay/sim/tserver"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestOptionsRefused(t *testing.T) {
	disabled := simtest.Scenario()
	disabled.Applications[0].Disabled = true
	for _, test := range []struct {
		want   string
		change func(*ocs.Options)
	}{
		{"sim/ocs: option Scenario is nil", func(o *ocs.Options) { o.Scenario = nil }},
		{"sim/ocs: option DBID is 0; the scenario has no enabled application of the type ocs with it", func(o *ocs.Options) { o.DBID = 0 }},
		{"sim/ocs: option DBID is 101; ", func(o *ocs.Options) { o.DBID = simtest.Application }},
		{"sim/ocs: option DBID is 201; ", func(o *ocs.Options) { o.Scenario = disabled }},
		{"sim/ocs: tserver: option Servers is empty", func(o *ocs.Options) { o.Servers = nil }},
	} {
		o := ocs.Options{Servers: []string{"127.0.0.1:1"}, DBID: simtest.OCS, Scenario: simtest.Scenario()}
		test.change(&o)
		if s, err := ocs.Start(o); err == nil {
			s.Close()
			t.Errorf("no error, want %s", test.want)
		} else if !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

// OCS comes back by itself after T-Server was away, from the start and later.
func TestReconnects(t *testing.T) {
	front := fronttest.New(t)
	start := func() *simtserver.Server {
		s, err := simtserver.Start(simtserver.Options{CommDNs: []string{"CommDN_1"}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		front.Use(s.Addr())
		return s
	}
	o, err := ocs.Start(ocs.Options{Servers: []string{front.Addr()}, DBID: simtest.OCS, Scenario: simtest.Scenario()})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	select {
	case <-o.Ready():
		t.Fatal("ready without a T-Server")
	default:
	}
	server := start()
	<-o.Ready()
	if all := o.CommDNs(); o.DBID() != simtest.OCS || o.Name() != "OCS_201" || !reflect.DeepEqual(all, []ocs.CommDNState{{Number: "CommDN_1", Up: true}}) {
		t.Errorf("OCS %d %s, CommDNs %+v", o.DBID(), o.Name(), all)
	}
	server.Close()
	front.Use("")
	for late := time.Now().Add(simtest.Patience); o.CommDNs()[0].Up; {
		if time.Now().After(late) {
			t.Fatal("OCS does not notice that T-Server is gone")
		}
	}
	server = start()
	simtest.Connect(t, "CommDN_1", server.Addr()).Insist(simtest.DoNotCall("5551", ""))
}

// A program that imports OCS is told of every dial as it is made.
func TestOnDial(t *testing.T) {
	var dials []ocs.Dial // appended to within Advance
	s := simtest.InProcess(t, sim.Options{Scenario: simtest.Scenario(), OnDial: func(d ocs.Dial) { dials = append(dials, d) }})
	o := s.OCS()[0]
	for _, request := range []commdn.Request{simtest.Load(simtest.C7), simtest.Dial(simtest.C7)} {
		if err := o.Control(request); err != nil {
			t.Fatal(err)
		}
	}
	s.Clock().Advance(time.Minute)
	page, total := o.Records(ocs.Query{List: simtest.ListC, AnyStatus: true})
	if len(dials) != 20 || total != 20 {
		t.Fatalf("told of %d dials of %d records, want 20", len(dials), total)
	}
	for i, got := range dials {
		want := ocs.Dial{
			OCS: simtest.OCS, CampaignGroup: simtest.C7, List: simtest.ListC, Record: i + 1,
			Phone: page[i].Phone, CustomerID: page[i].CustomerID, Attempt: 1,
			Time: simtest.Midnight.Add(time.Duration(i+1) * 100 * time.Millisecond),
		}
		if got != want {
			t.Errorf("dial %d is\n\t%+v\nwant\n\t%+v", i, got, want)
		}
		if !page[i].Dialed.Equal(want.Time) {
			t.Errorf("record %d was dialed at %s", i, page[i].Dialed)
		}
	}
}

// After Close nothing is dialed, and Reset and Close are harmless.
func TestNothingAfterClose(t *testing.T) {
	var dials int
	s := simtest.InProcess(t, sim.Options{Scenario: simtest.Scenario(), OnDial: func(ocs.Dial) { dials++ }})
	o := s.OCS()[0]
	for _, request := range []commdn.Request{simtest.Load(simtest.A7), simtest.Dial(simtest.A7)} {
		if err := o.Control(request); err != nil {
			t.Fatal(err)
		}
	}
	s.Clock().Advance(time.Second)
	for range 2 {
		if err := o.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s.Clock().Advance(time.Hour)
	o.Reset()
	s.Clock().Advance(time.Hour)
	if dials != 10 {
		t.Errorf("%d dials, 10 before Close", dials)
	}
}

func TestEntryAsJSON(t *testing.T) {
	list := []ocs.Entry{{Phone: "5551234567", CustomerID: "c-1", Tenant: 1, Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}}
	got, err := json.Marshal(list)
	want := `[{"phone":"5551234567","customer_id":"c-1","tenant":1,"time":"2026-01-02T03:04:05Z"}]`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	if got, err := json.Marshal(ocs.Merge()); err != nil || string(got) != "[]" {
		t.Errorf("no list: %s, %v; want []", got, err)
	}
}

func TestMerge(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 1, 2, 3, minute, 0, 0, time.UTC) }
	got := ocs.Merge(
		[]ocs.Entry{{"1", "", 1, at(2)}, {"2", "", 1, at(4)}},
		nil,
		[]ocs.Entry{{"2", "", 1, at(1)}, {"2", "c", 1, at(3)}, {"1", "", 1, at(5)}, {"1", "", 2, at(6)}},
	)
	want := []ocs.Entry{{"2", "", 1, at(1)}, {"1", "", 1, at(2)}, {"2", "c", 1, at(3)}, {"1", "", 2, at(6)}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// The names of a record are the ones that the HTTP API has.
func TestRecordTexts(t *testing.T) {
	var got []string
	for s := range ocs.RecordStatus(ocs.RecordStatuses + 1) {
		got = append(got, s.String())
	}
	if want := []string{"ready", "retrieved", "updated", "canceled", "chain-updated", "5"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// Numbers are the vendor's, of the field call_result.
	for number, name := range map[ocs.CallResult]string{
		6: "busy", 7: "no-answer", 9: "answering-machine", 11: "invalid-number", 17: "fax", 21: "abandoned",
		26: "dropped", 28: "unknown", 33: "answer", 51: "do-not-call", 52: "cancel-record", 53: "53",
	} {
		if got := number.String(); got != name {
			t.Errorf("%d is %s, want %s", number, got, name)
		}
	}
}

// What a campaign group shows is that of the scenario until it is loaded.
func TestStateAtTheStart(t *testing.T) {
	sc := simtest.Scenario()
	sc.Groups[0].Agents = 3
	sc.CampaignGroups[1].Dialing = scenario.Dialing{Mode: commdn.DialPreview, OptimizeBy: commdn.OptimizeWaitTime, Goal: 600}
	o := simtest.InProcess(t, sim.Options{Scenario: sc}).OCS()[0]
	all := o.CampaignGroups()
	if len(all) != 4 || all[1].CampaignGroup != simtest.B7 {
		t.Fatalf("campaign groups %+v", all)
	}
	want := ocs.CampaignGroupState{
		CampaignGroup: simtest.B7, CampaignName: "B", GroupName: "Sales", Tenant: scenario.DefaultTenant,
		Dialing: simtest.Preview, CallingLists: []commdn.DBID{simtest.ListB}, Agents: 3,
	}
	if !reflect.DeepEqual(all[1], want) {
		t.Errorf("got  %+v\nwant %+v", all[1], want)
	}
	if all[3].Agents != scenario.DefaultAgents || all[3].Dialing != simtest.Predictive {
		t.Errorf("without any: %+v", all[3])
	}
}
