package ui

import (
	"commdn/components/session"
	"commdn/protocol/commdn"
)

// mostUnanswered is how many requests without an answer an element remembers.
const mostUnanswered = 100

// Unanswered are the requests of an element that ended without an answer: OCS may still
// say what became of them. The zero value is empty.
type Unanswered struct{ reqs map[commdn.Request]bool }

// Note remembers a settled request of the element if it has no answer. When there are too
// many it begins anew.
func (u *Unanswered) Note(e session.Entry) {
	if e.Outcome != session.NoAnswer {
		return
	}
	if u.reqs == nil || len(u.reqs) == mostUnanswered {
		u.reqs = map[commdn.Request]bool{}
	}
	u.reqs[e.Req] = true
}

// Late reports whether e is the late outcome of one of them, which it forgets.
func (u *Unanswered) Late(e session.Entry) bool {
	if !e.Late || !u.reqs[e.Req] {
		return false
	}
	delete(u.reqs, e.Req)
	return true
}
