package tserver_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/relay/sim/scenario"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// watch relays connections to a T-Server and reports each KeepAliveAck.
func watch(t *testing.T, server string) (addr string, acks <-chan struct{}) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan struct{}, 1024)
	var wg sync.WaitGroup
	pass := func(from, to net.Conn) {
		defer from.Close()
		defer to.Close()
		for in := tlink.NewReader(from); ; {
			m, err := in.ReadMessage()
			if err != nil {
				return
			}
			frame, err := m.Append(nil)
			if err != nil {
				t.Error(err)
			}
			if _, err := to.Write(frame); err != nil {
				return
			}
			if m.ID == tlink.KeepAliveAck {
				seen <- struct{}{}
			}
		}
	}
	wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			there, err := net.Dial("tcp", server)
			if err != nil {
				client.Close()
				continue
			}
			wg.Go(func() { pass(client, there) })
			wg.Go(func() { pass(there, client) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return l.Addr().String(), seen
}

// TestIdleLinkStaysUp: an idle link stays up: with its switch, and without it if there is
// no other server.
func TestIdleLinkStaysUp(t *testing.T) {
	s := startTServer(t)
	addr, acks := watch(t, s.Addr())
	l := openKept(t, tserver.KeepAlive{Idle: 10 * time.Millisecond, Timeout: 2 * patience}, addr)
	l.state(t, true)
	several := func() {
		t.Helper()
		for range 5 {
			select {
			case <-acks:
			case <-time.After(patience):
				t.Fatal("no KeepAliveAck")
			}
		}
		if n := len(l.states); n != 0 {
			t.Errorf("%d changes of an idle link; it is %+v", n, l.State())
		}
	}
	several()
	s.SetLink(false)
	l.state(t, false)
	several()
	s.SetLink(true)
	l.state(t, true)
	several()
	if err := l.SendUserEvent(t.Context(), numbered(1)); err != nil {
		t.Error(err)
	}
	if n := len(s.State().Clients); n != 1 {
		t.Errorf("%d clients", n)
	}
}

// TestSilentServerIsLeft: the link finds a stalled T-Server dead and settles what waits
// for it. It then tries the next server, or the same one if there is no other.
func TestSilentServerIsLeft(t *testing.T) {
	k := tserver.KeepAlive{Idle: 20 * time.Millisecond, Timeout: 500 * time.Millisecond}
	for _, test := range []struct {
		name  string
		start func(t *testing.T) (used *simtserver.Server, servers []string, then string)
		after func(used *simtserver.Server) error // the stall
	}{
		{"primary, and the backup takes over", func(t *testing.T) (*simtserver.Server, []string, string) {
			primary, backup := startPair(t)
			return primary, []string{primary.Addr(), backup.Addr()}, backup.Addr()
		}, (*simtserver.Server).Switchover},
		{"the only one", func(t *testing.T) (*simtserver.Server, []string, string) {
			s := startTServer(t)
			return s, []string{s.Addr()}, s.Addr()
		}, func(*simtserver.Server) error { return nil }},
	} {
		t.Run(test.name, func(t *testing.T) {
			used, servers, then := test.start(t)
			l := openKept(t, k, servers...)
			l.state(t, true)
			began := time.Now()
			if err := l.SendUserEvent(t.Context(), numbered(1)); err != nil {
				t.Fatal(err)
			}
			if err := used.Do(scenario.Fault{Do: scenario.Stall, Application: "relay", For: 2 * patience}); err != nil {
				t.Fatal(err)
			}
			if err := test.after(used); err != nil {
				t.Fatal(err)
			}
			err := l.SendUserEvent(context.Background(), numbered(2))
			if !errors.Is(err, tserver.ErrLinkDown) || !strings.Contains(err.Error(), "no sign of life from T-Server for 520ms") {
				t.Errorf("pending request: %v", err)
			}
			down := l.state(t, false)
			if !errors.Is(down.Err, tserver.ErrSilent) || down.Server != used.Addr() {
				t.Errorf("down = %+v", down)
			}
			if after := down.Since.Sub(began); after < k.Idle+k.Timeout {
				t.Errorf("down after %s, %s at least are to pass", after, k.Idle+k.Timeout)
			}
			if up := l.state(t, true); up.Server != then {
				t.Errorf("up at %s, want %s", up.Server, then)
			}
			for len(l.events) > 0 {
				<-l.events
			}
			if err := l.SendUserEvent(t.Context(), numbered(3)); err != nil {
				t.Fatal(err)
			}
			l.event(t)
		})
	}
}
