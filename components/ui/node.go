package ui

import (
	"strconv"

	"github.com/vugu/vugu"
)

// Generated code builds markup with the functions below, which replace what vugugen
// writes in full (components/gen).

const (
	textNode    = vugu.VGNodeType(1)
	elementNode = vugu.VGNodeType(3)
)

// Text appends a text node to parent.
func Text(parent *vugu.VGNode, text string) {
	parent.AppendChild(&vugu.VGNode{Type: textNode, Data: text})
}

// Node makes an element with attributes, alternating keys and values. It appends the
// element to parent unless that is nil.
func Node(parent *vugu.VGNode, namespace, tag string, attributes ...string) *vugu.VGNode {
	n := &vugu.VGNode{Type: elementNode, Namespace: namespace, Data: tag}
	if len(attributes) > 0 {
		n.Attr = make([]vugu.VGAttribute, 0, len(attributes)/2+3) // Attr adds more
	}
	for i := 0; i < len(attributes); i += 2 {
		n.Attr = append(n.Attr, vugu.VGAttribute{Key: attributes[i], Val: attributes[i+1]})
	}
	if parent != nil {
		parent.AppendChild(n)
	}
	return n
}

// Attr adds an attribute: a string, an int, or a bool for presence. nil adds none.
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

// Content puts a text into an element. The page shows it as it is, whatever it holds.
func Content(n *vugu.VGNode, text string) { Text(n, text) }

// On adds a handler of a DOM event.
func On(n *vugu.VGNode, event string, f func(vugu.DOMEvent)) {
	n.DOMEventHandlerSpecList = append(n.DOMEventHandlerSpecList, vugu.DOMEventHandlerSpec{EventType: event, Func: f})
}
