package sequence

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"commdn/components/ui"
	"commdn/protocol/commdn"
	"commdn/protocol/vocab"
)

// reader is a strict reader of the JSON in commdn-change: objects with known keys,
// arrays, strings, whole numbers, true, false and null. The first failure stays, with its
// offset. A null counts as a missing key.
type reader struct {
	text string
	at   int
	what string // what is wrong; empty: nothing
}

// readValue reads a sequence; what and at say what is wrong, and where. It reads more
// items than OCS takes, so that the page can say so.
func readValue(text string) (q commdn.Sequence, finish commdn.AutoCompletion, what string, at int) {
	r := &reader{text: text}
	r.object(func(key string) {
		switch key {
		case vocab.Description:
			q.Description = r.string()
		case vocab.Start:
			q.Start = r.time()
		case vocab.Items:
			r.list('[', ']', func() {
				q.Items = append(q.Items, r.item())
				if len(q.Items) > 2*commdn.MaxSequenceItems {
					r.fail("too many items")
				}
			})
		case vocab.Group, vocab.Target:
			r.number()
		case vocab.AutoCompletion:
			finish = commdn.AutoCompletionOff
			if r.boolean() {
				finish = commdn.AutoCompletionOn
			}
		case valid:
			r.boolean()
		default:
			r.fail("no key of a sequence")
		}
	})
	if r.blanks(); r.at < len(text) {
		r.fail("something follows")
	}
	return q, finish, r.what, r.at
}

func (r *reader) item() (it commdn.SequenceItem) {
	r.object(func(key string) {
		for _, f := range vocab.ItemFields {
			if f.Name == key {
				*f.Of(&it) = r.number()
				return
			}
		}
		switch key {
		case vocab.Dialing:
			it.Dialing = r.dialing()
		case vocab.StopAtTime:
			it.StopAtTime = r.time()
		default:
			r.fail("no key of an item")
		}
	})
	return it
}

func (r *reader) dialing() (d commdn.Dialing) {
	r.object(func(key string) {
		for _, f := range vocab.DialingFields {
			if f.Name == key {
				*f.Of(&d) = r.number()
				return
			}
		}
		r.fail("no key of dialing")
	})
	return d
}

func (r *reader) fail(what string) {
	if r.what == "" {
		r.what = what
	}
}

func (r *reader) blanks() {
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.at]) >= 0 {
		r.at++
	}
}

// next skips blanks and s if s follows.
func (r *reader) next(s string) bool {
	r.blanks()
	if r.what != "" || !strings.HasPrefix(r.text[r.at:], s) {
		return false
	}
	r.at += len(s)
	return true
}

// list reads the elements between two brackets, separated by commas.
func (r *reader) list(open, end byte, one func()) {
	if !r.next(string(open)) {
		r.fail("not " + string(open))
		return
	}
	if r.next(string(end)) {
		return
	}
	for r.what == "" {
		if one(); r.next(string(end)) {
			return
		}
		if !r.next(",") {
			r.fail("neither comma nor " + string(end))
		}
	}
}

func (r *reader) object(member func(key string)) {
	r.list('{', '}', func() {
		key := r.string()
		if !r.next(":") {
			r.fail("no colon")
		}
		if r.what == "" && !r.next("null") {
			member(key)
		}
	})
}

func (r *reader) boolean() bool {
	yes := r.next("true")
	if !yes && !r.next("false") {
		r.fail("neither true nor false")
	}
	return yes
}

func (r *reader) number() int32 {
	r.blanks()
	end := r.at
	for end < len(r.text) && strings.IndexByte("+-.0123456789eE", r.text[end]) >= 0 {
		end++
	}
	digits := r.text[r.at:end]
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || strconv.FormatInt(n, 10) != digits {
		r.fail("no whole number")
		return 0
	}
	r.at = end
	return int32(n)
}

// time reads ISO 8601; an empty string is 0.
func (r *reader) time() int64 {
	at := r.at
	s := r.string()
	if s == "" {
		return 0
	}
	if n, ok := readISO(s); ok && n > 0 && n <= latest {
		return n
	}
	r.at = at
	r.fail("no ISO 8601 time with a zone up to the year 2105")
	return 0
}

