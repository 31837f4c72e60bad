package client

import (
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// EventKind says what an Event is.
type EventKind uint8

// The kinds of event.
const (
	Accepted EventKind = iota + 1 // the relay has the request on disk: it cannot be lost any more
	Queued                        // the request waits in the relay, see Event.Queued
	Answered                      // one OCS has answered, and others will
)

// String names the kind.
func (k EventKind) String() string {
	switch k {
	case Accepted:
		return "accepted"
	case Queued:
		return "queued"
	case Answered:
		return "answered"
	}
	return "event"
}

// Event is something that happened to a request before it was settled. After a
// lost connection events may come once more, from the first one on.
type Event struct {
	Kind   EventKind
	Queued frame.Queued   // of Queued
	Answer commdn.Message // of Answered
}
