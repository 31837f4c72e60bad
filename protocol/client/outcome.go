package client

import (
	"errors"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Outcome says what has become of a settled request, whoever tells it to whom.
type Outcome uint8

// The outcomes.
const (
	Done       Outcome = iota // every OCS that was asked acknowledged
	Incomplete                // the same, but for records on an agent's desktop
	Refused                   // an OCS answered with an error
	Unknown                   // it was sent, and what an OCS did with it is not known
	Invalid                   // no OCS knows of it, and the relay or this client will not take it as it is
	NotSent                   // no OCS knows of it; sending the same again may help
	Undone                    // no OCS knows of it: Undo has taken it back
)

// String gives the outcome's word, in lower case.
func (o Outcome) String() string {
	switch o {
	case Done:
		return "done"
	case Incomplete:
		return "incomplete"
	case Refused:
		return "refused"
	case Unknown:
		return "unknown"
	case Invalid:
		return "invalid"
	case Undone:
		return "undone"
	}
	return "not-sent"
}

// OK says whether OCS did what was asked, at least in part.
func (o Outcome) OK() bool { return o <= Incomplete }

// OutcomeOf classifies what Do, Follow and their kin have returned, or what is
// wrapped around it. An error of another kind means that nothing was sent.
func OutcomeOf(answers []commdn.Message, err error) Outcome {
	if err == nil {
		return outcomeOf(answers)
	}
	if _, ok := errors.AsType[*commdn.Fault](err); ok {
		return Refused
	}
	if refusal, ok := errors.AsType[*frame.Refusal](err); ok {
		switch {
		case refusal.Code == frame.RefusedNoAnswer:
			return Unknown
		case refusal.Code == frame.RefusedUndone:
			return Undone
		case !refusal.Code.Retry():
			return Invalid
		}
		return NotSent
	}
	if none, ok := errors.AsType[*NoAnswerError](err); ok && none.Sent {
		return Unknown
	}
	if _, ok := errors.AsType[*commdn.FieldError](err); ok {
		return Invalid
	}
	return NotSent
}

func outcomeOf(answers []commdn.Message) Outcome {
	if firstFault(answers) != nil {
		return Refused
	}
	o := Done
	for _, m := range answers {
		if m, ok := m.(*commdn.RecordCanceled); ok && m.Incomplete() {
			o = Incomplete
		}
	}
	return o
}

// firstFault gives the refusal of the OCS that refused first, or nil. An OCS that has
// canceled a number in one form and not in another has not refused: its lists hold a
// record in one form.
func firstFault(answers []commdn.Message) error {
	for _, m := range answers {
		if fault, ok := m.(*commdn.Fault); ok && !canceledBy(answers, fault.Origin) {
			return fault
		}
	}
	return nil
}

func canceledBy(answers []commdn.Message, ocs commdn.DBID) bool {
	for _, m := range answers {
		if m, ok := m.(*commdn.RecordCanceled); ok && m.Origin == ocs {
			return true
		}
	}
	return false
}
