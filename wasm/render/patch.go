//go:build js && wasm

package render

import (
	"github.com/hack-pad/safejs"
	"github.com/vugu/vugu"
	vjs "github.com/vugu/vugu/js"
)

// node is what was drawn for one sibling. Its fields are what the DOM was last
// told, so that only differences touch it.
type node struct {
	token     token
	el        safejs.Value
	void      bool   // could not be created; el is a comment in its place
	text      string // of a text or comment node
	attrs     []vugu.VGAttribute
	props     []property
	listeners []*listener
	content   *string // the InnerHTML that is shown instead of kids
	kids      []*node
}

var namespaces = map[string]string{
	"html":  "http://www.w3.org/1999/xhtml",
	"math":  "http://www.w3.org/1998/Math/MathML",
	"svg":   "http://www.w3.org/2000/svg",
	"xlink": "http://www.w3.org/1999/xlink",
	"xml":   "http://www.w3.org/XML/1998/namespace",
	"xmlns": "http://www.w3.org/2000/xmlns/",
}

// patchChildren makes the children of parent those of want and returns them. An
// error means that the tree is not as it was left; what cannot be drawn for
// reasons of its own is reported and replaced by a comment.
func (r *Root) patchChildren(br *vugu.BuildResults, parent safejs.Value, old []*node, want []sibling) ([]*node, error) {
	if len(old) == 0 {
		return r.fill(br, parent, want)
	}
	oldTokens := make([]token, len(old))
	for i, n := range old {
		oldTokens[i] = n.token
	}
	wantTokens := make([]token, len(want))
	for i, w := range want {
		wantTokens[i] = w.token
	}
	from := match(oldTokens, wantTokens)

	kept := make([]bool, len(old))
	for _, f := range from {
		if f >= 0 {
			kept[f] = true
		}
	}
	for i, n := range old {
		if !kept[i] {
			if err := r.remove(n); err != nil {
				return old, err
			}
		}
	}

	kids := make([]*node, len(want))
	for i, w := range want {
		var err error
		if from[i] < 0 {
			kids[i], err = r.create(br, w)
		} else {
			kids[i] = old[from[i]]
			err = r.patch(br, kids[i], w)
		}
		if err != nil {
			return old, err
		}
	}
	return kids, r.place(parent, kids, from)
}

// fill puts want into an empty parent with one call.
func (r *Root) fill(br *vugu.BuildResults, parent safejs.Value, want []sibling) ([]*node, error) {
	if len(want) == 0 {
		return nil, nil
	}
	kids := make([]*node, len(want))
	els := make([]any, len(want))
	for i, w := range want {
		n, err := r.create(br, w)
		if err != nil {
			return nil, err
		}
		kids[i], els[i] = n, n.el
	}
	_, err := parent.Call("append", els...)
	return kids, err
}

// place inserts the new nodes and moves as few of the others as possible.
func (r *Root) place(parent safejs.Value, kids []*node, from []int) error {
	ordered := inOrder(from)
	var stay []bool
	if !ordered {
		stay = staying(from, r.focusedAmong(kids, from))
	}
	next := safejs.Null()
	for i := len(kids) - 1; i >= 0; i-- {
		if from[i] < 0 || !ordered && !stay[i] {
			if _, err := parent.Call("insertBefore", kids[i].el, next); err != nil {
				return err
			}
		}
		next = kids[i].el
	}
	return nil
}

// focusedAmong is the index of the kept node that has the focus, or -1.
func (r *Root) focusedAmong(kids []*node, from []int) int {
	active, err := r.dom.Get("activeElement")
	if err != nil || active.IsNull() || active.IsUndefined() {
		return -1
	}
	for i, n := range kids {
		if from[i] < 0 {
			continue
		}
		if v, err := n.el.Call("contains", active); err == nil {
			if has, err := v.Bool(); err == nil && has {
				return i
			}
		}
	}
	return -1
}

// create makes the node with everything in it, outside of the document.
func (r *Root) create(br *vugu.BuildResults, w sibling) (*node, error) {
	n := &node{token: w.token}
	var err error
	switch w.Type {
	case vugu.TextNode:
		n.text = w.Data
		n.el, err = r.doc.Call("createTextNode", w.Data)
		return n, err
	case vugu.ElementNode:
		if uri := namespaces[w.Namespace]; uri != "" {
			n.el, err = r.doc.Call("createElementNS", uri, w.Data)
		} else {
			n.el, err = r.doc.Call("createElement", w.Data)
		}
		if err != nil { // a name that is none: everything else can still be drawn
			r.queue.tell(err)
			n.void = true
			n.el, err = r.doc.Call("createComment", "")
			return n, err
		}
	default:
		n.text = w.Data
		n.el, err = r.doc.Call("createComment", w.Data)
		return n, err
	}
	r.handJS("vg-js-create", w.JSCreateHandler, n)
	return n, r.patch(br, n, w)
}

// patch brings n up to date with w, which has an equal token.
func (r *Root) patch(br *vugu.BuildResults, n *node, w sibling) error {
	if w.Type != vugu.ElementNode {
		if n.text == w.Data {
			return nil
		}
		n.text = w.Data
		return n.el.Set("data", w.Data)
	}
	if n.void {
		return nil
	}
	r.patchAttrs(n, w.Attr)
	r.patchListeners(n, w.DOMEventHandlerSpecList)
	if err := r.patchContent(br, n, w); err != nil {
		return err
	}
	r.patchProps(n, w.Prop) // after the children: the value of a select needs its options
	r.handJS("vg-js-populate", w.JSPopulateHandler, n)
	return nil
}

// patchContent brings what is inside of n up to date.
func (r *Root) patchContent(br *vugu.BuildResults, n *node, w sibling) error {
	if w.InnerHTML == nil {
		if n.content != nil {
			n.content = nil
			if err := n.el.Set("textContent", ""); err != nil {
				return err
			}
		}
		want, err := flattenChildren(br, w.VGNode, nil, nil)
		if err != nil {
			r.queue.tell(err)
		}
		n.kids, err = r.patchChildren(br, n.el, n.kids, want)
		return err
	}
	if n.content != nil && *n.content == *w.InnerHTML {
		return nil
	}
	content := *w.InnerHTML
	name, value := "innerHTML", content
	if text, ok := plainText(content); ok {
		name, value = "textContent", text
	}
	if err := n.el.Set(name, value); err != nil {
		return err
	}
	n.content = &content
	for _, kid := range n.kids {
		r.forget(kid)
	}
	n.kids = nil
	return nil
}

// remove takes n out of the document.
func (r *Root) remove(n *node) error {
	_, err := n.el.Call("remove")
	r.forget(n)
	return err
}

// forget releases the functions of n and of everything in it, once it is gone.
func (r *Root) forget(n *node) {
	for _, l := range n.listeners {
		l.release(r)
	}
	for _, kid := range n.kids {
		r.forget(kid)
	}
}

// handJS gives the element to a vg-js-create or vg-js-populate handler.
func (r *Root) handJS(where string, h vugu.JSValueHandler, n *node) {
	if h != nil {
		r.queue.guard(where, func() { h.JSValueHandle(vjs.Value(safejs.Unsafe(n.el))) })
	}
}
