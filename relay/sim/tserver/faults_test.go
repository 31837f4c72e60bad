package tserver_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"commdn/relay/sim/faults"
	"commdn/relay/sim/scenario"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

func do(t testing.TB, s *simtserver.Server, f scenario.Fault) {
	t.Helper()
	if err := s.Do(f); err != nil {
		t.Fatal(err)
	}
}

// wantGarbage reads something that is no message.
func (c *client) wantGarbage() {
	c.t.Helper()
	m, err := c.in.ReadMessage()
	if limit := (*tlink.LimitError)(nil); !errors.As(err, &limit) {
		c.t.Errorf("got %s, %v; want bytes that are no message", m.Trace(), err)
	}
}

var unregistered = tlink.Message{ID: tlink.EventUnregistered, Attributes: dn(commDN)}

// A fault meets the clients that are meant and no other, at once or with a
// UserEvent, which they all still get.
func TestFaultOfOneClient(t *testing.T) {
	for _, test := range []struct {
		fault scenario.Fault
		shows func(meant *client)
	}{
		{scenario.Fault{Do: scenario.Close}, (*client).wantEnd},
		{scenario.Fault{Do: scenario.Garbage}, (*client).wantGarbage},
		{scenario.Fault{Do: scenario.Unregister}, func(meant *client) {
			meant.want(unregistered)
			meant.distribute(5, numbered(5))
			meant.want(refused(5, tserver.CodeNotRegistered, commDN))
			meant.register(6)
		}},
	} {
		for _, name := range []string{"at once", "with a UserEvent"} {
			t.Run(string(test.fault.Do)+" "+name, func(t *testing.T) {
				set := faults.New(1)
				s := start(t, simtserver.Options{Faults: set})
				meant, other := registered(t, s, "meant"), registered(t, s, "other")
				test.fault.Application = "meant"
				if name == "at once" {
					do(t, s, test.fault)
				} else {
					test.fault.After = 2
					set.Add(test.fault)
					other.alive()
					other.alive()
					meant.want(userEvent(numbered(99)))
					meant.want(userEvent(numbered(99)))
				}
				test.shows(meant)
				other.alive()
				if left := set.All(); len(left) != 0 {
					t.Errorf("still set: %+v", left)
				}
			})
		}
	}
}

// Without an application all clients are meant, those that have not said their
// name too.
func TestFaultOfAllClients(t *testing.T) {
	s := start(t, simtserver.Options{})
	clients := []*client{registered(t, s, "a"), registered(t, s, "b"), connected(t, s, "c")}
	clients[2].want(linkConnected)
	do(t, s, scenario.Fault{Do: scenario.Close})
	for _, c := range clients {
		c.wantEnd()
	}
	do(t, s, scenario.Fault{Do: scenario.Close}) // nobody is left to be meant
	registered(t, s, "a").alive()
}

// With the third UserEvent the sender's connection is closed: it learns that
// the third was taken, and what it had sent after that is not distributed.
func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	set := faults.New(1)
	set.Add(scenario.Fault{Do: scenario.Close, Application: "sender", After: 3})
	s := start(t, simtserver.Options{Faults: set})
	sender, other := registered(t, s, "sender"), registered(t, s, "other")
	var all []tlink.Message
	for n := range uint32(6) {
		all = append(all, tlink.Message{ID: tlink.RequestDistributeUserEvent, Reference: n, Attributes: dn(commDN), UserData: numbered(int(n))})
	}
	sender.send(all...)
	for n := range 3 {
		sender.want(ack(uint32(n)))
		sender.want(userEvent(numbered(n)))
		other.want(userEvent(numbered(n)))
	}
	sender.wantEnd()
	other.alive()
}

