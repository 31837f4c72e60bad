package linktest_test

import (
	"testing"

	"commdn/relay/internal/leak"
	"commdn/relay/tserver/linktest"
)

func TestMain(m *testing.M) { leak.Main(m) }

// The simulated T-Server shows the behaviour that it is to show through others.
func TestSimulator(t *testing.T) { linktest.Run(t, linktest.Target{}) }
