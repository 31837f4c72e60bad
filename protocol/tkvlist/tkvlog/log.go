package tkvlog

import (
	"bytes"
	"regexp"

	"commdn/protocol/tkvlist"
)

// Message is what a log says of one message, or what somebody has copied of it.
type Message struct {
	Name       string // EventUserEvent; empty where the text does not say it
	Attributes []Attribute
}

// Attribute is one attribute of a message: a list, or a plain value.
type Attribute struct {
	Name   string // AttributeUserData; empty where pairs stand without a header
	Value  string // of one that is no list, without its quotes
	Quoted bool   // whether it stood in quotes
	List   tkvlist.List
	IsList bool
	// Masked has the numbers of the pairs whose value is masked, from 0 in the order
	// of the text, those of nested lists counted. Of an attribute whose value is
	// masked as a whole it is not empty either.
	Masked []int
}

var (
	// A head is the line that names a message: "message EventUserEvent" behind
	// whatever the log puts before it, or 'EventUserEvent' (96) attributes:
	head = regexp.MustCompile(`(?i)\bmessage ((?:Event|Request)[A-Za-z]+)|^\s*'((?:Event|Request)[A-Za-z]+)'`)
	// An attribute begins with its name; the T-Library ones of a log begin so.
	attribute = regexp.MustCompile(`^[ \t]*(Attribute[A-Za-z0-9_]+)[ \t]*(.*?)[ \t\r]*\n?$`)
	// A stamp is a log's time before a line that is about something else.
	stamp = regexp.MustCompile(`^@?\d{4}-\d\d-\d\dT|^@?\d\d:\d\d:\d\d`)
)

// ParseLog reads what people copy from a log: pairs, one attribute, or whole
// messages with several, as T-Server prints them or as the Platform SDK does
// ('KEY' [str] = "text", below KVList: the pairs of a list). Lines of the log
// about something else are passed over before a message and between two.
//
// Errors are those of Parse.
func ParseLog(text []byte) ([]Message, error) {
	if isSDK(text) {
		return parseSDK(text)
	}
	r := logReader{text: text, named: hasHead(text)}
	for line := range bytes.Lines(text) {
		r.line(line)
		if r.pos += len(line); r.err != nil {
			return nil, r.err
		}
	}
	if r.flush(true); r.err != nil {
		return nil, r.err
	}
	return r.all, nil
}

// logReader reads T-Server's form. The first error stays.
type logReader struct {
	text       []byte
	named      bool // the text has a head
	all        []Message
	pos        int // of the line
	from       int // of the list whose lines come
	collecting bool
	err        error
}

func (r *logReader) line(line []byte) {
	found, name := attribute.FindSubmatch(line), head.FindSubmatch(line)
	if r.collecting {
		// Only another attribute or message ends a list, or the next line of the log.
		if found == nil && name == nil && !stamp.Match(line) || !r.flush(false) {
			return
		}
	}
	switch {
	case found != nil && isLength(found[2]):
		r.from, r.collecting = r.pos, true
	case found != nil && len(found[2]) > 0:
		r.add(plainAttribute(found[1], found[2]))
	case name != nil:
		r.all = append(r.all, Message{Name: string(name[1]) + string(name[2])})
	case stamp.Match(line), len(bytes.TrimSpace(line)) == 0:
	case (r.all != nil || r.named) && !quoted(line):
	default:
		r.from, r.collecting = r.pos, true // pairs without a header, or what Parse says the error of
	}
}

func (r *logReader) add(a Attribute) {
	if r.all == nil {
		r.all = []Message{{}}
	}
	m := &r.all[len(r.all)-1]
	m.Attributes = append(m.Attributes, a)
}

// flush takes in the list whose lines have come; false if a string in it goes
// on, so that the line at hand is one of the string, or if there is an error.
func (r *logReader) flush(end bool) bool {
	if !r.collecting {
		return true
	}
	a, err := parseList(r.text[r.from:r.pos])
	if syntax, ok := err.(*tkvlist.SyntaxError); ok && syntax.What == openString && !end && r.pos-r.from <= limits.MaxBytes {
		return false
	}
	if err != nil {
		r.err = moved(err, r.from)
		return false
	}
	r.collecting, a.IsList = false, true
	r.add(a)
	return true
}

func hasHead(text []byte) bool {
	for line := range bytes.Lines(text) {
		if head.Match(line) {
			return true
		}
	}
	return false
}

// quoted says whether a line can be one of pairs.
func quoted(line []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("'")) }

// moved gives an error of a part of a text with the offset in the whole.
func moved(err error, by int) error {
	switch e := err.(type) {
	case *tkvlist.SyntaxError:
		e.Offset += by
	case *tkvlist.LimitError:
		e.Offset += by
	}
	return err
}

func plainAttribute(name, value []byte) Attribute {
	a := Attribute{Name: string(name), Value: string(value)}
	for _, quote := range []string{"'", `"`} {
		if n := len(a.Value); n > 1 && a.Value[:1] == quote && a.Value[n-1:] == quote {
			a.Value, a.Quoted = a.Value[1:n-1], true
		}
	}
	if isMask(a.Value) {
		a.Masked = []int{0}
	}
	return a
}
