package tkvlog

import (
	"bytes"
	"encoding/hex"
	"math"
	"strconv"
	"unicode/utf8"

	"commdn/protocol/tkvlist"
)

// Parse reads the log text of one attribute. Without a header the attribute is
// empty; empty text is an empty list. Lines may end in \n or \r\n and be
// indented by tabs or blanks, as long as their depth relative to each other is
// kept; empty lines between pairs are passed over. The packed length and the
// bytes of the header are not held against the pairs, since logs get edited and
// masked. Integers may be printed signed or unsigned: 4294967295 is -1. A masked
// value ([output suppressed], or three asterisks or more) is a string of its
// mask; ParseLog tells which ones are.
//
// The error is a *tkvlist.SyntaxError, or a *tkvlist.LimitError for a list that
// is nested deeper than 8 levels or longer than 65,535 bytes packed, with the
// offset in text. The result owns its memory.
func Parse(text []byte) (attribute string, l tkvlist.List, err error) {
	a, err := parseList(text)
	return a.Name, a.List, err
}

// parseList reads the text of one attribute that is a list.
func parseList(text []byte) (Attribute, error) {
	p := parser{text: text, open: make([]tkvlist.List, 1, tkvlist.DefaultMaxDepth), packed: 2}
	name := p.header()
	for p.err == nil && p.skipEmpty() {
		p.line()
	}
	if p.err != nil {
		return Attribute{}, p.err
	}
	p.closeTo(0)
	return Attribute{Name: name, List: p.open[0], Masked: p.masked}, nil
}

// openString is what is wrong with a string whose end does not come.
const openString = "string is not closed"

// parser is sticky: its first error stays and ends all loops.
type parser struct {
	text   []byte
	pos    int
	open   []tkvlist.List // the outermost list and those nested in it that have not ended
	indent indentation
	packed int   // bytes that the list takes so far
	pairs  int   // that have been read
	masked []int // numbers of those that are masked
	err    error
}

func (p *parser) fail(pos int, what string) {
	if p.err == nil {
		p.err = &tkvlist.SyntaxError{What: what, Offset: pos}
	}
}

// skipEmpty goes to the start of the next line with something on it; false at
// the end of the text.
func (p *parser) skipEmpty() bool {
	for p.pos < len(p.text) {
		n := blanks(p.text[p.pos:])
		end := lineEnd(p.text[p.pos+n:])
		if end < 0 {
			return true
		}
		p.pos += n + end
	}
	return false
}

// header reads the header, if the text begins with one.
func (p *parser) header() string {
	if !p.skipEmpty() {
		return ""
	}
	n := blanks(p.text[p.pos:])
	at := p.pos + n
	if p.text[at] == '\'' {
		return ""
	}
	p.indent.header, _ = columns(p.text[p.pos:at])
	line, _, _ := bytes.Cut(p.text[at:], []byte("\n"))
	p.pos = at + len(line)
	name := line
	if i := bytes.IndexAny(line, "\t "); i >= 0 {
		name = line[:i]
	}
	behind := line[len(name):]
	length := behind[blanks(behind):]
	if !isName(name) || !isLength(length) {
		p.fail(at, "neither a quoted key nor an attribute with its [length]")
		return ""
	}
	return string(name)
}

// isLength says whether b begins with a number in brackets, or with asterisks in
// its place; what follows it are the first packed bytes, masked or not.
func isLength(b []byte) bool {
	b, found := bytes.CutPrefix(b, []byte("["))
	for _, of := range []string{"0123456789", "*"} {
		n := len(b) - len(bytes.TrimLeft(b, of))
		if found && n > 0 && n < len(b) && b[n] == ']' {
			return true
		}
	}
	return false
}

