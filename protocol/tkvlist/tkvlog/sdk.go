package tkvlog

import (
	"bytes"
	"encoding/hex"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"commdn/protocol/tkvlist"
)

// sdkLine is a line of the Platform SDK's form: a quoted key or an attribute's
// name, the type of the value in brackets, and the value.
var sdkLine = regexp.MustCompile(`^([ \t]*)(?:'(.*?)'|([A-Za-z][A-Za-z0-9_]*))[ \t]*\[([a-z0-9]+)\][ \t]*=[ \t]*`)

const kvList = "KVList:"

func isSDK(text []byte) bool {
	for line := range bytes.Lines(text) {
		if sdkLine.Match(line) {
			return true
		}
	}
	return false
}

// sdk reads the Platform SDK's form. The first error stays.
type sdk struct {
	text   []byte
	pos    int
	all    []Message
	open   []sdkList // lists that the next line may belong to
	packed int       // bytes that the list takes so far
	pairs  int       // that it has so far
	err    error
}

// sdkList is a list whose pairs come. Its first pair says how deep they stand.
type sdkList struct {
	deeper int // columns of the line that opened it
	list   tkvlist.List
}

func parseSDK(text []byte) ([]Message, error) {
	p := &sdk{text: text}
	for p.err == nil && p.pos < len(text) {
		line, _, _ := bytes.Cut(text[p.pos:], []byte("\n"))
		m := sdkLine.FindSubmatch(line)
		name := head.FindSubmatch(line)
		switch {
		case m != nil:
			p.pair(m, len(m[0]))
			continue
		case name != nil:
			p.closeTo(0)
			p.all = append(p.all, Message{Name: string(name[1]) + string(name[2])})
		case quoted(line):
			p.fail(p.pos, "quoted key without a [type] and = behind it")
		case len(p.open) > 0 && len(bytes.TrimSpace(line)) > 0 && !stamp.Match(line):
			p.fail(p.pos, "neither a pair nor an attribute; a string ends with the first quote that ends a line")
		}
		p.pos += len(line) + 1
	}
	if p.err != nil {
		return nil, p.err
	}
	p.closeTo(0)
	return p.all, nil
}

func (p *sdk) fail(pos int, what string) {
	if p.err == nil {
		p.err = &tkvlist.SyntaxError{What: what, Offset: pos}
	}
}

// closeTo ends the lists nested deeper than level, into what holds them.
func (p *sdk) closeTo(level int) {
	for len(p.open) > level {
		last := len(p.open) - 1
		done := p.open[last].list
		p.open = p.open[:last]
		if last > 0 {
			holder := p.open[last-1].list
			holder[len(holder)-1].Value = tkvlist.Nested(done)
			continue
		}
		attributes := p.all[len(p.all)-1].Attributes
		attributes[len(attributes)-1].List = done
	}
}

// attribute gives the one that is being read; with no name it is made for pairs
// without one.
func (p *sdk) attribute(name string) *Attribute {
	if p.all == nil {
		p.all = []Message{{}}
	}
	m := &p.all[len(p.all)-1]
	if name != "" || len(p.open) == 0 {
		m.Attributes = append(m.Attributes, Attribute{Name: name})
	}
	return &m.Attributes[len(m.Attributes)-1]
}

// pair reads a line that the expression has matched up to the value.
func (p *sdk) pair(m [][]byte, value int) {
	at := p.pos
	cols, _ := columns(m[1])
	key, name, typ := string(m[2]), string(m[3]), string(m[4])
	p.pos += value
	switch {
	case name != "":
		p.closeTo(0)
		p.plain(name, typ, cols)
		return
	case key == "":
		p.fail(at, "empty key")
	case len(key) > tkvlist.MaxKey:
		p.fail(at, "key of "+strconv.Itoa(len(key))+" bytes, over "+strconv.Itoa(tkvlist.MaxKey))
	}
	for len(p.open) > 1 && cols <= p.open[len(p.open)-1].deeper {
		p.closeTo(len(p.open) - 1)
	}
	if len(p.open) == 0 {
		a := p.attribute("")
		a.IsList = true
		p.open = append(p.open, sdkList{deeper: cols - 1})
		p.packed, p.pairs = 2, 0
	}
	a := p.attribute("")
	v, size, masked := p.value(typ)
	if masked {
		a.Masked = append(a.Masked, p.pairs)
	}
	p.pairs++
	p.packed += 1 + 2 + len(key) + 2 + size
	if p.err == nil && p.packed > limits.MaxBytes {
		p.err = limits.TooLong(at)
	}
	last := &p.open[len(p.open)-1]
	last.list.Add(key, v)
	if v.Kind() == tkvlist.KindList {
		if len(p.open) == tkvlist.DefaultMaxDepth && p.err == nil {
			p.err = limits.TooDeep(at)
		}
		p.open = append(p.open, sdkList{deeper: cols})
	}
}

