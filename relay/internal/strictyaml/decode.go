package strictyaml

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// decoder fills structs from the tree of a file. It notes the place of every
// path.
type decoder struct {
	*Problems
	Format
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
			d.failAt(where(n), path, "there is no anchor &%s before it", n.Value)
		case d.open[a]:
			d.failAt(where(n), path, "*%s stands for itself", n.Value)
		default:
			d.aliases++
			d.follow(a, path, use)
			d.aliases--
		}
	case *ast.TagNode:
		d.failAt(where(n), path, "has the tag %s; there are none here", n.Start.Value)
	default:
		if d.aliases > 0 {
			if d.spare--; d.spare == 0 {
				d.failAt(where(n), path, "aliases stand for more than %d values", maxAliased)
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
	if _, ok := d.at[path]; !ok {
		d.at[path] = where(n)
	}
	d.follow(n, path, func(n ast.Node) {
		_, empty := n.(*ast.NullNode)
		read := d.scalar(v.Type())
		switch {
		case read != nil && empty:
			d.Fail(path, "is empty; give a value, or leave the key out")
		case read != nil:
			s, _ := text(n)
			if err := read(s, n, v); err != nil {
				d.Fail(path, "%s", err)
			}
		case v.Kind() == reflect.Pointer:
			to := reflect.New(v.Type().Elem())
			setDefaults(to)
			if d.decode(n, to.Elem(), path); !empty {
				v.Set(to)
			}
		case v.Kind() == reflect.Slice && !empty:
			d.list(n, v, path)
		case v.Kind() == reflect.Struct && shorthand(v) != "" && isPlain(n):
			for _, f := range Fields(v.Type()) {
				if f.Key == shorthand(v) {
					d.decode(n, v.FieldByIndex(f.Index), path)
				}
			}
		case v.Kind() == reflect.Struct && (!empty || path == "" || strings.HasSuffix(path, "]")):
			d.mapping(n, v, path)
		}
	})
}

// shorthand gives the key that a plain value in place of a mapping stands for, which
// the method Shorthand of a struct says; empty: none.
func shorthand(v reflect.Value) string {
	if s, ok := v.Interface().(interface{ Shorthand() string }); ok {
		return s.Shorthand()
	}
	return ""
}

func isPlain(n ast.Node) bool {
	_, ok := text(n)
	return ok
}

func setDefaults(pointer reflect.Value) {
	if p, ok := pointer.Interface().(interface{ SetDefaults() }); ok {
		p.SetDefaults()
	}
}

func (d *decoder) list(n ast.Node, v reflect.Value, path string) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.Fail(path, "must be a list")
		return
	}
	v.Set(v.Slice3(0, 0, 0)) // in place of the default; nil stays nil
	for i, item := range s.Values {
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		setDefaults(v.Index(i).Addr())
		d.decode(item, v.Index(i), path+"["+strconv.Itoa(i)+"]")
	}
}

// entry is a key with its value.
type entry struct {
	key    string
	at     position
	value  ast.Node
	merged bool // by <<, so that the same key beside it counts more
}

func (d *decoder) mapping(n ast.Node, v reflect.Value, path string) {
	m, ok := d.asMapping(n, path)
	if !ok {
		return
	}
	known := Fields(v.Type())
	given := make(map[string]position)
	for _, e := range d.entries(m, path, false) {
		at := Join(path, e.key)
		i := slices.IndexFunc(known, func(f Field) bool { return f.Key == e.key })
		before, twice := given[e.key]
		switch {
		case i < 0:
			d.failAt(e.at, at, "unknown key%s", Hint(e.key, keys(known), "; the keys here are "))
		case twice && !e.merged:
			d.failAt(e.at, at, "is there twice; first in line %d", before.line)
		case !twice:
			given[e.key] = e.at
			d.at[at] = e.at
			d.decode(e.value, v.FieldByIndex(known[i].Index), at)
		}
	}
	for _, f := range known {
		if _, ok := given[f.Key]; !ok && f.Required && d.spare > 0 {
			d.Fail(path, "%s is missing", f.Key)
		}
	}
}

func (d *decoder) asMapping(n ast.Node, path string) (ast.MapNode, bool) {
	m, ok := n.(ast.MapNode)
	if !ok {
		what := ""
		if path == "" {
			what = d.What + " "
		}
		d.failAt(where(n), path, "%smust be keys with values", what)
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
			own = append(own, entry{abridged(key), where(i.Key()), i.Value(), merged})
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
