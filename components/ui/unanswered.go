package ui

import (
	"slices"

	"commdn/components/session"
	"commdn/protocol/commdn"
)

// mostUnanswered is how many requests without an answer an element remembers.
const mostUnanswered = 100

// Unanswered are the requests of an element that ended without an answer, oldest first:
// OCS may still say what became of them.
type Unanswered []commdn.Request

// Note remembers a settled request of the element if it has no answer.
func (u *Unanswered) Note(e session.Entry) {
	if e.Outcome != session.NoAnswer {
		return
	}
	if len(*u) == mostUnanswered {
		*u = slices.Delete(*u, 0, 1)
	}
	*u = append(*u, e.Req)
}

// Late reports whether e is the late outcome of one of them, which it forgets.
func (u *Unanswered) Late(e session.Entry) bool {
	i := slices.Index(*u, e.Req)
	if i < 0 || !e.Late {
		return false
	}
	*u = slices.Delete(*u, i, i+1)
	return true
}
