package tserver_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/tkvlist"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

func startPair(t *testing.T) (primary, backup *simtserver.Server) {
	t.Helper()
	primary = startTServer(t)
	backup, err := simtserver.Start(simtserver.Options{CommDNs: []string{commDN}, Backup: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { backup.Close() })
	if err := simtserver.Pair(primary, backup); err != nil {
		t.Fatal(err)
	}
	return primary, backup
}

// TestLinkFollowsSwitchover: the link follows the primary there and back and to the only
// one left. Each UserEvent sent meanwhile gets a result, and each accepted one arrives.
func TestLinkFollowsSwitchover(t *testing.T) {
	a, b := startPair(t)
	l := openLink(t, a.Addr(), b.Addr())
	if up := l.state(t, true); up.Server != a.Addr() {
		t.Fatalf("up at %s, primary is %s", up.Server, a.Addr())
	}
	for _, test := range []struct {
		name   string
		change func() error
		old    *simtserver.Server
		now    *simtserver.Server
		reason string
	}{
		{"there", a.Switchover, a, b, "EventLinkDisconnected: T-Server has no link to its switch: backup"},
		{"and back", a.Switchover, b, a, "EventLinkDisconnected: T-Server has no link to its switch: backup"},
		{"primary closed", a.Close, a, b, ""}, // in the operating system's words
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			var senders sync.WaitGroup
			for range 4 {
				senders.Go(func() {
					for ctx.Err() == nil {
						err := l.SendUserEvent(context.Background(), tkvlist.List{})
						var refused *tserver.Error
						if err != nil && !errors.Is(err, tserver.ErrLinkDown) && !(errors.As(err, &refused) && refused.Code == tserver.CodeNoSwitch) {
							t.Errorf("during the change: %v", err)
						}
					}
				})
			}
			l.event(t)
			if err := test.change(); err != nil {
				t.Fatal(err)
			}
			down := l.state(t, false)
			if down.Server != test.old.Addr() || down.Err == nil || !strings.Contains(down.Err.Error(), test.reason) {
				t.Errorf("down %+v, want %s and %s", down, test.old.Addr(), test.reason)
			}
			up := l.state(t, true)
			cancel()
			senders.Wait()
			if up.Server != test.now.Addr() {
				t.Fatalf("up at %s, primary is %s", up.Server, test.now.Addr())
			}
			for len(l.events) > 0 {
				<-l.events
			}
			if err := l.SendUserEvent(t.Context(), numbered(7)); err != nil {
				t.Fatal(err)
			}
			for !tkvlist.Equal(l.event(t), numbered(7)) {
			}
		})
	}
}

// TestBackupFirst: a link that finds the backup first goes on to the primary.
func TestBackupFirst(t *testing.T) {
	primary, backup := startPair(t)
	l := openLink(t, backup.Addr(), primary.Addr())
	if down := l.state(t, false); down.Server != backup.Addr() || !errors.Is(down.Err, tserver.ErrNoSwitch) {
		t.Errorf("first %+v", down)
	}
	if up := l.state(t, true); up.Server != primary.Addr() {
		t.Errorf("up at %s, primary is %s", up.Server, primary.Addr())
	}
}

// TestSingleServerIsNotLeft: without another server the link stays connected and waits.
func TestSingleServerIsNotLeft(t *testing.T) {
	s := startTServer(t)
	l := openLink(t, s.Addr())
	l.state(t, true)
	before := s.State().Clients
	s.SetLink(false)
	if down := l.state(t, false); !errors.Is(down.Err, tserver.ErrNoSwitch) {
		t.Errorf("down %+v", down)
	}
	s.SetLink(true)
	l.state(t, true)
	if after := s.State().Clients; len(before) != 1 || len(after) != 1 || after[0].Addr != before[0].Addr {
		t.Errorf("clients %+v, then %+v", before, after)
	}
}

