package linktest_test

import (
	"testing"

	"commdn/relay/internal/bridgetest"
	"commdn/relay/internal/leak"
	"commdn/relay/tserver/linktest"
)

func TestMain(m *testing.M) { bridgetest.Main(m, leak.Run) }

// The simulated T-Server shows the behaviour that it is to show through others.
func TestSimulator(t *testing.T) { linktest.Run(t, linktest.Target{}) }

// A bridge stands before each T-Server, and the relay knows both.
func TestBridge(t *testing.T) {
	if !bridgetest.Available(t) {
		return
	}
	linktest.Run(t, linktest.Target{Start: func(t testing.TB, tservers []string) (addresses []string) {
		for _, s := range tservers {
			addresses = append(addresses, bridgetest.Start(t, bridgetest.Options{TServers: []string{s}}).TLink)
		}
		return addresses
	}})
}
