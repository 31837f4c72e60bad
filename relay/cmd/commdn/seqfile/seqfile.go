// Package seqfile reads campaign sequence files: YAML, strictly. Every error
// names file, line and key. Template is a file with every key explained.
package seqfile

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"commdn/protocol/commdn"
	"commdn/relay/internal/enums"
	"commdn/relay/internal/strictyaml"
)

// MaxSize is the largest file, in bytes. A sequence has to fit into 16,000
// bytes of user data.
const MaxSize = 64 << 10

// File is a campaign sequence as its file says it, with names unresolved.
type File struct {
	Description string
	Group       string    // name or DBID; empty where the file has none
	Start       time.Time // zero: now
	Items       []Item
}

// Item is one campaign of a sequence. Stop conditions that are zero are none.
type Item struct {
	Line           int    // where the item begins
	Campaign       string // name or DBID
	Dialing        commdn.Dialing
	StopAtTime     time.Time
	StopAtContacts int32
	StopAtDials    int32
	WaitMinutes    int32 // before this item
}

// Error says what is wrong with a file, and where.
type Error struct {
	File string
	Line int    // 0 where the file as a whole is meant
	Key  string // empty where no key is meant
	What string
}

// Error gives one line: FILE:LINE: KEY: WHAT.
func (e *Error) Error() string {
	s := e.File + ":"
	if e.Line > 0 {
		s += strconv.Itoa(e.Line) + ":"
	}
	if e.Key != "" {
		s += " " + e.Key + ":"
	}
	return s + " " + e.What
}

var format = strictyaml.Format{What: "a sequence", MaxSize: MaxSize}

// Parse reads a file; name is for errors. Its error is an *Error.
func Parse(name string, data []byte) (*File, error) {
	root, problems := format.Document(name, data)
	if first := problems.First(); len(first) > 0 {
		return nil, &Error{name, first[0].Line, "", first[0].What}
	}
	r := &reader{file: name}
	f := r.sequence(root)
	if r.err != nil {
		return nil, r.err
	}
	return f, nil
}

var (
	sequenceKeys = []string{"description", "group", "start", "items"}
	itemKeys     = []string{"campaign", "dial_mode", "optimize_by", "goal", "stop_at_time", "stop_at_contacts", "stop_at_dials", "wait_minutes"}
)

func (r *reader) sequence(n ast.Node) *File {
	f := &File{}
	var items *entry
	for _, e := range r.mapping(n, "a sequence", sequenceKeys) {
		switch e.key {
		case "description":
			f.Description = r.text(e)
		case "group":
			f.Group = r.text(e)
		case "start":
			if s := r.text(e); s != "now" {
				f.Start = r.time(e, s, timeForms+", or now")
			}
		case "items":
			items = &e
		}
	}
	if items == nil {
		r.fail(line(n), "items", "is missing")
		return f
	}
	list, ok := items.value.(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		r.fail(items.line, "items", "must be a list with at least one campaign")
		return f
	}
	for _, n := range list.Values {
		f.Items = append(f.Items, r.item(n))
	}
	return f
}

func (r *reader) item(n ast.Node) Item {
	i := Item{Line: line(n)}
	given := map[string]bool{}
	for _, e := range r.mapping(n, "an item", itemKeys) {
		given[e.key] = true
		switch e.key {
		case "campaign":
			i.Campaign = r.text(e)
		case "dial_mode":
			i.Dialing.Mode = parsed(r, e, enums.DialMode)
		case "optimize_by":
			i.Dialing.OptimizeBy = parsed(r, e, enums.OptimizeBy)
		case "goal":
			i.Dialing.Goal = r.count(e)
		case "stop_at_time":
			i.StopAtTime = r.time(e, r.text(e), timeForms)
		case "stop_at_contacts":
			i.StopAtContacts = r.count(e)
		case "stop_at_dials":
			i.StopAtDials = r.count(e)
		case "wait_minutes":
			i.WaitMinutes = r.count(e)
		}
	}
	for _, key := range []string{"campaign", "dial_mode", "optimize_by", "goal"} {
		if !given[key] {
			r.fail(i.Line, key, "is missing in the item that begins here")
		}
	}
	return i
}

// parsed reads a value of an enumeration.
func parsed[T any](r *reader, e entry, parse func(string) (T, error)) T {
	v, err := parse(r.text(e))
	if err != nil {
		r.fail(e.line, e.key, err.Error())
	}
	return v
}

func (r *reader) count(e entry) int32 {
	s := r.text(e)
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 0 {
		r.fail(e.line, e.key, fmt.Sprintf("%q is not a number from 0 to %d", s, math.MaxInt32))
	}
	return int32(n)
}

// text reads a value that is no list, no mapping and not empty.
func (r *reader) text(e entry) string {
	s := ""
	switch v := e.value.(type) {
	case *ast.StringNode:
		s = v.Value
	case *ast.LiteralNode:
		s = v.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		s = v.GetToken().Value
	case *ast.NullNode:
	default:
		r.fail(e.line, e.key, "must be a plain value, and is "+strings.ToLower(v.Type().String()))
		return ""
	}
	if s = strings.TrimSpace(s); s == "" {
		r.fail(e.line, e.key, "is empty")
	}
	return s
}
