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
// text has none. problem says why nothing can be sent for the text. With vanity the relay
// judges letters, and the text is left as it is.
func ReadNumber(l *lang.Language, given string, vanity bool) (read, problem string) {
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
	if wrong.Kind == number.Letter && vanity {
		return given, ""
	}
	return given, l.Text(problems[wrong.Kind], "n", l.Number(wrong.At), "char", wrong.Char())
}

// problems are the texts for what can be wrong with a number.
var problems = [...]lang.Key{
	number.Empty: lang.FieldNoOne, number.TooShort: lang.FieldDigits, number.TooLong: lang.FieldDigits, number.Word: lang.FieldDigits,
	number.Damaged: lang.FieldDamaged, number.Letter: lang.FieldCharacter, number.Character: lang.FieldCharacter, number.Several: lang.FieldSeveral,
}

// SentAs tells in which forms a number is sent, one at least.
func SentAs(l *lang.Language, forms []string) (text string) {
	for i, form := range forms {
		key := lang.PersonAlsoAs
		if i == 0 {
			key = lang.PersonSentAs
		}
		text += l.Text(key, "form", Isolate(form))
	}
	return text
}

// Forms returns the forms in which a number was sent, as far as the answers say them.
func Forms(answers []commdn.Message) []string {
	forms := make([]string, 0, len(answers))
	for _, m := range answers {
		if form := PhoneOf(m); form != "" && !slices.Contains(forms, form) {
			forms = append(forms, form)
		}
	}
	return forms
}

// Isolate puts a value into a sentence so that neither changes the other's direction:
// between U+2068 and U+2069. Digits, with hyphens, dots or slashes between them, and ASCII
// text that begins with a letter keep their order anyway.
func Isolate(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || s[0] < 'A' && c <= '+' {
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
