package session

import (
	"slices"
	"testing"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// A request is held from the click on, till the relay lets it go; the relay's word on
// the window counts. What the relay has accepted, or queued, does not wait for a
// connection.
func TestHeld(t *testing.T) {
	now := up
	now.Undo = time.Minute
	for _, tt := range []struct {
		told []client.Event
		want []Outcome
	}{
		{nil, []Outcome{Held, Waiting, Held, Sending, Done}},
		{[]client.Event{{Kind: client.Accepted}}, []Outcome{Held, Accepted, Held, Accepted, Done}},
		{[]client.Event{{Kind: client.Accepted}, {Kind: client.Queued, Queued: frame.Queued{Reason: frame.QueuedBehind}}}, []Outcome{Held, Queued, Held, Queued, Done}},
	} {
		s, f, _ := start(t, now)
		heard, stop := listen(s)
		defer stop()
		e := s.Hold(number("1"), 5*time.Second)
		a := <-f.asked
		if e.Outcome != Held || e.Until != noon.Add(5*time.Second) || a.window != 5*time.Second || !e.UnderWay() || e.CanRetry() {
			t.Fatalf("%+v", e)
		}
		for _, event := range tt.told {
			a.told(event)
		}
		lost := f.Status()
		lost.State = client.Disconnected
		f.set(lost)
		if e := s.Entries()[0]; e.Outcome != tt.want[1] || e.Until.IsZero() {
			t.Errorf("disconnected: %+v", e)
		}
		lost.State = client.Connected
		f.set(lost)
		if e := s.Entries()[0]; e.Outcome != Held {
			t.Errorf("connected again: %+v", e)
		}
		a.told(client.Event{Kind: client.Released})
		if e := s.Entries()[0]; e.Outcome != tt.want[3] || !e.Until.IsZero() {
			t.Errorf("released: %+v", e)
		}
		a.end(nil, &commdn.DoNotCallProcessed{})
		var seen []Outcome
		for _, c := range heard.until(t, "the outcome", becomes(Done)) {
			if c.Kind == EntryChanged {
				seen = append(seen, c.Entry.Outcome)
			}
		}
		a.told(client.Event{Kind: client.Released}) // too late for anything
		for _, c := range heard.take() {
			seen = append(seen, c.Entry.Outcome)
		}
		if e := s.Entries()[0]; e.Outcome != Done {
			t.Errorf("%+v", e)
		}
		if seen = slices.Compact(seen); !slices.Equal(seen, tt.want) {
			t.Errorf("seen %v, want %v", seen, tt.want)
		}
	}
}

// A request of an earlier page goes on in its window, and Undo reaches it once its person
// is here.
func TestHeldEarlier(t *testing.T) {
	for _, tt := range []struct {
		name string
		most time.Duration // the window of the relay
		ago  time.Duration // since the click
		want Outcome
	}{
		{"in the window", time.Minute, 5 * time.Second, Held},
		{"after it", time.Minute, time.Minute, Accepted},
		{"the relay has none", 0, 5 * time.Second, Accepted},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, f, clock := start(t, client.Status{State: client.Disconnected})
			f.undoes = true
			from := client.Earlier{Request: number("1"), Subject: "ann", Asked: clock.now().Add(-tt.ago), Window: 20 * time.Second, Accepted: true}
			told, end := f.hand(from)
			e := s.Entries()[0]
			if e.Outcome != Accepted || e.Window != 20*time.Second {
				t.Fatalf("offline: %+v", e)
			}
			if s.Undo(e.ID); f.undone[0] == from.Request {
				t.Error("undone for nobody knows whom")
			}
			now := as("ann")
			now.Undo = tt.most
			f.set(now)
			if e = s.Entries()[0]; e.Outcome != tt.want {
				t.Errorf("connected: %+v", e)
			}
			if tt.want != Held {
				end(nil, processed)
				return
			}
			if s.Undo(e.ID); f.undone[1] != from.Request {
				t.Error("not undone")
			}
			told(client.Event{Kind: client.Released})
			if e = s.Entries()[0]; e.Outcome != Accepted || !e.Until.IsZero() {
				t.Errorf("released: %+v", e)
			}
			end(&frame.Refusal{Code: frame.RefusedUndone})
			await(t, "the outcome", func() bool { return s.Entries()[0].Outcome == Undone })
		})
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
