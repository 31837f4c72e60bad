//go:build js && wasm

package render

import (
	"fmt"
	"strings"
	"syscall/js"
	"testing"

	"github.com/vugu/vugu"
)

func TestReorder(t *testing.T) {
	tests := []struct {
		name, from, to string
		moves          int // DOM changes: two records for a move, one for any other
	}{
		{"last to the front", "a b c d e", "e a b c d", 2},
		{"first to the end", "a b c d e", "b c d e a", 2},
		{"swap two", "a b c d e", "a d c b e", 4},
		{"insert in front", "b c", "a b c", 1},
		{"remove from the middle", "a b c", "a c", 1},
		{"all at once", "a b c d", "x d a c", 4},
		{"reverse", "a b c d", "d c b a", 6},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list := tt.from
			s := mount(t, func(o *vugu.BuildOut) { o.Out = append(o.Out, with(el("ul"), rows(list)...)) })
			was := map[string]js.Value{}
			for _, key := range strings.Fields(tt.from) {
				was[key] = s.find("[data-key=" + key + "]")
			}
			if got := s.changes(func() { s.Do(func() { list = tt.to }) }); got != tt.moves {
				t.Errorf("%d changes, want %d", got, tt.moves)
			}
			var now []string
			kids := s.find("ul").Get("children")
			for i := range kids.Length() {
				kid := kids.Index(i)
				key := kid.Get("dataset").Get("key").String()
				now = append(now, key)
				if old, known := was[key]; known && !old.Equal(kid) {
					t.Errorf("%s is another element now", key)
				}
			}
			if got := strings.Join(now, " "); got != tt.to {
				t.Errorf("the order is %s, want %s", got, tt.to)
			}
		})
	}
}

// TestReorderKeepsFocus: the focused input keeps focus, text and caret wherever the list
// goes, without a blur or focus event on the way.
func TestReorderKeepsFocus(t *testing.T) {
	list, events := "a b c d e", 0
	s := mount(t, func(o *vugu.BuildOut) {
		ul := el("ul")
		for _, key := range strings.Fields(list) {
			input := el("input", "class="+key)
			on(input, "blur", func(vugu.DOMEvent) { events++ })
			on(input, "focus", func(vugu.DOMEvent) { events++ })
			with(ul, with(el("li", "data-key="+key), input))
		}
		o.Out = append(o.Out, ul)
	})
	for _, focused := range []string{"a", "c", "e"} {
		input := s.find("." + focused)
		input.Call("focus")
		input.Set("value", "typed in "+focused)
		input.Call("setSelectionRange", 2, 4)
		for _, order := range []string{"e d c b a", "c a e b d", "d x b " + focused + " y", "a b c d e"} {
			events = 0
			s.Do(func() { list = order })
			if active := s.shadow.Get("activeElement"); !active.Equal(input) {
				t.Errorf("focus on %s, order %s: lost", focused, order)
			}
			if got := input.Get("value").String(); got != "typed in "+focused {
				t.Errorf("focus on %s, order %s: the text is %q", focused, order, got)
			}
			if got := input.Get("selectionStart").Int(); got != 2 {
				t.Errorf("focus on %s, order %s: the caret moved to %d", focused, order, got)
			}
			if events != 0 {
				t.Errorf("focus on %s, order %s: %d focus events", focused, order, events)
			}
		}
	}
}

// TestComingAndGoing: a vg-if in front of a focused input does not turn it into another
// input.
func TestComingAndGoing(t *testing.T) {
	warn := false
	s := mount(t, func(o *vugu.BuildOut) {
		form := with(el("form"), text("\n  "))
		if warn {
			with(form, content(el("div"), "Already on the list"))
		}
		o.Out = append(o.Out, with(form, text("\n  "), el("div", "class=row"), text("\n  "), el("input"), text("\n")))
	})
	input, row := s.find("input"), s.find(".row")
	input.Call("focus")
	for range 2 {
		s.Do(func() { warn = !warn })
		if !s.shadow.Get("activeElement").Equal(input) || !s.find("input").Equal(input) {
			t.Error("the input lost its focus")
		}
		if !s.find(".row").Equal(row) {
			t.Error("the row became another element")
		}
	}
}

// counter is a component with its own state.
type counter struct {
	label    string
	rendered []bool // First of each Rendered call
	gone     bool
	slot     vugu.Builder
}

func (c *counter) Build(*vugu.BuildIn) *vugu.BuildOut {
	out := &vugu.BuildOut{CSS: []*vugu.VGNode{style(".counter { color: rgb(1, 2, 3) }")}}
	li := with(el("li", "class=counter"), content(el("b"), c.label))
	if c.slot != nil {
		nest(out, li, c.slot)
	}
	out.Out = append(out.Out, li)
	return out
}
func (c *counter) Rendered(ctx vugu.RenderedCtx) { c.rendered = append(c.rendered, ctx.First()) }
func (c *counter) Destroy()                      { c.gone = true }

