// Package strictyaml reads YAML into structs, strictly: a key that is unknown
// or there twice, and a value of the wrong type, is an error with file, line,
// column and the nearest known key. Layout writes structs as such files.
//
// A field has its key in the tag yaml. Without ",omitempty" the key must be
// there; ",inline" is for a struct whose keys stand beside the others. What a
// file does not give stays as it was before, so that defaults are filled in
// before reading. An item of a list, and what a pointer points to, begins with
// its method SetDefaults, where it has one.
package strictyaml

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
	maxLine    = 8 << 10 // bytes of one line
	maxDepth   = 200     // blanks and dashes before a line, and brackets that are open
	maxAliased = 200_000 // values that aliases stand for, so that a short file cannot be a huge one
)

// Format says what a file is.
type Format struct {
	What      string   // for errors, with its article: "a configuration"
	MaxSize   int      // bytes
	Scalars   []Scalar // for types that it reads in its own way
	NoColumns bool     // errors have lines alone
}

// Read reads the only document of data into the struct that into points to.
// name is for errors. What is wrong is in the Problems; the caller may add to
// them, by the path of a key, what else is wrong.
func (f Format) Read(name string, data []byte, into any) *Problems {
	root, p := f.Document(name, data)
	if root == nil {
		return p
	}
	d := &decoder{Problems: p, Format: f, spare: maxAliased, open: make(map[*ast.AnchorNode]bool)}
	ast.Walk(d, root)
	d.decode(root, reflect.ValueOf(into).Elem(), "")
	return p
}

// Document gives the tree of the only document of data, for who reads it in its
// own way: nil, with what is wrong in the Problems, for what is no such file or
// would take too long to parse.
func (f Format) Document(name string, data []byte) (ast.Node, *Problems) {
	p := &Problems{file: name, at: make(map[string]position), noColumns: f.NoColumns}
	return p.document(bytes.TrimPrefix(data, byteOrderMark), f), p
}

// byteOrderMark is what editors of Windows put before a text.
var byteOrderMark = []byte("\ufeff")

func (p *Problems) document(data []byte, f Format) ast.Node {
	if len(data) > f.MaxSize {
		p.Fail("", "is too large: at most %d bytes are possible", f.MaxSize)
		return nil
	}
	if !p.shape(data) {
		return nil
	}
	tree, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var at position
		if e, ok := errors.AsType[yaml.Error](err); ok {
			if t := e.GetToken(); t != nil && t.Position != nil {
				at = position{line: t.Position.Line, column: t.Position.Column}
			}
			err = errors.New(e.GetMessage())
		}
		p.failAt(at, "", "%s", err)
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
		p.Fail("", "is empty; give the keys of %s", f.What)
		return nil
	case 1:
		return documents[0]
	}
	p.failAt(where(documents[1]), "", "a second document; give %s alone", f.What)
	return nil
}

// shape refuses what the parser would take too long for.
func (p *Problems) shape(data []byte) bool {
	open, n := 0, 0
	for text := range bytes.Lines(data) {
		n++
		open += bytes.Count(text, []byte("[")) + bytes.Count(text, []byte("{"))
		open -= bytes.Count(text, []byte("]")) + bytes.Count(text, []byte("}"))
		open = max(open, 0)
		at := position{line: n}
		switch {
		case !utf8.Valid(text):
			p.failAt(at, "", "is no UTF-8 text")
		case len(text) > maxLine:
			p.failAt(at, "", "a line of %d bytes; at most %d are possible", len(text), maxLine)
		case open > maxDepth || len(text)-len(bytes.TrimLeft(text, " -?")) > maxDepth:
			p.failAt(at, "", "is nested too deep")
		default:
			continue
		}
		return false
	}
	return true
}

// where gives the place where n begins, zero where the parser does not tell.
func where(n ast.Node) position {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return where(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return where(n.Key)
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return position{line: t.Position.Line, column: t.Position.Column}
	}
	return position{}
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
