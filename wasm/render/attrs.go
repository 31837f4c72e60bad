//go:build js && wasm

package render

import (
	"slices"

	"github.com/hack-pad/safejs"
	"github.com/vugu/vugu"
)

// patchAttrs sets, changes and removes attributes. Present is what is in the
// list: vugu's AddAttrInterface leaves out nil and false, gives true as
// key="key", and a static disabled="" is in it with an empty value. A name that
// comes twice, as from class and :class, has its last value.
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
			if r.focus.IsUndefined() {
				r.focus = n.el
			}
			continue // in a frame of another origin the browser complains of the attribute, after the focus is there
		}
		if err := r.setAttr(n, a); err != nil {
			r.queue.tell(err)
		}
	}
	for i, a := range n.attrs {
		if later, _ := find(n.attrs[i+1:], a); later {
			continue
		}
		if still, _ := find(want, a); still {
			continue
		}
		if err := removeAttr(n, a); err != nil {
			r.queue.tell(err)
		}
	}
	n.attrs = append(n.attrs[:0], want...) // a copy: a builder may use its nodes again
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

func (r *Root) setAttr(n *node, a vugu.VGAttribute) error {
	switch {
	case a.Key == "style" && a.Namespace == "":
		// A Content-Security-Policy without 'unsafe-inline' forbids the
		// attribute and allows the property.
		style, err := n.el.Get("style")
		if err != nil {
			return err
		}
		return style.Set("cssText", a.Val)
	case a.Key == "autofocus":
		return nil // patchAttrs sees to it; the browser's own blames frames of another origin
	case a.Namespace != "":
		_, err := n.el.Call("setAttributeNS", namespaces[a.Namespace], a.Key, a.Val)
		return err
	case a.Key == "xmlns" && n.token.ns != "":
		return nil // the namespace is the element's already; setting it throws
	}
	if _, err := n.el.Call("setAttribute", a.Key, a.Val); err != nil {
		return err
	}
	return setDefault(n, a.Key, a.Val, true)
}

func removeAttr(n *node, a vugu.VGAttribute) error {
	if a.Namespace != "" {
		_, err := n.el.Call("removeAttributeNS", namespaces[a.Namespace], a.Key)
		return err
	}
	if _, err := n.el.Call("removeAttribute", a.Key); err != nil {
		return err
	}
	return setDefault(n, a.Key, "", false)
}

// setDefault follows a change of value or checked on an input with the property.
// The attribute alone is only the default, which counts no more once somebody
// has typed or clicked, and :value='c.Draft' is meant to say what is shown.
func setDefault(n *node, key, val string, on bool) error {
	if n.token.tag != "input" {
		return nil
	}
	switch key {
	case "value":
		return setIfDifferent(n.el, "value", val)
	case "checked":
		return setIfDifferent(n.el, "checked", on)
	}
	return nil
}

// property is a JavaScript property as the component last wanted it.
type property struct {
	key, json string
	value     safejs.Value
}

// live are the properties that the user changes as well. They are compared with
// the element itself in every patch; others only with what was last wanted.
var live = map[string]bool{
	"value": true, "checked": true, "selected": true, "selectedIndex": true, "indeterminate": true, "open": true,
}

// patchProps sets properties (.value='…' in a .vugu file). One that is not
// wanted any more keeps its value.
func (r *Root) patchProps(n *node, want []vugu.VGProperty) {
	for _, p := range want {
		i := slices.IndexFunc(n.props, func(old property) bool { return old.key == p.Key })
		if i >= 0 && n.props[i].json == string(p.JSONVal) {
			if live[p.Key] {
				if err := setIfDifferent(n.el, p.Key, n.props[i].value); err != nil {
					r.queue.tell(err)
				}
			}
			continue
		}
		value, err := parseJSON(string(p.JSONVal))
		if err != nil {
			r.queue.tell(err)
		}
		if i < 0 {
			i = len(n.props)
			n.props = append(n.props, property{key: p.Key})
		}
		n.props[i].json, n.props[i].value = string(p.JSONVal), value
		if err := setIfDifferent(n.el, p.Key, value); err != nil {
			r.queue.tell(err)
		}
	}
}

// setIfDifferent leaves a property alone that has the value already: setting the
// value of an input counts as an edit, and may move the caret.
func setIfDifferent(el safejs.Value, key string, value any) error {
	want, err := safejs.ValueOf(unsafeValue(value))
	if err != nil {
		return err
	}
	if now, err := el.Get(key); err == nil && now.Equal(want) {
		return nil
	}
	return el.Set(key, want)
}

// unsafeValue is what safejs.ValueOf, a plain js.ValueOf, understands.
func unsafeValue(v any) any {
	if safe, ok := v.(safejs.Value); ok {
		return safejs.Unsafe(safe)
	}
	return v
}

// parseJSON is only used when a property changes.
func parseJSON(text string) (safejs.Value, error) {
	json, err := safejs.Global().Get("JSON")
	if err != nil {
		return safejs.Undefined(), err
	}
	return json.Call("parse", text)
}
