package ui

import (
	"strings"
	"unicode/utf8"
)

// plain has the letters of U+00DF to U+017F without their marks, in lower case; a
// dot is none. Of a ligature it has the first letter.
const plain = "saaaaaaaceeeeiiiidnooooo.ouuuuy.yaaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkk.llllll..llnnnnnn.nnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"

const firstMarked = 'ß'

// Fold gives a text as it is searched for: in lower case, and without the marks
// of Latin letters, as nobody types them in a hurry.
func Fold(s string) string {
	s = strings.ToLower(s)
	if !strings.ContainsFunc(s, marked) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if marked(r) {
			return rune(plain[r-firstMarked])
		}
		return r
	}, s)
}

func marked(r rune) bool {
	return r >= firstMarked && r < firstMarked+rune(len(plain)) && plain[r-firstMarked] != '.'
}

// SortKey gives a text whose bytes sort as a reader expects it of s: folded, and
// numbers by their value. Equal texts have equal keys, and so have some others.
func SortKey(s string) string {
	s = Fold(s)
	if !strings.ContainsFunc(s, digit) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		n := 0
		for n < len(s) && digit(rune(s[n])) {
			n++
		}
		if n > 0 {
			number := strings.TrimLeft(s[:n], "0")
			// How long it is comes first, as a character that sorts among the digits.
			b.WriteByte('0')
			b.WriteRune(rune(min(len(number), utf8.RuneSelf-1)))
			b.WriteString(number)
			s = s[n:]
			continue
		}
		_, size := utf8.DecodeRuneInString(s)
		b.WriteString(s[:size])
		s = s[size:]
	}
	return b.String()
}

func digit(r rune) bool { return r >= '0' && r <= '9' }
