package sim_test

import (
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/internal/leak"
	"commdn/relay/sim"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/ocs"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver"
)

func TestMain(m *testing.M) { leak.Main(m) }

// Each registrant gets the request and the answer, the sender included.
func TestEveryRegistrantSeesAll(t *testing.T) {
	s := simtest.Start(t, sim.Options{})
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

// With target 0 every OCS acts and answers; otherwise the one that is meant.
func TestSeveralOCS(t *testing.T) {
	s := simtest.Start(t, sim.Options{OCS: []ocs.Options{
		{DBID: 201, Connected: []commdn.DBID{101}},
		{DBID: 202, Connected: []commdn.DBID{101, 102}},
		{DBID: 203, Connected: []commdn.DBID{102}},
	}})
	a := simtest.Join(t, s)
	origins := func(n int) (from []commdn.DBID) {
		for range n {
			from = append(from, a.Answer().Addr().Origin)
		}
		slices.Sort(from)
		return from
	}
	a.Send(simtest.DoNotCall("5551", "").UserData())
	if got := origins(2); !slices.Equal(got, []commdn.DBID{201, 202}) {
		t.Errorf("answers of %v", got)
	}
	a.Send((&commdn.DoNotCall{Address: commdn.Address{Origin: 101, Target: 202}, Phone: "5552"}).UserData())
	if got := origins(1); !slices.Equal(got, []commdn.DBID{202}) {
		t.Errorf("answer of %v", got)
	}
	for i, want := range []int{1, 2, 0} {
		if got := s.OCS()[i].List(); len(got) != want {
			t.Errorf("OCS %d has %v", s.OCS()[i].DBID(), got)
		}
	}
	if got := s.DNC(); len(got) != 2 || got[0].Phone != "5551" || got[1].Phone != "5552" {
		t.Errorf("all lists together: %v", got)
	}
}

func TestDelay(t *testing.T) {
	const delay = 100 * time.Millisecond
	a := simtest.Join(t, simtest.Start(t, simtest.OneOCS(func(o *ocs.Options) { o.Delay = delay })))
	sent := time.Now()
	for _, phone := range []string{"5551", "5552"} {
		a.Send(simtest.DoNotCall(phone, "").UserData())
	}
	if got := a.Sim.DNC(); len(got) != 0 && time.Since(sent) < delay {
		t.Errorf("served at once: %v", got)
	}
	for _, phone := range []string{"5551", "5552"} {
		if got := a.Answer().Subjects(); got[0].ID != phone {
			t.Errorf("answer is about %v, want %s", got, phone)
		}
	}
	if took := time.Since(sent); took < delay {
		t.Errorf("answered after %s, before the delay of %s", took, delay)
	}
}

// A request that waits when OCS is closed is not served, and Close does not
// wait for it.
func TestCloseDuringDelay(t *testing.T) {
	a := simtest.Join(t, simtest.Start(t, simtest.OneOCS(func(o *ocs.Options) { o.Delay = time.Hour })))
	a.Send(simtest.DoNotCall("5551", "").UserData())
	a.Event()
	for range 2 {
		if err := a.Sim.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got := a.Sim.DNC(); len(got) != 0 {
		t.Errorf("list = %v", got)
	}
}

// lines hands over what a logger writes.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

// An OCS that is too busy loses requests, and the log says so.
func TestTooManyRequests(t *testing.T) {
	const more = 4096 + 2 // one is being served, 4096 wait
	log := make(lines, more)
	a := simtest.Join(t, simtest.Start(t, simtest.OneOCS(func(o *ocs.Options) {
		o.Delay = time.Hour
		o.Log = slog.New(slog.NewTextHandler(log, nil))
	})))
	for n := range more {
		a.Send(simtest.DoNotCall(strconv.Itoa(n), "").UserData())
		a.Event()
	}
	for late := time.After(simtest.Patience); ; {
		select {
		case line := <-log:
			if strings.Contains(line, "too busy") {
				return
			}
		case <-late:
			t.Fatal("no request was lost")
		}
	}
}

func TestSubscribe(t *testing.T) {
	s := simtest.Start(t, sim.Options{})
	events, cancel := s.Subscribe(16)
	defer cancel()
	a := simtest.Join(t, s)
	request := simtest.DoNotCall("5551", "").UserData()
	a.Send(request)
	for _, want := range []sim.Event{
		{DN: sim.DefaultCommDN, Application: "relay", UserData: request},
		{DN: sim.DefaultCommDN, Application: "OCS_201", UserData: simtest.Processed("5551", "", "").UserData()},
	} {
		e := <-events
		if e.DN != want.DN || e.Application != want.Application || !tkvlist.Equal(e.UserData, want.UserData) || e.Time.IsZero() {
			t.Errorf("got  %+v\nwant %+v", e, want)
		}
	}
}

// The link of T-Server to the switch goes away and returns: OCS and the
// application are registered again and go on.
func TestLinkToTheSwitchReturns(t *testing.T) {
	s := simtest.Start(t, sim.Options{})
	a := simtest.Join(t, s)
	s.TServer().SetLink(false)
	a.Wait(false)
	if err := a.Link.SendUserEvent(t.Context(), simtest.DoNotCall("5551", "").UserData()); !errors.Is(err, tserver.ErrLinkDown) {
		t.Errorf("send while down: %v", err)
	}
	s.TServer().SetLink(true)
	a.Wait(true)
	a.Insist(simtest.DoNotCall("5552", ""))
	if got := s.DNC(); len(got) != 1 || got[0].Phone != "5552" {
		t.Errorf("list = %v", got)
	}
}

// OCS keeps its list over a restart of T-Server and serves again.
func TestRestartOfTServer(t *testing.T) {
	first, err := simtserver.Start(simtserver.Options{CommDNs: []string{sim.DefaultCommDN}})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	o, err := ocs.Start(ocs.Options{
		Servers: []string{first.Addr()}, CommDN: sim.DefaultCommDN, DBID: 201, Connected: []commdn.DBID{101},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	<-o.Ready()
	a := simtest.Connect(t, first.Addr(), sim.DefaultCommDN)
	a.Send(simtest.DoNotCall("5551", "").UserData())
	a.Answer()
	first.Close()
	a.Wait(false)
	second, err := simtserver.Start(simtserver.Options{Addr: first.Addr(), CommDNs: []string{sim.DefaultCommDN}})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	a.Wait(true)
	a.Insist(simtest.DoNotCall("5552", ""))
	if got := o.List(); len(got) != 2 || got[0].Phone != "5551" || got[1].Phone != "5552" {
		t.Errorf("list = %v", got)
	}
}

func TestStartRefused(t *testing.T) {
	taken := simtest.Start(t, sim.Options{})
	for _, test := range []struct {
		options sim.Options
		want    string
	}{
		{sim.Options{Addr: taken.Addr()}, "sim/tserver: listen tcp"},
		{sim.Options{MaxUserData: -1}, "sim/tserver: option MaxUserData"},
		{sim.Options{OCS: []ocs.Options{{DBID: 201}, {DBID: 201}}}, "sim: two OCS have the DBID 201"},
		{sim.Options{OCS: []ocs.Options{{DBID: 201}, {}}}, "sim/ocs: option DBID is 0"},
		{sim.Options{Configuration: ocs.Configuration{Campaigns: make([]ocs.Campaign, 1)}}, "sim/ocs: campaign \"\" has the DBID 0"},
	} {
		if s, err := sim.Start(test.options); err == nil {
			s.Close()
			t.Errorf("no error, want %s", test.want)
		} else if !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

func TestOwnNames(t *testing.T) {
	s := simtest.Start(t, sim.Options{CommDN: "8001"})
	if s.CommDN() != "8001" {
		t.Errorf("CommDN = %s", s.CommDN())
	}
	a := simtest.Join(t, s)
	a.Send(simtest.DoNotCall("5551", "").UserData())
	a.Answer()
	if list := s.DNC(); len(list) != 1 || list[0].Time.Location() != time.UTC {
		t.Errorf("list = %v", list)
	}
}

// Without a configuration there are the demo's campaigns, on every OCS and each
// for itself; an OCS may have its own.
func TestConfiguration(t *testing.T) {
	own := simtest.Configuration()
	clock := ocs.NewVirtualClock(simtest.Midnight)
	s := simtest.Start(t, sim.Options{Clock: clock, OCS: []ocs.Options{
		{DBID: 201, Connected: []commdn.DBID{101}},
		{DBID: 202, Connected: []commdn.DBID{101}},
		{DBID: 203, Connected: []commdn.DBID{101}, Configuration: own},
	}})
	a := simtest.Join(t, s)
	demo := sim.DefaultConfiguration()
	for _, pair := range demo.CampaignGroups {
		load := &commdn.LoadCampaign{Address: simtest.To, CampaignGroup: pair.ID(), Dialing: pair.Dialing}
		start := &commdn.StartDialing{Address: simtest.To, CampaignGroup: pair.ID(), Dialing: pair.Dialing}
		for _, request := range []commdn.Message{load, start} {
			a.Send(request.UserData())
			if event, ok := a.Answer().(*commdn.CampaignEvent); !ok || event.CampaignGroup != pair.ID() || event.Dialing != pair.Dialing {
				t.Errorf("%s: %s", pair.ID(), commdn.Trace(request, true))
			}
		}
	}
	clock.Advance(time.Second)
	for _, pair := range demo.CampaignGroups {
		first, _ := s.OCS()[0].CampaignGroup(pair.ID())
		second, _ := s.OCS()[1].CampaignGroup(pair.ID())
		if first.Dials != ocs.DefaultDialRate || second.Status != commdn.StatusNotLoaded || second.Dialing != pair.Dialing {
			t.Errorf("%s: %+v on the first OCS, %+v on the second", pair.ID(), first, second)
		}
		if _, ok := s.OCS()[2].CampaignGroup(pair.ID()); ok {
			t.Errorf("%s is on the third OCS", pair.ID())
		}
	}
	if _, ok := s.OCS()[2].CampaignGroup(simtest.A7); !ok {
		t.Error("the third OCS has not its own configuration")
	}
}

// The callers of the demo page are in the calling lists, one on a desktop.
func TestDemoRecords(t *testing.T) {
	s := simtest.Start(t, sim.Options{})
	records := s.OCS()[0].Records(commdn.CampaignGroup{Campaign: 1001, Group: 502})
	var phones []string
	for _, r := range records[:4] {
		phones = append(phones, r.Phone)
	}
	if want := []string{"5551234567", "5551234568", "5550198822", "5550133019"}; !slices.Equal(phones, want) || !records[2].OnDesktop {
		t.Errorf("records %+v", records[:4])
	}
}
