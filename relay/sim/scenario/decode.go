package scenario

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"commdn/protocol/commdn"
	"commdn/relay/internal/enums"
	"commdn/relay/internal/near"
)

// maxAliased bounds what aliases stand for, so that a short file cannot be a
// huge scenario.
const maxAliased = 200_000

// decoder fills structs from the tree of a file. It notes the line of every
// path.
type decoder struct {
	*problems
	what    string // the whole
	anchors []*ast.AnchorNode
	open    map[*ast.AnchorNode]bool // that are being read
	aliases int                      // that are being read
	spare   int                      // of maxAliased
}

// Visit notes the anchors, for ast.Walk.
func (d *decoder) Visit(n ast.Node) ast.Visitor {
	if a, ok := n.(*ast.AnchorNode); ok {
		d.anchors = append(d.anchors, a)
	}
	return d
}

// follow calls use with what n is, or stands for.
func (d *decoder) follow(n ast.Node, path string, use func(ast.Node)) {
	switch n := n.(type) {
	case *ast.AnchorNode:
		d.open[n] = true
		d.follow(n.Value, path, use)
		delete(d.open, n)
	case *ast.AliasNode:
		a := d.anchor(n)
		switch {
		case a == nil:
			d.failAt(line(n), path, "there is no anchor &%s before it", n.Value)
		case d.open[a]:
			d.failAt(line(n), path, "*%s stands for itself", n.Value)
		default:
			d.aliases++
			d.follow(a, path, use)
			d.aliases--
		}
	case *ast.TagNode:
		d.failAt(line(n), path, "has the tag %s; there are none here", n.Start.Value)
	default:
		if d.aliases > 0 {
			if d.spare--; d.spare == 0 {
				d.failAt(line(n), path, "aliases stand for more than %d values", maxAliased)
			}
		}
		if d.spare > 0 {
			use(n)
		}
	}
}

// anchor gives the last one of the name before an alias.
func (d *decoder) anchor(alias *ast.AliasNode) *ast.AnchorNode {
	for _, a := range slices.Backward(d.anchors) {
		if a.Name.String() == alias.Value.String() && a.Start.Position.Offset < alias.Start.Position.Offset {
			return a
		}
	}
	return nil
}

// decode reads n into v. Where it fails v stays as it is.
func (d *decoder) decode(n ast.Node, v reflect.Value, path string) {
	if _, ok := d.lines[path]; !ok {
		d.lines[path] = line(n)
	}
	d.follow(n, path, func(n ast.Node) {
		_, empty := n.(*ast.NullNode)
		read, scalar := scalars[v.Type()]
		switch {
		case scalar && empty:
			d.fail(path, "is empty; give a value, or leave the key out")
		case scalar:
			if err := read(n, v); err != nil {
				d.fail(path, "%s", err)
			}
		case v.Kind() == reflect.Pointer:
			to := reflect.New(v.Type().Elem())
			if d.decode(n, to.Elem(), path); !empty {
				v.Set(to)
			}
		case v.Kind() == reflect.Slice && !empty:
			d.list(n, v, path)
		case v.Kind() == reflect.Struct && (!empty || path == "" || strings.HasSuffix(path, "]")):
			d.mapping(n, v, path)
		}
	})
}

func (d *decoder) list(n ast.Node, v reflect.Value, path string) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fail(path, "must be a list")
		return
	}
	for i, item := range s.Values {
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		d.decode(item, v.Index(i), path+"["+strconv.Itoa(i)+"]")
	}
}

// entry is a key with its value.
type entry struct {
	key    string
	line   int
	value  ast.Node
	merged bool // by <<, so that the same key beside it counts more
}

func (d *decoder) mapping(n ast.Node, v reflect.Value, path string) {
	m, ok := d.asMapping(n, path)
	if !ok {
		return
	}
	known := structs[v.Type()]
	given := make(map[string]int)
	for _, e := range d.entries(m, path, false) {
		at := join(path, e.key)
		i := slices.IndexFunc(known, func(f field) bool { return f.key == e.key })
		before, twice := given[e.key]
		switch {
		case i < 0:
			d.failAt(e.line, at, "unknown key%s", hint(e.key, keys(known), "; the keys here are "))
		case twice && !e.merged:
			d.failAt(e.line, at, "is there twice; first in line %d", before)
		case !twice:
			given[e.key] = e.line
			d.lines[at] = e.line
			d.decode(e.value, v.FieldByIndex(known[i].index), at)
		}
	}
	for _, f := range known {
		if _, ok := given[f.key]; !ok && f.required && d.spare > 0 {
			d.fail(path, "%s is missing", f.key)
		}
	}
}

func (d *decoder) asMapping(n ast.Node, path string) (ast.MapNode, bool) {
	m, ok := n.(ast.MapNode)
	if !ok {
		what := ""
		if path == "" {
			what = d.what + " "
		}
		d.failAt(line(n), path, "%smust be keys with values", what)
	}
	return m, ok
}

