package tlink_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// soon asks an idle T-Server at once and gives it all the time of a test.
var soon = tserver.KeepAlive{Idle: 10 * time.Millisecond, Timeout: 2 * patience}

// asked reads a KeepAlive.
func asked(t *testing.T, in *tlink.Reader) tlink.Message {
	m, err := in.ReadMessage()
	if err != nil || m.ID != tlink.KeepAlive || m.Reference == 0 || len(m.Attributes) != 0 || m.UserData != nil {
		t.Errorf("got %s, %v; want KeepAlive with a reference id and no more", m.Trace(), err)
	}
	return m
}

// notAsked checks that nothing arrives for longer than the driver's wait.
func notAsked(t *testing.T, in *tlink.Reader, nc net.Conn, within time.Duration) {
	nc.SetReadDeadline(time.Now().Add(within))
	if m, err := in.ReadMessage(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %s, %v; want nothing", m.Trace(), err)
	}
	nc.SetReadDeadline(time.Time{})
}

var lastEvent = tlink.Message{ID: tlink.EventUserEvent, Attributes: thisDN, UserData: tkvlist.List{number("last", 1)}}

// wantLast checks that the connection has lasted until lastEvent without another change.
func (r *running) wantLast(t *testing.T) {
	t.Helper()
	if got := receive(t, r.events, "event"); !tkvlist.Equal(got, lastEvent.UserData) {
		t.Errorf("event is %v", got)
	}
	if len(r.links) != 0 || len(r.ended) != 0 {
		t.Errorf("%d changes of the link, %d ends", len(r.links), len(r.ended))
	}
}

