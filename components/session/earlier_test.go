package session

import (
	"errors"
	"slices"
	"testing"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// hand hands a request of an earlier page to the session. end settles it.
func (f *fake) hand(e client.Earlier) (told func(client.Event), end func(err error, with ...commdn.Message)) {
	settled := make(chan struct{})
	var answers []commdn.Message
	var failure error
	e.Wait = func() ([]commdn.Message, error) {
		<-settled
		return answers, failure
	}
	return f.take(&e), func(err error, with ...commdn.Message) {
		answers, failure = with, err
		close(settled)
	}
}

// as is a status of somebody.
func as(subject string) client.Status {
	s := up
	s.Identity = frame.Identity{Subject: subject, Name: subject, Roles: []string{frame.RoleAgent}}
	return s
}

// States from a click on, as the client tells them.
func TestStates(t *testing.T) {
	s, f, _ := start(t, client.Status{State: client.Disconnected})
	h, stop := listen(s)
	defer stop()
	s.Send(number("5551234567"))
	a := <-f.asked
	a.told(client.Event{Kind: client.Kept})
	f.set(up)
	down := up
	down.Link.Up = false
	f.set(down)
	a.told(client.Event{Kind: client.Accepted})
	queued := frame.Queued{Reason: frame.QueuedLinkDown, Since: 9}
	a.told(client.Event{Kind: client.Queued, Queued: queued})
	if e := s.Entries()[0]; !e.Kept || !e.UnderWay() || e.CanRetry() || e.Queued != queued {
		t.Errorf("queued as %+v", e)
	}
	f.set(client.Status{State: client.Disconnected}) // the relay has it all the same
	f.set(up)                                        // the link is back
	a.told(client.Event{Kind: client.Queued, Queued: frame.Queued{Reason: frame.QueuedBehind}})
	a.told(client.Event{Kind: client.Answered, Answer: processed})
	a.end(nil, processed)
	var states []Outcome
	for _, c := range h.until(t, "the result", becomes(Done)) {
		if c.Kind == EntryChanged && (len(states) == 0 || states[len(states)-1] != c.Entry.Outcome) {
			states = append(states, c.Entry.Outcome)
		}
	}
	if want := []Outcome{Waiting, Sending, Accepted, Queued, Accepted, Queued, Done}; !slices.Equal(states, want) {
		t.Errorf("states %v, want %v", states, want)
	}
	if s.Entries()[0].Kept {
		t.Error("what is settled is not kept")
	}
	a.told(client.Event{Kind: client.Accepted}) // too late
	if e := s.Entries()[0]; e.Outcome != Done {
		t.Errorf("became %s", e.Outcome)
	}
}

// A request of an earlier page is masked until its person is here, and then goes on as
// one of this page.
func TestEarlier(t *testing.T) {
	offline := client.Status{State: client.Disconnected}
	s, f, clock := start(t, offline)
	asked := clock.now().AddDate(0, 0, -1)
	told, end := f.hand(client.Earlier{Request: number("5551234567"), Subject: "ann", Asked: asked})
	e := s.Entries()[0]
	if who, _ := commdn.PersonOf(e.Req); who.Phone != "…567" || !e.Earlier || !e.Kept || e.Outcome != Waiting || !e.Asked.Equal(asked) {
		t.Fatalf("offline it is %+v", e)
	}
	f.set(as("ann"))
	if who, _ := commdn.PersonOf(s.Entries()[0].Req); who.Phone != "5551234567" {
		t.Errorf("to its person it is %+v", who)
	}
	told(client.Event{Kind: client.Accepted})
	if e := s.Entries()[0]; e.Outcome != Accepted {
		t.Errorf("accepted it is %s", e.Outcome)
	}
	end(nil, processed)
	await(t, "the result", func() bool { return s.Entries()[0].Outcome == Done })
	if !s.DoneAlready(number("5551234567")) {
		t.Error("the session does not know that it is done")
	}
}

// What is another person's goes away again, and never shows whom it is about.
func TestEarlierOfAnother(t *testing.T) {
	s, f, _ := start(t, client.Status{State: client.Disconnected})
	h, stop := listen(s)
	defer stop()
	_, end := f.hand(client.Earlier{Request: number("5551234567"), Subject: "ann"})
	f.set(as("ben"))
	end(&client.NoAnswerError{Err: client.ErrOtherPerson})
	for _, c := range h.until(t, "it is gone", func(c Change) bool { return c.Kind == EntryGone }) {
		if who, _ := commdn.PersonOf(c.Entry.Req); c.Entry.Req != nil && who.Phone != "…567" {
			t.Errorf("shown as %+v", who)
		}
	}
	if left := s.Entries(); len(left) != 0 {
		t.Errorf("left %+v", left)
	}
}

// How requests of earlier pages may end at once, and of which person they are shown.
func TestEarlierEnds(t *testing.T) {
	for _, tt := range []struct {
		from  client.Earlier
		err   error
		begin Outcome
		want  Outcome
		phone string
	}{
		{client.Earlier{Accepted: true}, &client.NoAnswerError{Sent: true, Err: client.ErrExpired}, Accepted, NoAnswer, "5551234567"},
		{client.Earlier{}, &client.NoAnswerError{Err: client.ErrExpired}, Sending, Expired, "5551234567"},
		{client.Earlier{Subject: "ann"}, &client.NoAnswerError{Err: client.ErrUnbound}, Sending, NotSent, "5551234567"},
		{client.Earlier{Subject: "ben"}, &client.NoAnswerError{Err: client.ErrClosed}, Sending, NotSent, "…567"},
	} {
		s, f, _ := start(t, as("ann"))
		tt.from.Request = number("5551234567")
		_, end := f.hand(tt.from)
		e := s.Entries()[0]
		if who, _ := commdn.PersonOf(e.Req); e.Outcome != tt.begin || who.Phone != tt.phone {
			t.Errorf("%+v begins as %s about %s", tt.from, e.Outcome, who.Phone)
		}
		end(tt.err)
		await(t, "the result", func() bool { return s.Entries()[0].Outcome == tt.want })
		if e := s.Entries()[0]; !errors.Is(e.Err, tt.err) || e.Kept || !e.CanRetry() {
			t.Errorf("%+v ended as %+v", tt.from, e)
		}
	}
}

// Whoever shows requests learns that nothing is kept any more.
func TestUnkept(t *testing.T) {
	s, f, _ := start(t, client.Status{State: client.Disconnected})
	s.Send(number("5551234567"))
	a := <-f.asked
	h, stop := listen(s)
	defer stop()
	f.set(client.Status{State: client.Disconnected, Unkept: errors.New("full")})
	changes := h.take()
	if len(changes) != 2 || changes[0].Kind != EntryChanged || changes[1].Kind != StatusChanged {
		t.Errorf("changes %+v", changes)
	}
	// What stays for the next page is still kept.
	a.end(&client.NoAnswerError{Kept: true, Err: client.ErrClosed})
	await(t, "the result", func() bool { return !s.entriesUnderWay() })
	if e := s.Entries()[0]; !e.Kept || e.Outcome != NotSent {
		t.Errorf("ended as %+v", e)
	}
}

func (s *Session) entriesUnderWay() bool {
	return slices.ContainsFunc(s.Entries(), func(e Entry) bool { return e.UnderWay() })
}
