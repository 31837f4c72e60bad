package tkvlog_test

import (
	"reflect"
	"strings"
	"testing"

	"commdn/protocol/tkvlist"
	"commdn/protocol/tkvlist/tkvlog"
)

// A message as T-Server prints it, with lines of its log around it.
const serverLog = `2026-11-28T18:04:38.100 Trc 04541 Message RequestDistributeUserEvent received from [65464] (00000004 OCS 10.0.0.7:49152)
message RequestDistributeUserEvent
	AttributeThisDN	'CommDN_1'
	AttributeUserData	[216] 00 04 01 00..
		'GSW_CM_MessageType'	32
		'GSW_CM_AttrOriginAppID'	101
		'GSW_CM_AttrTargetAppID'	0
		'GSW_CM_AttrProperties'(list) 'do_not_call'(list) 'GSW_PHONE'	'5551234567'
				'GSW_CUSTOMER_ID'	'C-42'
				'GSW_CHAIN_ATTR'	'AllChain'
	AttributeReferenceID	4294967295
2026-11-28T18:04:38.101 Int 04543 Interaction message "EventUserEvent" generated
@18:04:38.1010 [0] 8.1.401.01 send_to_client: message EventUserEvent
	(Distributed User Event)
	AttributeEventSequenceNumber	00000000000000a4
	AttributeReason	[14] 00 01 01 00..
		'RTR'	115
18:04:38.102 sent to [65464]
`

func list(name string, masked []int, l ...tkvlist.Pair) tkvlog.Attribute {
	return tkvlog.Attribute{Name: name, List: l, IsList: true, Masked: masked}
}

func TestParseLog(t *testing.T) {
	request := tkvlog.Message{Name: "RequestDistributeUserEvent", Attributes: []tkvlog.Attribute{
		{Name: "AttributeThisDN", Value: "CommDN_1", Quoted: true}, list("AttributeUserData", nil, doNotCall...), {Name: "AttributeReferenceID", Value: "4294967295"},
	}}
	tests := []struct {
		name, text string
		want       []tkvlog.Message
	}{
		{"two messages in a log", serverLog, []tkvlog.Message{
			{Name: "RequestDistributeUserEvent"}, request,
			{Name: "EventUserEvent", Attributes: []tkvlog.Attribute{{Name: "AttributeEventSequenceNumber", Value: "00000000000000a4"}, list("AttributeReason", nil, num("RTR", 115))}},
		}},
		{"attributes alone, CRLF", strings.ReplaceAll("\tAttributeThisDN\t'9001'\n\tAttributeUserData\t[9] 00..\n\t\t'A'\t1\n\tAttributeCallID\t7\n", "\n", "\r\n"), []tkvlog.Message{{Attributes: []tkvlog.Attribute{
			{Name: "AttributeThisDN", Value: "9001", Quoted: true}, list("AttributeUserData", nil, num("A", 1)), {Name: "AttributeCallID", Value: "7"},
		}}}},
		{"one list", doNotCallText, []tkvlog.Message{{Attributes: []tkvlog.Attribute{list("AttributeUserData", nil, doNotCall...)}}}},
		{"pairs alone", "'A'\t1\n", []tkvlog.Message{{Attributes: []tkvlog.Attribute{list("", nil, num("A", 1))}}}},
		{"a string with an attribute in it", "\tAttributeUserData\t[9]\n\t\t'N'\t'one\n\tAttributeThisDN\t'9001\n12:00:00 message EventX\n'\n\t\t'A'\t1\n", []tkvlog.Message{{Attributes: []tkvlog.Attribute{
			list("AttributeUserData", nil, str("N", "one\n\tAttributeThisDN\t'9001\n12:00:00 message EventX\n"), num("A", 1)),
		}}}},
		{"masked values", "\tAttributeThisDN\t'*****'\n\tAttributeUserData\t[***] ** ** ** **..\n\t\t'A'\t1\n\t\t'B'\t[output suppressed]\n\t\t'L'(list) 'C'\t'****'\n\t\t\t'D'(binary) *****\n\t\t\t'E'\t'x***'\n\t\t\t'F'\t'**'\n\t\t'M'(list) [output suppressed]\n\t\t'G'\t*****\n\tAttributeExtensions\t[output suppressed]\n",
			[]tkvlog.Message{{Attributes: []tkvlog.Attribute{
				{Name: "AttributeThisDN", Value: "*****", Quoted: true, Masked: []int{0}},
				list("AttributeUserData", []int{1, 3, 4, 7, 8}, num("A", 1), str("B", "[output suppressed]"),
					sub("L", str("C", "****"), str("D", "*****"), str("E", "x***"), str("F", "**")), str("M", "[output suppressed]"), str("G", "*****")),
				{Name: "AttributeExtensions", Value: "[output suppressed]", Masked: []int{0}},
			}}}},
		{"Platform SDK", `2026-11-28 18:04:38,100 DEBUG
'EventUserEvent' (96) attributes:
	AttributeThisDN [str] = "CommDN_1"
	AttributeCallType [int] = 2 [Inbound]
	AttributeUserData [bstr] = KVList: 
		'GSW_CM_MessageType' [int] = 32
		'N' [str] = "it's "two" and
lines"
		'L' [list] = KVList: 
			'M' [list] = KVList: 
				'P' [str] = "[output suppressed]"
			'E' [list] = KVList:
			'U' [utfstr] = "Zoë"
		'B' [bin] = 00 ff
		'Q' [str] = ****
	AttributeEventSequenceNumber [long] = 164
'EventReleased' (65) attributes:
	AttributeReason [bstr] = KVList: 
		'RTR' [int] = 4294967295
		'S' [str] = "***"
`, []tkvlog.Message{
			{Name: "EventUserEvent", Attributes: []tkvlog.Attribute{
				{Name: "AttributeThisDN", Value: "CommDN_1", Quoted: true}, {Name: "AttributeCallType", Value: "2 [Inbound]"},
				list("AttributeUserData", []int{4, 8}, num("GSW_CM_MessageType", 32), str("N", "it's \"two\" and\nlines"),
					sub("L", sub("M", str("P", "[output suppressed]")), sub("E"), uni("U", "Zoë")), bin("B", "\x00\xff"), str("Q", "****")),
				{Name: "AttributeEventSequenceNumber", Value: "164"},
			}},
			{Name: "EventReleased", Attributes: []tkvlog.Attribute{list("AttributeReason", []int{1}, num("RTR", -1), str("S", "***"))}},
		}},
		{"Platform SDK, pairs alone", "KVList:\n  'A' [int] = 1\n  'L' [list] = KVList:\n    'B' [str] = \"\"\n  'C' [str] = \"x\"\n", []tkvlog.Message{{Attributes: []tkvlog.Attribute{
			list("", nil, num("A", 1), sub("L", str("B", "")), str("C", "x")),
		}}}},
		{"nothing", " \n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tkvlog.ParseLog([]byte(tt.text))
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v, %v\nwant %+v", got, err, tt.want)
			}
		})
	}
}