// TestSignsOfLife: an idle connection stays, whatever T-Server answers: a second
// KeepAlive shows that the answer counted.
func TestSignsOfLife(t *testing.T) {
	const rounds = 3
	nothing := func(*testing.T, *running) {}
	for _, test := range []struct {
		name   string
		answer func(*tlink.Reader, net.Conn, tlink.Message)
		shows  func(*testing.T, *running)
	}{
		{"KeepAliveAck", func(_ *tlink.Reader, nc net.Conn, m tlink.Message) {
			say(nc, tlink.Message{ID: tlink.KeepAliveAck, Reference: m.Reference})
		}, nothing},
		{"EventError of a bridge that does not know it", func(_ *tlink.Reader, nc net.Conn, m tlink.Message) {
			say(nc, tlink.Message{ID: tlink.EventError, Reference: m.Reference, Attributes: tkvlist.List{
				number(tlink.AttributeErrorCode, tserver.CodeUnsupported), text(tlink.AttributeErrorMessage, "Unsupported operation"),
			}})
		}, nothing},
		{"event", func(_ *tlink.Reader, nc net.Conn, _ tlink.Message) {
			say(nc, tlink.Message{ID: tlink.EventServerInfo})
		}, nothing},
		{"event in parts", func(in *tlink.Reader, nc net.Conn, _ tlink.Message) {
			frame, _ := lastEvent.Append(nil)
			for _, part := range [][]byte{frame[:2], frame[2:20]} {
				nc.Write(part)
				asked(t, in)
			}
			nc.Write(frame[20:])
		}, func(t *testing.T, r *running) { r.wantLast(t) }},
		{"link to the switch goes and comes", func(in *tlink.Reader, nc net.Conn, _ tlink.Message) {
			say(nc, tlink.Message{ID: tlink.EventLinkDisconnected})
			asked(t, in)
			say(nc, tlink.Message{ID: tlink.EventLinkConnected})
			m, _ := in.ReadMessage()
			say(nc, tlink.Message{ID: tlink.EventRegistered, Reference: m.Reference, Attributes: thisDN})
		}, func(t *testing.T, r *running) {
			if reason := receive(t, r.links, "loss"); !errors.Is(reason, tserver.ErrNoSwitch) {
				t.Errorf("reason = %v", reason)
			}
			if reason := receive(t, r.links, "return"); reason != nil {
				t.Errorf("still down: %v", reason)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := openKept(t, tlink.Driver{}, listen(t, registered(func(in *tlink.Reader, nc net.Conn) {
				for range rounds {
					test.answer(in, nc, asked(t, in))
				}
				asked(t, in)
				say(nc, lastEvent)
				in.ReadMessage()
			})), soon)
			for range rounds {
				test.shows(t, r)
			}
			r.wantLast(t)
		})
	}
}

// TestSilence: a silent peer loses the connection, not before both times are over, and
// pending requests end with it.
func TestSilence(t *testing.T) {
	k := tserver.KeepAlive{Idle: 30 * time.Millisecond, Timeout: 20 * time.Millisecond}
	for name, before := range map[string]func(*tlink.Reader, net.Conn){
		"after an answer":           func(in *tlink.Reader, nc net.Conn) { say(nc, tlink.Message{ID: tlink.KeepAliveAck}) },
		"within a frame":            func(in *tlink.Reader, nc net.Conn) { nc.Write([]byte{0, 0, 0, 9, 95}) },
		"after the switch was lost": func(in *tlink.Reader, nc net.Conn) { say(nc, tlink.Message{ID: tlink.EventLinkDisconnected}) },
		"after it registered again": unregisterAndBack,
	} {
		t.Run(name, func(t *testing.T) {
			var began time.Time // before the peer's last words
			stop := make(chan struct{})
			defer close(stop)
			r := openKept(t, tlink.Driver{}, listen(t, registered(func(in *tlink.Reader, nc net.Conn) {
				in.ReadMessage() // the event
				began = time.Now()
				before(in, nc)
				<-stop
			})), k)
			err := r.SendUserEvent(context.Background(), nil)
			if !errors.Is(err, tserver.ErrLinkDown) || !strings.Contains(err.Error(), "no sign of life") {
				t.Errorf("pending request: %v", err)
			}
			err = receive(t, r.ended, "end of Run")
			if after := time.Since(began); after < k.Idle+k.Timeout {
				t.Errorf("ended after %s, %s at least are to pass", after, k.Idle+k.Timeout)
			}
			const want = "tlink: no sign of life from T-Server for 50ms: no answer to KeepAlive within 20ms"
			if !errors.Is(err, tserver.ErrSilent) || err.Error() != want {
				t.Errorf("Run = %v\nwant  %s", err, want)
			}
		})
	}
}

func unregisterAndBack(in *tlink.Reader, nc net.Conn) {
	say(nc, tlink.Message{ID: tlink.EventUnregistered, Attributes: thisDN})
	for {
		if m, err := in.ReadMessage(); err != nil || m.ID == tlink.RequestRegisterAddress {
			say(nc, tlink.Message{ID: tlink.EventRegistered, Reference: m.Reference, Attributes: thisDN})
			return
		}
	}
}

// TestBusyLinkIsNotAsked: while events arrive the driver asks nothing. That is proved
// only if the machine delivered the events without a pause of Idle; otherwise the test
// tries again.
func TestBusyLinkIsNotAsked(t *testing.T) {
	const events, pause = 60, 10 * time.Millisecond
	k := tserver.KeepAlive{Idle: 20 * pause, Timeout: 2 * patience} // three times Idle, all in all
	for late := time.Now().Add(patience); ; {
		first, second := make(chan tlink.ID, 1), make(chan tlink.ID, 1)
		r := openKept(t, tlink.Driver{}, listen(t, registered(func(in *tlink.Reader, nc net.Conn) {
			tick := time.NewTicker(pause)
			defer tick.Stop()
			for range events {
				say(nc, tlink.Message{ID: tlink.EventUserEvent, Attributes: thisDN})
				<-tick.C
			}
			say(nc, lastEvent)
			m, _ := in.ReadMessage()
			first <- m.ID
			say(nc, tlink.Message{ID: tlink.EventACK, Reference: m.Reference})
			m, _ = in.ReadMessage()
			second <- m.ID
		})), k)
		var longest time.Duration
		at := time.Now()
		heard := func() {
			now := time.Now()
			longest, at = max(longest, now.Sub(at)), now
		}
		for range events + 1 {
			receive(t, r.events, "event")
			heard()
		}
		var wg sync.WaitGroup // nobody answers this if a KeepAlive came first
		wg.Go(func() { r.SendUserEvent(context.Background(), nil) })
		asked := receive(t, first, "message") == tlink.KeepAlive
		heard()
		if longest >= k.Idle && time.Now().Before(late) {
			r.Close()
			wg.Wait()
			continue
		}
		if asked {
			t.Errorf("asked on a busy connection; longest pause %s", longest)
		} else if id := receive(t, second, "message"); id != tlink.KeepAlive {
			t.Errorf("idle at last, and sends %v", id)
		}
		r.Close()
		wg.Wait()
		return
	}
}

func TestKeepAliveOff(t *testing.T) {
	for _, k := range []tserver.KeepAlive{{}, {Idle: -1, Timeout: time.Millisecond}} {
		openKept(t, tlink.Driver{}, listen(t, registered(func(in *tlink.Reader, nc net.Conn) {
			notAsked(t, in, nc, 100*time.Millisecond)
			say(nc, lastEvent)
			in.ReadMessage()
		})), k).wantLast(t)
	}
}

// TestRegistrationIsNotDisturbed: the driver waits for a slow registration, first or
// repeated, for its full time limit and without a KeepAlive.
func TestRegistrationIsNotDisturbed(t *testing.T) {
	const long = 200 * time.Millisecond
	hold := func(in *tlink.Reader, nc net.Conn, request tlink.ID) uint32 {
		m, err := in.ReadMessage()
		if err != nil || m.ID != request {
			t.Errorf("got %s, %v; want %v", m.Trace(), err, request)
		}
		notAsked(t, in, nc, long)
		return m.Reference
	}
	r := openKept(t, tlink.Driver{}, listen(t, func(in *tlink.Reader, nc net.Conn) {
		client := hold(in, nc, tlink.RequestRegisterClient)
		say(nc, tlink.Message{ID: tlink.EventServerConnected, Reference: client})
		notAsked(t, in, nc, long)
		say(nc, tlink.Message{ID: tlink.EventLinkConnected})
		address := hold(in, nc, tlink.RequestRegisterAddress)
		say(nc, tlink.Message{ID: tlink.EventRegistered, Reference: address, Attributes: thisDN},
			tlink.Message{ID: tlink.EventUnregistered, Attributes: thisDN})
		address = hold(in, nc, tlink.RequestRegisterAddress)
		say(nc, tlink.Message{ID: tlink.EventRegistered, Reference: address, Attributes: thisDN})
		asked(t, in)
		say(nc, lastEvent)
		in.ReadMessage()
	}), tserver.KeepAlive{Idle: long / 10, Timeout: 2 * patience})
	if reason := receive(t, r.links, "loss"); reason == nil {
		t.Error("up before it was lost")
	}
	if reason := receive(t, r.links, "return"); reason != nil {
		t.Errorf("still down: %v", reason)
	}
	r.wantLast(t)
}
