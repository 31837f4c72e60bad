//go:build js && wasm

package render

import (
	"slices"

	"github.com/vugu/vugu"
)

// patchAttrs sets, changes and removes attributes. An attribute in the list is present:
// vugu's AddAttrInterface leaves out nil and false and turns true into key="key", and a
// static disabled="" is in the list with an empty value. Of two attributes of one name,
// as from class and :class, the last one counts.
func (r *Root) patchAttrs(n *node, want []vugu.VGAttribute) {
	if slices.Equal(n.attrs, want) {
		return
	}
	for i, a := range want {
		if later, _ := find(want[i+1:], a); later {
			continue
		}
		had, old := find(n.attrs, a)
		if had && old == a.Val {
			continue
		}
		if a.Key == "autofocus" && r.painted {
			if r.focus == nil {
				r.focus = n
			}
			continue // in a frame of another origin the browser would complain about it once the focus is there
		}
		r.setAttr(n, a)
	}
	for i, a := range n.attrs {
		if later, _ := find(n.attrs[i+1:], a); later {
			continue
		}
		if still, _ := find(want, a); still {
			continue
		}
		r.removeAttr(n, a)
	}
	n.attrs = append(n.attrs[:0], want...) // a copy: a builder may reuse its nodes
}

// find returns the value that counts for the name of a.
func find(list []vugu.VGAttribute, a vugu.VGAttribute) (bool, string) {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Key == a.Key && list[i].Namespace == a.Namespace {
			return true, list[i].Val
		}
	}
	return false, ""
}

func (r *Root) setAttr(n *node, a vugu.VGAttribute) {
	switch {
	case a.Key == "style" && a.Namespace == "":
		r.board.order("style", n.number, a.Val)
	case a.Key == "autofocus":
		// patchAttrs handles it; the browser's own blames frames of another origin
	case a.Namespace != "":
		r.board.order("setNS", n.number, a.Key, a.Val, namespaces[a.Namespace])
	case a.Key == "xmlns" && n.token.ns != "":
		// the element has its namespace already; setting it throws
	default:
		r.board.order("set", n.number, a.Key, a.Val)
		r.setDefault(n, a.Key, a.Val, "true")
	}
}

func (r *Root) removeAttr(n *node, a vugu.VGAttribute) {
	if a.Namespace != "" {
		r.board.order("unsetNS", n.number, a.Key, namespaces[a.Namespace])
		return
	}
	r.board.order("unset", n.number, a.Key)
	r.setDefault(n, a.Key, "", "false")
}

// setDefault also sets the property when value or checked of an input changes. The
// attribute alone is only the default, which no longer counts once somebody has typed or
// clicked, but :value='c.Draft' is meant to show.
func (r *Root) setDefault(n *node, key, val, checked string) {
	if n.token.tag != "input" {
		return
	}
	switch key {
	case "value":
		r.board.order("value", n.number, val)
	case "checked":
		r.board.order("prop", n.number, key, checked)
	}
}

// property is a JavaScript property as the component last set it.
type property struct{ key, json string }

// live are the properties that the user changes as well. Every patch compares them with
// the element itself, and all others only with the last set value.
var live = map[string]bool{
	"value": true, "checked": true, "selected": true, "selectedIndex": true, "indeterminate": true, "open": true,
}

// patchProps sets properties (.value='…' in a .vugu file). A property that the component
// drops keeps its value.
func (r *Root) patchProps(n *node, want []vugu.VGProperty) {
	for _, p := range want {
		json := string(p.JSONVal)
		i := slices.IndexFunc(n.props, func(old property) bool { return old.key == p.Key })
		switch {
		case i < 0:
			n.props = append(n.props, property{p.Key, json})
		case n.props[i].json != json:
			n.props[i].json = json
		case !live[p.Key]:
			continue
		}
		r.board.order("prop", n.number, p.Key, json)
	}
}