// TestUnregisteredIsNoReasonToLeave: only a lost link to the switch makes the link leave
// a server.
func TestUnregisteredIsNoReasonToLeave(t *testing.T) {
	first, second := startTServer(t), startTServer(t)
	l := openLink(t, first.Addr(), second.Addr())
	l.state(t, true)
	first.Unregister(commDN)
	if down := l.state(t, false); errors.Is(down.Err, tserver.ErrNoSwitch) {
		t.Errorf("down %+v", down)
	}
	if up := l.state(t, true); up.Server != first.Addr() {
		t.Errorf("up at %s, was at %s", up.Server, first.Addr())
	}
	if clients := second.State().Clients; len(clients) != 0 {
		t.Errorf("the second server has %+v", clients)
	}
}

// retries is a log that keeps Link's announcements of its next attempt.
type retries struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (r *retries) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if bytes.Contains(line, []byte("retry_in=")) {
		r.buf.Write(line)
	}
	return len(line), nil
}

func (r *retries) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Split(strings.TrimSpace(r.buf.String()), "\n")
}

// TestLeavesAtOnce: the link goes on to the next server at once, however long it waits
// otherwise; but not round and round when all have lost their switch.
func TestLeavesAtOnce(t *testing.T) {
	first, second := startTServer(t), startTServer(t)
	var log retries
	states := make(chan tserver.State, 16)
	link, err := tserver.New(tserver.Options{
		Driver: tlink.Driver{}, Servers: []string{first.Addr(), second.Addr()}, CommDN: commDN, Application: "relay",
		OnState:    func(s tserver.State) { states <- s },
		MinBackoff: 1000 * time.Hour, MaxBackoff: 1000 * time.Hour,
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	link.Start()
	defer link.Close()
	l := &linked{Link: link, states: states}
	l.state(t, true)
	first.SetLink(false)
	if down := l.state(t, false); !errors.Is(down.Err, tserver.ErrNoSwitch) || down.Server != first.Addr() {
		t.Errorf("down %+v", down)
	}
	if up := l.state(t, true); up.Server != second.Addr() {
		t.Fatalf("up at %s, want %s", up.Server, second.Addr())
	}
	first.SetLink(true)
	second.SetLink(false)
	if up := l.state(t, true); up.Server != first.Addr() {
		t.Fatalf("up at %s, want %s", up.Server, first.Addr())
	}
	first.SetLink(false)
	l.state(t, false)
	link.Close() // the log tells of a state after it
	lines := log.lines()
	for n, at := range []bool{true, true, false} {
		if n >= len(lines) || strings.Contains(lines[n], "retry_in=0s") != at {
			t.Fatalf("time %d at once is not %v:\n%s", n+1, at, strings.Join(lines, "\n"))
		}
	}
}

func TestMonitor(t *testing.T) {
	s := startTServer(t)
	sender := openLink(t, s.Addr())
	sender.state(t, true)
	events := make(chan tkvlist.List, 16)
	states := make(chan tserver.State, 16)
	link, err := tserver.New(tserver.Options{
		Driver: tlink.Driver{}, Servers: []string{s.Addr()}, CommDN: commDN, Application: "monitor", Monitor: true,
		OnUserEvent: func(l tkvlist.List) { events <- l },
		OnState:     func(s tserver.State) { states <- s },
	})
	if err != nil {
		t.Fatal(err)
	}
	link.Start()
	defer link.Close()
	monitor := &linked{Link: link, events: events, states: states}
	monitor.state(t, true)
	for n := range 2 {
		if err := sender.SendUserEvent(t.Context(), numbered(n)); err != nil {
			t.Fatal(err)
		}
		if got := monitor.event(t); !tkvlist.Equal(got, numbered(n)) {
			t.Errorf("got %v", got)
		}
		var refused *tserver.Error
		err := monitor.SendUserEvent(t.Context(), nil)
		if !errors.As(err, &refused) || refused.Code != tserver.CodeNotRegistered || refused.Message != "Client is registered for monitoring only" {
			t.Errorf("send: %v", err)
		}
		// The new registration is also for monitoring only.
		s.Unregister(commDN)
		for _, l := range []*linked{monitor, sender} {
			l.state(t, false)
			l.state(t, true)
		}
	}
}