// line reads a line of one pair, or of a list's key and its first pair.
func (p *parser) line() {
	n := blanks(p.text[p.pos:])
	level, ok := p.indent.level(p.text[p.pos:p.pos+n], len(p.open)-1)
	p.pos += n
	if !ok {
		p.fail(p.pos, "indentation does not fit a list that is open here")
		return
	}
	p.closeTo(level)
	for {
		p.pair()
		if p.err != nil {
			return
		}
		// Every value but a list ends its line.
		if n := lineEnd(p.text[p.pos:]); n >= 0 {
			p.pos += n
			return
		}
	}
}

// closeTo ends the lists nested deeper than level.
func (p *parser) closeTo(level int) {
	for last := len(p.open) - 1; last > level; last-- {
		holder := p.open[last-1]
		holder[len(holder)-1].Value = tkvlist.Nested(p.open[last])
		p.open = p.open[:last]
	}
}

// pair reads a pair into the innermost list and opens a list that is its value.
func (p *parser) pair() {
	at := p.pos
	if p.text[at] != '\'' {
		p.fail(at, "not a quoted key")
		return
	}
	k, ok := scanKey(p.text[at:])
	switch {
	case !ok:
		p.fail(at, "key is not closed or has no value on its line")
		return
	case k.end == 0:
		p.fail(at, "empty key")
		return
	case k.end > tkvlist.MaxKey:
		p.fail(at, "key of "+strconv.Itoa(k.end)+" bytes, over "+strconv.Itoa(tkvlist.MaxKey))
		return
	case k.kind == tkvlist.KindList && len(p.open) == tkvlist.DefaultMaxDepth:
		p.err = limits.TooDeep(at)
		return
	}
	p.pos += k.value
	v, size := p.value(k.kind)
	if text, ok := v.Text(); ok && (k.kind == kindMasked || isMask(text)) {
		p.masked = append(p.masked, p.pairs)
	}
	p.pairs++
	p.packed += 1 + 2 + k.end + 2 + size
	if p.err == nil && p.packed > limits.MaxBytes {
		p.err = limits.TooLong(at)
	}
	p.open[len(p.open)-1].Add(string(p.text[at+1:at+1+k.end]), v)
	if k.kind == tkvlist.KindList {
		p.open = append(p.open, nil)
		p.indent.fixed = true
	}
}

// value reads a value; size is what its content takes when packed. Of a list
// only the lengths count here: its pairs follow.
func (p *parser) value(kind tkvlist.Kind) (v tkvlist.Value, size int) {
	switch kind {
	case tkvlist.KindInt:
		return p.integer(), 4
	case kindMasked:
		mask := p.word()
		return tkvlist.String(string(mask)), len(mask)
	case tkvlist.KindList:
		return tkvlist.Nested(nil), 2 + 2
	case tkvlist.KindBinary:
		at := p.pos
		b, err := hex.DecodeString(string(p.word()))
		if err != nil {
			p.fail(at, "binary value is not hex digits in pairs")
		}
		return tkvlist.Binary(b), len(b)
	}
	at := p.pos
	n, ok := scanString(p.text[at:])
	if !ok {
		p.fail(at, openString)
		return tkvlist.Value{}, 0
	}
	p.pos += n
	s := p.text[at+1 : p.pos-1]
	if kind != tkvlist.KindUnicode {
		return tkvlist.String(string(s)), len(s)
	}
	if !utf8.Valid(s) {
		p.fail(at, "unicode value is not UTF-8")
	}
	return tkvlist.Unicode(string(s)), len(s)
}

func (p *parser) integer() tkvlist.Value {
	at := p.pos
	n, err := strconv.ParseInt(string(p.word()), 10, 64)
	if err != nil || n < math.MinInt32 || n > math.MaxUint32 {
		p.fail(at, "not a decimal integer of 32 bits")
	}
	return tkvlist.Int(int32(n))
}

// word takes the rest of the line without the blanks at its end.
func (p *parser) word() []byte {
	line, _, _ := bytes.Cut(p.text[p.pos:], []byte("\n"))
	p.pos += len(bytes.TrimSuffix(line, []byte("\r")))
	return rest(line)
}
