package linktest_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/bridgetest"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

const (
	batch  = 2000 // events sent one way before the turn of the other
	window = 256  // of them in flight at once
	single = 200  // events of a batch that are timed one by one
)

// doNotCall is user data as large as the relay's most frequent request.
var doNotCall = tkvlist.List{
	{Key: "GSW_CM_MessageType", Value: tkvlist.Int(32)},
	{Key: "GSW_CM_AttrProperties", Value: tkvlist.Nested(tkvlist.List{
		{Key: "GSW_CM_AttrOriginAppID", Value: tkvlist.Int(101)}, {Key: "GSW_CM_AttrTargetAppID", Value: tkvlist.Int(201)},
		{Key: "GSW_PHONE", Value: tkvlist.String("5551234")}, {Key: "GSW_CUSTOMER_ID", Value: tkvlist.String("4711")},
	})},
}

// end is one end of the CommDN. hears gets the events of others.
type end struct {
	tserver.Conn
	hears chan struct{}
}

func openEnd(b *testing.B, address, commDN string) *end {
	b.Helper()
	conn, err := tlink.Driver{}.Open(b.Context(), tserver.ConnOptions{Server: address, CommDN: commDN, Application: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	e := &end{conn, make(chan struct{}, batch)}
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = conn.Run(tserver.Handler{UserEvent: func(tkvlist.List) {
			select {
			case e.hears <- struct{}{}:
			default: // its own events, when nobody listens
			}
		}, Link: func(bool, error) {}})
	})
	b.Cleanup(func() { conn.Close(); wg.Wait() })
	return e
}

// way measures events from one end to the other.
type way struct {
	from, to *end
	took     time.Duration
	each     []time.Duration // of the events timed one by one
}

// run sends a batch with window events in flight, then some one by one. An event is over
// when the sender has its EventACK and the other end has the event. T-Server drops a
// client with too much to read, hence the window.
func (w *way) run(b *testing.B) {
	b.Helper()
	for len(w.to.hears) > 0 {
		<-w.to.hears
	}
	room, acked := make(chan struct{}, window), make(chan struct{}, batch)
	var senders sync.WaitGroup
	start := time.Now()
	go func() {
		for range batch {
			room <- struct{}{}
			senders.Go(func() {
				if err := w.from.SendUserEvent(b.Context(), doNotCall); err != nil {
					b.Error(err)
				}
				acked <- struct{}{}
			})
		}
	}()
	for range batch {
		w.hear(b)
		<-acked
		<-room
	}
	senders.Wait()
	w.took += time.Since(start)
	for range single {
		start := time.Now()
		if err := w.from.SendUserEvent(b.Context(), doNotCall); err != nil {
			b.Fatal(err)
		}
		w.hear(b)
		w.each = append(w.each, time.Since(start))
	}
}

func (w *way) hear(b *testing.B) {
	b.Helper()
	select {
	case <-w.to.hears:
	case <-time.After(time.Minute):
		b.Fatal("an event was lost")
	}
}

func (w *way) p99() float64 {
	slices.Sort(w.each)
	return float64(w.each[len(w.each)*99/100]) / float64(time.Millisecond)
}

// BenchmarkBridge compares a bridge and its stand-in with T-Server itself, in turns:
// events per second, the ratio of the two, and how much later the slowest of a hundred
// single events is.
func BenchmarkBridge(b *testing.B) {
	if !bridgetest.Available(b) {
		b.Skip("no JDK")
	}
	s, err := simtserver.Start(simtserver.Options{CommDNs: []string{"direct", "bridge"}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	bridge := bridgetest.Start(b, bridgetest.Options{TServers: []string{s.Addr()}, Properties: map[string]string{"log.level": "warn"}}).TLink
	for _, name := range []string{"to T-Server", "from T-Server"} {
		b.Run(name, func(b *testing.B) {
			pair := func(address, commDN string) *way { // neither hears the other's events
				near, beyond := openEnd(b, address, commDN), openEnd(b, s.Addr(), commDN)
				if name == "to T-Server" {
					return &way{from: near, to: beyond}
				}
				return &way{from: beyond, to: near}
			}
			warm := pair(bridge, "bridge")
			for range 3 { // the JVM compiles hot code
				warm.run(b)
			}
			warm.from.Close()
			warm.to.Close()
			direct, through := pair(s.Addr(), "direct"), pair(bridge, "bridge")
			for b.Loop() {
				direct.run(b)
				through.run(b)
			}
			events := float64(len(through.each) / single * batch)
			b.ReportMetric(events/direct.took.Seconds(), "direct-events/s")
			b.ReportMetric(events/through.took.Seconds(), "bridge-events/s")
			b.ReportMetric(direct.took.Seconds()/through.took.Seconds(), "ratio")
			b.ReportMetric(through.p99()-direct.p99(), "added-p99-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}
