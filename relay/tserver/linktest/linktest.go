// Package linktest is the behaviour that every speaker of tlink has to show: the
// simulated T-Server itself, a bridge before it, and whatever somebody writes
// from package tlink's README. README.md says how a system is put to the test.
package linktest

import (
	"testing"

	"commdn/protocol/tkvlist"
	"commdn/relay/tserver/tlink"
)

// Target is a system under test.
type Target struct {
	// Start starts the system before T-Servers that speak tlink at HOST:PORT, a
	// primary and, where there are two, its backup, and ends it with t. It gives
	// the addresses at which the system speaks tlink: one that stands for both,
	// or one for each. nil: the T-Servers are the system. A system whose process
	// ends before t does has to fail t.
	Start func(t testing.TB, tservers []string) (addresses []string)
	// Driver says how the system is connected to, with TLS where it has it.
	Driver tlink.Driver
}

// Run tests a system. It starts it four times: before one T-Server, before a
// pair, before one that takes user data of any size, and before one that falls
// silent.
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

// RunPair tests what a system does before a pair of T-Servers. It is part of Run,
// and by itself for a system that can stand before them in more than one way.
func RunPair(t *testing.T, target Target) {
	start(t, target, tkvlist.DefaultMaxBytes, true).run(t, switchover)
}

// part is a part of the suite. It leaves the system as it found it.
type part func(t *testing.T, r *rig)

// run runs parts one after the other before the same system, and then looks at
// whether everybody's connection to T-Server has gone.
func (r *rig) run(t *testing.T, parts ...part) {
	for _, p := range parts {
		p(t, r)
		if t.Failed() {
			return // what comes next would only say so again
		}
	}
	r.until(t, "all clients have left T-Server", func() bool { return len(r.applications()) == 0 })
}
