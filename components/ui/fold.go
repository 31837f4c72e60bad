package ui

import (
	"strings"
	"unicode/utf8"
)

// plain maps U+00DF to U+017F to their letters without marks, in lower case; a dot marks
// a non-letter. A ligature maps to its first letter.
const plain = "saaaaaaaceeeeiiiidnooooo.ouuuuy.yaaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkk.llllll..llnnnnnn.nnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"

const firstMarked = 'ß'

// Fold returns the searchable form of a text: lower case, Latin letters without marks, as
// people type in a hurry.
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

// SortKey returns a key of s whose bytes sort as a reader expects: folded, with numbers
// by value. Equal texts have equal keys, and so do some others.
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
			// The number's length comes first, as a character that sorts among the
			// digits.
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
