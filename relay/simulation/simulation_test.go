package simulation

import (
	"flag"
	"testing"
	"time"
)

var (
	seedFlag = flag.Uint64("seed", 0, "run this seed alone, with its history")
	logFlag  = flag.Bool("relaylog", false, "the history has the logs of the relays")
	count    = flag.Int("count-seeds", 100, "how many")
	from     = flag.Uint64("from", 1, "first")
)

func TestWorlds(t *testing.T) {
	if *seedFlag != 0 {
		t.Log(Run(t, *seedFlag, Options{Log: *logFlag}))
		return
	}
	began := time.Now()
	bad := 0
	for n := range *count {
		r := Run(t, *from+uint64(n), Options{})
		if len(r.Wrong) > 0 {
			bad++
			t.Errorf("seed %d: %s", r.Seed, r.Wrong[0])
			if bad > 15 {
				break
			}
		}
	}
	t.Logf("%d worlds in %s", *count, time.Since(began))
}
