package main

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/cmd/commdn/bulk"
)

// A job keeps below the limits of a relay: it is not closed as one that goes on after it
// was told to wait, and it is not much slower than the relay lets it be.
func TestPace(t *testing.T) {
	for _, test := range []struct {
		perSecond rate.Limit
		parallel  int
	}{{20, 8}, {20, maxParallel}, {2, 64}, {500, 64}} {
		synctest.Test(t, func(t *testing.T) {
			const seconds = 300
			relay, speed := rate.NewLimiter(test.perSecond, 40), newPace()
			rows := int(test.perSecond * seconds)
			var refused, left atomic.Int64
			left.Store(int64(rows))
			ask := func(string) ([]commdn.Message, error) {
				time.Sleep(time.Millisecond)
				if !relay.Allow() {
					refused.Add(1)
					return nil, &frame.Refusal{Code: frame.RefusedRateLimited, Message: "too many"}
				}
				return []commdn.Message{&commdn.DoNotCallProcessed{Phone: "5550100001"}}, nil
			}
			began := time.Now()
			var workers sync.WaitGroup
			for range test.parallel {
				workers.Go(func() {
					for left.Add(-1) >= 0 {
						if _, o := insist(t.Context(), 10*time.Second, speed, ask, func(int) string { return "" }); o.State != bulk.Done {
							t.Errorf("a row ended as %v: %s", o.State, o.Message)
						}
					}
				})
			}
			workers.Wait()
			took := time.Since(began).Seconds()
			// The relay closes after 1,000 refusals and 10 a second.
			if most := 1000 + 10*took; float64(refused.Load()) > most/2 {
				t.Errorf("%v a second, %d at a time: %d refusals in %.0f s", test.perSecond, test.parallel, refused.Load(), took)
			}
			if took > 1.5*seconds {
				t.Errorf("%v a second, %d at a time: %d rows took %.0f s", test.perSecond, test.parallel, rows, took)
			}
			t.Logf("%v a second, %d at a time: %d rows in %.0f s, %d refusals", test.perSecond, test.parallel, rows, took, refused.Load())
		})
	}
}
