package commdn_test

import (
	"testing"

	"commdn/protocol/commdn"
)

func TestMask(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"1", "*"},
		{"12", "*2"},
		{"123", "**3"},
		{"1234", "**34"},
		{"12345", "***45"},
		{"123456", "***456"},
		{"5551234567", "*******567"},
		{"Zoë Ångström", "*********röm"},
		{"ab\xff\xfe", "**\xff\xfe"},
	}
	for _, test := range tests {
		if got := commdn.Mask(test.in); got != test.want {
			t.Errorf("Mask(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestTrace(t *testing.T) {
	there := commdn.Address{Origin: 101, Target: 0}
	back := commdn.Address{Origin: 7, Target: 101}
	tests := []struct {
		msg              commdn.Message
		masked, revealed string
	}{
		{
			&commdn.DoNotCall{Address: there, Phone: "5551234567", Chain: commdn.AllChain},
			`CM_ReqDoNotCall 101→0 phone "*******567" chain AllChain`,
			`CM_ReqDoNotCall 101→0 phone "5551234567" chain AllChain`,
		},
		{
			&commdn.DoNotCall{Address: there, CustomerID: "C-42-99"},
			`CM_ReqDoNotCall 101→0 customer "****-99"`,
			`CM_ReqDoNotCall 101→0 customer "C-42-99"`,
		},
		{
			&commdn.DoNotCall{Address: there, Phone: "a\nb\xff\n", Chain: "x\nWARN y"},
			`CM_ReqDoNotCall 101→0 phone "***\xff\n" chain "x\nWARN y"`,
			`CM_ReqDoNotCall 101→0 phone "a\nb\xff\n" chain "x\nWARN y"`,
		},
		{
			&commdn.DoNotCallProcessed{Address: back, Phone: "5551234567", CustomerID: "C-42-99", Chain: commdn.RecordOnly},
			`CM_EvDoNotCallProcessed 7→101 phone "*******567" customer "****-99" chain RecordOnly`,
			`CM_EvDoNotCallProcessed 7→101 phone "5551234567" customer "C-42-99" chain RecordOnly`,
		},
		{
			&commdn.DoNotCallProcessed{Address: back},
			`CM_EvDoNotCallProcessed 7→101`,
			`CM_EvDoNotCallProcessed 7→101`,
		},
		{
			&commdn.Fault{Address: back, Code: 10, Message: "phone\n", Phone: "5551234567"},
			`CM_EvError 7→101 phone "*******567" CM_ERROR_INVALID_PARAMETER (10) "phone\n"`,
			`CM_EvError 7→101 phone "5551234567" CM_ERROR_INVALID_PARAMETER (10) "phone\n"`,
		},
		{ // OCS's own words may repeat what was echoed, or what was not
			&commdn.Fault{Address: back, Code: 3, Message: "no +15551234567 of C-Smith at 12:30", CustomerID: "C-Smith"},
			`CM_EvError 7→101 customer "****ith" CM_ERROR_CAMPAIGN_NOT_FOUND (3) "no +********567 of ****ith at 12:30"`,
			`CM_EvError 7→101 customer "C-Smith" CM_ERROR_CAMPAIGN_NOT_FOUND (3) "no +15551234567 of C-Smith at 12:30"`,
		},
	}
	for _, test := range tests {
		if got := commdn.Trace(test.msg, false); got != test.masked {
			t.Errorf("masked\n%s, want\n%s", got, test.masked)
		}
		if got := commdn.Trace(test.msg, true); got != test.revealed {
			t.Errorf("revealed\n%s, want\n%s", got, test.revealed)
		}
	}
}
