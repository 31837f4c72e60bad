//go:build js && wasm

package render

import (
	"slices"
	"strings"

	"github.com/hack-pad/safejs"
	"github.com/vugu/vugu"

	fmt "commdn/wasm/slimfmt"
)

// sheet is a constructed CSSStyleSheet with the number of Roots that show it.
type sheet struct {
	js    safejs.Value
	users int
}

// sheets holds the style sheets in use, by their text: all instances of a component on
// the page share one.
var sheets = map[string]*sheet{}

// styles are the style sheets that one Root has adopted.
type styles struct {
	adopted []string        // texts, in the order of adoptedStyleSheets
	refused map[string]bool // already reported
}

// apply makes the Root adopt the styles of the components that it shows. It adopts style
// sheets because a strict Content-Security-Policy blocks <style> in a ShadowRoot too.
// Sheets of others stay, in front of ours.
func (s *styles) apply(r *Root, br *vugu.BuildResults) {
	want := s.collect(r, br, br.Out, make([]string, 0, len(s.adopted)))
	if slices.Equal(want, s.adopted) {
		return
	}
	list, err := s.others(r)
	if err != nil {
		r.queue.tell(err)
		return
	}
	old := s.adopted
	s.adopted = want
	for _, css := range want {
		if !slices.Contains(old, css) {
			if err := use(css); err != nil {
				r.queue.tell(err)
			}
		}
		if sh := sheets[css]; sh != nil {
			list = append(list, sh.js)
		}
	}
	for _, css := range old {
		if !slices.Contains(want, css) {
			unuse(css)
		}
	}
	if err := r.dom.Set("adoptedStyleSheets", list); err != nil {
		r.queue.tell(err)
	}
}

// release gives the sheets back.
func (s *styles) release(r *Root) {
	if len(s.adopted) == 0 {
		return
	}
	list, err := s.others(r)
	if err == nil {
		err = r.dom.Set("adoptedStyleSheets", list)
	}
	if err != nil {
		r.queue.tell(err)
	}
	for _, css := range s.adopted {
		unuse(css)
	}
	s.adopted = nil
}

// others returns the sheets of the ShadowRoot that are not ours.
func (s *styles) others(r *Root) ([]any, error) {
	list, err := r.dom.Get("adoptedStyleSheets")
	if err != nil {
		return nil, err
	}
	length, err := list.Length()
	if err != nil {
		return nil, err
	}
	others := []any{}
	for i := range length {
		v, err := list.Index(i)
		if err != nil {
			return nil, err
		}
		ours := slices.ContainsFunc(s.adopted, func(css string) bool { return sheets[css] != nil && sheets[css].js.Equal(v) })
		if !ours {
			others = append(others, v)
		}
	}
	return others, nil
}

// collect appends the distinct CSS texts of bo and of its components.
func (s *styles) collect(r *Root, br *vugu.BuildResults, bo *vugu.BuildOut, out []string) []string {
	for _, n := range bo.CSS {
		if n.Data != "style" {
			s.refuse(r, fmt.Sprintf("<%s> as a style", n.Data))
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
	r.queue.tell(fmt.Errorf("render: %s is not supported: use <style> with text", what))
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

// use finds or makes the sheet for css.
func use(css string) error {
	if sh := sheets[css]; sh != nil {
		sh.users++
		return nil
	}
	constructor, err := safejs.Global().Get("CSSStyleSheet")
	if err != nil {
		return err
	}
	v, err := constructor.New()
	if err != nil {
		return err
	}
	if _, err := v.Call("replaceSync", css); err != nil {
		return err
	}
	sheets[css] = &sheet{js: v, users: 1}
	return nil
}

func unuse(css string) {
	if sh := sheets[css]; sh != nil {
		if sh.users--; sh.users == 0 {
			delete(sheets, css)
		}
	}
}
