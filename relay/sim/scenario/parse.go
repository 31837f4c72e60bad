package scenario

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Limits of a file. The tree of a file takes some seventy times its size, and
// the time of a line goes with the square of its length and depth.
const (
	MaxSize  = 4 << 20 // bytes, enough for 80,000 written records
	maxLine  = 8 << 10 // bytes of one line
	maxDepth = 200     // blanks and dashes before a line, and brackets that are open
)

// file is a scenario as it stands in a file.
type file struct {
	Scenario `yaml:",inline"`
	Generate Bulk `yaml:"generate,omitempty"`
}

// Parse reads a scenario, strictly: a key that is unknown or there twice, a
// value of the wrong type and whatever Check finds is an error with its line.
// name is for errors, which are joined *Errors.
func Parse(name string, data []byte) (*Scenario, error) {
	var f file
	p, err := read(name, data, MaxSize, "a scenario", &f)
	if err != nil {
		return nil, err
	}
	f.generate(p)
	(&checker{problems: p, Scenario: &f.Scenario}).scenario()
	if err := p.err(); err != nil {
		return nil, err
	}
	return &f.Scenario, nil
}

// maxFault is the size of a fault in bytes.
const maxFault = 4 << 10

// ParseFault reads one fault as a scenario has it, in YAML or JSON; Check is
// yet to be asked. Errors are joined *Errors.
func ParseFault(data []byte) (Fault, error) {
	var f Fault
	p, err := read("fault", data, maxFault, "a fault", &f)
	if err != nil {
		for _, e := range p.all {
			e.Line = 0 // there is but one
		}
		return Fault{}, p.err()
	}
	return f, nil
}

// read reads one document into v, a pointer to a struct.
func read(name string, data []byte, limit int, what string, v any) (*problems, error) {
	p := &problems{file: name, lines: make(map[string]int)}
	root := p.document(data, limit, what)
	if root == nil {
		return p, p.err()
	}
	d := &decoder{problems: p, what: what, spare: maxAliased, open: make(map[*ast.AnchorNode]bool)}
	ast.Walk(d, root)
	d.decode(root, reflect.ValueOf(v).Elem(), "")
	return p, p.err()
}

// document gives the only document of a file, nil if that is not what it is.
func (p *problems) document(data []byte, limit int, what string) ast.Node {
	if len(data) > limit {
		p.fail("", "is too large: at most %d bytes are possible", limit)
		return nil
	}
	if !p.shape(data) {
		return nil
	}
	tree, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line := 0
		if e, ok := errors.AsType[yaml.Error](err); ok {
			if t := e.GetToken(); t != nil && t.Position != nil {
				line = t.Position.Line
			}
			err = errors.New(e.GetMessage())
		}
		p.failAt(line, "", "%s", err)
		return nil
	}
	var documents []ast.Node
	for _, d := range tree.Docs {
		if d.Body != nil && d.Body.Type() != ast.CommentType {
			documents = append(documents, d.Body)
		}
	}
	switch len(documents) {
	case 0:
		p.fail("", "is empty; give the keys of %s", what)
		return nil
	case 1:
		return documents[0]
	}
	p.failAt(line(documents[1]), "", "a second document; give %s alone", what)
	return nil
}

// shape refuses what the parser would take too long for.
func (p *problems) shape(data []byte) bool {
	open, n := 0, 0
	for text := range bytes.Lines(data) {
		n++
		open += bytes.Count(text, []byte("[")) + bytes.Count(text, []byte("{"))
		open -= bytes.Count(text, []byte("]")) + bytes.Count(text, []byte("}"))
		open = max(open, 0)
		switch {
		case !utf8.Valid(text):
			p.failAt(n, "", "is no UTF-8 text")
		case len(text) > maxLine:
			p.failAt(n, "", "a line of %d bytes; at most %d are possible", len(text), maxLine)
		case open > maxDepth || len(text)-len(bytes.TrimLeft(text, " -?")) > maxDepth:
			p.failAt(n, "", "is nested too deep")
		default:
			continue
		}
		return false
	}
	return true
}

// line gives the line where n begins, 0 where the parser does not tell.
func line(n ast.Node) int {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return line(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return line(n.Key)
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

// text gives a plain value as it stands in the file, without its quotes.
func text(n ast.Node) (s string, ok bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode, *ast.NullNode:
		return strings.TrimSpace(n.GetToken().Value), true
	}
	return "", false
}
