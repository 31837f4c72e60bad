package tkvlist_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"commdn/protocol/tkvlist"
)

// doNotCall is the user data of CM_ReqDoNotCall.
func doNotCall() tkvlist.List {
	return tkvlist.List{
		{Key: "GSW_CM_MessageType", Value: tkvlist.Int(32)},
		{Key: "GSW_CM_AttrOriginAppID", Value: tkvlist.Int(101)},
		{Key: "GSW_CM_AttrTargetAppID", Value: tkvlist.Int(0)},
		{Key: "GSW_CM_AttrProperties", Value: tkvlist.Nested(tkvlist.List{
			{Key: "do_not_call", Value: tkvlist.Nested(tkvlist.List{
				{Key: "GSW_PHONE", Value: tkvlist.String("5551234567")},
				{Key: "GSW_CUSTOMER_ID", Value: tkvlist.String("C-42")},
				{Key: "GSW_CHAIN_ATTR", Value: tkvlist.String("AllChain")},
			})},
		})},
	}
}

// fields puts packed bytes together from one field per line: hex digits, or
// text between quotes; what stands behind a # is for the reader.
func fields(t testing.TB, text string) []byte {
	t.Helper()
	var out []byte
	for line := range strings.Lines(text) {
		field, _, _ := strings.Cut(line, "#")
		field = strings.TrimSpace(field)
		if s, quoted := strings.CutPrefix(field, `"`); quoted {
			out = append(out, strings.TrimSuffix(s, `"`)...)
			continue
		}
		b, err := hex.DecodeString(strings.ReplaceAll(field, " ", ""))
		if err != nil {
			t.Fatalf("field %q: %v", field, err)
		}
		out = append(out, b...)
	}
	return out
}

var golden = []struct {
	name   string
	list   tkvlist.List
	packed string
}{
	{"empty", nil, `
		00 00  # no pairs
	`},
	{"every kind", tkvlist.List{
		{Key: "s", Value: tkvlist.String("a\x00\xff")},
		{Key: "i", Value: tkvlist.Int(-2)},
		{Key: "b", Value: tkvlist.Binary([]byte{0, 255})},
		{Key: "l", Value: tkvlist.Nested(nil)},
		{Key: "u", Value: tkvlist.Unicode("é")},
		{Key: "s", Value: tkvlist.String("")},
	}, `
		00 06        # six pairs
		00           # string
		00 01        # key length
		"s"          # key
		00 03        # value length
		61 00 ff     # value
		01           # integer
		00 01        # key length
		"i"          # key
		00 04        # value length
		ff ff ff fe  # -2
		02           # binary
		00 01        # key length
		"b"          # key
		00 02        # value length
		00 ff        # value
		03           # list
		00 01        # key length
		"l"          # key
		00 04        # value length: list length and list
		00 02        # list length
		00 00        # no pairs
		04           # unicode
		00 01        # key length
		"u"          # key
		00 02        # value length
		c3 a9        # é
		00           # string, its key once more
		00 01        # key length
		"s"          # key
		00 00        # value length
	`},
	{"CM_ReqDoNotCall", doNotCall(), `
		00 04                     # four pairs
		01                        # integer
		00 12                     # key length
		"GSW_CM_MessageType"      # key
		00 04                     # value length
		00 00 00 20               # 32, CM_ReqDoNotCall
		01                        # integer
		00 16                     # key length
		"GSW_CM_AttrOriginAppID"  # key
		00 04                     # value length
		00 00 00 65               # 101
		01                        # integer
		00 16                     # key length
		"GSW_CM_AttrTargetAppID"  # key
		00 04                     # value length
		00 00 00 00               # 0, every OCS
		03                        # list
		00 15                     # key length
		"GSW_CM_AttrProperties"   # key
		00 63                     # value length
		00 61                     # list length
		00 01                     # one pair
		03                        # list
		00 0b                     # key length
		"do_not_call"             # key
		00 4f                     # value length
		00 4d                     # list length
		00 03                     # three pairs
		00                        # string
		00 09                     # key length
		"GSW_PHONE"               # key
		00 0a                     # value length
		"5551234567"              # value
		00                        # string
		00 0f                     # key length
		"GSW_CUSTOMER_ID"         # key
		00 04                     # value length
		"C-42"                    # value
		00                        # string
		00 0e                     # key length
		"GSW_CHAIN_ATTR"          # key
		00 08                     # value length
		"AllChain"                # value
	`},
}

func TestGolden(t *testing.T) {
	for _, tt := range golden {
		t.Run(tt.name, func(t *testing.T) {
			want := fields(t, tt.packed)
			got, err := tkvlist.AppendPack([]byte("before"), tt.list)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, append([]byte("before"), want...)) {
				t.Errorf("packed\n% x\nwant\n% x", got[len("before"):], want)
			}
			l, err := tkvlist.Unpack(want)
			if err != nil {
				t.Fatal(err)
			}
			if !tkvlist.Equal(l, tt.list) {
				t.Errorf("unpacked %v, want %v", l, tt.list)
			}
		})
	}
}

// What Unpack gives lies in one piece; a change to one list must not reach
// another, nor the bytes it came from.
func TestUnpackOwnsItsMemory(t *testing.T) {
	src, err := tkvlist.AppendPack(nil, tkvlist.List{
		{Key: "first", Value: tkvlist.Nested(tkvlist.List{{Key: "a", Value: tkvlist.Int(1)}})},
		{Key: "second", Value: tkvlist.Nested(tkvlist.List{{Key: "b", Value: tkvlist.Int(2)}})},
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := tkvlist.Unpack(src)
	if err != nil {
		t.Fatal(err)
	}
	clear(src)
	first, _ := l.List("first")
	first.Add("more", tkvlist.Int(3))
	l.Add("third", tkvlist.Int(4))
	want := tkvlist.List{
		{Key: "first", Value: tkvlist.Nested(tkvlist.List{{Key: "a", Value: tkvlist.Int(1)}})},
		{Key: "second", Value: tkvlist.Nested(tkvlist.List{{Key: "b", Value: tkvlist.Int(2)}})},
		{Key: "third", Value: tkvlist.Int(4)},
	}
	if !tkvlist.Equal(l, want) {
		t.Errorf("got %v, want %v", l, want)
	}
}
