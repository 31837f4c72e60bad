package lease

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// Whatever happens to the network, the links and the clocks' speed, no two relays may
// send at the same moment, and one does when nothing happens any more.
func TestNeverTwo(t *testing.T) {
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 17))
			m := &memory{}
			var all []*relay
			for _, name := range []string{"a", "b", "c"} {
				r := start(t, m, name)
				own := rand.New(rand.NewPCG(seed, uint64(len(all))))
				r.set(func(r *relay) {
					r.delay = func() time.Duration { return time.Duration(own.ExpFloat64() * float64(30*time.Millisecond)) }
				})
				all = append(all, r)
			}
			check := func(steps int) {
				for range steps {
					time.Sleep(10 * time.Millisecond)
					n := 0
					for _, r := range all {
						if r.sends() {
							n++
						}
					}
					if n > 1 {
						t.Fatalf("seed %d: %d relays send", seed, n)
					}
				}
			}
			for range 40 {
				r := all[random.IntN(len(all))]
				what := random.IntN(6)
				r.set(func(r *relay) {
					switch what {
					case 0:
						r.away = !r.away
					case 1:
						r.deaf = !r.deaf
					case 2:
						r.up = !r.up
					case 3:
						r.paused = time.Now().Add(time.Duration(random.IntN(5000)) * time.Millisecond)
					default:
						r.away, r.deaf, r.up = false, false, true
					}
				})
				check(random.IntN(200))
			}
			for _, r := range all {
				r.set(func(r *relay) { r.away, r.deaf, r.up = false, false, true })
			}
			check(int(2 * ttl / (10 * time.Millisecond)))
			n := 0
			for _, r := range all {
				if r.sends() {
					n++
				}
			}
			if n != 1 {
				t.Errorf("seed %d: in the end %d relays send", seed, n)
			}
			for _, r := range all {
				r.end()
			}
		})
	}
}
