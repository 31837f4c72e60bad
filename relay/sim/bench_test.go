package sim_test

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/sim"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/scenario"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// BenchmarkDoNotCall measures do-not-call requests from a link through T-Server
// and OCS and back: 32 per processor are under way at a time, each for a phone
// of its own.
func BenchmarkDoNotCall(b *testing.B) {
	s := simtest.InProcess(b, sim.Options{Scenario: scenario.Shipped("empty")})
	var waiting sync.Map // phone to chan struct{}
	up := make(chan struct{}, 1)
	link, err := tserver.New(tserver.Options{
		Driver: tlink.Driver{}, Servers: []string{s.Addr()}, CommDN: s.CommDN(), Application: "bench",
		OnState: func(s tserver.State) {
			if s.Up {
				up <- struct{}{}
			}
		},
		OnUserEvent: func(l tkvlist.List) {
			m, err := commdn.Decode(l)
			if done, ok := m.(*commdn.DoNotCallProcessed); err == nil && ok {
				if answered, ok := waiting.LoadAndDelete(done.Phone); ok {
					close(answered.(chan struct{}))
				}
			}
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	link.Start()
	defer link.Close()
	<-up
	var phones atomic.Int64
	b.SetParallelism(32) // times GOMAXPROCS
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			phone := strconv.FormatInt(phones.Add(1), 10)
			answered := make(chan struct{})
			waiting.Store(phone, answered)
			if err := link.SendUserEvent(context.Background(), simtest.DoNotCall(phone, "").UserData()); err != nil {
				b.Error(err)
				return
			}
			<-answered
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
}
