//go:build js && wasm

package render

import (
	"errors"
	"slices"
	"strings"

	"github.com/vugu/vugu"
)

// styles are the style sheets that one Root has adopted. board.js shares them: all
// instances of a component in a document have one.
type styles struct {
	adopted []string        // texts, in the order of adoptedStyleSheets
	refused map[string]bool // already reported
}

// apply makes the Root adopt the styles of the components that it shows. It adopts style
// sheets because a strict Content-Security-Policy blocks <style> in a ShadowRoot too.
func (s *styles) apply(r *Root, br *vugu.BuildResults) {
	if want := s.collect(r, br, br.Out, make([]string, 0, len(s.adopted))); !slices.Equal(want, s.adopted) {
		s.adopt(r, want)
	}
}

// release gives the sheets back.
func (s *styles) release(r *Root) {
	if len(s.adopted) > 0 {
		s.adopt(r, nil)
	}
}

func (s *styles) adopt(r *Root, texts []string) {
	s.adopted = texts
	list := make([]any, len(texts))
	for i, css := range texts {
		list[i] = css
	}
	if _, err := r.board.js.Call("style", list); err != nil {
		r.queue.tell(err)
	}
}

// collect appends the distinct CSS texts of bo and of its components.
func (s *styles) collect(r *Root, br *vugu.BuildResults, bo *vugu.BuildOut, out []string) []string {
	for _, n := range bo.CSS {
		if n.Data != "style" {
			s.refuse(r, "<"+n.Data+"> as a style")
		} else if css := textOf(n); css != "" && !slices.Contains(out, css) {
			out = append(out, css)
		}
	}
	if len(bo.JS) > 0 {
		s.refuse(r, "<script> in a component")
	}
	for _, c := range bo.Components {
		if built := br.ResultFor(c); built != nil {
			out = s.collect(r, br, built, out)
		}
	}
	return out
}

// refuse reports once what a component must not bring.
func (s *styles) refuse(r *Root, what string) {
	if s.refused[what] {
		return
	}
	if s.refused == nil {
		s.refused = map[string]bool{}
	}
	s.refused[what] = true
	r.queue.tell(errors.New("render: " + what + " is not supported: use <style> with text"))
}

func textOf(n *vugu.VGNode) string {
	if n.FirstChild != nil && n.FirstChild.NextSibling == nil {
		return n.FirstChild.Data // the usual case, without a copy
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(c.Data)
	}
	return b.String()
}
