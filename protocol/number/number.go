// Package number reads phone numbers as people, pages and files write them, and
// says what is left of the text. It knows no countries: in which forms a calling
// list holds a number is for the relay to say (relay/numbers).
//
// A browser links this package, so that it is written for few bytes: no fmt, no
// tables of Unicode, and functions that the plugin has anyway.
package number

import "strings"

// Bounds of a number.
const (
	MinDigits    = 3
	MaxDigits    = 25
	MaxExtension = 11  // digits
	MaxText      = 256 // bytes of a text, with all that is dropped from it
)

// longRun is how many digits in a row can be a number by themselves. Two such
// runs in one text are two numbers.
const longRun = 7

// Number is a phone number that was read from a text.
type Number struct {
	// Given is the text, untouched.
	Given string
	// Plus says that a plus stands in front: Digits begin with a country code.
	Plus bool
	// Digits are MinDigits to MaxDigits ASCII digits, without the extension.
	Digits string
	// Extension are the ASCII digits of an extension, or "".
	Extension string
}

// String gives the digits, with the plus if there is one and without the
// extension.
func (n Number) String() string {
	if n.Plus {
		return "+" + n.Digits
	}
	return n.Digits
}

// Changed says whether String is another text than the one that was given, so
// that a person should see it.
func (n Number) Changed() bool { return n.Given != n.String() }

// Read reads one number. It drops invisible characters, separators, the armour of
// a spreadsheet (="…", a leading apostrophe) and a leading tel:. It takes digits
// of any script. A "(0)" behind a country code is dropped, as nobody dials both;
// behind +39 it stays, where the zero belongs to the number. The error is an
// *Error.
func Read(given string) (Number, error) {
	n, wrong := Scan(given)
	if wrong.Kind != 0 {
		return Number{}, &wrong
	}
	return n, nil
}

// Scan is Read for a browser, which has words of its own for each Kind, and whose
// linker then leaves out those of Error. The Kind is 0 where nothing is wrong.
func Scan(given string) (n Number, wrong Error) {
	n = Number{Given: given, Digits: given}
	index := 0
	if wrong.Kind, index = n.read(); wrong.Kind >= Letter {
		_, wrong.At, wrong.Rune = fold(given, index)
	}
	return n, wrong
}

const (
	digits  = "0123456789"
	letters = "abcdefghijklmnopqrstuvwxyz"
	// separators are the folded characters that stand between digits.
	separators = " -./()[]"
)

// read fills in the rest of n. It gives 0, or what is wrong, and where that has a place
// the index in the folded text. It is one function, as each costs the
// browser some hundred bytes.
func (n *Number) read() (wrong Kind, index int) {
	switch size := len(n.Given); {
	case size > MaxText:
		return TooLong, 0
	case size >= MinDigits && size <= MaxDigits && only(n.Given, digits):
		return 0, 0 // as most are
	}
	folded, _, _ := fold(n.Given, all)
	s := armour(folded)
	// What is no number as a whole.
	_, power, _ := strings.Cut(s, "e")
	units, decimals, _ := strings.Cut(s, ".")
	switch {
	case only(s, separators+"+"):
		return Empty, 0
	case s[0] == '#', // #N/A, ####
		power != "" && only(power, digits+"+-"), // 5.55E+09
		s[0] == '-',                             // -899
		len(units) > MinDigits && only(units, digits+"+") && (decimals == "0" || decimals == "00"):
		return Damaged, 0
	case s[0] == '{', s[0] == '[' && s[len(s)-1] == ']', !strings.ContainsAny(s, digits):
		return Word, 0
	}
	start := strings.Index(folded, s)
	read := make([]byte, len(s))
	have, run, long := 0, 0, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c-'0' <= 9 {
			read[have] = c
			have++
			if run++; run == longRun {
				if long++; long == 2 {
					return Several, start + i + 1 - longRun
				}
			}
			continue
		}
		run = 0
		switch {
		case strings.IndexByte(separators, c) >= 0:
			if n.Plus && strings.HasPrefix(s[i:], "(0)") && have > 0 && have <= 3 && string(read[:have]) != "39" {
				i += len("0)")
			}
			continue
		case c == '+' && !n.Plus && have == 0:
			n.Plus = true
			continue
		}
		rest := strings.TrimLeft(s[i:], ";"+letters)
		n.Extension = strings.Trim(rest, " .:#=)")
		if have < MinDigits || n.Extension == "" || !only(n.Extension, digits) ||
			!strings.Contains("|x|ext|extn|extension|;ext|", "|"+s[i:len(s)-len(rest)]+"|") {
			if wrong = Letter; c < 'a' || c > 'z' {
				wrong = Character
			}
			return wrong, start + i
		}
		break
	}
	n.Digits = string(read[:have])
	switch {
	case have < MinDigits:
		return TooShort, 0
	case have > MaxDigits, len(n.Extension) > MaxExtension:
		return TooLong, 0
	}
	return 0, 0
}

// armour takes off blanks, quotes, = and tel: around a number.
func armour(folded string) string {
	const outer = " \"'="
	s := strings.Trim(folded, outer)
	if strings.HasPrefix(s, "tel:") {
		s = strings.Trim(s[len("tel:"):], outer)
	}
	return s
}

// only says whether s is made of characters of set alone.
func only(s, set string) bool { return strings.Trim(s, set) == "" }
