package tserver_test

import (
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"

	"commdn/relay/sim/faults"
	"commdn/relay/sim/scenario"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

var (
	primaryChanged   = tlink.Message{ID: tlink.EventPrimaryChanged}
	linkConnected    = tlink.Message{ID: tlink.EventLinkConnected}
	linkDisconnected = tlink.Message{ID: tlink.EventLinkDisconnected}
)

func startPair(t testing.TB, o simtserver.Options) (primary, backup *simtserver.Server) {
	t.Helper()
	primary = start(t, o)
	o.Backup = true
	backup = start(t, o)
	if err := simtserver.Pair(primary, backup); err != nil {
		t.Fatal(err)
	}
	return primary, backup
}

// backedUp is a client of a backup.
func backedUp(t testing.TB, s *simtserver.Server, application string) *client {
	t.Helper()
	c := connected(t, s, application)
	c.wantText(tlink.EventLinkDisconnected, "backup")
	return c
}

// wantBackup says that the client's server does nothing, as a backup.
func (c *client) wantBackup() {
	c.t.Helper()
	c.send(tlink.Message{ID: tlink.RequestRegisterAddress, Reference: 97, Attributes: dn(commDN)})
	c.want(refused(97, tserver.CodeNoSwitch, commDN))
	c.distribute(98, numbered(1))
	c.want(refused(98, tserver.CodeNoSwitch, commDN))
}

func TestBackup(t *testing.T) {
	s := start(t, simtserver.Options{Backup: true})
	c := backedUp(t, s, "test")
	c.wantBackup()
	s.SetLink(false)
	s.SetLink(true)
	c.wantBackup() // and it was told nothing
	if err := s.Switchover(); err == nil {
		t.Error("a backup without a primary switched over")
	}
	if state := s.State(); !state.Backup || !state.LinkUp {
		t.Errorf("state %+v", state)
	}
}

func TestSwitchover(t *testing.T) {
	a, b := startPair(t, simtserver.Options{})
	atA, atB := registered(t, a, "a"), backedUp(t, b, "b")
	atA.alive()
	if a.State().Backup || !b.State().Backup {
		t.Fatalf("primary %+v, backup %+v", a.State(), b.State())
	}
	if err := a.Switchover(); err != nil {
		t.Fatal(err)
	}
	atA.want(primaryChanged)
	atA.wantText(tlink.EventLinkDisconnected, "backup")
	atB.want(linkConnected)
	if !a.State().Backup || b.State().Backup {
		t.Fatalf("old primary %+v, new primary %+v", a.State(), b.State())
	}
	atA.wantBackup()
	atB.register(3)
	atB.alive()
	// And back, asked for at the same server, the backup now; the registration
	// of the old primary's client has survived.
	if err := a.Switchover(); err != nil {
		t.Fatal(err)
	}
	atB.want(primaryChanged)
	atB.wantText(tlink.EventLinkDisconnected, "backup")
	atA.want(linkConnected)
	atB.wantBackup()
	atA.alive()
}

// A new primary that has no link to its switch has none for its clients either.
func TestSwitchoverToALostLink(t *testing.T) {
	a, b := startPair(t, simtserver.Options{})
	atB := backedUp(t, b, "b")
	b.SetLink(false)
	if err := b.Switchover(); err != nil {
		t.Fatal(err)
	}
	atB.wantBackup() // refused, and told of no link
	b.SetLink(true)
	atB.want(linkConnected)
	atB.register(3)
	atB.alive()
	if state := a.State(); !state.Backup {
		t.Errorf("state %+v", state)
	}
}

func TestPrimaryCloses(t *testing.T) {
	a, b := startPair(t, simtserver.Options{})
	atB := backedUp(t, b, "b")
	a.Close()
	atB.want(linkConnected)
	atB.register(3)
	atB.alive()
	if err := b.Switchover(); err == nil || !strings.Contains(err.Error(), "has no backup") {
		t.Errorf("switchover to a closed backup: %v", err)
	}
	if err := a.Switchover(); err == nil {
		t.Error("a closed T-Server switched over")
	}
	atB.alive()
	// With a new partner there is a pair again.
	a = start(t, simtserver.Options{Backup: true})
	if err := simtserver.Pair(b, a); err != nil {
		t.Fatal(err)
	}
	atA := backedUp(t, a, "a")
	if err := a.Switchover(); err != nil {
		t.Fatal(err)
	}
	atA.want(linkConnected)
	// A backup that closes changes nothing.
	b.Close()
	atA.register(3)
	atA.alive()
}

func TestPairRefused(t *testing.T) {
	a, b := startPair(t, simtserver.Options{})
	alone, spare := start(t, simtserver.Options{}), start(t, simtserver.Options{Backup: true})
	closed := start(t, simtserver.Options{Backup: true})
	closed.Close()
	for _, test := range []struct {
		name            string
		primary, backup *simtserver.Server
		want            string
	}{
		{"one server", alone, alone, "of two T-Servers"},
		{"two primaries", alone, a, "one of a pair already"},
		{"two primaries, none paired", alone, start(t, simtserver.Options{}), "is no backup"},
		{"two backups", spare, start(t, simtserver.Options{Backup: true}), "is a backup; give the primary"},
		{"taken primary", a, spare, "one of a pair already"},
		{"taken backup", alone, b, "one of a pair already"},
		{"closed", alone, closed, "is closed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := simtserver.Pair(test.primary, test.backup); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
	if err := alone.Switchover(); err == nil || !strings.Contains(err.Error(), "has no backup") {
		t.Errorf("switchover without a pair: %v", err)
	}
	// None of it has left a trace.
	if err := simtserver.Pair(alone, spare); err != nil {
		t.Error(err)
	}
	if err := a.Switchover(); err != nil {
		t.Error(err)
	}
}

// Whoever asks, and by whatever way, one ceases to be the primary before the
// other becomes it.
func TestNeverTwoPrimaries(t *testing.T) {
	const rounds = 200
	var written log
	set := faults.New(1)
	a, b := startPair(t, simtserver.Options{
		Faults: set, Queue: 100 * rounds, Log: slog.New(slog.NewTextHandler(&written, nil)),
	})
	atA, atB := registered(t, a, "a"), backedUp(t, b, "b")
	set.Add(scenario.Fault{Do: scenario.Switchover, Times: rounds})
	var asking sync.WaitGroup
	for _, s := range []*simtserver.Server{a, b, a, b} {
		asking.Go(func() {
			for range rounds {
				for s.Switchover() != nil { // another is under way
					runtime.Gosched()
				}
			}
		})
	}
	// The clients' UserEvents make the fault happen, as often as their server is
	// the primary. Every request has its answer.
	for _, c := range []*client{atA, atB} {
		asking.Go(func() {
			for n := uint32(1); n <= rounds; n++ {
				c.send(tlink.Message{ID: tlink.RequestRegisterAddress, Reference: n, Attributes: dn(commDN)})
				c.distribute(n, nil)
			}
		})
		asking.Go(func() {
			for answers := 0; answers < 2*rounds; {
				m, err := c.in.ReadMessage()
				if err != nil {
					t.Error(err)
					return
				}
				if m.Reference != 0 {
					answers++
				}
			}
		})
	}
	asking.Wait()
	// An answer can come before its server has done all else; one to a later
	// request says that it has.
	for _, c := range []*client{atA, atB} {
		c.send(tlink.Message{ID: 255, Reference: 9999})
		for c.read().Reference != 9999 {
		}
	}
	if a.State().Backup == b.State().Backup {
		t.Errorf("at the end %+v and %+v", a.State(), b.State())
	}
	changes := 0
	for line := range strings.Lines(written.String()) {
		if !strings.Contains(line, " now") {
			continue
		}
		if want := []string{"is the backup now", "is the primary now"}[changes%2]; !strings.Contains(line, want) {
			t.Fatalf("change %d is %q, want %q", changes, line, want)
		}
		changes++
	}
	if least := 2 * 4 * rounds; changes < least || changes%2 != 0 {
		t.Errorf("%d changes", changes)
	}
}
