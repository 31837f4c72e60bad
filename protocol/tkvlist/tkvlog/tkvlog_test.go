package tkvlog_test

import (
	"errors"
	"strings"
	"testing"

	"commdn/protocol/tkvlist"
	"commdn/protocol/tkvlist/tkvlog"
)

func str(key, s string) tkvlist.Pair { return tkvlist.Pair{Key: key, Value: tkvlist.String(s)} }

func num(key string, n int32) tkvlist.Pair { return tkvlist.Pair{Key: key, Value: tkvlist.Int(n)} }

func sub(key string, l ...tkvlist.Pair) tkvlist.Pair {
	return tkvlist.Pair{Key: key, Value: tkvlist.Nested(l)}
}

func uni(key, s string) tkvlist.Pair { return tkvlist.Pair{Key: key, Value: tkvlist.Unicode(s)} }

func bin(key, b string) tkvlist.Pair {
	return tkvlist.Pair{Key: key, Value: tkvlist.Binary([]byte(b))}
}

// doNotCall is the user data of CM_ReqDoNotCall.
var doNotCall = tkvlist.List{
	num("GSW_CM_MessageType", 32),
	num("GSW_CM_AttrOriginAppID", 101),
	num("GSW_CM_AttrTargetAppID", 0),
	sub("GSW_CM_AttrProperties",
		sub("do_not_call",
			str("GSW_PHONE", "5551234567"),
			str("GSW_CUSTOMER_ID", "C-42"),
			str("GSW_CHAIN_ATTR", "AllChain"))),
}

const doNotCallText = "" +
	"\tAttributeUserData\t[216] 00 04 01 00..\n" +
	"\t\t'GSW_CM_MessageType'\t32\n" +
	"\t\t'GSW_CM_AttrOriginAppID'\t101\n" +
	"\t\t'GSW_CM_AttrTargetAppID'\t0\n" +
	"\t\t'GSW_CM_AttrProperties'(list) 'do_not_call'(list) 'GSW_PHONE'\t'5551234567'\n" +
	"\t\t\t\t'GSW_CUSTOMER_ID'\t'C-42'\n" +
	"\t\t\t\t'GSW_CHAIN_ATTR'\t'AllChain'\n"

// What is printed, and reads back as it was.
func TestAppend(t *testing.T) {
	tests := []struct {
		name      string
		attribute string
		list      tkvlist.List
		want      string
	}{
		{"do not call", "AttributeUserData", doNotCall, doNotCallText},
		{"empty", "AttributeReason", nil, "\tAttributeReason\t[2] 00 00..\n"},
		{"nothing", "", nil, ""},
		{"no header", "", tkvlist.List{num("A", -1)}, "\t\t'A'\t-1\n"},
		{"empty values", "", tkvlist.List{str("S", ""), sub("L"), bin("B", ""), uni("U", "")},
			"\t\t'S'\t''\n\t\t'L'(list) \n\t\t'B'(binary) \n\t\t'U'(unicode) ''\n"},
		{"binary and unicode", "", tkvlist.List{bin("B", "\x00\xff"), uni("U", "é")},
			"\t\t'B'(binary) 00ff\n\t\t'U'(unicode) 'é'\n"},
		{"back to the outer lists", "", tkvlist.List{
			sub("A", num("B", 1), sub("C", num("D", 2), num("E", 3)), num("F", 4)), num("G", 5)},
			"\t\t'A'(list) 'B'\t1\n\t\t\t'C'(list) 'D'\t2\n\t\t\t\t'E'\t3\n\t\t\t'F'\t4\n\t\t'G'\t5\n"},
		{"empty list in a list", "", tkvlist.List{sub("A", sub("B"), sub("C")), sub("D")},
			"\t\t'A'(list) 'B'(list) \n\t\t\t'C'(list) \n\t\t'D'(list) \n"},
		{"out of two lists at once", "", tkvlist.List{sub("A", sub("B", sub("C", num("D", 1)))), num("E", 2)},
			"\t\t'A'(list) 'B'(list) 'C'(list) 'D'\t1\n\t\t'E'\t2\n"},
		{"into the middle of three lists", "", tkvlist.List{sub("A", sub("B", sub("C", num("D", 1)), num("E", 2)))},
			"\t\t'A'(list) 'B'(list) 'C'(list) 'D'\t1\n\t\t\t\t'E'\t2\n"},
		{"key twice", "", tkvlist.List{num("A", 1), num("A", 2)}, "\t\t'A'\t1\n\t\t'A'\t2\n"},
		{"quotes", "", tkvlist.List{str("it's", "'it's' '"), str("'", "'")}, "\t\t'it's'\t''it's' ''\n\t\t'''\t'''\n"},
		{"lines in a string", "", tkvlist.List{str("N", "one\n two\r\nthree's\n"), num("A", 1)},
			"\t\t'N'\t'one\n two\r\nthree's\n'\n\t\t'A'\t1\n"},
		{"a quoted word begins a line", "", tkvlist.List{str("N", "a\n'b' c")}, "\t\t'N'\t'a\n'b' c'\n"},
		{"any byte", "", tkvlist.List{str("\x01\xff", "\x00\xfe\r")}, "\t\t'\x01\xff'\t'\x00\xfe\r'\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tkvlog.Append([]byte("before"), tt.attribute, tt.list)
			if err != nil || string(got) != "before"+tt.want {
				t.Fatalf("got %q, %v\nwant %q", got, err, tt.want)
			}
			attribute, l, err := tkvlog.Parse([]byte(tt.want))
			if err != nil || attribute != tt.attribute || !tkvlist.Equal(l, tt.list) {
				t.Errorf("parsed %q %v, %v", attribute, l, err)
			}
		})
	}
}

