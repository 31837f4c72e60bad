package tkvlist_test

import (
	"errors"
	"strings"
	"testing"

	"commdn/protocol/tkvlist"
)

func TestUnpackMalformed(t *testing.T) {
	tests := []struct {
		name   string
		packed string
		want   string
	}{
		{"nothing", ``, "truncated count of pairs at byte 0"},
		{"half a count", `00`, "truncated count of pairs at byte 0"},
		{"trailing byte", `00 00 00`, "1 bytes after the list at byte 2"},
		{"count over the bytes", `ff ff 00 00 01 61 00 00`, "count of 65535 pairs with 6 bytes left at byte 0"},
		{"count one over", `00 02 00 00 01 61 00 00`, "count of 2 pairs with 6 bytes left at byte 0"},
		{"no type", `
			00 02
			00 00 01 61 00 06 31 32 33 34 35 36`, "truncated type of value at byte 14"},
		{"unknown type", `00 01 05 00 01 61 00 00`, "unknown type of value 5 at byte 2"},
		{"half a key length", `
			00 02
			00 00 01 61 00 04 31 32 33 34
			00 00`, "truncated key length at byte 13"},
		{"empty key", `00 01 00 00 00 00 00 00`, "key length 0 is not 1 to 255 at byte 3"},
		{"key length 256", `00 01 00 01 00 61 00 00`, "key length 256 is not 1 to 255 at byte 3"},
		{"key over the end", `00 01 00 00 04 61 62 63`, "key of 4 bytes with 3 left at byte 5"},
		{"no value length", `00 01 00 00 03 61 62 63`, "truncated value length at byte 8"},
		{"half a value length", `00 01 00 00 02 61 62 00`, "truncated value length at byte 7"},
		{"string over the end", `00 01 00 00 01 61 00 02 31`, "string value of 2 bytes with 1 left at byte 8"},
		{"binary over the end", `00 01 02 00 01 61 ff ff 31`, "binary value of 65535 bytes with 1 left at byte 8"},
		{"unicode over the end", `00 01 04 00 01 61 00 02 31`, "unicode value of 2 bytes with 1 left at byte 8"},
		{"integer of 3", `00 01 01 00 01 61 00 03 00 00 00`, "integer of 3 bytes instead of 4 at byte 6"},
		{"integer of 5", `00 01 01 00 01 61 00 05 00 00 00 00 00`, "integer of 5 bytes instead of 4 at byte 6"},
		{"integer over the end", `00 01 01 00 01 61 00 04 00 00`, "integer value of 4 bytes with 2 left at byte 8"},
		{"unicode not UTF-8", `00 01 04 00 01 61 00 01 ff`, "unicode value is not UTF-8 at byte 8"},
		{"list over the end", `00 01 03 00 01 61 00 05 00 03 00 00`, "list value of 5 bytes with 4 left at byte 8"},
		{"no list length", `00 01 03 00 01 61 00 00`, "truncated list length at byte 8"},
		{"half a list length", `00 01 03 00 01 61 00 01 00`, "truncated list length at byte 8"},
		{"list length too small", `00 01 03 00 01 61 00 04 00 01 00 00`, "list length 1 in a value of 4 bytes at byte 8"},
		{"list length too large", `00 01 03 00 01 61 00 04 00 03 00 00`, "list length 3 in a value of 4 bytes at byte 8"},
		{"list without a count", `00 01 03 00 01 61 00 02 00 00`, "truncated count of pairs at byte 10"},
		{"count over the nested bytes", `
			00 02
			03 00 01 61 00 04 00 02 00 01
			00 00 01 62 00 00`, "count of 1 pairs with 0 bytes left at byte 10"},
		{"bytes after the nested list", `00 01 03 00 01 61 00 05 00 03 00 00 00`, "1 bytes after the nested list at byte 12"},
		{"pair over the nested list", `
			00 02
			03 00 01 61 00 0a 00 08 00 01 00 00 03 62 63 64
			00 00 01 65 00 00`, "truncated value length at byte 18"},
		{"second pair after an error", `
			00 02
			04 00 01 61 00 01 ff
			09 00 01 61 00 00`, "unicode value is not UTF-8 at byte 8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := tkvlist.Unpack(fields(t, tt.packed))
			if l != nil || err == nil || err.Error() != "tkvlist: "+tt.want {
				t.Errorf("got %v and %v, want tkvlist: %s", l, err, tt.want)
			}
			var syntax *tkvlist.SyntaxError
			if !errors.As(err, &syntax) {
				t.Errorf("%T is no *SyntaxError", err)
			}
		})
	}
}

// Every packed list cut short anywhere is an error, never a panic.
func TestUnpackTruncated(t *testing.T) {
	for _, g := range golden {
		packed := fields(t, g.packed)
		for n := range packed {
			if l, err := tkvlist.Unpack(packed[:n]); err == nil {
				t.Errorf("%s: first %d of %d bytes gave %v", g.name, n, len(packed), l)
			}
		}
	}
}

func TestPackMalformed(t *testing.T) {
	tests := []struct {
		name string
		pair tkvlist.Pair
		want string
	}{
		{"empty key", tkvlist.Pair{Value: tkvlist.Int(1)}, "empty key at byte 8"},
		{"long key", tkvlist.Pair{Key: strings.Repeat("k", 256)}, "key of 256 bytes, over 255 at byte 8"},
		{"unicode", tkvlist.Pair{Key: "n", Value: tkvlist.Unicode("\xff")}, `unicode value of key "n" is not UTF-8 at byte 8`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tkvlist.AppendPack([]byte("before"), tkvlist.List{{Key: "a"}, tt.pair})
			if string(got) != "before" || err == nil || err.Error() != "tkvlist: "+tt.want {
				t.Errorf("got %q and %v, want tkvlist: %s", got, err, tt.want)
			}
			var syntax *tkvlist.SyntaxError
			if !errors.As(err, &syntax) {
				t.Errorf("%T is no *SyntaxError", err)
			}
		})
	}
}
