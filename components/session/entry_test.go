package session

import (
	"context"
	"errors"
	"testing"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

func number(phone string) *commdn.DoNotCall { return &commdn.DoNotCall{Phone: phone} }

var (
	processed = &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201}}
	fault     = &commdn.Fault{Address: commdn.Address{Origin: 202}, Code: commdn.ErrorInvalidParameter, Message: "bad phone"}
)

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		err     error
		answers []commdn.Message
		want    Outcome
		ok      bool
		retry   bool
	}{
		{nil, []commdn.Message{processed}, Done, true, false},
		{nil, []commdn.Message{&commdn.RecordCanceled{}}, Done, true, false},
		{nil, []commdn.Message{&commdn.RecordCanceled{}, &commdn.RecordCanceled{Message: commdn.IncompleteMessage}}, Incomplete, true, true},
		{fault, []commdn.Message{processed, fault}, Refused, false, true},
		{&frame.Refusal{Code: frame.RefusedNoAnswer}, nil, NoAnswer, false, true},
		{&frame.Refusal{Code: frame.RefusedForbidden}, nil, NotSent, false, true},
		{&client.NoAnswerError{Sent: true, Err: client.ErrTimeout}, nil, NoAnswer, false, true},
		{&client.NoAnswerError{Err: client.ErrClosed}, nil, NotSent, false, true},
		{client.ErrBusy, nil, NotSent, false, true},
		{&commdn.FieldError{Key: commdn.KeyPhone}, nil, NotSent, false, true},
		{errors.New("anything else"), nil, NotSent, false, true},
	} {
		s, f, clock := start(t, up)
		h, stop := listen(s)
		e := s.Send(number("5551234567"))
		if e.Outcome != Sending || !e.UnderWay() || e.CanRetry() || e.OK() || e.ID != 1 || !e.Asked.Equal(noon) {
			t.Fatalf("begins as %+v", e)
		}
		a := <-f.asked
		clock.advance(3 * time.Second)
		a.end(c.err, c.answers...)
		await(t, "a result", func() bool { now := s.Entries()[0]; return !now.UnderWay() })
		e = s.Entries()[0]
		if e.Outcome != c.want || e.OK() != c.ok || e.CanRetry() != c.retry || len(e.Answers) != len(c.answers) || e.Err != c.err {
			t.Errorf("%v: %+v, want %s", c.err, e, c.want)
		}
		if e.At.Sub(e.Asked) != 3*time.Second {
			t.Errorf("%v: asked %v, settled %v", c.err, e.Asked, e.At)
		}
		await(t, "both changes", func() bool { return h.len() == 2 })
		stop()
	}
}

func TestWhatWentWrong(t *testing.T) {
	refusal := &frame.Refusal{Code: frame.RefusedBusy}
	for _, c := range []struct {
		err     error
		fault   *commdn.Fault
		refusal *frame.Refusal
	}{
		{nil, nil, nil}, {fault, fault, nil}, {refusal, nil, refusal}, {errors.Join(fault), fault, nil}, {client.ErrBusy, nil, nil},
	} {
		e := Entry{Err: c.err}
		if e.Fault() != c.fault || e.Refusal() != c.refusal {
			t.Errorf("%v: fault %v, refusal %v", c.err, e.Fault(), e.Refusal())
		}
	}
}

// TestConnectionComesAndGoes follows requests through losses of the connection: one that
// is safe to send again waits, any other has failed or is in flight.
func TestConnectionComesAndGoes(t *testing.T) {
	down := client.Status{State: client.Disconnected}
	s, f, clock := start(t, down)
	repeatable := s.Send(number("1"))
	once := s.Send(&commdn.StopDialing{CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9}})
	if repeatable.Outcome != Waiting || once.Outcome != Sending {
		t.Fatalf("begin as %s and %s", repeatable.Outcome, once.Outcome)
	}
	h, stop := listen(s)
	defer stop()
	var words []Outcome
	for _, status := range []client.Status{{State: client.Connecting}, up, up, down, {State: client.Connecting}, up} {
		clock.advance(time.Second)
		f.set(status)
		for _, c := range h.take() {
			if c.Kind != EntryChanged {
				continue
			}
			if c.Entry.ID != repeatable.ID {
				t.Errorf("the other one changes to %s", c.Entry.Outcome)
			}
			if !c.Entry.At.Equal(clock.now()) {
				t.Errorf("%s since %v", c.Entry.Outcome, c.Entry.At)
			}
			words = append(words, c.Entry.Outcome)
		}
	}
	want := []Outcome{Sending, Waiting, Sending}
	if len(words) != len(want) || words[0] != want[0] || words[1] != want[1] || words[2] != want[2] {
		t.Errorf("goes %v, want %v", words, want)
	}
	for range 2 {
		(<-f.asked).end(nil, processed)
		h.until(t, "one to end", func(c Change) bool { return c.Kind == EntryChanged && !c.Entry.UnderWay() })
	}
	f.set(down)
	for _, c := range h.take() {
		if c.Kind == EntryChanged {
			t.Errorf("a settled request changes to %s", c.Entry.Outcome)
		}
	}
}

func TestDoEndsWithItsContext(t *testing.T) {
	s, f, _ := start(t, up)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-f.asked; cancel() }()
	e := s.Do(ctx, number("1"), 0)
	if e.Outcome != NoAnswer || !errors.Is(e.Err, context.Canceled) {
		t.Errorf("ends as %+v", e)
	}
	if kept := s.Entries(); len(kept) != 1 || kept[0].Outcome != NoAnswer {
		t.Errorf("kept as %+v", kept)
	}
}

// TestForget: the session keeps the newest requests, and all unsettled ones.
func TestForget(t *testing.T) {
	s, f, _ := start(t, up)
	s.Send(number("the first"))
	first := <-f.asked
	for range keptEntries + 20 {
		go func() { (<-f.asked).end(nil, processed) }()
		s.Do(context.Background(), number("1"), 0)
	}
	all := s.Entries()
	if len(all) != keptEntries || all[0].ID != keptEntries+21 || all[len(all)-1].ID != 1 {
		t.Fatalf("%d kept, from %d to %d", len(all), all[0].ID, all[len(all)-1].ID)
	}
	for i := 1; i < len(all); i++ {
		if all[i].ID >= all[i-1].ID {
			t.Fatalf("%d is listed after %d", all[i].ID, all[i-1].ID)
		}
	}
	first.end(nil, processed)
	await(t, "the first one to end", func() bool { e := s.Entries()[keptEntries-1]; return e.ID == 1 && e.Outcome == Done })
	go func() { (<-f.asked).end(nil) }()
	s.Do(context.Background(), number("1"), 0)
	if all = s.Entries(); len(all) != keptEntries || all[len(all)-1].ID == 1 {
		t.Errorf("the oldest of %d is %d", len(all), all[len(all)-1].ID)
	}
}

// TestMoreUnderWayThanAreKept: the session forgets no unsettled request.
func TestMoreUnderWayThanAreKept(t *testing.T) {
	s, f, _ := start(t, up)
	for range keptEntries + 5 {
		s.Send(number("1"))
	}
	if n := len(s.Entries()); n != keptEntries+5 {
		t.Errorf("%d kept", n)
	}
	for range keptEntries + 5 {
		(<-f.asked).end(nil)
	}
	await(t, "all to end", func() bool {
		for _, e := range s.Entries() {
			if e.UnderWay() {
				return false
			}
		}
		return true
	})
}
