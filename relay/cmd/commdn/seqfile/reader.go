package seqfile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"commdn/relay/internal/near"
)

// reader walks the tree of a file; its first error stays.
type reader struct {
	file string
	err  error
}

func (r *reader) fail(line int, key, what string) {
	if r.err == nil {
		r.err = &Error{r.file, line, key, what}
	}
}

// entry is a key with its value.
type entry struct {
	key   string
	line  int
	value ast.Node
}

// mapping gives the entries of n, which must be a mapping with some of keys and
// no others, each once.
func (r *reader) mapping(n ast.Node, what string, keys []string) []entry {
	m, ok := n.(ast.MapNode)
	if !ok {
		r.fail(line(n), "", what+" must be keys with values; the keys are "+strings.Join(keys, ", "))
		return nil
	}
	var entries []entry
	for i := m.MapRange(); i.Next(); {
		e := entry{keyText(i.Key()), line(i.Key()), i.Value()}
		if !slices.Contains(keys, e.key) {
			why := "unknown key in " + what
			if like := near.Names(e.key, keys, 1); like != nil {
				why += "; did you mean " + like[0] + "?"
			} else {
				why += "; the keys are " + strings.Join(keys, ", ")
			}
			r.fail(e.line, e.key, why)
			return nil
		}
		if slices.ContainsFunc(entries, func(o entry) bool { return o.key == e.key }) {
			r.fail(e.line, e.key, "is there twice in "+what)
			return nil
		}
		entries = append(entries, e)
	}
	return entries
}

// keyText gives a key as it stands in the file.
func keyText(key ast.MapKeyNode) string {
	if s, ok := key.(*ast.StringNode); ok {
		return s.Value
	}
	if t := key.GetToken(); t != nil {
		return t.Value
	}
	return strconv.Quote("")
}

// line gives the line where n begins, 0 where the parser does not tell.
func line(n ast.Node) int {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		return line(m.Values[0].Key)
	}
	if v, ok := n.(*ast.MappingValueNode); ok {
		return line(v.Key)
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}
