package tkvlist_test

import (
	"bytes"
	"errors"
	"testing"

	"commdn/protocol/tkvlist"
)

// Whatever can be unpacked packs to the same bytes again: each list has one
// packed form only.
func FuzzUnpack(f *testing.F) {
	for _, g := range golden {
		f.Add(fields(f, g.packed))
	}
	f.Add([]byte{0xff, 0xff, 3, 0, 1, 'k', 0, 4, 0, 2, 0, 0})
	f.Fuzz(func(t *testing.T, src []byte) {
		kept := bytes.Clone(src)
		l, err := tkvlist.Unpack(src)
		if !bytes.Equal(src, kept) {
			t.Fatal("the input was changed")
		}
		if err != nil {
			checkOffset(t, err, len(src))
			return
		}
		packed, err := tkvlist.AppendPack(nil, l)
		if err != nil {
			t.Fatalf("%v does not pack: %v", l, err)
		}
		if !bytes.Equal(packed, src) {
			t.Fatalf("packed % x from % x", packed, src)
		}
		again, err := tkvlist.Unpack(packed)
		if err != nil || !tkvlist.Equal(again, l) {
			t.Fatalf("%v unpacks as %v, %v", l, again, err)
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
