package html

import (
	real "html"
	"testing"
)

func FuzzEscapeString(f *testing.F) {
	for _, s := range []string{"", "Zoë", `<a href="x">&amp;'`, "a\x00\xff&", "&&"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := EscapeString(s), real.EscapeString(s); got != want {
			t.Errorf("%q became %q, want %q", s, got, want)
		}
	})
}
