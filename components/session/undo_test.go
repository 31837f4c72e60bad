package session

import (
	"testing"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// A request is held from the click on, till the relay lets it go; the relay's word on
// the window counts.
func TestHeld(t *testing.T) {
	now := up
	now.Undo = time.Minute
	s, f, _ := start(t, now)
	var seen []Outcome
	s.Watch(func(c Change) {
		if c.Kind == EntryChanged {
			seen = append(seen, c.Entry.Outcome)
		}
	})
	e := s.Hold(number("1"), 5*time.Second)
	a := <-f.asked
	if e.Outcome != Held || e.Until != noon.Add(5*time.Second) || a.window != 5*time.Second || !e.UnderWay() || e.CanRetry() {
		t.Fatalf("%+v", e)
	}
	a.told(client.Event{Kind: client.Accepted})
	lost := f.Status()
	lost.State = client.Disconnected
	f.set(lost)
	if e := s.Entries()[0]; e.Outcome != Waiting || e.Until.IsZero() {
		t.Errorf("disconnected: %+v", e)
	}
	lost.State = client.Connected
	f.set(lost)
	if e := s.Entries()[0]; e.Outcome != Held {
		t.Errorf("connected again: %+v", e)
	}
	a.told(client.Event{Kind: client.Released})
	if e := s.Entries()[0]; e.Outcome != Sending || !e.Until.IsZero() {
		t.Errorf("released: %+v", e)
	}
	a.end(nil, &commdn.DoNotCallProcessed{})
	await(t, "the outcome", func() bool { return s.Entries()[0].Outcome == Done })
	a.told(client.Event{Kind: client.Released}) // too late for anything
	if e := s.Entries()[0]; e.Outcome != Done {
		t.Errorf("%+v", e)
	}
	want := []Outcome{Held, Waiting, Held, Sending, Done}
	if len(seen) != len(want) {
		t.Fatalf("seen %v", seen)
	}
	for i := range want {
		if seen[i] != want[i] {
			t.Errorf("seen %v, want %v", seen, want)
		}
	}
}

// Undo asks for the very request.
func TestUndo(t *testing.T) {
	s, f, _ := start(t, up)
	f.undoes = true
	plain, held := s.Send(number("1")), s.Hold(number("2"), time.Second)
	all := map[commdn.Request]*asked{}
	for range 2 {
		a := <-f.asked
		all[a.req] = a
	}
	s.Undo(99)
	if !s.Undo(held.ID) || len(f.undone) != 2 || f.undone[0] != nil || f.undone[1] != held.Req {
		t.Fatalf("asked for %v", f.undone)
	}
	all[held.Req].end(&frame.Refusal{Code: frame.RefusedUndone})
	await(t, "the outcome", func() bool { return s.Entries()[0].Outcome == Undone })
	if e := s.Entries()[0]; e.OK() || e.CanRetry() || e.UnderWay() {
		t.Errorf("%+v", e)
	}
	f.undoes = false
	if s.Undo(held.ID) {
		t.Error("undone twice")
	}
	all[plain.Req].end(nil)
	await(t, "the outcome", func() bool { return s.Entries()[1].Outcome == Done })
}

// A relay that has no window, and was not known at the click, has sent it by now.
func TestWindowNotKnown(t *testing.T) {
	away := up
	away.State = client.Disconnected
	for most, want := range map[time.Duration]Outcome{0: Sending, time.Minute: Held} {
		s, f, _ := start(t, away)
		e := s.Hold(number("1"), 5*time.Second)
		if e.Outcome != Waiting || e.Until.IsZero() {
			t.Errorf("%+v", e)
		}
		now := up
		now.Undo = most
		f.set(now)
		if e := s.Entries()[0]; e.Outcome != want || e.Until.IsZero() == (want == Held) {
			t.Errorf("connected: %+v", e)
		}
		(<-f.asked).end(nil)
		await(t, "the outcome", func() bool { return s.Entries()[0].Outcome == Done })
	}
}

// A relay that is known has the last word on the window; one that is not yet, later.
func TestLongestWindow(t *testing.T) {
	for _, tt := range []struct {
		session string
		most    time.Duration
		want    time.Duration
	}{{"", 0, time.Minute}, {"s", 0, 0}, {"s", 3 * time.Second, 3 * time.Second}, {"s", time.Hour, time.Minute}} {
		status := up
		status.Session, status.Undo = tt.session, tt.most
		s, f, _ := start(t, status)
		e := s.Hold(number("1"), time.Minute)
		a := <-f.asked
		if e.Window != tt.want || a.window != tt.want || e.Until.IsZero() != (tt.want == 0) {
			t.Errorf("%+v: %s, asked for %s", tt, e.Window, a.window)
		}
		a.end(nil)
		await(t, "the outcome", func() bool { return s.Entries()[0].Outcome == Done })
	}
}
