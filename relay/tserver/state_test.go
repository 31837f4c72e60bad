package tserver_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
)

// scripted is a driver that the test plays, in a bubble with virtual time.
type scripted struct {
	failures int                   // so many attempts fail first
	lasts    []time.Duration       // how long each connection lasts then; the last value counts for all further ones
	within   func(tserver.Handler) // runs in each connection; may be nil
	logged   func(line string)     // may be nil
}

func (s *scripted) Open(context.Context, tserver.ConnOptions) (tserver.Conn, error) {
	if s.failures > 0 {
		s.failures--
		return nil, errors.New("connection refused")
	}
	c := &scriptedConn{s: s, lasts: s.lasts[0], closed: make(chan struct{}, 8)}
	if len(s.lasts) > 1 {
		s.lasts = s.lasts[1:]
	}
	return c, nil
}

type scriptedConn struct {
	s      *scripted
	lasts  time.Duration
	closed chan struct{}
}

func (c *scriptedConn) Run(h tserver.Handler) error {
	if c.s.within != nil {
		c.s.within(h)
	}
	select {
	case <-time.After(c.lasts):
		return errors.New("connection reset")
	case <-c.closed:
		return tserver.ErrClosed
	}
}

func (*scriptedConn) SendUserEvent(context.Context, tkvlist.List) error { return nil }
func (c *scriptedConn) Close() error {
	select {
	case c.closed <- struct{}{}:
	default:
	}
	return nil
}

// lines keeps a log, and hands each line on.
type lines struct {
	bytes.Buffer
	each func(string)
}

func (l *lines) Write(line []byte) (int, error) {
	if l.each != nil {
		l.each(string(line))
	}
	return l.Buffer.Write(line)
}

// run runs a link with its log until it is to end.
func (s *scripted) run(t *testing.T, o tserver.Options, end <-chan struct{}) string {
	t.Helper()
	var log lines
	log.each = s.logged
	o.Driver, o.Servers, o.CommDN, o.Application = s, []string{"a"}, commDN, "relay"
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	link, err := tserver.New(o)
	if err != nil {
		t.Fatal(err)
	}
	link.Start()
	<-end
	link.Close()
	return log.String()
}

// TestOnStatePanics: a panic of who is told a state is reported, and the link goes on:
// one at up, or within a connection, costs the connection.
func TestOnStatePanics(t *testing.T) {
	lose := func(h tserver.Handler) { h.Link(false, tserver.ErrNoSwitch) }
	for _, c := range []struct {
		name   string
		within func(tserver.Handler)
		states []bool // told, of the panic and after it
		at     int    // which of them panics
		costs  bool   // the connection
	}{
		{"up", nil, []bool{true, false, true}, 0, true},
		{"down after a connection", nil, []bool{true, false, true}, 1, false},
		{"the switch is lost", lose, []bool{true, false, false, true}, 1, true},
		{"the switch is back", func(h tserver.Handler) { lose(h); h.Link(true, nil) }, []bool{true, false, true, false, true}, 2, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told []bool
				end := make(chan struct{})
				s := &scripted{lasts: []time.Duration{time.Minute}, within: c.within}
				log := s.run(t, tserver.Options{OnState: func(s tserver.State) {
					told = append(told, s.Up)
					switch len(told) - 1 {
					case c.at:
						panic("a mistake of who is told")
					case len(c.states) - 1:
						close(end)
					}
				}}, end)
				if got := fmt.Sprint(told[:len(c.states)]); got != fmt.Sprint(c.states) {
					t.Errorf("told %s, want %v", got, c.states)
				}
				if n := strings.Count(log, `msg="a state of the link was not handled"`); n != 1 || !strings.Contains(log, `panic="a mistake of who is told"`) {
					t.Errorf("%d reports:\n%s", n, log)
				}
				if costs := strings.Contains(log, `err="tserver: link is down: its state was not handled`); costs != c.costs {
					t.Errorf("it cost the connection: %v\n%s", costs, log)
				}
			})
		})
	}
}

// TestLogAfterState: who reads in the log that the link is up, or down, finds it so.
func TestLogAfterState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		end, logged := make(chan struct{}), 0
		s := &scripted{lasts: []time.Duration{time.Minute, time.Hour}, within: func(h tserver.Handler) {
			if len(order) == 2 {
				h.Link(false, tserver.ErrNoSwitch)
				h.Link(true, nil)
			}
		}}
		o := tserver.Options{OnState: func(s tserver.State) { order = append(order, fmt.Sprint("told ", s.Up)) }}
		s.logged = func(string) {
			order = append(order, "logged")
			if logged++; logged == 5 {
				close(end)
			}
		}
		log := s.run(t, o, end)
		want := "[told true logged told false logged told true logged told false logged told true logged told false]" // the last at Close
		if got := fmt.Sprint(order); got != want {
			t.Errorf("%s, want %s\n%s", got, want, log)
		}
	})
}

// TestOnStatePanicsAtTheEnd: nor does a panic at the last state, which Close waits for.
func TestOnStatePanicsAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		s := &scripted{lasts: []time.Duration{time.Hour}}
		log := s.run(t, tserver.Options{OnState: func(s tserver.State) {
			if s.Up {
				close(end)
			} else if errors.Is(s.Err, tserver.ErrClosed) {
				panic("a mistake of who is told")
			}
		}}, end)
		if !strings.Contains(log, `panic="a mistake of who is told"`) {
			t.Error(log)
		}
	})
}

// TestBackoffStartsSmall: the wait grows with each failure, and a connection that lasted
// for MaxBackoff begins it anew; a shorter one does not. Waits are random, up to a
// ceiling that is a nanosecond at first and a thousand hours in the end.
func TestBackoffStartsSmall(t *testing.T) {
	const most = 1000 * time.Hour
	for _, c := range []struct {
		lasted time.Duration
		small  bool
	}{{most, true}, {most - time.Second, false}} {
		t.Run(c.lasted.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				end, ups := make(chan struct{}), 0
				s := &scripted{failures: 70, lasts: []time.Duration{c.lasted, 10 * most}}
				log := s.run(t, tserver.Options{MinBackoff: time.Nanosecond, MaxBackoff: most, OnState: func(s tserver.State) {
					if s.Up {
						if ups++; ups == 2 {
							close(end)
						}
					}
				}}, end)
				var waits []string
				for _, line := range strings.Split(log, "\n") {
					if _, wait, ok := strings.Cut(line, "retry_in="); ok {
						waits = append(waits, wait)
					}
				}
				if len(waits) < 2 {
					t.Fatal(log)
				}
				wait, err := time.ParseDuration(waits[len(waits)-1])
				if err != nil {
					t.Fatal(err)
				}
				if small := wait < time.Microsecond; small != c.small {
					t.Errorf("after a connection of %s the link waited for %s", c.lasted, wait)
				}
			})
		})
	}
}