func (r *reader) string() string {
	if !r.next(`"`) {
		r.fail("no string")
		return ""
	}
	var b strings.Builder
	for r.at < len(r.text) {
		c := r.text[r.at]
		r.at++
		switch {
		case c == '"':
			if !utf8.ValidString(b.String()) {
				r.fail("no UTF-8")
			}
			return b.String()
		case c < ' ':
			r.fail("a control character")
			return ""
		case c != '\\':
			b.WriteByte(c)
		default:
			b.WriteRune(r.escape())
		}
	}
	r.fail("no end of the string")
	return ""
}

// escape reads what follows a backslash. A lone surrogate becomes U+FFFD, as in a
// browser.
func (r *reader) escape() rune {
	if r.at < len(r.text) {
		c := r.text[r.at]
		if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
			r.at++
			return rune("\"\\/\b\f\n\r\t"[i])
		}
	}
	high, ok := r.hex()
	if !ok {
		r.fail("no escape")
		return 0
	}
	if high >= 0xd800 && high < 0xdc00 {
		at := r.at
		if strings.HasPrefix(r.text[r.at:], `\`) {
			r.at++
			if low, ok := r.hex(); ok && low >= 0xdc00 && low < 0xe000 {
				return 0x10000 + (high-0xd800)<<10 + (low - 0xdc00)
			}
		}
		r.at = at
	}
	return high // WriteRune writes U+FFFD for a surrogate
}

// hex reads u and four digits.
func (r *reader) hex() (rune, bool) {
	if len(r.text)-r.at < 5 || r.text[r.at] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(r.text[r.at+1:r.at+5], 16, 16)
	if err != nil {
		return 0, false
	}
	r.at += 5
	return rune(n), true
}

// readISO reads 2026-03-04T12:00:00Z, years AD only. It drops a fraction of a second and
// takes an offset like +01:00. time.Parse would add 4 KB to the download.
func readISO(s string) (seconds int64, ok bool) {
	const layout = "0000-00-00T00:00:00"
	if len(s) <= len(layout) {
		return 0, false
	}
	var n [6]int64 // year, month, day, hours, minutes, seconds
	at := 0
	for i := range len(layout) {
		switch c := s[i]; {
		case layout[i] != '0':
			if c != layout[i] {
				return 0, false
			}
			at++
		case c < '0' || c > '9':
			return 0, false
		default:
			n[at] = 10*n[at] + int64(c-'0')
		}
	}
	// Years begin in March, so that February's last day ends the year.
	year, month := n[0], n[1]-3
	if month < 0 {
		year, month = year-1, month+12
	}
	days := 365*year + year/4 - year/100 + year/400 + (153*month+2)/5 + n[2] - 1 - 719468
	seconds = days*day + n[3]*3600 + n[4]*60 + n[5]
	if !strings.HasPrefix(ui.ISO(time.Unix(seconds, 0)), s[:len(layout)]) {
		return 0, false // such as February 30 or 24:00
	}
	zone := s[len(layout):]
	if zone[0] == '.' {
		if zone = strings.TrimLeft(zone[1:], "0123456789"); len(zone) > len(s)-len(layout)-2 {
			return 0, false
		}
	}
	if zone == "Z" {
		return seconds, true
	}
	if len(zone) != len("+00:00") || zone[3] != ':' || zone[0] != '+' && zone[0] != '-' {
		return 0, false
	}
	hours, err1 := strconv.ParseUint(zone[1:3], 10, 8)
	minutes, err2 := strconv.ParseUint(zone[4:], 10, 8)
	offset := int64(hours*3600 + minutes*60)
	if zone[0] == '+' {
		offset = -offset
	}
	return seconds + offset, err1 == nil && err2 == nil && hours < 24 && minutes < 60
}

// valid is the key of commdn-change that says whether OCS could take the sequence.
const valid = "valid"

// detail is the detail of commdn-change for a draft.
func (d *draft) detail(group, target commdn.DBID, ok bool) map[string]any {
	o := ui.SequenceDetail(d.sequence(0))
	o[vocab.Group], o[vocab.Target], o[valid] = int(group), int(target), ok
	if d.finish != commdn.AutoCompletionUnset {
		o[vocab.AutoCompletion] = d.finish == commdn.AutoCompletionOn
	}
	return o
}
