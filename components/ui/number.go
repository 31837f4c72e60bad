package ui

import (
	"commdn/components/lang"
	"commdn/protocol/number"
)

// ReadNumber returns the phone number of a text without what a list cannot hold, such as
// invisible characters and the armour of a spreadsheet. An empty text has none. problem
// says why nothing can be sent for the text, which then comes back as it is.
func ReadNumber(l *lang.Language, given string) (text, problem string) {
	if given == "" {
		return "", ""
	}
	n, wrong := number.Scan(given)
	if wrong == nil {
		return n.Text(), ""
	}
	at, key := l.Number(wrong.At), lang.FieldNoNumber
	switch wrong.Kind {
	case number.Empty:
		key = lang.FieldNoOne
	case number.TooShort, number.TooLong:
		key = lang.FieldDigits
	case number.Damaged:
		key = lang.FieldDamaged
	case number.Letter, number.Character:
		key = lang.FieldCharacter
	case number.Several:
		key = lang.FieldTwoNumbers
	}
	return given, l.Text(key, "n", at, "char", wrong.Char())
}

// Isolate puts a value into a sentence so that neither changes the other's direction:
// between U+2068 and U+2069. Digits and ASCII names keep their order anyway.
func Isolate(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || c == '+' || c == ' ' {
			return "\u2068" + s + "\u2069"
		}
	}
	return s
}
