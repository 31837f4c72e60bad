package relay

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/desk"
	"commdn/relay/internal/defaults"
	"commdn/relay/journal"
	"commdn/relay/sim"
)

// withJournal gives a relay a journal in a folder.
func withJournal(t *testing.T, folder string) (change func(*Options), end func()) {
	t.Helper()
	j, err := journal.Open(journal.Options{Folder: folder, InFlight: 16, Keep: time.Hour, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	return func(o *Options) {
		o.Auth, o.Journal, o.Retry = auth.NewDevelopment(), j, desk.Retry{Attempts: 3, Min: time.Millisecond, Max: time.Millisecond}
	}, j.Close
}

// A do-not-call that comes while the link is down is accepted, and says since when it
// waits. The next relay sends it, and whoever comes back with its key hears the outcome.
func TestAcceptedWithoutLink(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	change, end := withJournal(t, folder)
	away := newRelay(t, "127.0.0.1:1", func(o *Options) { // nobody listens there
		change(o)
		o.Links[0].OCS = []commdn.DBID{201}
	})
	c := away.sessionOf("agent,supervisor=Ann")
	key := newKey()
	c.send(frame.Frame{Kind: frame.KindRequest, Number: 1, Body: frame.Request{Key: key, Data: dnc("5550100001")}.Body()})
	if f := c.next(); f.Kind != frame.KindAccepted || f.Number != 1 {
		t.Fatalf("got %v %d", f.Kind, f.Number)
	}
	f, err := c.read()
	if err != nil {
		t.Fatal(err)
	}
	if q := frame.ReadQueued(f.Body); f.Kind != frame.KindQueued || q.Reason != frame.QueuedLinkDown || q.Since == 0 {
		t.Fatalf("got %v %+v", f.Kind, q)
	}
	c.request(2, (&commdn.StopDialing{CampaignGroup: autumn}).UserData())
	c.refused(2, frame.RefusedLinkDown)
	began := time.Now()
	if err := away.stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took >= defaults.DrainTimeout {
		t.Errorf("what waits in the journal held up the end for %s", took)
	}
	end()

	change, _ = withJournal(t, folder)
	r := newRig(t, installation(connectedOCS(201)), change)
	after := r.resume("agent,supervisor=Ann", frame.Resume{Key: key, Number: 7})
	f = after.settled()
	if f.Kind == frame.KindAccepted { // it came before the outcome
		f = after.settled()
	}
	after.message(f, frame.KindOutcome, 7)
	r.until("the number is on the list", func() bool { return listed(r.sim, "5550100001") })
	r.resume("agent,supervisor=Ben", frame.Resume{Key: key, Number: 3}).refused(3, frame.RefusedUnknownKey)
}

// What T-Server cannot take is refused at once, with T-Server's words, also where there is
// a journal, and nothing of it is left there.
func TestEventRefusedWithJournal(t *testing.T) {
	t.Parallel()
	change, _ := withJournal(t, t.TempDir())
	sc := installation(connectedOCS(201))
	sc.TServer.MaxUserData = 40
	r := newRig(t, sc, change)
	c := r.sessionOf("agent,supervisor=Ann")
	c.send(frame.Frame{Kind: frame.KindRequest, Number: 1, Body: frame.Request{Key: newKey(), Data: dnc("5550100001")}.Body()})
	if f := c.next(); f.Kind != frame.KindAccepted {
		t.Fatalf("got %v", f.Kind)
	}
	c.refused(1, frame.RefusedTServer, "RequestDistributeUserEvent refused with error 53", "40 bytes")
	if text := r.log.String(); strings.Contains(text, "tried again") || strings.Contains(text, "put the request aside") {
		t.Error(text)
	}
}

func listed(s *sim.Sim, phone string) bool {
	for _, e := range s.DNC() {
		if e.Phone == phone {
			return true
		}
	}
	return false
}
