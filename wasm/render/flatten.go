package render

import (
	"errors"
	"strings"

	"github.com/vugu/vugu"
)

// sibling is one node to draw, with components and templates resolved.
type sibling struct {
	*vugu.VGNode
	token token
}

// flatten appends to out what n stands for: itself, the children of a template,
// or what a component has built. owner is the component that n is a root node
// of. The error names a component without build result; out goes on without it.
func flatten(br *vugu.BuildResults, n *vugu.VGNode, owner any, out []sibling) ([]sibling, error) {
	switch {
	case n.Component != nil:
		built := br.ResultFor(n.Component)
		if built == nil {
			return out, errors.New("render: a component was not built: it is missing in BuildOut.Components")
		}
		if !isSlot(n.Component) {
			owner = n.Component
		}
		return flattenAll(br, built.Out, owner, out)
	case n.IsTemplate():
		return flattenChildren(br, n, owner, out)
	}
	t := token{kind: uint32(n.Type), owner: owner}
	if n.Type == vugu.ElementNode {
		t.ns, t.tag = n.Namespace, n.Data
		t.key = keyOf(n)
	}
	return append(out, sibling{n, t}), nil
}

func flattenAll(br *vugu.BuildResults, nodes []*vugu.VGNode, owner any, out []sibling) ([]sibling, error) {
	var first error
	for _, n := range nodes {
		var err error
		if out, err = flatten(br, n, owner, out); err != nil && first == nil {
			first = err
		}
	}
	return out, first
}

func flattenChildren(br *vugu.BuildResults, n *vugu.VGNode, owner any, out []sibling) ([]sibling, error) {
	var first error
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		var err error
		if out, err = flatten(br, c, owner, out); err != nil && first == nil {
			first = err
		}
	}
	return out, first
}

// isSlot tells what vugu.NewBuilderFunc makes, which is how generated code fills
// a slot: a new pointer in every build, so it cannot be anyone's identity.
func isSlot(component any) bool {
	_, ok := component.(*struct{ vugu.Builder })
	return ok
}

// keyOf is the element's own key among its siblings. Vugu v0.4.0 keeps vg-key to
// itself for plain elements (only components get it, in their CompKey), so the
// attribute data-key says it, or else id.
func keyOf(n *vugu.VGNode) string {
	id := ""
	for _, a := range n.Attr {
		switch {
		case a.Key == "data-key" && a.Val != "":
			return a.Val
		case a.Key == "id" && a.Val != "":
			id = "#" + a.Val
		}
	}
	return id
}

// unescape undoes html.EscapeString, which vugu applies to every vg-content that
// is not a vugu.HTML.
var unescape = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'")

// plainText returns the text that the HTML fragment stands for, if it is nothing
// but escaped text. Then it can be set as text, and the fragment need not be
// parsed by the browser, where a mistake in the escaping would let a phone
// number become a script.
func plainText(fragment string) (string, bool) {
	if strings.Contains(fragment, "<") {
		return "", false
	}
	for rest := fragment; ; {
		_, after, found := strings.Cut(rest, "&")
		if !found {
			return unescape.Replace(fragment), true
		}
		if !hasAnyPrefix(after, "amp;", "lt;", "gt;", "#34;", "#39;") {
			return "", false
		}
		rest = after
	}
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
