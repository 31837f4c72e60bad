package main

import (
	"strings"
	"testing"

	"commdn/protocol/commdn"
)

// A number goes in several forms: a line says what OCS did for all of them, or one for
// each form where that differs.
func TestLinesOfForms(t *testing.T) {
	at := commdn.Address{Origin: 201}
	gone := func(phone string) commdn.Message { return &commdn.RecordCanceled{Address: at, Phone: phone} }
	fault := &commdn.Fault{Address: at, Code: commdn.ErrorInvalidParameter, Message: "no record", Phone: "+34600111222"}
	for _, c := range []struct {
		answers []commdn.Message
		err     error
		want    string
	}{
		{[]commdn.Message{gone("600111222"), gone("+34600111222")}, nil, "OCS 201: gone"},
		{[]commdn.Message{gone("600111222"), fault}, nil, "OCS 201: 600111222: gone|OCS 201: +34600111222: not taken: CM_ERROR_INVALID_PARAMETER (10): no record"},
		{[]commdn.Message{fault, fault}, fault, ""},
	} {
		var r personResult
		r.settle(c.answers, c.err)
		if got := strings.Join(r.lines(action{done: "gone"}), "|"); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
