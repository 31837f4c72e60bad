package fmt_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	slimfmt "commdn/wasm/slimfmt"
)

// TestLikeFmt compares the package with fmt where it promises the same.
func TestLikeFmt(t *testing.T) {
	for _, c := range []struct {
		format string
		args   []any
	}{
		{"plain", nil},
		{"100%%", nil},
		{"%v %s", []any{"a", "b"}},
		{"%q", []any{"a\"\n"}},
		{"%d %v %v %v %v", []any{1, int32(-2), int64(3), uint8(4), uint32(5)}},
		{"%x:%v", []any{uint64(255), "key"}},
		{"%v %v", []any{true, nil}},
		{"%v", []any{io.EOF}},
		{"%+v\n%s", []any{io.EOF, time.Second}},
		{"%s\n\t%s:%d\n", []any{"f", "file.go", 12}},
		{"%s", []any{[]byte("bytes")}},
		{"%v", []any{uint64(1 << 63)}},
	} {
		want := fmt.Sprintf(c.format, c.args...)
		if got := slimfmt.Sprintf(c.format, c.args...); got != want {
			t.Errorf("Sprintf(%q, %v) = %q, fmt gives %q", c.format, c.args, got, want)
		}
		var b bytes.Buffer
		if n, err := slimfmt.Fprintf(&b, c.format, c.args...); b.String() != want || n != len(want) || err != nil {
			t.Errorf("Fprintf(%q, %v) wrote %q, %d, %v", c.format, c.args, b.String(), n, err)
		}
	}
}

// TestBounds shows where fmt differs.
func TestBounds(t *testing.T) {
	for want, got := range map[string]string{
		"?":       slimfmt.Sprint(struct{}{}),
		"a value": slimfmt.Sprintf("a %T", 1),
		"%!v":     slimfmt.Sprintf("%v"),
		"half %":  slimfmt.Sprintf("half %"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	var b bytes.Buffer
	if _, err := slimfmt.Fprint(&b, "a", io.EOF); err != nil || b.String() != "aEOF" {
		t.Errorf("Fprint wrote %q, %v", b.String(), err)
	}
}

func TestErrorf(t *testing.T) {
	if err := slimfmt.Errorf("reading %s: %w", "x", io.EOF); err.Error() != "reading x: EOF" || !errors.Is(err, io.EOF) {
		t.Errorf("%v does not wrap", err)
	}
	if err := slimfmt.Errorf("reading: %v", io.EOF); err.Error() != "reading: EOF" || errors.Is(err, io.EOF) {
		t.Errorf("%v wraps", err)
	}
}
