package tserver_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/fronttest"
	"commdn/relay/internal/leak"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

func TestMain(m *testing.M) { leak.Main(m) }

const commDN = "CommDN_1"

// patience bounds every wait of the tests; none should last that long.
const patience = 30 * time.Second

func startTServer(t *testing.T) *simtserver.Server {
	t.Helper()
	s, err := simtserver.Start(simtserver.Options{CommDNs: []string{commDN}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// linked is a Link with its reports.
type linked struct {
	*tserver.Link
	events chan tkvlist.List
	states chan tserver.State
}

func openLink(t *testing.T, servers ...string) *linked {
	t.Helper()
	return openKept(t, tserver.KeepAlive{}, servers...)
}

func openKept(t *testing.T, k tserver.KeepAlive, servers ...string) *linked {
	t.Helper()
	l := &linked{events: make(chan tkvlist.List, 1024), states: make(chan tserver.State, 1024)}
	var err error
	l.Link, err = tserver.New(tserver.Options{
		Driver: tlink.Driver{}, Servers: servers, CommDN: commDN, Application: "relay",
		OnUserEvent: func(e tkvlist.List) {
			select {
			case l.events <- e:
			default: // TestRestartOfTServer sends more than it reads
			}
		},
		OnState:    func(s tserver.State) { l.states <- s },
		KeepAlive:  k,
		MinBackoff: time.Millisecond, MaxBackoff: 20 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	l.Start()
	t.Cleanup(func() { l.Close() })
	return l
}

// state waits for a state that is up, or down.
func (l *linked) state(t *testing.T, up bool) tserver.State {
	t.Helper()
	for late := time.After(patience); ; {
		select {
		case s := <-l.states:
			if s.Up == up {
				return s
			}
		case <-late:
			t.Fatalf("link does not get up=%v; it is %+v", up, l.State())
		}
	}
}

func (l *linked) event(t *testing.T) tkvlist.List {
	t.Helper()
	select {
	case e := <-l.events:
		return e
	case <-time.After(patience):
		t.Fatal("no event")
		return nil
	}
}

func numbered(n int) tkvlist.List {
	return tkvlist.List{{Key: "n", Value: tkvlist.Int(int32(n))}}
}

func TestSendAndReceiveInOrder(t *testing.T) {
	s := startTServer(t)
	sender, other := openLink(t, s.Addr()), openLink(t, s.Addr())
	if up := sender.state(t, true); up.Server != s.Addr() || up.Err != nil || up.Since.IsZero() || up != sender.State() {
		t.Errorf("state = %+v, State() = %+v", up, sender.State())
	}
	other.state(t, true)
	const events = 100
	for n := range events {
		if err := sender.SendUserEvent(t.Context(), numbered(n)); err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range []*linked{sender, other} {
		for n := range events {
			if e := l.event(t); !tkvlist.Equal(e, numbered(n)) {
				t.Fatalf("event %d is %v", n, e)
			}
		}
	}
}

func TestSendWhileDown(t *testing.T) {
	gone := startTServer(t)
	gone.Close()
	l := openLink(t, gone.Addr())
	err := l.SendUserEvent(t.Context(), nil)
	if !errors.Is(err, tserver.ErrLinkDown) {
		t.Errorf("before the first attempt or after it: %v", err)
	}
	down := l.state(t, false)
	if down.Err == nil || down.Server != gone.Addr() {
		t.Errorf("state = %+v", down)
	}
	if later := l.state(t, false); !later.Since.Equal(down.Since) {
		t.Errorf("down since %s after one attempt, since %s after another", down.Since, later.Since)
	}
	err = l.SendUserEvent(t.Context(), nil)
	if !errors.Is(err, tserver.ErrLinkDown) || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("after an attempt: %v", err)
	}
}

// TestRegistrationRefused: the refusal of a registration is the state's error and only
// text in the error of a send, since T-Server did not refuse that event: the link did not
// send it.
func TestRegistrationRefused(t *testing.T) {
	s, err := simtserver.Start(simtserver.Options{CommDNs: []string{"other"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	l := openLink(t, s.Addr())
	var refused *tserver.Error
	if down := l.state(t, false); !errors.As(down.Err, &refused) || refused.Code != tserver.CodeNotConfigured {
		t.Errorf("state = %+v", down)
	}
	err = l.SendUserEvent(t.Context(), nil)
	if !errors.Is(err, tserver.ErrLinkDown) || errors.As(err, &refused) || !strings.Contains(err.Error(), "error 59") {
		t.Errorf("send: %v", err)
	}
}

func TestRefusedEvent(t *testing.T) {
	l := openLink(t, startTServer(t).Addr())
	l.state(t, true)
	var refused *tserver.Error
	err := l.SendUserEvent(t.Context(), tkvlist.List{{Key: "k", Value: tkvlist.String(strings.Repeat("x", 20000))}})
	if !errors.As(err, &refused) || refused.Code != tserver.CodeInvalidAttr || errors.Is(err, tserver.ErrLinkDown) {
		t.Errorf("over 16,000 bytes: %v", err)
	}
	if !l.State().Up {
		t.Error("a refused event took the link down")
	}
}

func TestRestartOfTServer(t *testing.T) {
	front, s := fronttest.New(t), startTServer(t)
	front.Use(s.Addr())
	l := openLink(t, front.Addr())
	for range 3 {
		up := l.state(t, true)
		// Whatever happens to T-Server, each send must get a result.
		ctx, cancel := context.WithCancel(t.Context())
		var senders sync.WaitGroup
		for range 8 {
			senders.Go(func() {
				for ctx.Err() == nil {
					if err := l.SendUserEvent(context.Background(), tkvlist.List{}); err != nil && !errors.Is(err, tserver.ErrLinkDown) {
						t.Errorf("during the restart: %v", err)
					}
				}
			})
		}
		l.event(t)
		s.Close()
		front.Use("")
		down := l.state(t, false)
		cancel()
		senders.Wait()
		if down.Err == nil || down.Since.Before(up.Since) {
			t.Errorf("up %+v, down %+v", up, down)
		}
		s = startTServer(t)
		front.Use(s.Addr())
	}
	l.state(t, true)
	if err := l.SendUserEvent(t.Context(), numbered(1)); err != nil {
		t.Fatal(err)
	}
}

func TestBackup(t *testing.T) {
	front, primary, backup := fronttest.New(t), startTServer(t), startTServer(t)
	front.Use(primary.Addr())
	l := openLink(t, front.Addr(), backup.Addr())
	if up := l.state(t, true); up.Server != front.Addr() {
		t.Fatalf("first up at %s, primary is %s", up.Server, front.Addr())
	}
	primary.Close()
	front.Use("")
	if up := l.state(t, true); up.Server != backup.Addr() {
		t.Fatalf("then up at %s, backup is %s", up.Server, backup.Addr())
	}
	if err := l.SendUserEvent(t.Context(), numbered(1)); err != nil {
		t.Fatal(err)
	}
	front.Use(startTServer(t).Addr())
	backup.Close()
	if up := l.state(t, true); up.Server != front.Addr() {
		t.Fatalf("at last up at %s, primary is %s", up.Server, front.Addr())
	}
}

// TestStatesWithinAConnection: EventLinkDisconnected and EventUnregistered change the
// state and leave the connection.
func TestStatesWithinAConnection(t *testing.T) {
	s := startTServer(t)
	l := openLink(t, s.Addr())
	l.state(t, true)
	for _, test := range []struct {
		lose, back func()
		reason     string
	}{
		{func() { s.SetLink(false) }, func() { s.SetLink(true) }, "EventLinkDisconnected"},
		{func() { s.Unregister(commDN) }, func() {}, "EventUnregistered"},
	} {
		test.lose()
		down := l.state(t, false)
		if down.Err == nil || !strings.Contains(down.Err.Error(), test.reason) {
			t.Errorf("down = %+v, want %s", down, test.reason)
		}
		if test.reason == "EventLinkDisconnected" {
			if err := l.SendUserEvent(t.Context(), nil); !errors.Is(err, tserver.ErrLinkDown) {
				t.Errorf("send while down: %v", err)
			}
		}
		test.back()
		l.state(t, true)
		if err := l.SendUserEvent(t.Context(), tkvlist.List{}); err != nil {
			t.Errorf("send after the return: %v", err)
		}
	}
	if n := len(l.states); n != 0 {
		t.Errorf("%d states more than changes", n)
	}
}

func TestClose(t *testing.T) {
	for name, connected := range map[string]bool{"connected": true, "connecting": false} {
		t.Run(name, func(t *testing.T) {
			s := startTServer(t)
			if !connected {
				s.Close()
			}
			l := openLink(t, s.Addr())
			l.state(t, connected)
			for range 2 {
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if s := l.State(); s.Up || !errors.Is(s.Err, tserver.ErrClosed) {
				t.Errorf("state = %+v", s)
			}
			last := tserver.State{}
			for len(l.states) > 0 {
				last = <-l.states
			}
			if last != l.State() {
				t.Errorf("last state reported = %+v, State() = %+v", last, l.State())
			}
			if err := l.SendUserEvent(t.Context(), nil); !errors.Is(err, tserver.ErrLinkDown) || !strings.Contains(err.Error(), "closed") {
				t.Errorf("send = %v", err)
			}
		})
	}
}
