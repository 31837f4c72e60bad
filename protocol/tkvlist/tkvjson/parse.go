package tkvjson

import (
	"encoding/hex"
	"strconv"

	"commdn/protocol/tkvlist"
)

// limits are the widest that T-Server can be set to.
var limits = tkvlist.Limits{MaxBytes: tkvlist.MaxBytes}

// Parse reads the JSON form. Blanks and line ends may stand wherever JSON allows
// them; nothing may follow the list.
//
// The error is a *tkvlist.SyntaxError with the offset of the token that is
// wrong, or a *tkvlist.LimitError for a list that is nested deeper than 8 levels
// or longer than 65,535 bytes packed. The result owns its memory.
func Parse(text []byte) (tkvlist.List, error) {
	p := parser{text: text}
	l := p.list(tkvlist.DefaultMaxDepth)
	if p.token(); p.err == nil && p.pos < len(text) {
		p.fail(p.pos, "text after the list")
	}
	if p.err != nil {
		return nil, p.err
	}
	return l, nil
}

// parser is sticky: its first error stays, and what it reads after that is
// empty. It scans by itself because encoding/json puts U+FFFD for text that is
// not UTF-8 and for half of a surrogate pair, and its decoder does not say where
// a token begins.
type parser struct {
	text   []byte
	pos    int
	packed int // bytes that the list takes so far
	err    error
}

func (p *parser) fail(pos int, what string) {
	if p.err == nil {
		p.err = &tkvlist.SyntaxError{What: what, Offset: pos}
	}
}

// token passes over blanks and gives the first byte of the next token; 0 at the
// end of the text and after an error.
func (p *parser) token() byte {
	for ; p.err == nil && p.pos < len(p.text); p.pos++ {
		switch c := p.text[p.pos]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take passes over a punctuation mark.
func (p *parser) take(c byte, where string) {
	if p.token() != c {
		p.fail(p.pos, "no "+string(rune(c))+" "+where)
		return
	}
	p.pos++
}

// grow counts bytes of the packed form, for the pair that begins at pos.
func (p *parser) grow(n, pos int) {
	p.packed += n
	if p.err == nil && p.packed > limits.MaxBytes {
		p.err = limits.TooLong(pos)
	}
}

func (p *parser) list(depth int) (l tkvlist.List) {
	if p.token() != '[' {
		p.fail(p.pos, "not an array of [key, value] pairs")
		return nil
	}
	if depth == 0 {
		p.err = limits.TooDeep(p.pos)
		return nil
	}
	p.grow(2, p.pos)
	p.pos++
	if p.token() == ']' {
		p.pos++
		return nil
	}
	for {
		pair := p.pair(depth)
		if p.err != nil {
			return nil
		}
		l = append(l, pair)
		if p.token() == ']' {
			p.pos++
			return l
		}
		p.take(',', "or ] after a pair")
	}
}

func (p *parser) pair(depth int) (pair tkvlist.Pair) {
	p.take('[', "before a key")
	at := p.pos - 1
	pair.Key = p.key()
	p.take(',', "between key and value")
	p.grow(1+2+len(pair.Key)+2, at)
	pair.Value = p.value(depth, at)
	p.take(']', "after a value")
	return pair
}

func (p *parser) key() (key string) {
	p.token()
	at := p.pos
	switch p.token() {
	case '"':
		key = p.quoted()
	case '{':
		_, key = p.object("string")
	default:
		p.fail(at, `key is neither a string nor {"string":"hex"}`)
	}
	switch n := len(key); {
	case n == 0:
		p.fail(at, "empty key")
	case n > tkvlist.MaxKey:
		p.fail(at, "key of "+strconv.Itoa(n)+" bytes, over "+strconv.Itoa(tkvlist.MaxKey))
	}
	return key
}

// value reads a value of the pair that begins at pair.
func (p *parser) value(depth, pair int) tkvlist.Value {
	switch c := p.token(); {
	case c == '"':
		s := p.quoted()
		p.grow(len(s), pair)
		return tkvlist.String(s)
	case c == '[':
		p.grow(2, pair)
		return tkvlist.Nested(p.list(depth - 1))
	case c == '{':
		kind, s := p.object("binary", "string", "unicode")
		p.grow(len(s), pair)
		switch kind {
		case "binary":
			return tkvlist.Binary([]byte(s))
		case "unicode":
			return tkvlist.Unicode(s)
		}
		return tkvlist.String(s)
	case c == '-' || '0' <= c && c <= '9':
		p.grow(4, pair)
		return p.integer()
	}
	p.fail(p.pos, "value is neither a string, an integer, an array nor an object")
	return tkvlist.Value{}
}

// object reads an object of one member, whose name is one of these.
func (p *parser) object(names ...string) (name, content string) {
	p.take('{', "before a member")
	p.token()
	at := p.pos
	name = p.member()
	if name == "masked" {
		p.fail(at, "a masked value, which nobody knows; put the value in its place")
	}
	if !known(name, names) {
		p.fail(at, "unknown member "+strconv.Quote(name))
	}
	p.take(':', "after a member's name")
	p.token()
	value := p.pos
	content = p.member()
	if p.token() == ',' {
		p.pos++
		p.token()
		at := p.pos
		if p.member() == name {
			p.fail(at, "member "+strconv.Quote(name)+" twice")
		}
		p.fail(at, "more than one member")
	}
	p.take('}', "after a member")
	if name != "unicode" && p.err == nil {
		b, err := hex.DecodeString(content)
		if err != nil {
			p.fail(value, "not hex digits in pairs")
		}
		content = string(b)
	}
	return name, content
}

// member reads a name or a content in an object: a string.
func (p *parser) member() string {
	if p.token() != '"' {
		p.fail(p.pos, "not a string")
		return ""
	}
	return p.quoted()
}

func known(name string, names []string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// integer reads a number as far as JSON's grammar for numbers can reach, so
// that 1.0 and 1e3 are refused as a whole.
func (p *parser) integer() tkvlist.Value {
	at := p.pos
	for p.pos < len(p.text) && isNumber(p.text[p.pos]) {
		p.pos++
	}
	digits := string(p.text[at:p.pos])
	n, err := strconv.ParseInt(digits, 10, 32)
	if digits[0] == '-' {
		digits = digits[1:]
	}
	if err != nil || len(digits) > 1 && digits[0] == '0' {
		p.fail(at, "not an integer of 32 bits")
	}
	return tkvlist.Int(int32(n))
}

func isNumber(c byte) bool {
	return '0' <= c && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}
