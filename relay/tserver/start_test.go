package tserver_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
)

// broken is a driver with a bug.
type broken struct{ opened atomic.Int32 }

func (b *broken) Open(context.Context, tserver.ConnOptions) (tserver.Conn, error) {
	if b.opened.Add(1) == 1 {
		panic("a mistake in Open")
	}
	return brokenConn{}, nil
}

type brokenConn struct{}

func (brokenConn) Run(h tserver.Handler) error {
	h.UserEvent(tkvlist.List{})
	panic("a mistake in Run")
}
func (brokenConn) SendUserEvent(context.Context, tkvlist.List) error { return nil }
func (brokenConn) Close() error                                      { return nil }

// TestDriverPanics: a driver that panics costs its connection; the link reports it and
// tries again.
func TestDriverPanics(t *testing.T) {
	states, events := make(chan tserver.State, 64), make(chan tkvlist.List, 64)
	link, err := tserver.New(tserver.Options{
		Driver: &broken{}, Servers: []string{"a"}, CommDN: commDN, Application: "relay",
		OnUserEvent: func(l tkvlist.List) { events <- l },
		OnState:     func(s tserver.State) { states <- s },
		MinBackoff:  time.Microsecond, MaxBackoff: time.Microsecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	link.Start()
	for _, want := range []string{"a mistake in Open", "", "a mistake in Run"} {
		s := <-states
		if s.Up != (want == "") || want != "" && (!errors.Is(s.Err, tserver.ErrLinkDown) || !strings.Contains(s.Err.Error(), want)) {
			t.Fatalf("got %+v, want %q", s, want)
		}
	}
	<-events
	go func() { // what follows
		for range states {
		}
	}()
	go func() {
		for range events {
		}
	}()
	link.Close()
	close(states)
	close(events)
}

// TestStart: nothing calls back before Start, and a closed link does not start.
func TestStart(t *testing.T) {
	var called atomic.Int32
	make := func() *tserver.Link {
		link, err := tserver.New(tserver.Options{
			Driver: &broken{}, Servers: []string{"a"}, CommDN: commDN, Application: "relay",
			OnState: func(tserver.State) { called.Add(1) },
		})
		if err != nil {
			t.Fatal(err)
		}
		return link
	}
	link := make()
	if s := link.State(); s.Up || s.Err != nil {
		t.Errorf("before Start: %+v", s)
	}
	if err := link.SendUserEvent(t.Context(), tkvlist.List{}); !errors.Is(err, tserver.ErrLinkDown) {
		t.Errorf("SendUserEvent before Start: %v", err)
	}
	link.Close()
	link.Start()
	link.Close()
	if called.Load() != 0 {
		t.Error("OnState was called")
	}
	link = make()
	link.Start()
	link.Start()
	link.Close()
	if called.Load() == 0 {
		t.Error("OnState was not called")
	}
}
