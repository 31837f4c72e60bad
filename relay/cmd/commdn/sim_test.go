package main

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"commdn/relay"
	"commdn/relay/sim"
	"commdn/relay/sim/ocs"
)

// simulation starts a simulator with one OCS, and a relay that knows it, in this
// process. change may be nil.
func simulation(t *testing.T, change func(*ocs.Options, *relay.Options)) (url string, s *sim.Sim) {
	t.Helper()
	o := simulatedOCS()
	r := relay.Options{
		AppDBID: sim.DefaultApplication, OCS: dbids([]int32{int32(sim.DefaultOCS)}), AnswerTimeout: 10 * time.Second,
		Directory: directory(sim.DefaultConfiguration()),
	}
	if change != nil {
		change(&o, &r)
	}
	s, err := sim.Start(sim.Options{OCS: []ocs.Options{o}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := relay.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	log := &safeBuffer{}
	r.Log = slog.New(slog.NewTextHandler(log, nil))
	r.Link = link([]string{s.Addr()}, s.CommDN(), "commdn")
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
	return "ws://" + l.Addr().String() + "/ws", s
}

// simulatedOCS is the one of the command line, at the greatest speed.
func simulatedOCS() ocs.Options {
	o := simulated("", "", dbids([]int32{int32(sim.DefaultOCS)}), dbids([]int32{int32(sim.DefaultApplication)}), nil).OCS[0]
	o.DialRate, o.UnloadTime = 2000, time.Millisecond
	return o
}

// with puts the relay's address behind the arguments.
func with(url string, args ...string) []string { return append(args, "--relay", url) }
