package number

import (
	"strings"
	"unicode/utf8"
)

// Text is Given without armour, invisible characters and outer blanks, with
// ASCII digits, and with ' ' for every other blank. Reading it gives the same
// number.
func (n Number) Text() string {
	if only(n.Given, digits+separators+"+") && strings.TrimSpace(n.Given) == n.Given {
		return n.Given // as most are
	}
	folded, _, _ := fold(n.Given, all)
	s := armour(folded)
	start := strings.Index(folded, s)
	var text []byte
	i := 0 // in folded
	for _, r := range n.Given {
		c := foldRune(r)
		if c == invisible {
			continue
		}
		switch {
		case i < start || i >= start+len(s):
		case c == ' ', c-'0' <= 9:
			text = append(text, c)
		default:
			text = utf8.AppendRune(text, r)
		}
		i++
	}
	return string(text)
}