func TestComponents(t *testing.T) {
	a, b, c := &counter{label: "a"}, &counter{label: "b"}, &counter{label: "c"}
	typed := 0
	a.slot = vugu.NewBuilderFunc(func(*vugu.BuildIn) *vugu.BuildOut {
		return &vugu.BuildOut{Out: []*vugu.VGNode{with(&vugu.VGNode{Type: vugu.ElementNode}, el("hr"), on(el("input"), "input", func(vugu.DOMEvent) { typed++ }))}}
	})
	list := []*counter{a, b}
	s := mount(t, func(o *vugu.BuildOut) {
		ul := el("ul")
		for _, k := range list {
			nest(o, ul, k)
		}
		o.Out = append(o.Out, ul)
	})
	s.wantHTML(`<ul><li class="counter"><b>a</b><hr><input></li><li class="counter"><b>b</b></li></ul>`)
	first, input := s.find("li"), s.find("input")
	input.Call("focus")

	// Generated code makes a new slot function in every build.
	s.Do(func() {
		old := a.slot
		a.slot = vugu.NewBuilderFunc(func(in *vugu.BuildIn) *vugu.BuildOut { return old.Build(in) })
		list = []*counter{c, b, a}
	})
	s.wantHTML(`<ul><li class="counter"><b>c</b></li><li class="counter"><b>b</b></li><li class="counter"><b>a</b><hr><input></li></ul>`)
	if !s.find("li:last-child").Equal(first) || !s.shadow.Get("activeElement").Equal(input) {
		t.Error("component a did not take its elements and focus along")
	}
	input.Call("dispatchEvent", js.Global().Get("Event").New("input"))
	if typed != 1 {
		t.Errorf("%d input events through the slot", typed)
	}

	s.Do(func() { list = []*counter{c} })
	if !a.gone || !b.gone || c.gone {
		t.Errorf("destroyed: a %v, b %v, c %v", a.gone, b.gone, c.gone)
	}
	s.Do(func() { list = []*counter{b, c} })
	for _, tt := range []struct {
		c    *counter
		want string
	}{{a, "[true false false]"}, {b, "[true false false true]"}, {c, "[true false false false]"}} {
		if got := fmt.Sprint(tt.c.rendered); got != tt.want {
			t.Errorf("%s: Rendered with First %s, want %s", tt.c.label, got, tt.want)
		}
	}
	s.Unmount()
	if !c.gone {
		t.Error("Unmount did not destroy c")
	}
}

func TestStyles(t *testing.T) {
	build := func(css ...string) func(*vugu.BuildOut) {
		return func(o *vugu.BuildOut) {
			o.Out = append(o.Out, el("p"))
			for _, text := range css {
				o.CSS = append(o.CSS, style(text))
			}
		}
	}
	adopted := func(s *stage) js.Value { return s.shadow.Get("adoptedStyleSheets") }
	const red, big = "p { color: rgb(9, 0, 0) }", "p { font-size: 40px }"

	one := mount(t, build(red, big))
	two := mount(t, build(red))
	foreign := js.Global().Get("CSSStyleSheet").New()
	adopted(two).Call("push", foreign)
	computed := js.Global().Call("getComputedStyle", one.find("p"))
	if computed.Get("color").String() != "rgb(9, 0, 0)" || computed.Get("fontSize").String() != "40px" {
		t.Errorf("computed %v %v", computed.Get("color"), computed.Get("fontSize"))
	}
	if !adopted(one).Index(0).Equal(adopted(two).Index(0)) {
		t.Error("two instances do not share a sheet")
	}
	one.Do(func() { one.build = build(big) })
	if n := adopted(one).Length(); n != 1 || computed.Get("color").String() == "rgb(9, 0, 0)" {
		t.Errorf("after the style is gone: %d sheets, color %v", n, computed.Get("color"))
	}
	two.Do(func() { two.build = build(big) })
	if n := adopted(two).Length(); n != 2 || !adopted(two).Index(0).Equal(foreign) {
		t.Errorf("the sheet of the host is gone: %d sheets", n)
	}
	two.Do(func() {
		two.build = func(o *vugu.BuildOut) {
			o.CSS, o.JS = append(o.CSS, el("link")), append(o.JS, el("script"))
		}
	})
	two.Do(nil)
	if errs := two.takeErrors(); len(errs) != 2 {
		t.Errorf("OnError got %v, want one for <link> and one for <script>", errs)
	}
	one.Unmount()
	two.Unmount()
	if n := adopted(two).Length(); n != 1 {
		t.Errorf("%d sheets after Unmount, want the one of the host", n)
	}
	if n := adopted(one).Length(); n != 0 {
		t.Errorf("%d sheets are kept without a user", n)
	}
}

// TestStylesOfDocuments: a root that is in another document has style sheets of that one.
func TestStylesOfDocuments(t *testing.T) {
	const red, blue = "p { color: rgb(9, 0, 0) }", "p { color: rgb(0, 0, 9) }"
	build := func(css string) func(*vugu.BuildOut) {
		return func(o *vugu.BuildOut) { o.Out, o.CSS = append(o.Out, el("p")), append(o.CSS, style(css)) }
	}
	s := mount(t, build(red))
	document := js.Global().Get("document")
	frame := document.Call("createElement", "iframe")
	document.Get("body").Call("append", frame)
	defer frame.Call("remove")
	color := func() string { return js.Global().Call("getComputedStyle", s.find("p")).Get("color").String() }

	frame.Get("contentDocument").Get("body").Call("append", s.shadow.Get("host"))
	s.Do(func() { s.build = build(blue) })
	if c := color(); c != "rgb(0, 0, 9)" {
		t.Errorf("in another document: %s", c)
	}
	document.Get("body").Call("append", s.shadow.Get("host"))
	s.Do(func() { s.build = build(red) })
	if c := color(); c != "rgb(9, 0, 0)" {
		t.Errorf("back again: %s", c)
	}
	if errs := s.takeErrors(); len(errs) != 0 {
		t.Error(errs)
	}
	s.Unmount()
}
