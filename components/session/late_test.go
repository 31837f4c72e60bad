package session

import (
	"context"
	"testing"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

var noAnswer = &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "OCS did not answer"}

// A late answer corrects what was told of a request, whatever it says.
func TestLateAnswersCorrect(t *testing.T) {
	incomplete := &commdn.RecordCanceled{Address: commdn.Address{Origin: 201}, Message: commdn.IncompleteMessage}
	for name, c := range map[string]struct {
		late client.Late
		want Outcome
	}{
		"done":                 {client.Late{Answers: []commdn.Message{processed}}, Done},
		"refused":              {client.Late{Answers: []commdn.Message{fault}, Err: fault}, Refused},
		"incomplete":           {client.Late{Answers: []commdn.Message{incomplete}}, Incomplete},
		"another OCS is quiet": {client.Late{Answers: []commdn.Message{processed}, Err: noAnswer}, NoAnswer},
		"of several": {client.Late{Answers: []commdn.Message{
			&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 202}}, processed,
		}}, Done},
	} {
		t.Run(name, func(t *testing.T) {
			s, f, clock := start(t, up)
			go func() { (<-f.asked).end(noAnswer) }()
			e := s.Do(context.Background(), number("1"), 0)
			if e.Outcome != NoAnswer || e.Late {
				t.Fatalf("before: %+v", e)
			}
			h, stop := listen(s)
			defer stop()
			clock.advance(9 * time.Second)
			f.late(client.Late{Request: number("1")}) // an equal one, but not this
			if h.len() != 0 {
				t.Fatal("told of somebody else's answer")
			}
			c.late.Request = e.Req
			f.late(c.late)
			got := s.Entries()[0]
			if got.Outcome != c.want || got.Late != (c.want != NoAnswer) || got.Err != c.late.Err ||
				len(got.Answers) != len(c.late.Answers) || got.Answers[0].Addr().Origin > got.Answers[len(got.Answers)-1].Addr().Origin ||
				got.At.Equal(clock.now()) != (c.want != NoAnswer) || !got.Asked.Equal(noon) {
				t.Errorf("after: %+v", got)
			}
			if told := h.take(); len(told) != 1 || told[0].Kind != EntryChanged || told[0].Entry.ID != e.ID || told[0].Entry.Outcome != c.want {
				t.Errorf("told %+v", told)
			}
		})
	}
}

// The answer may overtake the refusal, which another goroutine brings.
func TestLateBeforeTheRefusal(t *testing.T) {
	s, f, _ := start(t, up)
	e := s.Send(number("1"))
	a := <-f.asked
	h, stop := listen(s)
	defer stop()
	f.late(client.Late{Request: e.Req, Answers: []commdn.Message{processed}})
	if got := s.Entries()[0]; !got.UnderWay() {
		t.Fatalf("settled as %+v before Do has returned", got)
	}
	a.end(noAnswer)
	await(t, "a result", func() bool { return h.len() > 0 })
	if got := s.Entries()[0]; got.Outcome != Done || !got.Late || got.Err != nil || len(got.Answers) != 1 {
		t.Errorf("ends as %+v", got)
	}
	if told := h.take(); len(told) != 1 || told[0].Entry.Outcome != Done {
		t.Errorf("told %+v", told)
	}
}

// The row of a campaign group shows the late outcome of its last request, and of no
// earlier one.
func TestLateInTheRow(t *testing.T) {
	s, f, _ := start(t, up)
	defer s.WatchCampaigns()()
	f.campaigns(event(spring, commdn.StatusActive))
	ask := func() Entry {
		go func() { (<-f.asked).end(noAnswer) }()
		return s.Do(context.Background(), &commdn.StopDialing{CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9}}, 0)
	}
	first, last := ask(), ask()
	for i, e := range []Entry{first, last} {
		f.late(client.Late{Request: e.Req, Answers: []commdn.Message{event(spring, commdn.StatusActive)}})
		want := []Outcome{NoAnswer, Done}[i]
		if g, _ := s.Group(spring); g.Last.ID != last.ID || g.Last.Outcome != want {
			t.Errorf("after the answer to %d: %+v", e.ID, g.Last)
		}
	}
}
