package ui

import (
	"commdn/components/lang"
	"commdn/protocol/number"
)

// ReadNumber returns what is left of a text as a phone number, with its extension; an empty
// text has none. problem says why nothing can be sent for the text.
func ReadNumber(l *lang.Language, given string) (read, problem string) {
	if given == "" {
		return "", ""
	}
	n, wrong := number.Scan(given)
	if wrong.Kind == 0 {
		read = n.String()
		if n.Extension != "" {
			read += " x" + n.Extension
		}
		return read, ""
	}
	key := lang.FieldDigits
	switch wrong.Kind {
	case number.Empty:
		key = lang.FieldNoOne
	case number.Damaged:
		key = lang.FieldDamaged
	case number.Letter, number.Character:
		key = lang.FieldCharacter
	}
	return given, l.Text(key, "n", l.Number(wrong.At), "char", wrong.Char())
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
