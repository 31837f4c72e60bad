package commdn_test

import (
	"errors"
	"strings"
	"testing"

	"commdn/protocol/commdn"
)

func TestDoNotCallValidate(t *testing.T) {
	long := strings.Repeat("x", 300)
	tests := []struct {
		name string
		req  commdn.DoNotCall
		key  string // "" for a valid request
		what string
	}{
		{"phone", commdn.DoNotCall{Phone: "5551234567"}, "", ""},
		{"customer", commdn.DoNotCall{CustomerID: "C-42"}, "", ""},
		{"both, a chain, any application", commdn.DoNotCall{Address: commdn.Address{Origin: 1, Target: 2}, Phone: "+1 (555) 123", CustomerID: "Zoë", Chain: commdn.RecordOnly}, "", ""},
		{"all chain", commdn.DoNotCall{Phone: "1", Chain: commdn.AllChain}, "", ""},
		{"longest", commdn.DoNotCall{Phone: long, CustomerID: long[:commdn.MaxCustomerID]}, "", ""},
		{"neither", commdn.DoNotCall{Chain: commdn.AllChain}, commdn.KeyPhone, "is empty, and so is GSW_CUSTOMER_ID; give at least one of them"},
		{"customer too long", commdn.DoNotCall{CustomerID: long[:256]}, commdn.KeyCustomerID, "has 256 bytes; at most 255 are possible"},
		{"customer first", commdn.DoNotCall{Phone: "1", CustomerID: long, Chain: "x"}, commdn.KeyCustomerID, "has 300 bytes; at most 255 are possible"},
		{"customer not UTF-8", commdn.DoNotCall{Phone: "1", CustomerID: "\xc3"}, commdn.KeyCustomerID, "is not UTF-8 text"},
		{"line feed", commdn.DoNotCall{CustomerID: "555\n"}, commdn.KeyCustomerID, "holds a control character"},
		{"a phone as somebody wrote it", commdn.DoNotCall{Phone: " 555\t1\r\n\xff"}, "", ""}, // package number reads it before it is sent
		{"escape", commdn.DoNotCall{CustomerID: "555\x1b"}, commdn.KeyCustomerID, "holds a control character"},
		{"NUL", commdn.DoNotCall{CustomerID: "a\x00b"}, commdn.KeyCustomerID, "holds a control character"},
		{"delete", commdn.DoNotCall{CustomerID: "a\x7f"}, commdn.KeyCustomerID, "holds a control character"},
		{"blank", commdn.DoNotCall{CustomerID: " "}, commdn.KeyCustomerID, "begins or ends with a blank, so it would match no record"},
		{"blank behind", commdn.DoNotCall{Phone: "1", CustomerID: "C-42 "}, commdn.KeyCustomerID, "begins or ends with a blank, so it would match no record"},
		{"chain", commdn.DoNotCall{Phone: "1", Chain: "allchain"}, commdn.KeyChain, `is "allchain"; give AllChain or RecordOnly`},
		{"chain of one line", commdn.DoNotCall{Phone: "1", Chain: "a\nb"}, commdn.KeyChain, `is "a\nb"; give AllChain or RecordOnly`},
		// The relay sends the error back in a frame, so it must stay short.
		{"long chain", commdn.DoNotCall{Phone: "1", Chain: commdn.Chain(strings.Repeat("\x00", 10000))}, commdn.KeyChain,
			`is "` + strings.Repeat(`\x00`, 32) + `"…; give AllChain or RecordOnly`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.req.Validate()
			if test.key == "" {
				if err != nil {
					t.Errorf("error %v, want none", err)
				}
				return
			}
			var field *commdn.FieldError
			if !errors.As(err, &field) {
				t.Fatalf("error %v, want a FieldError", err)
			}
			if want := (commdn.FieldError{Message: commdn.ReqDoNotCall, Key: test.key, What: test.what}); *field != want {
				t.Errorf("error %+v, want %+v", *field, want)
			}
		})
	}
}
