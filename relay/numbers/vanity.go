package numbers

import (
	"errors"
	"regexp"
	"strings"

	"commdn/protocol/number"
)

// vanity is a number with letters: digits, then letters for digits, three of
// them at least, then perhaps an extension.
var vanity = regexp.MustCompile(`^([^A-Za-z]*[0-9][^A-Za-z]*)([A-Za-z][A-Za-z0-9 .\-/()]*?)((?i: *\(?(?:;ext=|ext(?:n|ension)?|x)[ .:#=]*[0-9]+\)?)?)\s*$`)

// wholeNumber is how many digits before the letters are a number already.
const wholeNumber = 9

// keypad has the digit for each letter from a to z.
const keypad = "22233344455566677778889999"

// readVanity is number.Read, and takes the letters of a telephone's keys for
// their digits: 1-800-FLOWERS is 18003569377.
func readVanity(text string) (number.Number, error) {
	n, err := number.Read(text)
	if e, is := errors.AsType[*number.Error](err); !is || e.Kind != number.Letter {
		return n, err
	}
	parts := vanity.FindStringSubmatch(text)
	if parts == nil {
		return n, err
	}
	if before, wrong := number.Read(parts[1]); wrong == nil && len(before.Digits) >= wholeNumber {
		return n, err // a name behind a number
	}
	letters, words := 0, false
	dialled := strings.Map(func(r rune) rune {
		lower := r | 0x20
		if lower < 'a' || lower > 'z' {
			return r
		}
		letters++
		words = words || !strings.ContainsRune("OoIl", r)
		return rune(keypad[lower-'a'])
	}, parts[2])
	// A letter for a digit is an error of typing.
	if letters < 3 || !words {
		return n, err
	}
	v, vanityErr := number.Read(parts[1] + dialled + parts[3])
	if vanityErr != nil {
		return n, err
	}
	return v, nil
}