// entries gives those of a mapping, and after them those that are merged in.
func (d *decoder) entries(m ast.MapNode, path string, merged bool) (own []entry) {
	var more []entry
	merge := func(n ast.Node) {
		if m, ok := d.asMapping(n, path); ok {
			more = append(more, d.entries(m, path, true)...)
		}
	}
	for i := m.MapRange(); i.Next(); {
		if !i.Key().IsMergeKey() {
			key, _ := text(i.Key())
			own = append(own, entry{abridged(key), line(i.Key()), i.Value(), merged})
			continue
		}
		d.follow(i.Value(), path, func(n ast.Node) {
			if s, ok := n.(*ast.SequenceNode); ok {
				for _, n := range s.Values {
					d.follow(n, path, merge)
				}
				return
			}
			merge(n)
		})
	}
	return append(own, more...)
}

// scalars read the plain values. Texts may stand without quotes even if they
// look like numbers, as phones do.
var scalars = map[reflect.Type]func(ast.Node, reflect.Value) error{
	reflect.TypeFor[string]():  readText,
	reflect.TypeFor[AppType](): readText,
	reflect.TypeFor[Do]():      readText,
	reflect.TypeFor[bool](): func(n ast.Node, v reflect.Value) error {
		b, ok := n.(*ast.BoolNode)
		if !ok {
			return wrong(n, "true or false")
		}
		v.SetBool(b.Value)
		return nil
	},
	reflect.TypeFor[int]():         readInt,
	reflect.TypeFor[int32]():       readInt,
	reflect.TypeFor[commdn.DBID](): readInt,
	reflect.TypeFor[uint64](): func(n ast.Node, v reflect.Value) error {
		s, _ := text(n)
		u, err := strconv.ParseUint(s, 10, 64)
		if _, ok := n.(*ast.IntegerNode); !ok || err != nil {
			return wrong(n, "a whole number from 0 to "+strconv.FormatUint(math.MaxUint64, 10))
		}
		v.SetUint(u)
		return nil
	},
	reflect.TypeFor[float64](): func(n ast.Node, v reflect.Value) error {
		s, _ := text(n)
		f, err := strconv.ParseFloat(s, 64)
		switch n.(type) {
		case *ast.IntegerNode, *ast.FloatNode:
			if err == nil {
				v.SetFloat(f)
				return nil
			}
		}
		return wrong(n, "a number")
	},
	reflect.TypeFor[time.Duration](): func(n ast.Node, v reflect.Value) error {
		s, _ := text(n)
		if s == "0" {
			return nil
		}
		t, err := time.ParseDuration(s)
		if err != nil {
			return wrong(n, "a duration such as 200ms, 90s or 1h30m")
		}
		v.SetInt(int64(t))
		return nil
	},
	reflect.TypeFor[time.Time](): func(n ast.Node, v reflect.Value) error {
		s, _ := text(n)
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return wrong(n, "a time with a zone such as 2026-11-23T09:00:00+01:00")
		}
		v.Set(reflect.ValueOf(t.UTC()))
		return nil
	},
	reflect.TypeFor[commdn.DialMode]():    readEnum(enums.DialMode),
	reflect.TypeFor[commdn.OptimizeBy]():  readEnum(enums.OptimizeBy),
	reflect.TypeFor[commdn.ErrorCode]():   readEnum(enums.ErrorCode),
	reflect.TypeFor[commdn.MessageType](): readEnum(enums.Request),
}

func readText(n ast.Node, v reflect.Value) error {
	s, ok := text(n)
	if _, is := n.(*ast.BoolNode); is || !ok {
		return wrong(n, "a text")
	}
	v.SetString(s)
	return nil
}

func readInt(n ast.Node, v reflect.Value) error {
	s, _ := text(n)
	i, err := strconv.ParseInt(s, 10, 32)
	if _, ok := n.(*ast.IntegerNode); !ok || err != nil {
		return wrong(n, "a whole number up to "+strconv.Itoa(math.MaxInt32))
	}
	v.SetInt(i)
	return nil
}

func readEnum[T ~int32](parse func(string) (T, error)) func(ast.Node, reflect.Value) error {
	return func(n ast.Node, v reflect.Value) error {
		s, ok := text(n)
		if !ok {
			return wrong(n, "a name")
		}
		e, err := parse(s)
		if err != nil {
			return err
		}
		v.SetInt(int64(e))
		return nil
	}
}

// wrong says what n is and what it should be.
func wrong(n ast.Node, want string) error {
	is := "is no plain value"
	if s, ok := text(n); ok {
		is = "is " + abridged(s)
		if _, ok := n.(*ast.StringNode); ok {
			is = "is the text " + quote(s)
		}
	}
	return fmt.Errorf("%s; give %s", is, want)
}

// abridged gives what stands in a file for the line of an error.
func abridged(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	if q := strconv.Quote(s); len(q) > len(s)+2 {
		return q
	}
	return s
}

// quote gives what stands in a file in quotes.
func quote(s string) string {
	if a := abridged(s); strings.HasPrefix(a, `"`) {
		return a
	}
	return `"` + abridged(s) + `"`
}

// hint gives the name that may have been meant, or else all of them.
func hint(name string, have []string, all string) string {
	if like := near.Names(name, have, 1); like != nil {
		return "; did you mean " + like[0] + "?"
	}
	return all + strings.Join(have, ", ")
}
