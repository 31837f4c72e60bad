package relay

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/habits"
	"commdn/relay/sim/scenario"
)

// BenchmarkNeverEchoes is 50 sessions with 20 do-not-calls a second together, and
// an OCS that never says whom an answer is about and refuses every fifth.
func BenchmarkNeverEchoes(b *testing.B) {
	const sessions, each, rate = 50, 8, 20
	sc := installation(connectedOCS(201))
	for i := range sc.Applications {
		if sc.Applications[i].Type == scenario.OutboundContactServer {
			sc.Applications[i].OCS.Habits = habits.Habits{NoEcho: true}
		}
	}
	sc.Faults = []scenario.Fault{{Do: scenario.Refuse, Request: commdn.ReqDoNotCall, Error: commdn.ErrorInvalidParameter, Percent: 20}}
	for b.Loop() {
		r := newRig(b, sc, func(o *Options) {
			o.Settings.Limits = Limits{Rate: 1e9, Burst: 1e9, AddressRate: 1e9, AddressBurst: 1e9, ArrivalBurst: 1e6}
		})
		var mu sync.Mutex
		var took []time.Duration
		refused, unknown := 0, 0
		var all sync.WaitGroup
		for s := range sessions {
			c := r.session()
			all.Go(func() {
				time.Sleep(time.Duration(s) * time.Second / rate)
				for n := range each {
					began := time.Now()
					c.request(uint32(n+1), dnc(fmt.Sprintf("555%03d%04d", s, n)))
					f := c.next()
					for f.Kind == frame.KindQueued {
						f = c.next()
					}
					o := frame.ReadOutcome(f.Body)
					mu.Lock()
					took = append(took, time.Since(began))
					if o.Refusal != nil {
						unknown++
					} else if m, err := commdn.Decode(o.Data); err != nil || m.Type() == commdn.EvError {
						refused++
					}
					mu.Unlock()
					time.Sleep(sessions * time.Second / rate)
				}
			})
		}
		all.Wait()
		slices.Sort(took)
		fmt.Printf("%d requests, %d refused by OCS, %d unknown; median %v, p99 %v\n", len(took), refused, unknown, took[len(took)/2], took[len(took)*99/100])
		if unknown > 0 {
			b.Errorf("%d unknown", unknown)
		}
	}
}