func TestFaultRepeats(t *testing.T) {
	set := faults.New(1)
	set.Add(scenario.Fault{Do: scenario.Unregister, Application: "meant", After: 2, Times: 2})
	s := start(t, simtserver.Options{Faults: set})
	meant, other := registered(t, s, "meant"), registered(t, s, "other")
	for n := range 6 {
		other.alive()
		meant.want(userEvent(numbered(99)))
		if n == 1 || n == 3 {
			meant.want(unregistered)
			meant.register(uint32(10 + n))
		}
	}
}

func TestStall(t *testing.T) {
	const long = 200 * time.Millisecond
	s := start(t, simtserver.Options{})
	meant, other := registered(t, s, "meant"), registered(t, s, "other")
	var began time.Time
	stall := func() {
		t.Helper()
		began = time.Now()
		do(t, s, scenario.Fault{Do: scenario.Stall, Application: "meant", For: long})
		do(t, s, scenario.Fault{Do: scenario.Stall, Application: "meant", For: time.Millisecond}) // makes it no shorter
	}
	late := func(c *client, want tlink.Message) {
		t.Helper()
		c.want(want)
		if after := time.Since(began); after < long {
			t.Errorf("%s came after %s of a stall of %s", want.Trace(), after, long)
		}
	}
	// What it is to get is not written,
	stall()
	other.alive()
	late(meant, userEvent(numbered(99)))
	// and what it sends is not read.
	stall()
	meant.distribute(3, numbered(3))
	late(other, userEvent(numbered(3)))
	meant.want(ack(3))
	meant.want(userEvent(numbered(3)))
	meant.alive()
}

// While one client stalls for longer than the test may take the other goes on,
// and the queue of the one is bounded; Close does not wait for it.
func TestStallOfOneClient(t *testing.T) {
	const queue = 16
	s := start(t, simtserver.Options{Queue: queue})
	meant, other := registered(t, s, "meant"), registered(t, s, "other")
	stalls := registered(t, s, "until Close")
	do(t, s, scenario.Fault{Do: scenario.Stall, Application: "meant", For: 2 * patience})
	for range queue + 1 {
		other.alive()
		stalls.want(userEvent(numbered(99)))
	}
	meant.wantEnd()
	do(t, s, scenario.Fault{Do: scenario.Stall, Application: "until Close", For: 2 * patience})
	other.alive()
	stalls.distribute(3, nil)
	s.Close()
	stalls.wantEnd()
}

func TestLinkDown(t *testing.T) {
	const long = 100 * time.Millisecond
	s := start(t, simtserver.Options{})
	c := registered(t, s, "test")
	for _, test := range []struct {
		name  string
		lose  scenario.Fault
		back  func()
		least time.Duration // until the link is back
	}{
		{"for a time", scenario.Fault{Do: scenario.LinkDown, For: long}, func() {}, long},
		{"until LinkUp", scenario.Fault{Do: scenario.LinkDown}, func() { do(t, s, scenario.Fault{Do: scenario.LinkUp}) }, 0},
		{"until told before its time", scenario.Fault{Do: scenario.LinkDown, For: 2 * patience}, func() { s.SetLink(true) }, 0},
		{"until its new time", scenario.Fault{Do: scenario.LinkDown, For: 2 * patience}, func() {
			do(t, s, scenario.Fault{Do: scenario.LinkDown, For: long})
		}, long},
	} {
		t.Run(test.name, func(t *testing.T) {
			c.t = t
			began := time.Now()
			do(t, s, test.lose)
			c.want(linkDisconnected)
			test.back()
			c.want(linkConnected)
			if after := time.Since(began); after < test.least {
				t.Errorf("back after %s, want %s at least", after, test.least)
			}
			c.alive()
		})
	}
	c.t = t
	do(t, s, scenario.Fault{Do: scenario.LinkDown, For: 2 * patience})
	c.want(linkDisconnected)
	c.distribute(3, numbered(1))
	c.want(refused(3, tserver.CodeNoSwitch, commDN))
	s.Close() // does not wait for the link
}

