package link_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/link"
	"commdn/relay/tserver"
)

// direct is a T-Server without a wire: it gives each request back, as a CommDN
// does, and OCS answers at once, all within SendUserEvent.
type direct struct {
	h      chan tserver.Handler
	handle tserver.Handler
	answer func(tkvlist.List) tkvlist.List
	end    chan struct{}
}

func (d *direct) Open(context.Context, tserver.ConnOptions) (tserver.Conn, error) { return d, nil }

func (d *direct) Run(h tserver.Handler) error {
	d.h <- h
	<-d.end
	return tserver.ErrLinkDown
}

func (d *direct) SendUserEvent(_ context.Context, l tkvlist.List) error {
	d.handle.UserEvent(l)
	if d.answer != nil {
		d.handle.UserEvent(d.answer(l))
	}
	return nil
}

func (d *direct) Close() error {
	select {
	case <-d.end:
	default:
		close(d.end)
	}
	return nil
}

// BenchmarkAsk is what the way of a request through a link costs: writing it,
// reading it and its answer, and finding whose it is, with others in flight that
// OCS does not answer.
func BenchmarkAsk(b *testing.B) {
	for _, others := range []int{0, 50, 1000} {
		b.Run(fmt.Sprintf("others=%d", others), func(b *testing.B) {
			d := &direct{h: make(chan tserver.Handler, 1), end: make(chan struct{})}
			l, err := link.New(link.Options{
				Name: "a", TServer: tserver.Options{Driver: d, Servers: []string{"x"}, CommDN: "CommDN_1", Application: "commdn"},
				AppDBID: 101, OCS: []commdn.DBID{201}, AnswerTimeout: time.Hour, Log: slog.New(slog.DiscardHandler),
				OnEvent: func(*commdn.CampaignEvent) uint64 { return 1 }, OnState: func(frame.Link) {}, OnUserEvent: func() {},
			})
			if err != nil {
				b.Fatal(err)
			}
			l.Start()
			d.handle = <-d.h
			ctx, cancel := context.WithCancel(context.Background())
			defer l.Close()
			defer cancel()
			for n := range others {
				go l.Ask(ctx, link.Call{Request: &commdn.DoNotCall{Phone: fmt.Sprint(7770000000 + n)}})
			}
			for l.InFlight() < others {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(10 * time.Millisecond)
			d.answer = func(tkvlist.List) tkvlist.List {
				return (&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 101}, Phone: "5550001111"}).UserData()
			}
			b.ReportAllocs()
			for b.Loop() {
				if refusal := l.Ask(ctx, link.Call{Request: &commdn.DoNotCall{Phone: "5550001111"}}); refusal != nil {
					b.Fatal(refusal)
				}
			}
		})
	}
}
