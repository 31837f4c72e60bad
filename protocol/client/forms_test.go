package client

import (
	"testing"

	"commdn/protocol/commdn"
)

// A number has several forms, and an OCS answers to each: a do-not-call is done where
// all are on the list, a cancel where one was taken.
func TestOutcomeOfForms(t *testing.T) {
	at := func(ocs commdn.DBID) commdn.Address { return commdn.Address{Origin: ocs} }
	processed := &commdn.DoNotCallProcessed{Address: at(1), Phone: "600111222"}
	fault := &commdn.Fault{Address: at(1), Code: commdn.ErrorInvalidParameter, Phone: "+34600111222"}
	canceled := &commdn.RecordCanceled{Address: at(1), Phone: "600111222"}
	partly := &commdn.RecordCanceled{Address: at(1), Message: commdn.IncompleteMessage}
	elsewhere := &commdn.RecordCanceled{Address: at(2)}
	for _, c := range []struct {
		answers []commdn.Message
		want    Outcome
	}{
		{[]commdn.Message{processed, processed}, Done},
		{[]commdn.Message{processed, fault}, Refused},
		{[]commdn.Message{canceled, fault}, Done},
		{[]commdn.Message{fault, canceled, fault}, Done},
		{[]commdn.Message{fault, partly}, Incomplete},
		{[]commdn.Message{fault, fault}, Refused},
		{[]commdn.Message{elsewhere, fault}, Refused}, // another OCS has taken it
	} {
		err := firstFault(c.answers)
		if got := OutcomeOf(c.answers, err); got != c.want {
			t.Errorf("%d answers: %v (%v), want %v", len(c.answers), got, err, c.want)
		}
	}
}