func TestAppendRefuses(t *testing.T) {
	key := "key %s does not read back from a log at byte 2"
	value := `value of key "A" does not read back from a log at byte 6`
	tests := []struct {
		name      string
		attribute string
		list      tkvlist.List
		want      string
	}{
		{"two words", "Attribute UserData", nil, `attribute name "Attribute UserData" is not one word at byte 0`},
		{"two lines", "A\nB", nil, `attribute name "A\nB" is not one word at byte 0`},
		{"quoted name", "'A'", nil, `attribute name "'A'" is not one word at byte 0`},
		{"line end in a key", "", tkvlist.List{num("A\nB", 1)}, strings.Replace(key, "%s", `"A\nB"`, 1)},
		{"value in a key", "", tkvlist.List{num("A'\t5", 1)}, strings.Replace(key, "%s", `"A'\t5"`, 1)},
		{"list in a key", "", tkvlist.List{num("A'(list) ", 1)}, strings.Replace(key, "%s", `"A'(list) "`, 1)},
		{"quote before a line end", "", tkvlist.List{str("A", "x'\ny")}, value},
		{"quote before \\r\\n", "", tkvlist.List{str("A", "x'\r\ny")}, value},
		{"pair in a string", "", tkvlist.List{str("A", "x\n\t\t'B'\t'y")}, value},
		{"integer pair in a string", "", tkvlist.List{str("A", "x\n'B' -1")}, value},
		{"list in a string", "", tkvlist.List{str("A", "x\n'B'(list)")}, value},
		{"pair in a unicode value", "", tkvlist.List{uni("A", "x\n'B'(binary) ")},
			`value of key "A" does not read back from a log at byte 15`},
		{"behind a header", "X", tkvlist.List{num("A\n", 1)}, `key "A\n" does not read back from a log at byte 24`},
		{"first of two", "", tkvlist.List{str("A", "\n'B' 1"), num("C\n", 1)}, value},
		{"empty key", "X", tkvlist.List{num("", 1)}, "empty key at byte 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tkvlog.Append([]byte("before"), tt.attribute, tt.list)
			var syntax *tkvlist.SyntaxError
			if string(got) != "before" || !errors.As(err, &syntax) || err.Error() != "tkvlist: "+tt.want {
				t.Errorf("got %q, %v\nwant tkvlist: %s", got, err, tt.want)
			}
		})
	}
}

