package tlink_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/tkvlist"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

const commDN = "CommDN_1"

// patience bounds every wait of the tests; none should last that long.
const patience = 30 * time.Second

func startTServer(t *testing.T) *simtserver.Server {
	t.Helper()
	s, err := simtserver.Start(simtserver.Options{CommDNs: []string{commDN}, MaxUserData: tlink.MaxUserData})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// running is a connection with Run in a goroutine.
type running struct {
	tserver.Conn
	events chan tkvlist.List
	links  chan error // nil for up
	ended  chan error
}

func open(t *testing.T, d tlink.Driver, addr string) *running {
	t.Helper()
	return openKept(t, d, addr, tserver.KeepAlive{})
}

func openKept(t *testing.T, d tlink.Driver, addr string, k tserver.KeepAlive) *running {
	t.Helper()
	conn, err := d.Open(t.Context(), tserver.ConnOptions{Server: addr, CommDN: commDN, Application: "test", KeepAlive: k})
	if err != nil {
		t.Fatal(err)
	}
	r := &running{conn, make(chan tkvlist.List, 16), make(chan error, 16), make(chan error, 1)}
	var wg sync.WaitGroup
	wg.Go(func() {
		r.ended <- conn.Run(tserver.Handler{
			UserEvent: func(l tkvlist.List) { r.events <- l },
			Link: func(up bool, reason error) {
				if up == (reason != nil) {
					t.Errorf("up %v with reason %v", up, reason)
				}
				r.links <- reason
			},
		})
	})
	t.Cleanup(func() { conn.Close(); wg.Wait() })
	return r
}

func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

func TestSendAndReceive(t *testing.T) {
	s := startTServer(t)
	a, b := open(t, tlink.Driver{}, s.Addr()), open(t, tlink.Driver{}, s.Addr())
	for _, sent := range []tkvlist.List{{number("GSW_CM_MessageType", 32)}, {}, nil} {
		if err := a.SendUserEvent(t.Context(), sent); err != nil {
			t.Fatal(err)
		}
		for _, r := range []*running{a, b} {
			got := receive(t, r.events, "event")
			if !tkvlist.Equal(got, sent) || (got == nil) != (sent == nil) {
				t.Errorf("got %#v, want %#v", got, sent)
			}
		}
	}
}

// What the fence does not let through is not written, and harms nothing else, also where
// it shuts while the write is prepared. The fence is left when the event is written.
func TestFence(t *testing.T) {
	s := startTServer(t)
	var shut error
	inside, asked, opens := 0, 0, 0 // the fence is open for as many questions as opens says
	conn, err := tlink.Driver{}.Open(t.Context(), tserver.ConnOptions{
		Server: s.Addr(), CommDN: commDN, Application: "test",
		Fence: func() (time.Duration, func(), error) {
			if asked++; asked > opens && shut != nil {
				return 0, nil, shut
			}
			inside++
			return time.Minute, func() { inside-- }, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan tkvlist.List, 16)
	var running sync.WaitGroup
	running.Go(func() {
		_ = conn.Run(tserver.Handler{UserEvent: func(l tkvlist.List) { events <- l }, Link: func(bool, error) {}})
	})
	defer running.Wait()
	defer conn.Close()
	for n := range int32(4) {
		asked, opens, shut = 0, int(n)-1, tserver.ErrFenced // event 1 at once, event 2 while it is prepared
		if n == 0 || n == 3 {
			shut = nil
		}
		err := conn.SendUserEvent(t.Context(), tkvlist.List{{Key: "n", Value: tkvlist.Int(n)}})
		if !errors.Is(err, shut) {
			t.Errorf("event %d: %v", n, err)
		}
		if inside != 0 {
			t.Errorf("event %d: the fence is not left", n)
		}
	}
	for _, want := range []int32{0, 3} {
		if n, _ := receive(t, events, "event").Int("n"); n != want {
			t.Errorf("event %d came, want %d", n, want)
		}
	}
}

func TestSendConcurrently(t *testing.T) {
	r := open(t, tlink.Driver{}, startTServer(t).Addr())
	const senders, each = 8, 50
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			for range each {
				if err := r.SendUserEvent(t.Context(), tkvlist.List{number("n", 1)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range senders * each {
		receive(t, r.events, "event")
	}
	wg.Wait()
}

func TestSendTooLarge(t *testing.T) {
	r := open(t, tlink.Driver{}, startTServer(t).Addr())
	half := strings.Repeat("x", 40000)
	err := r.SendUserEvent(t.Context(), tkvlist.List{text("a", half), text("b", half)})
	if limit := (*tlink.LimitError)(nil); !errors.As(err, &limit) {
		t.Fatalf("error = %v, want a LimitError", err)
	}
	if err := r.SendUserEvent(t.Context(), tkvlist.List{text("a", half)}); err != nil {
		t.Fatalf("the connection is harmed: %v", err)
	}
}

func TestSendWithContext(t *testing.T) {
	peer := listen(t, registered(func(in *tlink.Reader, nc net.Conn) { io.Copy(io.Discard, nc) }))
	r := open(t, tlink.Driver{}, peer)
	why := errors.New("why")
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if err := r.SendUserEvent(ended, nil); !errors.Is(err, why) {
		t.Errorf("with an ended context: %v", err)
	}
	soon, cancelSoon := context.WithTimeoutCause(t.Context(), time.Millisecond, why)
	defer cancelSoon()
	if err := r.SendUserEvent(soon, nil); !errors.Is(err, why) || errors.Is(err, tserver.ErrLinkDown) {
		t.Errorf("without an answer: %v", err)
	}
}

// TestPendingEndWithTheConnection: the peer takes requests and then goes away without an
// answer.
func TestPendingEndWithTheConnection(t *testing.T) {
	const requests = 20
	peer := listen(t, registered(func(in *tlink.Reader, nc net.Conn) {
		for range requests {
			if _, err := in.ReadMessage(); err != nil {
				return
			}
		}
	}))
	r := open(t, tlink.Driver{}, peer)
	settled := make(chan error, requests)
	for range requests {
		go func() { settled <- r.SendUserEvent(context.Background(), nil) }()
	}
	for range requests {
		if err := receive(t, settled, "result"); !errors.Is(err, tserver.ErrLinkDown) {
			t.Errorf("pending request: %v", err)
		}
	}
	if err := receive(t, r.ended, "end of Run"); !errors.Is(err, io.EOF) {
		t.Errorf("Run = %v", err)
	}
	if err := r.SendUserEvent(t.Context(), nil); !errors.Is(err, tserver.ErrLinkDown) {
		t.Errorf("request after the end: %v", err)
	}
}

func TestClose(t *testing.T) {
	r := open(t, tlink.Driver{}, startTServer(t).Addr())
	for range 2 {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := receive(t, r.ended, "end of Run"); err == nil {
		t.Error("Run gave no reason")
	}
	if err := r.SendUserEvent(t.Context(), nil); !errors.Is(err, tserver.ErrLinkDown) {
		t.Errorf("after Close: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	s := startTServer(t)
	t.Run("unknown DN", func(t *testing.T) {
		_, err := tlink.Driver{}.Open(t.Context(), tserver.ConnOptions{Server: s.Addr(), CommDN: "other", Application: "test"})
		wantRefusal(t, err, tlink.RequestRegisterAddress, tserver.CodeNotConfigured)
	})
	t.Run("application name too long", func(t *testing.T) {
		_, err := tlink.Driver{}.Open(t.Context(), tserver.ConnOptions{
			Server: s.Addr(), CommDN: commDN, Application: strings.Repeat("x", tlink.MaxAttributes),
		})
		if limit := (*tlink.LimitError)(nil); !errors.As(err, &limit) {
			t.Errorf("error = %v, want a LimitError", err)
		}
	})
	t.Run("link to the switch lost", func(t *testing.T) {
		r := open(t, tlink.Driver{}, s.Addr())
		s.SetLink(false)
		defer s.SetLink(true)
		if reason := receive(t, r.links, "change of the link"); reason == nil || !strings.Contains(reason.Error(), "EventLinkDisconnected") {
			t.Errorf("reason = %v", reason)
		}
		wantRefusal(t, r.SendUserEvent(t.Context(), nil), tlink.RequestDistributeUserEvent, tserver.CodeNoSwitch)
	})
}

func wantRefusal(t *testing.T, err error, request tlink.ID, code int32) {
	t.Helper()
	var refused *tserver.Error
	if !errors.As(err, &refused) || refused.Request != request.String() || refused.Code != code || refused.Message == "" {
		t.Errorf("error = %#v, want %v refused with %d", err, request, code)
	}
}

// TestLinkComesBack: the connection outlives what happens behind T-Server and registers
// again.
func TestLinkComesBack(t *testing.T) {
	s := startTServer(t)
	r := open(t, tlink.Driver{}, s.Addr())
	for _, test := range []struct {
		lose, back func()
		reason     string
	}{
		{func() { s.SetLink(false) }, func() { s.SetLink(true) }, "EventLinkDisconnected"},
		{func() { s.Unregister(commDN) }, func() {}, "EventUnregistered"},
		{func() { s.SetLink(false) }, func() { s.Unregister(commDN); s.SetLink(true) }, "EventLinkDisconnected"},
	} {
		test.lose()
		if reason := receive(t, r.links, "loss"); reason == nil || !strings.Contains(reason.Error(), test.reason) {
			t.Errorf("reason = %v, want %s", reason, test.reason)
		}
		test.back()
		if reason := receive(t, r.links, "return"); reason != nil {
			t.Errorf("still down: %v", reason)
		}
		if err := r.SendUserEvent(t.Context(), tkvlist.List{}); err != nil {
			t.Errorf("after the return: %v", err)
		}
		receive(t, r.events, "event")
	}
}

// TestOpenAtABackup: Open leaves a backup at once, not after OpenTimeout.
func TestOpenAtABackup(t *testing.T) {
	s, err := simtserver.Start(simtserver.Options{CommDNs: []string{commDN}, Backup: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, err = tlink.Driver{OpenTimeout: 2 * patience}.Open(t.Context(), tserver.ConnOptions{Server: s.Addr(), CommDN: commDN, Application: "test"})
	if !errors.Is(err, tserver.ErrNoSwitch) || err.Error() != "tlink: EventLinkDisconnected: T-Server has no link to its switch: backup" {
		t.Errorf("Open = %v", err)
	}
}

func TestOpenEndsWithContext(t *testing.T) {
	s := startTServer(t)
	s.SetLink(false) // EventServerConnected comes, EventLinkConnected does not
	options := tserver.ConnOptions{Server: s.Addr(), CommDN: commDN, Application: "test"}
	why := errors.New("why")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, why)
	defer cancel()
	if _, err := (tlink.Driver{}).Open(ctx, options); !errors.Is(err, why) {
		t.Errorf("context ended: %v", err)
	}
	if _, err := (tlink.Driver{OpenTimeout: 20 * time.Millisecond}).Open(t.Context(), options); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("driver's time limit: %v", err)
	}
	s.Close()
	if _, err := (tlink.Driver{}).Open(t.Context(), options); err == nil {
		t.Error("nobody listens, no error")
	}
}