func TestParseLogErrors(t *testing.T) {
	deep := "AttributeUserData [bstr] = KVList:\n"
	for i := range 9 {
		deep += strings.Repeat(" ", i+1) + "'k' [list] = KVList:\n"
	}
	for text, want := range map[string]string{
		"hello\n": "neither a quoted key nor an attribute with its [length] at byte 0",
		"message EventX\n\tAttributeUserData\t[9]\n\t\t'A'\tx\n\tAttributeThisDN\t'1'\n": "key is not closed or has no value on its line at byte 40",
		"\tAttributeUserData\t[9]\n\t\t'A'\t'x\n\tAttributeThisDN\t'1\n":                 "string is not closed at byte 29",
		"'A' [int] = 1\n'B'\t2\n":                           "quoted key without a [type] and = behind it at byte 14",
		"'A' [int] = x\n":                                   "not a decimal integer of 32 bits at byte 12",
		"'A' [int] = 4294967296\n":                          "not a decimal integer of 32 bits at byte 12",
		"'A' [str] = \"x\n'B' [int] = 1\n":                  "string is not closed at byte 12",
		"'A' [bin] = 0g\n":                                  "binary value is not hex digits in pairs at byte 12",
		"'A' [utf] = \"\xff\"\n":                            "unicode value is not UTF-8 at byte 12",
		"'A' [str] = \"x\"\ny\"\n":                          "neither a pair nor an attribute; a string ends with the first quote that ends a line at byte 16",
		"'A' [float] = 1.5\n":                               "value of the type [float] is neither in quotes, nor KVList:, nor a mask at byte 14",
		"'' [int] = 1\n":                                    "empty key at byte 0",
		"'" + strings.Repeat("k", 256) + "' [int] = 1\n":    "key of 256 bytes, over 255 at byte 0",
		"'k' [str] = \"" + strings.Repeat("x", 65528) + `"`: "packed list is longer than 65535 bytes at byte 0",
		deep: "list nested deeper than 8 levels at byte 210",
	} {
		got, err := tkvlog.ParseLog([]byte(text))
		if err == nil || err.Error() != "tkvlist: "+want {
			t.Errorf("%.80q: %+v, %v\nwant tkvlist: %s", text, got, err, want)
		}
	}
}

// Whatever is read, its lists pack, its masks are strings of the list, and the
// errors have their place in the text.
func FuzzParseLog(f *testing.F) {
	f.Add([]byte(serverLog))
	f.Add([]byte("'EventX' (1) attributes:\n\tAttributeUserData [bstr] = KVList:\n\t\t'A' [str] = \"***\"\n\t\t'L' [list] = KVList:\n\t\t\t'B' [int] = 1\n"))
	f.Add([]byte("\tAttributeUserData\t[***]\n\t\t'A'\t[output suppressed]\n\t\t'N'\t'x\n\tAttributeY\t'1'\n'\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := tkvlog.ParseLog(text)
		if err != nil {
			checkOffset(t, err, len(text))
			return
		}
		for _, m := range all {
			for _, a := range m.Attributes {
				if _, err := (tkvlist.Limits{MaxBytes: tkvlist.MaxBytes}).AppendPack(nil, a.List); err != nil {
					t.Fatalf("%q: %v", text, err)
				}
				masks := 0
				if a.IsList {
					masks = countMasks(a.List, a.Masked, new(int))
				} else if len(a.List) > 0 || len(a.Masked) > 1 {
					t.Fatalf("%q: %+v", text, a)
				}
				if a.IsList && masks != len(a.Masked) {
					t.Fatalf("%q: %+v has %d masks", text, a, masks)
				}
			}
		}
	})
}

// countMasks counts the strings among the pairs with these numbers.
func countMasks(l tkvlist.List, masked []int, at *int) (n int) {
	for _, p := range l {
		for _, m := range masked {
			if _, ok := p.Value.Text(); ok && m == *at {
				n++
			}
		}
		*at++
		sub, _ := p.Value.List()
		n += countMasks(sub, masked, at)
	}
	return n
}
