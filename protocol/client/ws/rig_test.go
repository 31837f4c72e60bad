//go:build !js

package ws_test

import (
	"context"
	"log"
	"log/slog"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay"
	"commdn/relay/directory"
	"commdn/relay/sim"
	"commdn/relay/sim/scenario"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
	"commdn/relay/web"
)

// address is the WebSocket of a relay with a simulated T-Server and OCS behind it.
var address string

// TestMain runs the tests beside a relay, and fails where a goroutine outlives it.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	stop := start()
	code := m.Run()
	stop()
	for until := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && code == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
			code = 1
		}
	}
	os.Exit(code)
}

func start() (stop func()) {
	must := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	s, err := sim.Start(sim.Options{Scenario: scenario.Shipped("demo")})
	must(err)
	l, err := web.Listen("127.0.0.1:0", false)
	must(err)
	srv, err := relay.New(relay.Options{
		Log: slog.New(slog.DiscardHandler),
		Links: []relay.Link{{
			TServer: tserver.Options{Driver: tlink.Driver{}, Servers: []string{s.Addr()}, CommDN: s.CommDN(), Application: "commdn"},
			AppDBID: 101, OCS: []commdn.DBID{201},
		}},
		Settings: relay.Settings{Directory: directory.New(directory.Directory{
			Campaigns: []directory.Campaign{{DBID: 1001, Name: "Autumn offers"}}, Groups: []directory.Group{{DBID: 502, Name: "Sales"}},
		})},
	})
	must(err)
	address = "ws://" + l.Addr().String() + "/ws"
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx, l) }()
	for until := time.Now().Add(30 * time.Second); !srv.Status().Links[0].Up; time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			log.Fatal("no link to the simulated T-Server")
		}
	}
	return func() {
		cancel()
		must(<-served)
		must(s.Close())
	}
}
