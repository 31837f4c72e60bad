package ui

import (
	"strconv"

	"github.com/vugu/vugu"
)

// The functions below are what generated code makes markup with, in place of
// what vugugen writes out in full. (components/gen)

const (
	textNode    = vugu.VGNodeType(1)
	elementNode = vugu.VGNodeType(3)
)

// Text makes a text node, the last child of parent.
func Text(parent *vugu.VGNode, text string) {
	parent.AppendChild(&vugu.VGNode{Type: textNode, Data: text})
}

// Node makes an element with attributes, keys and values in turn. It becomes the
// last child of parent, if there is one.
func Node(parent *vugu.VGNode, namespace, tag string, attributes ...string) *vugu.VGNode {
	n := &vugu.VGNode{Type: elementNode, Namespace: namespace, Data: tag}
	if len(attributes) > 0 {
		n.Attr = make([]vugu.VGAttribute, 0, len(attributes)/2+3) // more come with Attr
	}
	for i := 0; i < len(attributes); i += 2 {
		n.Attr = append(n.Attr, vugu.VGAttribute{Key: attributes[i], Val: attributes[i+1]})
	}
	if parent != nil {
		parent.AppendChild(n)
	}
	return n
}

// Attr adds an attribute: a string, an int, or a bool, which is there or not.
// nil adds none.
func Attr(n *vugu.VGNode, key string, value any) {
	a := vugu.VGAttribute{Key: key}
	switch v := value.(type) {
	case nil:
		return
	case string:
		a.Val = v
	case int:
		a.Val = strconv.Itoa(v)
	case bool:
		if !v {
			return
		}
		a.Val = key
	default:
		panic("ui: the attribute " + key + " is neither string, int nor bool")
	}
	n.Attr = append(n.Attr, a)
}

// Content puts a text into an element. It is shown as it is, whatever it holds.
func Content(n *vugu.VGNode, text string) { Text(n, text) }

// On adds a handler of a DOM event.
func On(n *vugu.VGNode, event string, f func(vugu.DOMEvent)) {
	n.DOMEventHandlerSpecList = append(n.DOMEventHandlerSpecList, vugu.DOMEventHandlerSpec{EventType: event, Func: f})
}
