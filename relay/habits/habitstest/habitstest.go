// Package habitstest gives the habits that tests with a simulated OCS are to be
// run with:
//
//	COMMDN_TEST_HABITS=strange go test ./relay/...
package habitstest

import (
	"os"
	"testing"

	"commdn/relay/habits"
)

// Variable is the environment variable that names a preset, or a file with a
// protocol. Unset or empty it says nothing, and a scenario has its own habits.
const Variable = "COMMDN_TEST_HABITS"

// As gives the habits that Variable names, for the option As of sim.Start; nil
// where it names none. A name that is wrong ends the test.
func As(t testing.TB) *habits.Habits {
	t.Helper()
	name := Name()
	if name == "" {
		return nil
	}
	h, err := habits.Load(name)
	if err != nil {
		t.Fatalf("%s: %v", Variable, err)
	}
	return &h
}

// Name gives what Variable names, for the flag --as of commdn sim.
func Name() string { return os.Getenv(Variable) }