// plain reads an attribute: a list, or a value that is none.
func (p *sdk) plain(name, typ string, cols int) {
	line := rest(p.text[p.pos:])
	if bytes.HasPrefix(line, []byte(kvList)) {
		a := p.attribute(name)
		a.IsList = true
		p.open = append(p.open, sdkList{deeper: cols})
		p.packed, p.pairs = 2, 0
		p.endLine()
		return
	}
	if strings.HasPrefix(string(line), `"`) && typ != "int" {
		v, _, _ := p.value("str")
		text, _ := v.Text()
		a := p.attribute(name)
		a.Value, a.Quoted = text, true
		if isMask(text) {
			a.Masked = []int{0}
		}
		return
	}
	p.endLine()
	*p.attribute(name) = plainAttribute([]byte(name), line)
}

// endLine goes to the next line.
func (p *sdk) endLine() {
	line, _, found := bytes.Cut(p.text[p.pos:], []byte("\n"))
	p.pos += len(line)
	if found {
		p.pos++
	}
}

// value reads a value; size is what its content takes when packed.
func (p *sdk) value(typ string) (v tkvlist.Value, size int, masked bool) {
	at, line := p.pos, rest(p.text[p.pos:])
	if isMask(line) {
		p.endLine()
		return tkvlist.String(string(line)), len(line), true
	}
	switch {
	case bytes.HasPrefix(line, []byte(kvList)):
		p.endLine()
		return tkvlist.Nested(nil), 2 + 2, false
	case typ == "int":
		word, _, _ := strings.Cut(string(line), " ") // what it means may stand in brackets behind it
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil || n < math.MinInt32 || n > math.MaxUint32 {
			p.fail(at, "not a decimal integer of 32 bits")
		}
		p.endLine()
		return tkvlist.Int(int32(n)), 4, false
	case bytes.HasPrefix(line, []byte(`"`)):
		s, ok := p.quoted()
		if !ok {
			p.fail(at, openString)
			p.pos = len(p.text)
		}
		if strings.HasPrefix(typ, "u") { // utf, ustr, unicode
			if !utf8.ValidString(s) {
				p.fail(at, "unicode value is not UTF-8")
			}
			return tkvlist.Unicode(s), len(s), isMask(s)
		}
		return tkvlist.String(s), len(s), isMask(s)
	case strings.HasPrefix(typ, "b"): // bin, binary, bstr
		b, err := hex.DecodeString(strings.ReplaceAll(strings.TrimPrefix(string(line), "0x"), " ", ""))
		if err != nil {
			p.fail(at, "binary value is not hex digits in pairs")
		}
		p.endLine()
		return tkvlist.Binary(b), len(b), false
	}
	p.fail(at, "value of the type ["+typ+"] is neither in quotes, nor "+kvList+", nor a mask")
	p.endLine()
	return tkvlist.Value{}, 0, false
}

// quoted reads a string up to the first quote that ends a line, unless a line
// begins as a pair before that.
func (p *sdk) quoted() (s string, ok bool) {
	b := p.text[p.pos+1:]
	for i := range b {
		switch {
		case b[i] == '"' && lineEnd(b[i+1:]) >= 0:
			s = string(b[:i])
			p.pos += 1 + i + 1
			p.endLine()
			return s, true
		case b[i] == '\n' && sdkLine.Match(rest(b[i+1:])):
			return "", false
		}
	}
	return "", false
}
