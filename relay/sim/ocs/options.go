package ocs

import (
	"errors"
	"fmt"
	"log/slog"

	"commdn/protocol/commdn"
	"commdn/relay/sim/clock"
	"commdn/relay/sim/faults"
	"commdn/relay/sim/scenario"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// Options say what an OCS is. How it behaves stands in the scenario.
type Options struct {
	Servers []string    // addresses of T-Server, primary first
	DBID    commdn.DBID // of an application of the type OutboundContactServer in Scenario
	// Scenario is one that Check has passed, and that nobody changes any more.
	Scenario *scenario.Scenario
	Clock    *clock.Clock // nil: the machine's
	Faults   *faults.Set  // nil: none
	// OnDial is told of every dial, while OCS is locked; it must not call back.
	OnDial func(Dial)
	Driver tserver.Driver // nil means tlink.Driver{}
	Log    *slog.Logger   // nil: no log
}

// complete fills in what was left out and gives the application.
func (o *Options) complete() (scenario.Application, error) {
	if o.Scenario == nil {
		return scenario.Application{}, errors.New("sim/ocs: option Scenario is nil")
	}
	application, ok := o.Scenario.Application(o.DBID)
	if !ok || application.Type != scenario.OutboundContactServer || application.Disabled {
		return scenario.Application{}, fmt.Errorf("sim/ocs: option DBID is %d; the scenario has no enabled application of the type %s with it",
			o.DBID, scenario.OutboundContactServer)
	}
	if o.Clock == nil {
		o.Clock = clock.New(o.Scenario.Clock.Start, 1)
	}
	if o.Faults == nil {
		o.Faults = faults.New(o.Scenario.Seed)
	}
	if o.OnDial == nil {
		o.OnDial = func(Dial) {}
	}
	if o.Driver == nil {
		o.Driver = tlink.Driver{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Log = o.Log.With("ocs", int(o.DBID))
	return application, nil
}

// behaviour is scenario.OCS with its defaults.
func behaviour(b scenario.OCS) scenario.OCS {
	if b.Ring == 0 {
		b.Ring = scenario.DefaultRing
	}
	if b.Talk == 0 {
		b.Talk = scenario.DefaultTalk
	}
	if b.Preview == 0 {
		b.Preview = scenario.DefaultPreview
	}
	if b.Results == (scenario.Results{}) {
		b.Results = scenario.DefaultResults
	}
	if b.Treatment.Attempts == 0 {
		b.Treatment.Attempts = 1
	}
	if b.Treatment.After == 0 {
		b.Treatment.After = scenario.DefaultRetry
	}
	if b.UnloadTime == 0 {
		b.UnloadTime = scenario.DefaultUnloadTime
	}
	return b
}
