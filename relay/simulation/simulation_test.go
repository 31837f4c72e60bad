package simulation

import (
	"flag"
	"math/rand/v2"
	"reflect"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"commdn/relay/internal/leak"
)

var (
	seed     = flag.Uint64("seed", 0, "run the world of this seed alone, and print its history")
	relayLog = flag.Bool("relaylog", false, "a history has the logs of the relays, too")
	lasts    = flag.Duration("for", 0, "run worlds for so long")
	firsts   = flag.Int("first", 0, "run the seeds from 1 to this one, and no new ones")
)

// One thing after the other: so a seed gives the same history nearly each time.
func TestMain(m *testing.M) {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(400) // a world is small, and leaves nothing behind
	leak.Main(m)
}

// fixed are the seeds that run each time; some new ones follow.
const fixed, fresh = 40, 10

// replays is how often a world is run to see again what went wrong in it: which of two
// goroutines is first at one moment is not the seed's to say.
const replays = 20

// In no world anything goes wrong.
func TestWorlds(t *testing.T) {
	o := Options{Log: *relayLog}
	if *seed != 0 {
		var last *Result
		for range replays {
			r := Run(t, *seed, o)
			if len(r.Wrong) > 0 {
				t.Fatal(r)
			}
			last = r
		}
		t.Log(last) // nothing wrong
		return
	}
	began, worlds, clicks, undone, late, virtual := time.Now(), 0, 0, 0, 0, time.Duration(0)
	first := rand.Uint64N(1 << 40)
	if *firsts == 0 {
		t.Logf("new seeds from %d on", first)
	}
	for bad := 0; bad < 3; worlds++ {
		next := uint64(worlds + 1)
		if worlds >= fixed && *firsts == 0 {
			next = first + uint64(worlds-fixed)
		}
		if *firsts > 0 && worlds == *firsts || *firsts == 0 && *lasts == 0 && worlds == fixed+fresh || *lasts > 0 && time.Since(began) > *lasts {
			break
		}
		r := Run(t, next, o)
		clicks, virtual = clicks+r.Clicks, virtual+r.Virtual
		undone, late = undone+r.Undone, late+r.Late
		if len(r.Wrong) > 0 {
			bad++
			t.Errorf("%s\nonce more: go test ./relay/simulation -run TestWorlds -seed %d", r, r.Seed)
		}
	}
	took := time.Since(began)
	if worlds >= fixed && (undone == 0 || late == 0) {
		t.Errorf("%d requests were undone, and %d taken back too late: the worlds say nothing of undo", undone, late)
	}
	t.Logf("%d worlds in %s, %.0f a minute, with %d clicks, of which %d were undone and %d taken back too late, and %s of their time", worlds, took.Round(time.Second), float64(worlds)/took.Minutes(), clicks, undone, late, virtual.Round(time.Minute))
}

// Each mistake is found within so many worlds, and found again in the world of its seed.
func TestPlanted(t *testing.T) {
	const most = 300
	for _, mistake := range []Planted{NoSync, EarlyAck, ForgottenKey, NewKey, LostOutcome, NoFence, NoAudit, LostUndo} {
		t.Run(string(mistake), func(t *testing.T) {
			o := Options{Planted: mistake}
			switch mistake {
			case NoFence:
				o.Relays = 2
			case NoSync, LostUndo: // only a folder forgets
				o.Relays = 1
			}
			for n := uint64(1); n <= most; n++ {
				r := Run(t, n, o)
				if len(r.Wrong) == 0 {
					continue
				}
				t.Logf("found in world %d: %s", n, r.Wrong[0])
				for range replays {
					if len(Run(t, n, o).Wrong) > 0 {
						return
					}
				}
				t.Fatalf("not found again in world %d", n)
			}
			t.Fatalf("not found in %d worlds", most)
		})
	}
}

// A seed gives one plan, and another seed another one.
func TestPlan(t *testing.T) {
	a, b := newPlan(7, 0), newPlan(7, 0)
	if !reflect.DeepEqual(a, b) {
		t.Errorf("two plans: %v and %v", a, b)
	}
	if reflect.DeepEqual(newPlan(8, 0).clicks, a.clicks) {
		t.Error("another seed gives the same clicks")
	}
}
