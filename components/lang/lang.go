// Package lang holds all texts of the elements, one table for each language, and formats
// numbers and times for the reader.
//
// The texts are in CODE.txt beside this file; ./gen makes tables_gen.go from them, with a
// constant for each key of en.txt.
package lang

import (
	"slices"
	"strings"
	"time"
)

//go:generate go run ./gen

// Key names a text; ./gen makes the constants from en.txt.
type Key uint16

// Intl formats by language and time zone. In a browser it is the browser's own Intl.
type Intl interface {
	// Plural returns the category of a whole number: "one", "other" …
	Plural(n int) string
	// Number formats n with the language's digits and separators.
	Number(n int) string
	// Clock formats the time of day, to the second.
	Clock(t time.Time) string
	// Minute formats the time of day, to the minute, with 12 or 24 hours as Clock does.
	Minute(t time.Time) string
	// Moment formats date and time of day, to the minute.
	Moment(t time.Time) string
	// Field formats t as the value of an <input type="datetime-local">.
	Field(t time.Time) string
	// ParseField reads such a value; false if it is malformed.
	ParseField(s string) (time.Time, bool)
	// Zone names the time zone, for example "Europe/Berlin".
	Zone() string
}

// Language is one table with its Intl.
type Language struct {
	Intl
	Code  string // of the table, for example "pt-BR"
	texts []string
}

// english stands in for shared texts that a table lacks.
var english = split(tables[0].texts)

// New returns the language for a BCP 47 tag: the table of that tag, else the first table
// of the same language, else English. intl must be for Find(tag).
func New(tag string, intl Intl) *Language {
	l := Agent(tag, intl)
	l.texts = append(slices.Clip(l.texts), split(supervisors[find(tag)])...)
	return l
}

// Agent is New without the texts of supervisors' elements, which are empty then: a program
// without these elements does not link them.
func Agent(tag string, intl Intl) *Language {
	i := find(tag)
	l := &Language{Intl: intl, Code: tables[i].code, texts: english}
	if i > 0 {
		l.texts = split(tables[i].texts)
	}
	return l
}

// Find returns the code of the table that New chooses for tag.
func Find(tag string) string { return tables[find(tag)].code }

func find(tag string) int {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	best := 0
	for i, t := range tables {
		if strings.EqualFold(t.code, tag) {
			return i
		}
		if b, _, _ := strings.Cut(strings.ToLower(t.code), "-"); b == base && best == 0 {
			best = i
		}
	}
	return best
}

func split(texts string) []string { return strings.Split(texts, "\n") }

// Text returns a text with its placeholders filled in. args are alternating names and
// values: "who", "5551234567" fills {who}. Text does not look for placeholders in values.
func (l *Language) Text(k Key, args ...string) string {
	return fill(l.raw(k), args)
}

// Count is Text for a text with plural forms, "one: {n} row | other: {n} rows";
// {n} is the number.
func (l *Language) Count(k Key, n int, args ...string) string {
	args = append(args, "n", l.Number(n))
	other := ""
	category := l.Plural(n)
	for form := range strings.SplitSeq(l.raw(k), "|") {
		name, text, _ := strings.Cut(form, ":")
		switch strings.TrimSpace(name) {
		case category:
			return fill(strings.TrimSpace(text), args)
		case "other":
			other = strings.TrimSpace(text)
		}
	}
	return fill(other, args)
}

func (l *Language) raw(k Key) string {
	for _, texts := range [...][]string{l.texts, english} {
		if int(k) < len(texts) && texts[k] != "" {
			return texts[k]
		}
	}
	return ""
}

func fill(text string, args []string) string {
	if len(args) == 0 {
		return text
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		for i := 0; i+1 < len(args); i += 2 {
			if args[i] == name {
				b.WriteString(args[i+1])
			}
		}
		text = after
	}
}
