package tkvlog_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"commdn/protocol/tkvlist"
	"commdn/protocol/tkvlist/tkvlog"
)

func TestParseErrors(t *testing.T) {
	const (
		header = "neither a quoted key nor an attribute with its [length] at byte "
		key    = "key is not closed or has no value on its line at byte "
		indent = "indentation does not fit a list that is open here at byte "
		number = "not a decimal integer of 32 bits at byte "
		open   = "string is not closed at byte "
	)
	tests := []struct {
		name, text, want string
	}{
		{"a word", "\n\tAttributeUserData", header + "2"},
		{"no length", "AttributeThisDN\t'9001'", header + "0"},
		{"empty length", "X []", header + "0"},
		{"open length", "X [12", header + "0"},
		{"length in letters", "X [1a]", header + "0"},
		{"name in control characters", "\x01 [2]", header + "0"},
		{"second attribute", "X [2]\n\tAttributeThisDN\t'9001'\n", "not a quoted key at byte 7"},
		{"text after a mark", "'A'(list) x", "not a quoted key at byte 10"},
		{"open key", "'A", key + "0"},
		{"key on two lines", "'A\nB'\t1", key + "0"},
		{"no value", "X [2]\n\t\t'A'\t\n", key + "8"},
		{"no value in a list", "'A'(list) 'B'", key + "10"},
		{"unknown mark", "'A'(float) 1", key + "0"},
		{"unknown value", "'A' x", key + "0"},
		{"unicode without quotes", "'A'(unicode) x", key + "0"},
		{"mark without a gap", "'A'(binary)00", key + "0"},
		{"empty key", "'' 1", "empty key at byte 0"},
		{"long key", "\t'" + strings.Repeat("k", 256) + "' 1", "key of 256 bytes, over 255 at byte 1"},
		{"string not closed", "'A' 'x\ny", open + "4"},
		{"string closed too early", "'A' 'x' y\n", open + "4"},
		{"string cut before a pair", "'A' 'x\n\t\t'B'\t'y'\n", open + "4"},
		{"string cut before a list", "'A' 'x\n'B'(list)\n", open + "4"},
		{"quote alone", "'A' '", open + "4"},
		{"unicode not closed", "'A'(unicode) 'x", open + "13"},
		{"unicode not UTF-8", "'A'(unicode) '\xff'", "unicode value is not UTF-8 at byte 13"},
		{"integer too large", "'A' 4294967296", number + "4"},
		{"integer too small", "'A' -2147483649", number + "4"},
		{"integer too long", "'A' 99999999999999999999", number + "4"},
		{"integer and text", "'A' 12x", number + "4"},
		{"integer and pair", "'A' 12 'B' 1", number + "4"},
		{"minus alone", "'A' -", number + "4"},
		{"fraction", "'A' 1.0", number + "4"},
		{"odd hex", "'A'(binary) 0", "binary value is not hex digits in pairs at byte 12"},
		{"no hex", "'A'(binary) 0g", "binary value is not hex digits in pairs at byte 12"},
		{"left of the outermost list", "\t\t'A'(list) 'B' 1\n\t'C' 1", indent + "19"},
		{"deeper than any list", "\t\t'A'(list) 'B' 1\n\t\t\t\t'C' 1", indent + "22"},
		{"deeper after a list has ended", "\t\t'A'(list) 'B' 1\n\t\t'C' 1\n\t\t\t'D' 1", indent + "29"},
		{"between two levels", "    'A'(list) 'B' 1\n      'C' 2\n       'D' 2", indent + "39"},
		{"no unit fits", " 'A'(list) 'B'(list) 'C' 1\n    'D' 2", indent + "31"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			attribute, l, err := tkvlog.Parse([]byte(tt.text))
			var syntax *tkvlist.SyntaxError
			if attribute != "" || l != nil || !errors.As(err, &syntax) || err.Error() != "tkvlist: "+tt.want {
				t.Errorf("%q\ngot %q %v, %v\nwant tkvlist: %s", tt.text, attribute, l, err, tt.want)
			}
		})
	}
}

// The text is bounded as packed lists are, and where it goes over says so.
func TestLimits(t *testing.T) {
	chain := func(levels int) string { return strings.Repeat("'k'(list) ", levels-1) }
	if _, _, err := tkvlog.Parse([]byte(chain(8))); err != nil {
		t.Errorf("8 levels: %v", err)
	}
	long := func(bytes int) string { return fmt.Sprintf("'k' '%s'", strings.Repeat("x", bytes-8)) }
	if _, _, err := tkvlog.Parse([]byte(long(65535))); err != nil {
		t.Errorf("65535 bytes: %v", err)
	}
	deep, size := "list nested deeper than 8 levels at byte ", "packed list is longer than 65535 bytes at byte "
	tests := []struct {
		name, text, want string
		limit            int
	}{
		{"depth", chain(9), deep + "70", 8},
		{"one string", long(65536), size + "0", 65535},
		{"second string", long(65535) + "\n'k' ''", size + "65534", 65535},
		{"lists", strings.Repeat("'k'(list)\n", 6554), size + "65530", 65535},
	}
	for _, tt := range tests {
		_, l, err := tkvlog.Parse([]byte(tt.text))
		var over *tkvlist.LimitError
		if l != nil || !errors.As(err, &over) || err.Error() != "tkvlist: "+tt.want || over.Limit != tt.limit {
			t.Errorf("%s: %d pairs, %v, want tkvlist: %s", tt.name, len(l), err, tt.want)
		}
	}
	if _, err := tkvlog.Append(nil, "X", tkvlist.List{str("k", strings.Repeat("x", 65528))}); err == nil {
		t.Error("65536 bytes are printed")
	}
}
