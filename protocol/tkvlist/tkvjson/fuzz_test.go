package tkvjson_test

import (
	"encoding/json"
	"errors"
	"testing"

	"commdn/protocol/tkvlist"
	"commdn/protocol/tkvlist/tkvjson"
)

// Whatever is read is JSON, and what is written of it is JSON that reads back
// equal. A list within the limits here packs.
func FuzzParse(f *testing.F) {
	for _, g := range golden {
		f.Add([]byte(g.want))
	}
	f.Add([]byte(`[["k","\ud83d\ude00\/"] , [{"string":"ff"},-1]]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := tkvjson.Parse(text)
		if err != nil {
			checkOffset(t, err, len(text))
			return
		}
		if !json.Valid(text) {
			t.Fatalf("%q is not JSON", text)
		}
		written := tkvjson.Append(nil, l)
		if !json.Valid(written) {
			t.Fatalf("%q is not JSON", written)
		}
		again, err := tkvjson.Parse(written)
		if err != nil || !tkvlist.Equal(again, l) {
			t.Fatalf("%v is written as %s and reads as %v, %v", l, written, again, err)
		}
		if _, err := (tkvlist.Limits{MaxBytes: tkvlist.MaxBytes}).AppendPack(nil, l); err != nil {
			t.Fatalf("%v does not pack: %v", l, err)
		}
	})
}

// checkOffset holds an error against what the package promises of it.
func checkOffset(t *testing.T, err error, length int) {
	t.Helper()
	offset := -1
	var syntax *tkvlist.SyntaxError
	var limit *tkvlist.LimitError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &limit):
		offset = limit.Offset
	}
	if offset < 0 || offset > length {
		t.Fatalf("%T %v for %d bytes", err, err, length)
	}
}
