package relay

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// BenchmarkBesideSnapshots is a do-not-call of one session while 100 others
// begin to watch: each is sent the states of 500 campaign groups and their
// history, 64 changes each. It prints the do-not-calls beside those on a relay
// where nobody watches.
func BenchmarkBesideSnapshots(b *testing.B) {
	for range b.N {
		quiet := besideSnapshots(b, 0)
		busy := besideSnapshots(b, 100)
		p := func(all []time.Duration, part float64) time.Duration { return all[int(part*float64(len(all)-1))] }
		b.ReportMetric(float64(p(quiet, .5).Microseconds()), "p50-alone-µs")
		b.ReportMetric(float64(p(quiet, .99).Microseconds()), "p99-alone-µs")
		b.ReportMetric(float64(p(busy, .5).Microseconds()), "p50-beside-µs")
		b.ReportMetric(float64(p(busy, .99).Microseconds()), "p99-beside-µs")
		b.ReportMetric(float64(busy[len(busy)-1].Microseconds()), "max-beside-µs")
	}
}

// besideSnapshots gives how long do-not-calls take, sorted.
func besideSnapshots(b *testing.B, watchers int) []time.Duration {
	const groups, calls = 500, 1000
	r := newRig(b, installation(connectedOCS(201)), func(o *Options) {
		o.Settings.Limits = Limits{Rate: 1e6, Burst: 1e6, AddressRate: 1e6, AddressBurst: 1e6}
	})
	for round := range frame.MaxChanges {
		for n := range commdn.DBID(groups) {
			e := event(commdn.CampaignGroup{Campaign: n + 1, Group: 501}, commdn.GroupStatus(round%2))
			e.Origin = 201
			if _, err := r.srv.cache.Note(r.srv.links[0].Name(), e); err != nil {
				b.Fatal(err)
			}
		}
	}
	done := make(chan struct{})
	defer close(done)
	for range watchers {
		c := r.session()
		go func() {
			for {
				c.send(frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true, History: true}.Body()})
				c.send(frame.Frame{Kind: frame.KindPing, Number: 7})
				for {
					f, err := c.read()
					if err != nil {
						return
					}
					if f.Kind == frame.KindPong {
						break
					}
				}
				select {
				case <-done:
					return
				case <-time.After(time.Second):
				}
			}
		}()
	}
	c := r.session()
	var took []time.Duration
	for n := range calls {
		began := time.Now()
		c.put(uint32(n+1), fmt.Sprintf("55501%05d", n))
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took
}
