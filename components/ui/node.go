package ui

import (
	"strconv"
	"strings"

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

// Node makes an element from lines: its tag, then keys and values of attributes in turn.
// It appends the element to parent unless that is nil, after a text node of the blanks
// before the tag.
func Node(parent *vugu.VGNode, lines string) *vugu.VGNode {
	if blanks := len(lines) - len(strings.TrimLeft(lines, "\n ")); blanks > 0 {
		Text(parent, lines[:blanks])
		lines = lines[blanks:]
	}
	tag, rest, _ := strings.Cut(lines, "\n")
	n := &vugu.VGNode{Type: elementNode, Data: tag}
	if rest != "" {
		n.Attr = make([]vugu.VGAttribute, 0, strings.Count(rest, "\n")/2+4) // Attr adds more
	}
	for more := rest != ""; more; {
		var a vugu.VGAttribute
		a.Key, rest, _ = strings.Cut(rest, "\n")
		a.Val, rest, more = strings.Cut(rest, "\n")
		n.Attr = append(n.Attr, a)
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

// AttrText is Attr for a string.
func AttrText(n *vugu.VGNode, key, value string) {
	n.Attr = append(n.Attr, vugu.VGAttribute{Key: key, Val: value})
}

// Content puts a text into an element. The page shows it as it is, whatever it holds.
func Content(n *vugu.VGNode, text string) { Text(n, text) }

// On adds a handler of a DOM event.
func On(n *vugu.VGNode, event string, f func(vugu.DOMEvent)) {
	n.DOMEventHandlerSpecList = append(n.DOMEventHandlerSpecList, vugu.DOMEventHandlerSpec{EventType: event, Func: f})
}

// NoCompare makes the struct that has it as its first field one that nothing compares. The
// compiler writes a comparison for every other type, used or not, and all of them have to
// be downloaded.
type NoCompare [0]func()
