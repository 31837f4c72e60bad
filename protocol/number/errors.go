package number

import (
	"strconv"
	"strings"
)

// Kind says what is wrong with a text.
type Kind uint8

// The kinds.
const (
	Empty     Kind = iota + 1 // nothing but separators
	TooShort                  // fewer than MinDigits digits
	TooLong                   // more than MaxDigits digits, MaxExtension or MaxText
	Word                      // no digit ("undefined"), or JSON
	Damaged                   // by a spreadsheet: 5.55E+09, 5551234567.0, -899, #N/A; the right digits are lost
	Letter                    // has a place
	Character                 // another one that no number has there: a second plus, a comma; has a place
	Several                   // two numbers; the place is where the second one begins
)

// Error says why a text is no phone number. It holds no more of the text than
// the character that is wrong.
type Error struct {
	Kind Kind
	At   int  // which character is wrong, the first being 1; 0 where the kind has no place
	Rune rune // what stands there
}

// texts are the words for each kind, with @ for At and $ for Rune.
var texts = [...]string{
	Empty:     "has no digit; give a phone number",
	TooShort:  "has fewer than 3 digits; give a whole phone number",
	TooLong:   "is too long: a phone number has at most 25 digits, an extension 11; give one phone number",
	Word:      "is a word or JSON, as a script writes it; give a phone number",
	Damaged:   "was damaged by a spreadsheet, which took it for a number to calculate with; make the column text and export the list again",
	Letter:    `has the letter "$" at character @; give digits alone, 0 for O and 1 for l`,
	Character: `has "$" at character @, where no phone number has it; give digits alone`,
	Several:   "holds two phone numbers, the second at character @; give one phone number",
}

// Error gives what is wrong and what to do, to stand behind the name of a field.
func (e *Error) Error() string {
	return strings.Replace(strings.Replace(texts[e.Kind], "@", strconv.Itoa(e.At), 1), "$", e.Char(), 1)
}

// Char gives the character that is wrong, or its code where it is not ASCII: people
// would take it for another one, or see none.
func (e *Error) Char() string {
	if foldRune(e.Rune) == foreign {
		return "U+" + strconv.FormatInt(int64(e.Rune), 16)
	}
	return string(e.Rune)
}