// A link that is lost again stays lost when the time of the first loss is over:
// for its new time, or until it is told.
func TestLinkDownAgain(t *testing.T) {
	const short, long = 200 * time.Millisecond, 500 * time.Millisecond
	for _, again := range []time.Duration{long, 0} {
		for {
			s := start(t, simtserver.Options{})
			c := registered(t, s, "test")
			began := time.Now()
			do(t, s, scenario.Fault{Do: scenario.LinkDown, For: short})
			do(t, s, scenario.Fault{Do: scenario.LinkDown, For: again})
			if time.Since(began) >= short {
				continue // the machine was too busy, and the link was back in between
			}
			c.want(linkDisconnected)
			if again == 0 {
				c.wantNothing(began.Add(2 * short))
				break
			}
			c.want(linkConnected)
			if after := time.Since(began); after < again {
				t.Errorf("back after %s, want %s at least", after, again)
			}
			break
		}
	}
}

// With the second UserEvent primary and backup change places, and with the
// third, which is the first of the new primary, they do again.
func TestSwitchoverAsFault(t *testing.T) {
	set := faults.New(1)
	set.Add(scenario.Fault{Do: scenario.Switchover, After: 2})
	a, b := startPair(t, simtserver.Options{Faults: set})
	atA, atB := registered(t, a, "a"), backedUp(t, b, "b")
	atA.alive()
	atA.alive()
	atA.want(primaryChanged)
	atA.wantText(tlink.EventLinkDisconnected, "backup")
	atB.want(linkConnected)
	set.Add(scenario.Fault{Do: scenario.Switchover})
	atB.register(3)
	atB.alive()
	atB.want(primaryChanged)
	atA.want(linkConnected)
	do(t, a, scenario.Fault{Do: scenario.Switchover})
	do(t, a, scenario.Fault{Do: scenario.Switchover})
	atA.want(primaryChanged)
	atA.wantText(tlink.EventLinkDisconnected, "backup")
	atA.want(linkConnected)
	atA.alive()
}

func TestFaultRefused(t *testing.T) {
	var written log
	set := faults.New(1)
	s := start(t, simtserver.Options{Faults: set, Log: slog.New(slog.NewTextHandler(&written, nil))})
	c := registered(t, s, "test")
	closed := start(t, simtserver.Options{})
	closed.Close()
	for _, test := range []struct {
		name   string
		server *simtserver.Server
		fault  scenario.Fault
		want   string
	}{
		{"of OCS", s, scenario.Fault{Do: scenario.Silence}, `fault "silence" is none of T-Server`},
		{"of nobody", s, scenario.Fault{}, `fault "" is none of T-Server`},
		{"stall without a time", s, scenario.Fault{Do: scenario.Stall}, "fault stall for 0s; give a time above 0"},
		{"negative time", s, scenario.Fault{Do: scenario.LinkDown, For: -time.Second}, "fault link_down for -1s; give a time above 0"},
		{"link of one client", s, scenario.Fault{Do: scenario.LinkDown, Application: "test"}, "fault link_down means all clients"},
		{"switchover of one client", s, scenario.Fault{Do: scenario.Switchover, Application: "test"}, "fault switchover means all clients"},
		{"unknown application", s, scenario.Fault{Do: scenario.Close, Application: "tset"}, `no client of the application "tset" is connected`},
		{"switchover without backup", s, scenario.Fault{Do: scenario.Switchover}, "has no backup to switch over to"},
		{"closed", closed, scenario.Fault{Do: scenario.LinkDown}, "is closed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.server.Do(test.fault)
			if err == nil || !strings.HasPrefix(err.Error(), "sim/tserver: ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
	// One that falls due and cannot happen goes into the log and harms nothing.
	set.Add(scenario.Fault{Do: scenario.Switchover})
	set.Add(scenario.Fault{Do: scenario.Stall})
	c.alive()
	c.alive()
	for _, want := range []string{"has no backup", "fault stall for 0s"} {
		if n := strings.Count(written.String(), want); n != 1 {
			t.Errorf("the log says %q %d times:\n%s", want, n, written.String())
		}
	}
}
