//go:build js && wasm

package wasm

import (
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"commdn/components/lang"
	"commdn/components/ui"
)

// maxLanguages bounds the cache of languages; a host that uses more pays for making them
// again.
const maxLanguages = 32

// language returns the texts for a BCP 47 tag, with the browser's Intl for that very tag:
// en-GB and en-US share English texts, but not dates.
func (p *plugin) language(tag string) *lang.Language {
	if l := p.languages[tag]; l != nil {
		return l
	}
	code := lang.Find(tag)
	local := code
	if base(tag) == base(code) {
		local = tag
	}
	var in lang.Intl
	in, err := newIntl(local)
	if err != nil { // malformed, such as en--x
		in, _ = newIntl(code)
	}
	if len(p.languages) >= maxLanguages {
		clear(p.languages)
	}
	l := p.parts.Language(code, in)
	p.languages[tag] = l
	return l
}

func base(tag string) string {
	b, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return b
}

// intl is the browser's Intl for one language, in the reader's time zone. The browser
// adds the zone to each date: Go's local time on js is a fixed offset without summer
// time.
type intl struct {
	plural, number, clock, moment safejs.Value // formatters
	minute                        safejs.Value
	date                          safejs.Value // the constructor
	zone                          string
	memory                        map[asked]string
}

// asked is a call of one of the functions below, by its name.
type asked struct {
	function string
	n        int64
}

// maxMemory bounds the remembered answers. A paint asks for most of them again, and one
// call of the browser takes longer than all the rest of a row.
const maxMemory = 1000

// remember returns the earlier result of f for the same number.
func (i *intl) remember(function string, n int64, f func() string) string {
	a := asked{function, n}
	text, known := i.memory[a]
	if !known {
		text = f()
		if len(i.memory) >= maxMemory {
			clear(i.memory)
		}
		i.memory[a] = text
	}
	return text
}

// newIntl fails for a malformed tag. Its result then formats everything as empty.
func newIntl(tag string) (*intl, error) {
	made := &intl{memory: map[asked]string{}}
	space, err := safejs.Global().Get("Intl")
	if err != nil {
		return made, err
	}
	if made.date, err = safejs.Global().Get("Date"); err != nil {
		return made, err
	}
	for _, f := range []struct {
		to      *safejs.Value
		class   string
		options map[string]any
	}{
		{&made.plural, "PluralRules", nil},
		{&made.number, "NumberFormat", nil},
		{&made.clock, "DateTimeFormat", map[string]any{"timeStyle": "medium"}},
		{&made.minute, "DateTimeFormat", map[string]any{"timeStyle": "short"}},
		{&made.moment, "DateTimeFormat", map[string]any{"dateStyle": "medium", "timeStyle": "short"}},
	} {
		class, err := space.Get(f.class)
		if err != nil {
			return made, err
		}
		if *f.to, err = class.New(tag, f.options); err != nil {
			return made, err
		}
	}
	options, err := made.clock.Call("resolvedOptions")
	if err != nil {
		return made, err
	}
	zone, err := options.Get("timeZone")
	if err != nil {
		return made, err
	}
	made.zone, err = zone.String()
	return made, err
}

// said is a number as a formatter's method formats it; empty if it cannot.
func said(formatter safejs.Value, method string, n int64) string {
	v, err := formatter.Call(method, n)
	if err != nil {
		return ""
	}
	s, _ := v.String()
	return s
}

func (i *intl) Zone() string { return i.zone }

func (i *intl) Plural(n int) string {
	return i.remember("plural", int64(n), func() string { return said(i.plural, "select", int64(n)) })
}

func (i *intl) Number(n int) string {
	return i.remember("number", int64(n), func() string { return said(i.number, "format", int64(n)) })
}

// Moment and Field format to the minute.
func (i *intl) Moment(t time.Time) string {
	return i.remember("moment", minute(t), func() string { return said(i.moment, "format", t.UnixMilli()) })
}

func (i *intl) Minute(t time.Time) string {
	return i.remember("minute", minute(t), func() string { return said(i.minute, "format", t.UnixMilli()) })
}

func (i *intl) Clock(t time.Time) string {
	return i.remember("clock", t.Unix(), func() string { return said(i.clock, "format", t.UnixMilli()) })
}

// Field shifts t so that its UTC form reads as local time.
func (i *intl) Field(t time.Time) string {
	return i.remember("field", minute(t), func() string {
		if d, err := i.date.New(t.UnixMilli()); err == nil {
			if v, err := d.Call("getTimezoneOffset"); err == nil {
				minutes, _ := v.Float() // UTC less local time; whole since the start of time zones
				t = t.Add(-time.Duration(minutes) * time.Minute)
			}
		}
		s := ui.ISO(t)
		return s[:min(len(s), len(fieldForm))]
	})
}

// minute counts the minutes from 1970 to t, rounded down.
func minute(t time.Time) int64 { return (t.Unix() - int64(t.Second())) / 60 }

// fieldForm is what an <input type="datetime-local"> holds; 0 is any digit.
const fieldForm = "0000-00-00T00:00"

func (i *intl) ParseField(s string) (time.Time, bool) {
	if len(s) != len(fieldForm) {
		return time.Time{}, false // Date takes much more than this
	}
	for k := range len(s) {
		if digit := s[k] >= '0' && s[k] <= '9'; digit != (fieldForm[k] == '0') || !digit && s[k] != fieldForm[k] {
			return time.Time{}, false
		}
	}
	return parseDate(s)
}

// parseDate reads a time as the browser's Date does; without a zone it is local.
func parseDate(s string) (time.Time, bool) {
	date, err := safejs.Global().Get("Date")
	if err != nil {
		return time.Time{}, false
	}
	v, err := date.Call("parse", s)
	if err != nil {
		return time.Time{}, false
	}
	ms, err := v.Float()
	if err != nil || ms != ms {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(ms)), true
}
