package number

import (
	"strings"
	"testing"
	"unicode"
)

// The tables agree with those of package unicode, which is too large for the
// browser. Characters that are younger than Go's tables may be in ours.
func TestFoldRune(t *testing.T) {
	t.Parallel()
	last := rune(-1)
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		c := foldRune(r)
		known := unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cc, unicode.Cf, unicode.Co)
		digit := unicode.Is(unicode.Nd, r)
		// Beyond the Basic Multilingual Plane, scripts that nobody writes are left out.
		if digit != (c >= '0' && c <= '9') && known && !(digit && r > 0xffff && c == foreign) {
			t.Errorf("%U folds to %q", r, c)
		}
		if digit && c != foreign {
			if want := '0' + byte(r-last-1); last >= 0 && r == last+1+rune(c-'0') && c != want {
				t.Errorf("digit %U folds to %q, want %q", r, c, want)
			}
			if c == '0' {
				last = r - 1
			}
		}
		for _, class := range []struct {
			name string
			of   *unicode.RangeTable
			want byte
		}{
			{"blank", unicode.Z, ' '}, {"dash", unicode.Pd, '-'}, {"format character", unicode.Other_Default_Ignorable_Code_Point, invisible},
			{"variation selector", unicode.Variation_Selector, invisible}, {"mark of direction", unicode.Bidi_Control, invisible},
		} {
			if unicode.Is(class.of, r) && c != class.want {
				t.Errorf("%s %U folds to %q, want %q", class.name, r, c, class.want)
			}
		}
		if c < ' ' && c != invisible || c > foreign {
			t.Errorf("%U folds to %#x", r, c)
		}
	}
	for r := range rune(0x80) {
		c := foldRune(r)
		if want := byte(unicode.ToLower(r)); r >= ' ' && c != want {
			t.Errorf("%q folds to %q", r, c)
		}
		if blank := strings.ContainsRune("\t\n\v\f\r", r); r < ' ' && (c == ' ') != blank || c == invisible {
			t.Errorf("%U folds to %q", r, c)
		}
	}
}
