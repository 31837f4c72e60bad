//go:build js && wasm

package render

import (
	"github.com/hack-pad/safejs"
	"github.com/vugu/vugu"
	vjs "github.com/vugu/vugu/js"
)

// node is the drawn form of one sibling. Its fields are what the board last got, so that
// only differences touch the DOM.
type node struct {
	number    int // on the board
	drawn     int // in which patch
	token     token
	text      string // of a text or comment node
	attrs     []vugu.VGAttribute
	props     []property
	listeners []listener
	content   *string // the InnerHTML shown instead of kids
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

// patchChildren turns the children of the node parent into those of want and returns
// them. It does not keep want.
func (r *Root) patchChildren(br *vugu.BuildResults, parent int, old []*node, want []sibling) []*node {
	if len(old) == 0 {
		return r.fill(br, parent, want)
	}
	if sameTokens(old, want) {
		for i, w := range want {
			r.patch(br, old[i], w)
		}
		return old
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
			r.board.order("remove", n.number)
			r.forget(n)
		}
	}

	kids := make([]*node, len(want))
	for i, w := range want {
		if from[i] < 0 {
			kids[i] = r.create(br, w)
		} else {
			kids[i] = old[from[i]]
			r.patch(br, kids[i], w)
		}
	}
	r.place(parent, kids, from)
	return kids
}

// sameTokens reports whether each node stays what and where it is.
func sameTokens(old []*node, want []sibling) bool {
	if len(old) != len(want) {
		return false
	}
	for i, w := range want {
		if old[i].token != w.token {
			return false
		}
	}
	return true
}

// fill puts want into an empty parent.
func (r *Root) fill(br *vugu.BuildResults, parent int, want []sibling) []*node {
	if len(want) == 0 {
		return nil
	}
	kids := make([]*node, len(want))
	for i, w := range want {
		kids[i] = r.create(br, w)
	}
	r.board.order("fill", parent)
	r.board.list(kids)
	return kids
}

// place inserts the new nodes and moves as few of the others as possible.
func (r *Root) place(parent int, kids []*node, from []int) {
	ordered := inOrder(from)
	var stay []bool
	if !ordered {
		stay = staying(from, r.focusedAmong(kids, from))
	}
	for i := len(kids) - 1; i >= 0; i-- {
		if from[i] < 0 || !ordered && !stay[i] {
			r.board.order("insert", parent)
			r.board.number(kids[i].number)
			if i == len(kids)-1 {
				r.board.word("")
			} else {
				r.board.number(kids[i+1].number)
			}
		}
	}
}

// focusedAmong returns the index of the kept node with the focus, or -1.
func (r *Root) focusedAmong(kids []*node, from []int) int {
	var kept []*node
	var at []int
	for i, n := range kids {
		if from[i] >= 0 {
			kept, at = append(kept, n), append(at, i)
		}
	}
	if i := r.board.focused(kept); i >= 0 {
		return at[i]
	}
	return -1
}

// create makes the node with everything in it, outside the document.
func (r *Root) create(br *vugu.BuildResults, w sibling) *node {
	n := &node{token: w.token, drawn: r.draws}
	r.board.add(n)
	switch w.Type {
	case vugu.TextNode:
		n.text = w.Data
		r.board.order("text", n.number, w.Data)
		return n
	case vugu.ElementNode:
		r.board.order("element", n.number, w.Data, namespaces[w.Namespace])
	default:
		n.text = w.Data
		r.board.order("note", n.number, w.Data)
		return n
	}
	r.handJS("vg-js-create", w.JSCreateHandler, n)
	r.patch(br, n, w)
	return n
}

// patch updates n to w, which has an equal token.
func (r *Root) patch(br *vugu.BuildResults, n *node, w sibling) {
	if w.Type != vugu.ElementNode {
		if n.text != w.Data {
			n.text = w.Data
			r.board.order("data", n.number, w.Data)
		}
		return
	}
	r.patchAttrs(n, w.Attr)
	r.patchListeners(n, w.DOMEventHandlerSpecList)
	r.patchContent(br, n, w)
	r.patchProps(n, w.Prop) // after the children: the value of a select needs its options
	r.handJS("vg-js-populate", w.JSPopulateHandler, n)
}

// patchContent updates the content of n.
func (r *Root) patchContent(br *vugu.BuildResults, n *node, w sibling) {
	if w.InnerHTML == nil {
		if n.content != nil {
			n.content = nil
			r.board.order("content", n.number, "")
		}
		from := len(r.wanted)
		var err error
		if r.wanted, err = flattenChildren(br, w.VGNode, nil, r.wanted); err != nil {
			r.queue.tell(err)
		}
		n.kids = r.patchChildren(br, n.number, n.kids, r.wanted[from:])
		r.wanted = r.wanted[:from]
		return
	}
	if n.content != nil && *n.content == *w.InnerHTML {
		return
	}
	content := *w.InnerHTML
	n.content = &content
	if text, ok := plainText(content); ok {
		r.board.order("content", n.number, text)
	} else {
		r.board.order("html", n.number, content)
	}
	for _, kid := range n.kids {
		r.forget(kid)
	}
	n.kids = nil
}

// forget drops n and everything in it, which leaves the document.
func (r *Root) forget(n *node) {
	r.board.order("forget", n.number)
	r.board.gone = append(r.board.gone, n.number)
	for _, kid := range n.kids {
		r.forget(kid)
	}
}

// handJS passes the element to a vg-js-create or vg-js-populate handler.
func (r *Root) handJS(where string, h vugu.JSValueHandler, n *node) {
	if h == nil {
		return
	}
	r.flush()
	el, err := r.board.node(n.number)
	if err != nil {
		r.queue.tell(err)
		return
	}
	r.queue.guard(where, func() { h.JSValueHandle(vjs.Value(safejs.Unsafe(el))) })
}

// flush draws the pending orders. It keeps an error that makes the tree unknown in lost.
func (r *Root) flush() {
	failed, err := r.board.flush()
	for _, err := range failed {
		r.queue.tell(err)
	}
	if r.lost == nil {
		r.lost = err
	}
}
