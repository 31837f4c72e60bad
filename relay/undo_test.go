package relay

import (
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/internal/defaults"
)

// mostHeld is the window of a relay that was not told otherwise, in milliseconds.
const mostHeld = int(defaults.Undo / time.Millisecond)

// hold asks for a do-not-call that can be undone, and reads that it is held; it gives its key.
func (c *peer) hold(number uint32, phone string, window int, before ...frame.Kind) (key string) {
	c.t.Helper()
	key = newKey()
	c.send(frame.Frame{Kind: frame.KindRequest, Number: number, Body: frame.Request{Key: key, Data: dnc(phone), Undo: window}.Body()})
	for _, kind := range before {
		if f := c.settled(); f.Kind != kind || f.Number != number {
			c.t.Fatalf("got %v %d, want %v", f.Kind, f.Number, kind)
		}
	}
	if left := c.held(number); left <= 0 || left > min(window, mostHeld) {
		c.t.Fatalf("held for %d ms of %d", left, window)
	}
	return key
}

// held reads that a request is held, or with 0 that it is no longer.
func (c *peer) held(number uint32) int {
	c.t.Helper()
	f := c.settled()
	if f.Kind != frame.KindHeld || f.Number != number {
		c.t.Fatalf("got %v %d %v, want held", f.Kind, f.Number, f.Body)
	}
	return frame.ReadHeld(f.Body).Left
}

func (c *peer) undo(number uint32, key string) {
	c.t.Helper()
	c.send(frame.Frame{Kind: frame.KindUndo, Number: number, Body: frame.Request{Key: key}.Body()})
}

// A click is taken back in its window, and OCS hears nothing; another one is not, and
// goes out although its session has gone.
func TestUndo(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), nil)
	c := r.session()
	if got := c.welcome.UndoMillis; got != mostHeld {
		t.Errorf("the longest window is %d ms", got)
	}
	key := c.hold(1, "5550100001", 3_600_000)
	c.undo(1, key)
	c.refused(1, frame.RefusedUndone)
	c.undo(1, key) // it is no more
	c.ping()
	c.hold(2, "5550100002", 300)
	r.leave(c) // the tab is closed
	r.until("the other number is on the list", func() bool { return listed(r.sim, "5550100002") })
	if listed(r.sim, "5550100001") {
		t.Error("what was undone is on the list")
	}
	if log := r.log.String(); strings.Contains(log, "5550100001") || !strings.Contains(log, "msg=undone") {
		t.Errorf("the log: %s", log)
	}
}

// The window ends: the relay says so, and undo is too late.
func TestWindowEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), nil)
	c := r.session()
	key := c.hold(1, "5550100001", 50)
	if left := c.held(1); left != 0 {
		t.Errorf("%d ms are left", left)
	}
	c.undo(1, key)
	c.message(c.settled(), frame.KindOutcome, 1)
	// No campaign control can be undone, and a relay may have no window.
	c.send(frame.Frame{Kind: frame.KindRequest, Number: 2, Body: frame.Request{
		Key: newKey(), Data: (&commdn.StopDialing{CampaignGroup: autumn}).UserData(), Undo: 1000,
	}.Body()})
	c.refused(2, frame.RefusedInvalid, "undo_ms")
	settings := r.srv.opts.Settings
	settings.Limits.Undo = -1
	if err := r.srv.Reload(settings); err != nil {
		t.Fatal(err)
	}
	if f := c.next(); f.Kind != frame.KindLimits || frame.ReadLimits(f.Body).UndoMillis != 0 {
		t.Fatalf("got %v %v", f.Kind, f.Body)
	}
	c.readDirectory()
	c.send(frame.Frame{Kind: frame.KindRequest, Number: 3, Body: frame.Request{Key: newKey(), Data: dnc("5550100003"), Undo: 1000}.Body()})
	if left := c.held(3); left != 0 {
		t.Errorf("%d ms are left", left)
	}
	c.message(c.settled(), frame.KindOutcome, 3)
}

// Only who clicked can undo, from whatever connection; all of theirs hear it.
func TestUndoFromAnotherConnection(t *testing.T) {
	t.Parallel()
	for name, withIt := range map[string]bool{"journal": true, "memory": false} {
		t.Run(name, func(t *testing.T) {
			var before []frame.Kind
			change := func(o *Options) { o.Auth = auth.NewDevelopment() }
			if withIt {
				change, _ = withJournal(t, t.TempDir())
				before = []frame.Kind{frame.KindAccepted}
			}
			r := newRig(t, installation(connectedOCS(201)), change)
			first := r.sessionOf("agent=Ann")
			key := first.hold(1, "5550100001", mostHeld, before...)
			ben := r.sessionOf("agent=Ben")
			ben.undo(1, key)
			ben.ping()
			again := r.resume("agent=Ann", frame.Resume{Key: key, Number: 7})
			for _, kind := range before {
				if f := again.settled(); f.Kind != kind {
					t.Fatalf("got %v", f.Kind)
				}
			}
			if left := again.held(7); left <= 0 {
				t.Errorf("%d ms are left", left)
			}
			again.undo(7, key)
			again.refused(7, frame.RefusedUndone)
			first.refused(1, frame.RefusedUndone)
			r.resume("agent=Ann", frame.Resume{Key: key, Number: 8}).refused(8, frame.RefusedUndone)
			if len(r.sim.DNC()) != 0 {
				t.Error("it is on the list")
			}
		})
	}
}
