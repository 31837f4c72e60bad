package client

import (
	"errors"
	"fmt"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

func TestOutcomeOf(t *testing.T) {
	canceled := func(message string) commdn.Message { return &commdn.RecordCanceled{Message: message} }
	refused := func(code frame.RefusalCode) error { return &frame.Refusal{Code: code} }
	fault := &commdn.Fault{Address: commdn.Address{Origin: 8}, Code: commdn.ErrorInvalidParameter} // of another OCS
	tests := []struct {
		name    string
		answers []commdn.Message
		err     error
		want    Outcome
		word    string
	}{
		{"one OCS", []commdn.Message{processed(7, "5")}, nil, Done, "done"},
		{"canceled", []commdn.Message{canceled("")}, nil, Done, "done"},
		{"canceled in part", []commdn.Message{canceled("on a desktop"), canceled("")}, nil, Incomplete, "incomplete"},
		{"a fault alone", []commdn.Message{canceled("on a desktop"), fault}, nil, Refused, "refused"},
		{"a fault", []commdn.Message{processed(7, "5"), fault}, fault, Refused, "refused"},
		{"a wrapped fault", nil, fmt.Errorf("OCS 7: %w", fault), Refused, "refused"},
		{"OCS is silent", []commdn.Message{processed(7, "5")}, refused(frame.RefusedNoAnswer), Unknown, "unknown"},
		{"the relay is silent", nil, &NoAnswerError{Sent: true, Err: ErrTimeout}, Unknown, "unknown"},
		{"unreadable", nil, &NoAnswerError{Sent: true, Err: &AnswerError{"x"}}, Unknown, "unknown"},
		{"wrong", nil, &commdn.FieldError{}, Invalid, "invalid"},
		{"wrong to the relay", nil, refused(frame.RefusedInvalid), Invalid, "invalid"},
		{"no right", nil, refused(frame.RefusedForbidden), Invalid, "invalid"},
		{"a code that is not known", nil, refused(99), Invalid, "invalid"},
		{"no link", nil, refused(frame.RefusedLinkDown), NotSent, "not-sent"},
		{"too fast", nil, refused(frame.RefusedRateLimited), NotSent, "not-sent"},
		{"not sent", nil, &NoAnswerError{Err: ErrNotConnected}, NotSent, "not-sent"},
		{"busy", nil, ErrBusy, NotSent, "not-sent"},
		{"anything else", nil, errors.New("x"), NotSent, "not-sent"},
	}
	for _, test := range tests {
		got := OutcomeOf(test.answers, test.err)
		if got != test.want || got.String() != test.word || got.OK() != (test.want == Done || test.want == Incomplete) {
			t.Errorf("%s: %v, OK %v, want %v", test.name, got, got.OK(), test.word)
		}
	}
}
