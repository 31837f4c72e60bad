package relay

import (
	"log/slog"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/cluster"
	"commdn/relay/desk"
	"commdn/relay/internal/natstest"
	"commdn/relay/journal"
	"commdn/relay/sim/scenario"
)

// The application of a second relay.
const secondApplication commdn.DBID = 102

// several is an installation with an OCS that is connected to the relays' applications.
func several(ocs scenario.Application) *scenario.Scenario {
	if ocs.Connections != nil {
		ocs.Connections = append(ocs.Connections, secondApplication)
	}
	sc := installation(ocs)
	sc.Applications = append(sc.Applications, scenario.Application{DBID: secondApplication, Name: "commdn2", Type: scenario.ThirdPartyServer})
	return sc
}

// among makes a relay one of several on NATS. Its application is its own.
func among(t *testing.T, nats *natstest.Server, name string, app commdn.DBID) func(*Options) {
	t.Helper()
	return amongAt(t, nats.URL(), name, app, nil)
}

func amongAt(t *testing.T, url, name string, app commdn.DBID, now func() time.Duration) func(*Options) {
	t.Helper()
	j, err := journal.Open(journal.Options{
		NATS: journal.NATS{URLs: []string{url}, Replicas: 1}, InFlight: 64, Keep: time.Hour, Leased: true, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	c, err := cluster.New(cluster.Options{JetStream: j.Share().JetStream, Name: name, Lease: 2 * time.Second, Replicas: 1, Journal: j, Log: slog.New(slog.DiscardHandler), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return func(o *Options) {
		o.Auth, o.Journal, o.Cluster, o.Retry = auth.NewDevelopment(), j, c, desk.Retry{Attempts: 100, Min: time.Millisecond, Max: 10 * time.Millisecond}
		o.Links[0].AppDBID = app
		if app == secondApplication {
			o.Links[0].TServer.Application = "commdn2"
		}
		if o.Links[0].OCS == nil {
			o.Links[0].OCS = []commdn.DBID{201}
		}
	}
}

// pair starts two relays, of which the first one sends.
func pair(t *testing.T, ocs scenario.Application) (nats *natstest.Server, first, second *rig) {
	t.Helper()
	nats = natstest.Start(t)
	first = newRig(t, several(ocs), among(t, nats, "first", application))
	first.sends()
	second = newRelay(t, first.sim.Addr(), among(t, nats, "second", secondApplication))
	second.sim = first.sim
	second.standsBy()
	return nats, first, second
}

func (r *rig) sends() {
	r.t.Helper()
	r.until("the relay sends", func() bool { s := r.srv.linkState(); return s.Up && !s.Standby })
}

func (r *rig) standsBy() {
	r.t.Helper()
	r.until("the relay stands by", func() bool { s := r.srv.linkState(); return s.Up && s.Standby })
}

const supervisorToken = "agent,supervisor=Ann"

// outcome skips what comes before the outcome of a request.
func (c *peer) outcome(number uint32) commdn.Message {
	c.t.Helper()
	for {
		if f := c.next(); f.Kind == frame.KindOutcome {
			return c.message(f, frame.KindOutcome, number)
		}
	}
}
