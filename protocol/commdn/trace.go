package commdn

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Trace gives one line for a log. Phones and customer ids are masked unless
// reveal is set. Every message has it as a method too; it is not one of
// Message, so that a browser, which logs nothing, does not link it.
func Trace(m Message, reveal bool) string {
	return m.(interface{ Trace(reveal bool) string }).Trace(reveal)
}

// Mask hides all but the last three characters of a phone or customer id, and
// half of a short one, so that a log can be compared but not dialed.
func Mask(s string) string {
	n := utf8.RuneCountInString(s)
	show := min(3, n/2)
	for hidden := n - show; hidden > 0; hidden-- {
		_, size := utf8.DecodeRuneInString(s)
		s = s[size:]
	}
	return strings.Repeat("*", n-show) + s
}

// maskIn masks the given texts wherever they stand in s, and every run of five
// or more digits, which may be a phone that OCS did not echo as one.
func maskIn(s string, texts ...string) string {
	for _, text := range texts {
		if text != "" {
			s = strings.ReplaceAll(s, text, Mask(text))
		}
	}
	var out strings.Builder
	for s != "" {
		rest := strings.TrimLeft(s, "0123456789")
		if digits := s[:len(s)-len(rest)]; len(digits) >= 5 {
			out.WriteString(Mask(digits))
		} else {
			out.WriteString(digits)
		}
		next := strings.IndexAny(rest, "0123456789")
		if next < 0 {
			next = len(rest)
		}
		out.WriteString(rest[:next])
		s = rest[next:]
	}
	return out.String()
}

func trace(t MessageType, a Address, phone, customer string, chain Chain, reveal bool) string {
	if !reveal {
		phone, customer = Mask(phone), Mask(customer)
	}
	s := t.String() + " " + strconv.Itoa(int(a.Origin)) + "→" + strconv.Itoa(int(a.Target))
	if phone != "" {
		s += " phone " + strconv.Quote(phone)
	}
	if customer != "" {
		s += " customer " + strconv.Quote(customer)
	}
	switch chain {
	case "":
	case AllChain, RecordOnly:
		s += " chain " + string(chain)
	default:
		s += " chain " + quote(string(chain))
	}
	return s
}
