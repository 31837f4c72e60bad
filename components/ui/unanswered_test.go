package ui_test

import (
	"testing"

	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/commdn"
)

func TestUnanswered(t *testing.T) {
	var u ui.Unanswered
	settled := func(o session.Outcome) session.Entry {
		e := session.Entry{Req: &commdn.DoNotCall{Phone: "1"}, Outcome: o}
		u.Note(e)
		return e
	}
	late := func(e session.Entry) session.Entry {
		e.Outcome, e.Late = session.Done, true
		return e
	}
	done, open := settled(session.Done), settled(session.NoAnswer)
	if u.Late(open) {
		t.Error("it is late, and has no answer")
	}
	if u.Late(late(done)) || u.Late(late(session.Entry{Req: &commdn.DoNotCall{Phone: "1"}})) {
		t.Error("the late answer is another request's")
	}
	if !u.Late(late(open)) || u.Late(late(open)) {
		t.Error("the late answer comes other than once")
	}
	first := settled(session.NoAnswer)
	for range 99 {
		settled(session.NoAnswer)
	}
	if !u.Late(late(first)) {
		t.Error("it remembers fewer than 100")
	}
	settled(session.NoAnswer)
	if newest := settled(session.NoAnswer); !u.Late(late(newest)) || u.Late(late(first)) {
		t.Error("the newest of too many is forgotten")
	}
}
