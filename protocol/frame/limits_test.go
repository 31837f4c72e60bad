package frame_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

func TestDecodeMalformed(t *testing.T) {
	tests := []struct {
		name   string
		src    string
		offset int
		want   string
	}{
		{"nothing", "", 0, "frame: header of 0 bytes instead of 5 at byte 0"},
		{"short header", "\x08\x00\x00\x00", 4, "frame: header of 4 bytes instead of 5 at byte 4"},
		{"kind 0", "\x00\x00\x00\x00\x01\x00\x00", 0, "frame: kind 0 at byte 0"},
		{"request 0", "\x03\x00\x00\x00\x00\x00\x00", 1, "frame: request with number 0 at byte 1"},
		{"accepted 0", "\x04\x00\x00\x00\x00\x00\x00", 1, "frame: accepted with number 0 at byte 1"},
		{"queued 0", "\x05\x00\x00\x00\x00\x00\x00", 1, "frame: queued with number 0 at byte 1"},
		{"answer 0", "\x06\x00\x00\x00\x00\x00\x00", 1, "frame: answer with number 0 at byte 1"},
		{"outcome 0", "\x07\x00\x00\x00\x00\x00\x00", 1, "frame: outcome with number 0 at byte 1"},
		{"undo 0", "\x16\x00\x00\x00\x00\x00\x00", 1, "frame: undo with number 0 at byte 1"},
		{"held 0", "\x17\x00\x00\x00\x00\x00\x00", 1, "frame: held with number 0 at byte 1"},
		{"header alone", "\x09\x00\x00\x00\x00", 5, "frame: body of ping at byte 5"},
		{"half a count", "\x09\x00\x00\x00\x00\x00", 5, "frame: body of ping at byte 5"},
		{"kind 255 without a list", "\xff\x00\x00\x00\x00", 5, "frame: body of kind 255 at byte 5"},
		{"bytes after the list", "\x0a\x00\x00\x00\x00\x00\x00\x00", 5, "frame: body of pong at byte 5"},
		{"unknown type of value", "\x01\x00\x00\x00\x00\x00\x01\x05\x00\x01a\x00\x00", 5, "frame: body of hello at byte 5"},
		{"two frames", "\x09\x00\x00\x00\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00", 5, "frame: body of ping at byte 5"},
		{"too big", "\x03\x00\x00\x00\x01" + strings.Repeat("\x00", tkvlist.DefaultMaxBytes+1), 5, "frame: body of request at byte 5"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, err := frame.Decode([]byte(test.src))
			var syntax *frame.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("got %v, %v, want a SyntaxError", f, err)
			}
			want := test.want
			if test.offset == frame.HeaderLen {
				if syntax.Err == nil {
					t.Fatalf("%v wraps no error of the list", err)
				}
				want += ": " + syntax.Err.Error()
			}
			if syntax.Offset != test.offset || err.Error() != want {
				t.Errorf("offset %d: %v, want offset %d: %s", syntax.Offset, err, test.offset, want)
			}
			if f.Kind != 0 || f.Number != 0 || f.Body != nil {
				t.Errorf("got %v with the error, want a zero frame", f)
			}
		})
	}
}

func TestDecodeLimitError(t *testing.T) {
	if _, err := frame.Decode(nil); errors.Unwrap(err) != nil {
		t.Errorf("a short header wraps %v, want nothing", errors.Unwrap(err))
	}
	big := append([]byte{3, 0, 0, 0, 1}, make([]byte, tkvlist.DefaultMaxBytes+1)...)
	_, err := frame.Decode(big)
	var limit *tkvlist.LimitError
	if !errors.As(err, &limit) || limit.Limit != tkvlist.DefaultMaxBytes {
		t.Errorf("error %v, want a LimitError of %d", err, tkvlist.DefaultMaxBytes)
	}
}

func TestAppendLimits(t *testing.T) {
	// One pair of key "k": count 2, type 1, key 3, length 2, value.
	body := func(n int) tkvlist.List {
		return tkvlist.List{{Key: "k", Value: tkvlist.String(strings.Repeat("x", n))}}
	}
	most := tkvlist.DefaultMaxBytes - 8
	packed, err := frame.Frame{Kind: frame.KindRequest, Number: 1, Body: body(most)}.Append(nil)
	if err != nil || len(packed) != frame.MaxLen {
		t.Fatalf("%d bytes, %v, want %d", len(packed), err, frame.MaxLen)
	}
	if _, err := frame.Decode(packed); err != nil {
		t.Errorf("the longest frame: %v", err)
	}
	dst := []byte("before")
	got, err := frame.Frame{Kind: frame.KindRequest, Number: 1, Body: body(most + 1)}.Append(dst)
	var limit *tkvlist.LimitError
	if !errors.As(err, &limit) || !bytes.Equal(got, dst) {
		t.Errorf("got %d bytes, %v, want the %d of dst and a LimitError", len(got), err, len(dst))
	}
}

// TestTokensFit: the longest token fits a hello, beside an agent of a common
// length, and a refresh.
func TestTokensFit(t *testing.T) {
	token := strings.Repeat("t", frame.MaxToken)
	for _, f := range []frame.Frame{
		{Kind: frame.KindHello, Body: frame.Hello{Agent: strings.Repeat("a", 900), Token: token}.Body()},
		{Kind: frame.KindRefresh, Body: frame.Refresh{Token: token}.Body()},
	} {
		packed, err := f.Append(nil)
		if err != nil {
			t.Fatalf("%v: %v", f.Kind, err)
		}
		got, err := frame.Decode(packed)
		if text, _ := got.Body.Text("token"); err != nil || text != token {
			t.Errorf("%v: a token of %d bytes, %v", f.Kind, len(text), err)
		}
	}
}
