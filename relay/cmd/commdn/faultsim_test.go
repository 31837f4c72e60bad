package main

import (
	"encoding/json"
	"fmt"
	"syscall"
	"testing"

	"commdn/relay/fronttest"
	"commdn/relay/sim/control"
)

// T-Server and OCS that are killed at any moment under load, and start again with nothing:
// what OCS had acknowledged was told, and everything else that the relay accepted is asked
// of the next one.
func TestFaultKilledSimulator(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	binary, n := built(t), rounds(t)
	tserver, page := fronttest.Fixed(t), fronttest.Fixed(t)
	start := func() *server {
		return process(t, binary, "sim", "run", "--scenario", "demo", "--listen", tserver, "--http", page)
	}
	file, url := c.journaledFor(tserver)
	work := newLoad()
	sim, relay := start(), process(t, binary, "relay", "--config", file)
	stop := work.run(url)
	for range n {
		work.more(t, relay)
		if err := sim.signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		sim.end()
		sim = start()
	}
	work.more(t, relay)
	stop()
	c.emptied(relay)
	code, stdout, stderr := invoke(t, "", "sim", "ctl", "dnc", "list", "--http", "http://"+page+"/", "-o", "json")
	var all []control.Entry
	if err := json.Unmarshal([]byte(stdout), &all); err != nil || code != 0 {
		t.Fatalf("exit %d, %v: %s", code, err, stderr)
	}
	list := make(map[string]bool)
	for _, e := range all {
		list[e.Phone] = true
	}
	if len(list) == 0 {
		t.Error("the last OCS has heard of nothing")
	}
	acknowledged := 0
	for phone := range work.done {
		if !list[phone] {
			acknowledged++
		}
		list[phone] = true
	}
	c.missing(fmt.Sprintf("kill -9 of T-Server and OCS, %d times", n), work, list, fmt.Sprintf("%d acknowledged by one that is gone", acknowledged))
}