// Texts that no server prints in just that way, and what they hold.
func TestParseTolerant(t *testing.T) {
	flat := tkvlist.List{str("A", "x"), num("B", 2)}
	deep := tkvlist.List{sub("P", sub("D", num("E", 1), num("F", 2)), num("G", 3)), num("H", 4)}
	untabbed := func(tab, left int) string {
		text := "\tAttr\t[99] 00..\n\t\t'P'(list) 'D'(list) 'E'\t1\n\t\t\t\t'F'\t2\n\t\t\t'G'\t3\n\t\t'H'\t4\n"
		text = strings.ReplaceAll(text, "\t", strings.Repeat(" ", tab))
		cut := strings.Repeat(" ", left)
		return strings.ReplaceAll(strings.TrimPrefix(text, cut), "\n"+cut, "\n")
	}
	tests := []struct {
		name      string
		text      string
		attribute string
		want      tkvlist.List
	}{
		{"CRLF", strings.ReplaceAll(doNotCallText, "\n", "\r\n"), "AttributeUserData", doNotCall},
		{"no last line end", strings.TrimSuffix(doNotCallText, "\n"), "AttributeUserData", doNotCall},
		{"ends in \\r", strings.TrimSuffix(doNotCallText, "\n") + "\r", "AttributeUserData", doNotCall},
		{"header without its tab", doNotCallText[1:], "AttributeUserData", doNotCall},
		{"no header", doNotCallText[strings.Index(doNotCallText, "\n")+1:], "", doNotCall},
		{"no indentation at the start", strings.TrimLeft(doNotCallText[strings.Index(doNotCallText, "\n")+1:], "\t"), "", doNotCall},
		{"blanks at line ends cut", strings.ReplaceAll("\t\t'L'(list) \n\t\t'B'(binary) \n", " \n", "\n"), "",
			tkvlist.List{sub("L"), bin("B", "")}},
		{"empty lines", "\n \t\r\n" + strings.ReplaceAll(doNotCallText, "\n", "\n\t\n\n"), "AttributeUserData", doNotCall},
		{"nothing but blanks", " \n\t\r\n ", "", nil},
		{"length masked bytes", "AttributeUserData [7] xx xx\n'A' 'x'\n'B' 2", "AttributeUserData", flat},
		{"length alone", "\tX\t[0]\r\n\t\t'A'\t'x'\r\n\t\t'B'\t2\r\n", "X", flat},
		{"ragged and flat", "      'A'   'x'\n  \t 'B' 2  \t\n", "", flat},
		{"unsigned", "'A' 4294967295\n'B' 2147483648\n'C' -2147483648\n'D' 007", "",
			tkvlist.List{num("A", -1), num("B", -1<<31), num("C", -1<<31), num("D", 7)}},
		{"hex in capitals", "'A'(binary) \t00Ff \n", "", tkvlist.List{bin("A", "\x00\xff")}},
		{"no blank after a mark", "'A'(list)'B'(unicode)'x'\n", "", tkvlist.List{sub("A", uni("B", "x"))}},
		{"first nested pair on its own line", "\t\t'A'(list) \n\t\t\t'B'\t1\n\t\t'C'\t2\n", "",
			tkvlist.List{sub("A", num("B", 1)), num("C", 2)}},
		{"blanks 8", untabbed(8, 0), "Attr", deep},
		{"blanks 4", untabbed(4, 0), "Attr", deep},
		{"blanks 2", untabbed(2, 0), "Attr", deep},
		{"blanks 3, header without its own", strings.TrimLeft(untabbed(3, 0), " "), "Attr", deep},
		{"blanks 4, moved left by 2", untabbed(4, 2), "Attr", deep},
		{"blanks 4, no header, moved left", "'P'(list) 'D'(list) 'E' 1\n        'F' 2\n    'G' 3\n'H' 4\n", "", deep},
		{"blanks, one list open", "Attr [9]\n    'A'(list) 'B' 1\n        'C' 2\n", "Attr",
			tkvlist.List{sub("A", num("B", 1), num("C", 2))}},
		{"tabs behind blanks", "  \t\t'A'(list) 'B' 1\n  \t\t\t'C' 2\n", "", tkvlist.List{sub("A", num("B", 1), num("C", 2))}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			attribute, l, err := tkvlog.Parse([]byte(tt.text))
			if err != nil || attribute != tt.attribute || !tkvlist.Equal(l, tt.want) {
				t.Errorf("%q\nparsed %q %v, %v\nwant %v", tt.text, attribute, l, err, tt.want)
			}
		})
	}
}
