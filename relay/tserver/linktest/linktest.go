// Package linktest tests the behaviour that every speaker of tlink has to show: the
// simulated T-Server itself, a bridge before it, and anything written from package
// tlink's README. README.md says how to test a system.
package linktest

import (
	"testing"

	"commdn/protocol/tkvlist"
	"commdn/relay/tserver/tlink"
)

// Target is a system under test.
type Target struct {
	// Start starts the system before T-Servers that speak tlink at HOST:PORT, a primary
	// and possibly its backup, and ends it with t. It returns the addresses at which the
	// system speaks tlink: one for both, or one for each. nil: the T-Servers are the
	// system. A system whose process ends before t does has to fail t.
	Start func(t testing.TB, tservers []string) (addresses []string)
	// Driver connects to the system, over TLS if the system requires it.
	Driver tlink.Driver
}

// Run tests a system. It starts it four times: before one T-Server, before a pair, before
// one that takes user data of any size, and before one that falls silent.
func Run(t *testing.T, target Target) {
	t.Run("one T-Server", func(t *testing.T) {
		r := start(t, target, tkvlist.DefaultMaxBytes, false)
		r.run(t, registration, requests, events, sizes, keepAlive, switchLost, unregistered, badBytes, slowReader, stalledTServer, closed)
	})
	t.Run("a pair", func(t *testing.T) { RunPair(t, target) })
	t.Run("user data of any size", func(t *testing.T) {
		start(t, target, tlink.MaxUserData, false).run(t, sizes, slowReader)
	})
	t.Run("T-Server comes and goes", func(t *testing.T) {
		start(t, target, tkvlist.DefaultMaxBytes, false).run(t, restarted, silent)
	})
}

// RunPair tests a system before a pair of T-Servers. It is part of Run, and separate for
// a system that supports pairs in more than one way.
func RunPair(t *testing.T, target Target) {
	start(t, target, tkvlist.DefaultMaxBytes, true).run(t, switchover)
}

// part is a part of the suite. It leaves the system as it found it.
type part func(t *testing.T, r *rig)

// run runs parts in turn before the same system, and then checks that all connections to
// T-Server are gone.
func (r *rig) run(t *testing.T, parts ...part) {
	for _, p := range parts {
		p(t, r)
		if t.Failed() {
			return // what follows would only repeat the failure
		}
	}
	r.until(t, "all clients have left T-Server", func() bool { return len(r.applications()) == 0 })
}
