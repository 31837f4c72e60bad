package main

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay"
	"commdn/relay/habits/habitstest"
	rules "commdn/relay/numbers"
	"commdn/relay/sim"
	"commdn/relay/sim/scenario"
	"commdn/relay/web"
)

// simulation starts a simulator with one OCS, and a relay that knows it, in this
// process. change may be nil.
func simulation(t *testing.T, change func(*scenario.Scenario, *relay.Options)) (url string, s *sim.Sim) {
	t.Helper()
	url, s, _ = simulated(t, change)
	return url, s
}

// simulated is simulation, and gives the relay too.
func simulated(t *testing.T, change func(*scenario.Scenario, *relay.Options)) (string, *sim.Sim, *relay.Server) {
	t.Helper()
	sc := quick()
	r := relay.Options{
		AnswerTimeout: 10 * time.Second, Settings: relay.Settings{Directory: objects(sc), Limits: relay.Limits{Rate: 1e6, AddressRate: 1e6}},
	}
	if change != nil {
		change(sc, &r)
	}
	s, err := sim.Start(sim.Options{Scenario: sc, As: habitstest.As(t)})
	if err != nil {
		t.Fatal(err)
	}
	l, err := web.Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	log := &safeBuffer{}
	r.Log = slog.New(slog.NewTextHandler(log, nil))
	var sites rules.Sites // those of change
	if r.Links != nil {
		sites = r.Links[0].Numbers
	}
	r.Links = []relay.Link{{Numbers: sites, TServer: link([]string{s.Addr()}, s.CommDN(), "commdn"), AppDBID: 101, OCS: []commdn.DBID{201}}}
	srv, err := relay.New(r)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	log.wait(t, "T-Server link is up")
	return "ws://" + l.Addr().String() + "/ws", s, srv
}

// quick is the scenario of the demo with an OCS that is quick about everything.
func quick() *scenario.Scenario {
	sc := scenario.Shipped("demo")
	o := behaviour(sc)
	o.DialRate, o.UnloadTime, o.Treatment = 2000, time.Millisecond, scenario.Treatment{}
	o.Ring, o.Talk, o.Preview = time.Millisecond, time.Millisecond, time.Millisecond
	return sc
}

// behaviour gives that of the OCS of the demo, to be changed.
func behaviour(sc *scenario.Scenario) *scenario.OCS {
	i := slices.IndexFunc(sc.Applications, func(a scenario.Application) bool { return a.DBID == 201 })
	return &sc.Applications[i].OCS
}

// with puts the relay's address behind the arguments.
func with(url string, args ...string) []string { return append(args, "--relay", url) }
