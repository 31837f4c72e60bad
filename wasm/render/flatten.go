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

// flatten appends what n stands for to out: itself, the children of a template, or what a
// component has built. owner is the component whose root node n is. The error names a
// component without a build result; out continues without it.
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

// isSlot recognises what vugu.NewBuilderFunc makes. Generated code fills slots with it: a
// new pointer in every build, so it cannot be an identity.
func isSlot(component any) bool {
	_, ok := component.(*struct{ vugu.Builder })
	return ok
}

// keyOf is the element's own key among its siblings: the attribute data-key, or else id.
// Vugu v0.4.0 keeps vg-key of plain elements to itself; only components get it, in their
// CompKey.
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

// unescape undoes html.EscapeString, which vugu applies to every vg-content except a
// vugu.HTML.
//
// A strings.Replacer would be five kilobytes of the download.
func unescape(s string) string {
	for _, e := range [...]struct{ from, to string }{
		{"&lt;", "<"}, {"&gt;", ">"}, {"&#34;", `"`}, {"&#39;", "'"}, {"&amp;", "&"}, // the last, as it begins the others
	} {
		s = strings.ReplaceAll(s, e.from, e.to)
	}
	return s
}

// plainText returns the text of an HTML fragment that is nothing but escaped text. It can
// be set as text then. The browser need not parse the fragment, where a mistake in the
// escaping could turn a phone number into a script.
func plainText(fragment string) (string, bool) {
	if strings.Contains(fragment, "<") {
		return "", false
	}
	for rest := fragment; ; {
		_, after, found := strings.Cut(rest, "&")
		if !found {
			return unescape(fragment), true
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
