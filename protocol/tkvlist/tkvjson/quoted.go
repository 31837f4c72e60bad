package tkvjson

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// quoted reads a string, whose quote is the next byte.
func (p *parser) quoted() string {
	at := p.pos
	p.pos++
	var out []byte
	for p.err == nil && p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == '"':
			p.pos++
			return string(out)
		case c == '\\':
			out = p.escape(out)
		case c < ' ':
			p.fail(p.pos, "control character in a string")
		default:
			r, n := utf8.DecodeRune(p.text[p.pos:])
			if r == utf8.RuneError && n == 1 {
				p.fail(p.pos, "not UTF-8")
			}
			out = append(out, p.text[p.pos:p.pos+n]...)
			p.pos += n
		}
	}
	p.fail(at, "string is not closed")
	return ""
}

// escape reads an escape, whose backslash is the next byte.
func (p *parser) escape(out []byte) []byte {
	at := p.pos
	var c byte
	if at+1 < len(p.text) {
		c = p.text[at+1]
	}
	p.pos += 2
	switch c {
	case '"', '\\', '/':
		return append(out, c)
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'u':
		r, ok := p.hex4(at)
		if utf16.IsSurrogate(r) {
			p.pos += 6
			low, _ := p.hex4(at + 6)
			if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
				p.fail(at, "half of a surrogate pair")
			}
		}
		p.pos += 4
		if ok {
			return utf8.AppendRune(out, r)
		}
	}
	p.fail(at, "unknown escape")
	return out
}

// hex4 reads a \uXXXX that begins at this position.
func (p *parser) hex4(at int) (r rune, ok bool) {
	if len(p.text)-at < 6 || p.text[at] != '\\' || p.text[at+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(p.text[at+2:at+6]), 16, 16)
	return rune(n), err == nil
}
