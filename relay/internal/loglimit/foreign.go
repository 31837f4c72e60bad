package loglimit

import (
	"net/netip"
	"strings"
	"unicode"

	"commdn/protocol/commdn"
)

// MaxForeign is how many bytes of a text from outside a log line holds.
const MaxForeign = 200

// Foreign makes text that a client wrote, or caused, fit for a log: at most
// MaxForeign bytes and a mark that there were more, no control characters, and
// what may be a phone masked: five digits or more, also with blanks, dots,
// hyphens, slashes and brackets between them. IP addresses stay.
func Foreign(s string) string {
	more := len(s) > MaxForeign
	if more {
		// A number that the cut goes through would lose the digits by which it is
		// seen to be one.
		s = s[:MaxForeign]
		s = strings.TrimRightFunc(s, inNumber)
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	s = masked(s)
	if more {
		s += "..."
	}
	return s
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

func inNumber(r rune) bool { return digit(r) || strings.ContainsRune(" .-/()", r) }

// masked hides all but the last three digits of what may be a phone.
func masked(s string) string {
	var out strings.Builder
	for s != "" {
		start := strings.IndexFunc(s, digit)
		if start < 0 {
			break
		}
		out.WriteString(s[:start])
		s = s[start:]
		end := strings.IndexFunc(s, func(r rune) bool { return !inNumber(r) })
		if end < 0 {
			end = len(s)
		}
		out.WriteString(maskedNumber(s[:end]))
		s = s[end:]
	}
	out.WriteString(s)
	return out.String()
}

func maskedNumber(s string) string {
	digits := strings.Map(func(r rune) rune {
		if digit(r) {
			return r
		}
		return -1
	}, s)
	if len(digits) < 5 {
		return s
	}
	if _, err := netip.ParseAddr(strings.TrimRight(s, "/ ")); err == nil {
		return s
	}
	digits = commdn.Mask(digits)
	var out strings.Builder
	for _, r := range s {
		if digit(r) {
			out.WriteByte(digits[0])
			digits = digits[1:]
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// mostLine is how much of a long text the log has that is masked already.
const mostLine = 500

// Line cuts a text that is masked already to what a line of the log has of one.
func Line(s string) string {
	if len(s) > mostLine {
		return strings.ToValidUTF8(s[:mostLine], "") + "…"
	}
	return s
}
