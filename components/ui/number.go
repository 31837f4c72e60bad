package ui

import (
	"slices"
	"strconv"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
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

// Answers has a line for each OCS, and for each form of a number where an OCS says
// different things of them.
func Answers(l *lang.Language, answers []commdn.Message) []string {
	var short, long []string
	for _, m := range answers {
		dbid, text := strconv.Itoa(int(m.Addr().Origin)), answerText(l, m)
		line := l.Text(lang.OutcomeOcs, "dbid", dbid, "text", text)
		if !slices.Contains(short, line) {
			short = append(short, line)
		}
		long = append(long, l.Text(lang.OutcomeOcs, "dbid", dbid+" · "+Isolate(PhoneOf(m)), "text", text))
	}
	if len(short) == client.Origins(answers) {
		return short
	}
	return long
}

// answerText is what an OCS says.
func answerText(l *lang.Language, m commdn.Message) string {
	switch m := m.(type) {
	case *commdn.Fault:
		return FaultReason(l, m).String()
	case *commdn.RecordCanceled:
		if m.Incomplete() {
			return Word(l, session.Incomplete) + " · " + m.Message
		}
	}
	return l.Text(lang.OutcomeOcsDone)
}

// PhoneOf returns the number that an answer is about, as far as it says it.
func PhoneOf(m commdn.Message) string {
	switch m := m.(type) {
	case *commdn.DoNotCallProcessed:
		return m.Phone
	case *commdn.RecordCanceled:
		return m.Phone
	case *commdn.Fault:
		return m.Phone
	}
	return ""
}
