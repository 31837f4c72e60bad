package linktest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"commdn/protocol/tkvlist"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver"
)

const (
	commDN   = "CommDN_1"
	secondDN = "CommDN_2"
	// patience bounds every wait; none should last that long.
	patience = 30 * time.Second
)

// rig is a system under test with the T-Servers behind it.
type rig struct {
	t         *testing.T // its end is the end of the T-Servers
	target    Target
	limit     int // T-Server's limit of user data, in bytes
	primary   *simtserver.Server
	backup    *simtserver.Server // nil: none
	addresses []string           // of the system
}

func start(t *testing.T, target Target, limit int, pair bool) *rig {
	t.Helper()
	r := &rig{t: t, target: target, limit: limit}
	r.primary = r.tserver(t, simtserver.Options{})
	r.addresses = []string{r.primary.Addr()}
	if pair {
		r.backup = r.tserver(t, simtserver.Options{Backup: true})
		r.addresses = append(r.addresses, r.backup.Addr())
		if err := simtserver.Pair(r.primary, r.backup); err != nil {
			t.Fatal(err)
		}
	}
	if target.Start != nil {
		r.addresses = target.Start(t, r.addresses)
	}
	return r
}

func (r *rig) tserver(t *testing.T, o simtserver.Options) *simtserver.Server {
	t.Helper()
	o.CommDNs, o.MaxUserData = []string{commDN, secondDN}, r.limit
	s, err := simtserver.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	r.t.Cleanup(func() { s.Close() })
	return s
}

// until waits for a condition.
func (r *rig) until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for late := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("not so within %s: %s", patience, what)
		}
	}
}

// applications returns the applications of all clients of T-Server.
func (r *rig) applications() (all []string) {
	for _, s := range []*simtserver.Server{r.primary, r.backup} {
		if s == nil {
			continue
		}
		for _, c := range s.State().Clients {
			all = append(all, c.Application)
		}
	}
	return all
}

// link is a standing link over the system, as the relay has it.
type link struct {
	*tserver.Link
	events chan tkvlist.List
	states chan tserver.State
}

// open opens a link. It need not come up.
func (r *rig) open(t *testing.T, change ...func(*tserver.Options)) *link {
	t.Helper()
	l := &link{events: make(chan tkvlist.List, 1024), states: make(chan tserver.State, 1024)}
	o := tserver.Options{
		Driver: r.target.Driver, Servers: r.addresses, CommDN: commDN, Application: "link",
		OnUserEvent: func(u tkvlist.List) { l.events <- u },
		OnState:     func(s tserver.State) { l.states <- s },
		MinBackoff:  20 * time.Millisecond, MaxBackoff: 500 * time.Millisecond,
	}
	for _, c := range change {
		c(&o)
	}
	var err error
	if l.Link, err = tserver.New(o); err != nil {
		t.Fatal(err)
	}
	l.Start()
	t.Cleanup(func() { l.Close() })
	return l
}

// wait waits until the link has been up, or down.
func (l *link) wait(t *testing.T, up bool) tserver.State {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case s := <-l.states:
			if s.Up == up {
				return s
			}
		case <-late:
			t.Fatalf("link was never up=%v, now %+v", up, l.State())
		}
	}
}

// works sends until an event comes through in time, and returns that event's number.
func (l *link) works(t *testing.T) int32 {
	t.Helper()
	for n := int32(1); ; n++ {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		err := l.SendUserEvent(ctx, numbered(n))
		cancel()
		if err == nil {
			l.hears(t, n)
			return n
		}
		if time.Sleep(20 * time.Millisecond); n > int32(patience/(20*time.Millisecond)) {
			t.Fatalf("link does not work: %v", err)
		}
	}
}

// hears waits for the event with a number.
func (l *link) hears(t *testing.T, n int32) {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case u := <-l.events:
			if got, _ := u.Int("n"); got == n {
				return
			}
		case <-late:
			t.Fatalf("event %d did not come", n)
		}
	}
}

func numbered(n int32) tkvlist.List { return tkvlist.List{{Key: "n", Value: tkvlist.Int(n)}} }

// describe shows user data in an error, without pages of it.
func describe(l tkvlist.List) string {
	if l == nil {
		return "none"
	}
	s := fmt.Sprintf("%d pairs %+q", len(l), fmt.Sprint(l))
	if len(s) > 300 {
		s = s[:300] + "…"
	}
	return s
}
