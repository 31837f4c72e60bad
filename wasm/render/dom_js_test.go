//go:build js && wasm

package render

import (
	"errors"
	"strings"
	"syscall/js"
	"testing"

	"github.com/hack-pad/safejs"
	"github.com/vugu/vugu"
	vjs "github.com/vugu/vugu/js"
)

func TestMountPaintsBeforeItReturns(t *testing.T) {
	s := mount(t, func(o *vugu.BuildOut) {
		o.Out = append(o.Out, with(el("p", "class=x"), text("hello "), content(el("b"), 42), &vugu.VGNode{Type: vugu.CommentNode, Data: "note"}))
	})
	s.wantHTML(`<p class="x">hello <b>42</b><!--note--></p>`)
}

// TestDataIsText: data of any kind comes out as text, in text nodes, content, attributes
// and properties.
func TestDataIsText(t *testing.T) {
	phone := `"><script>document.title='owned'</script><img src=x onerror="document.title='owned'">&amp;`
	s := mount(t, func(o *vugu.BuildOut) {
		o.Out = append(o.Out, with(el("p"), text(phone)), content(el("b"), phone), el("i", "title="+phone), attr(el("u"), "title", phone))
	})
	for _, selector := range []string{"p", "b"} {
		if got := s.find(selector).Get("textContent").String(); got != phone {
			t.Errorf("%s shows %q", selector, got)
		}
	}
	for _, selector := range []string{"i", "u"} {
		if got := s.find(selector).Call("getAttribute", "title").String(); got != phone {
			t.Errorf("the title of %s is %q", selector, got)
		}
	}
	if n := s.shadow.Call("querySelectorAll", "script, img").Length(); n != 0 {
		t.Errorf("%d elements came out of a phone number", n)
	}
}

func TestContent(t *testing.T) {
	var value any
	clicks := 0
	s := mount(t, func(o *vugu.BuildOut) {
		n := el("div")
		if value == nil {
			with(n, on(el("button"), "click", func(vugu.DOMEvent) { clicks++ }))
		} else {
			content(n, value)
		}
		o.Out = append(o.Out, n)
	})
	for _, step := range []struct {
		value any
		want  string
	}{
		{"a < b\r\nc", "<div>a &lt; b\r\nc</div>"}, // an HTML parser would drop the \r
		{vugu.HTML("<b>bold</b>&nbsp;x"), "<div><b>bold</b>&nbsp;x</div>"},
		{"", "<div></div>"},
		{nil, "<div><button></button></div>"},
	} {
		s.Do(func() { value = step.value })
		s.wantHTML(step.want)
		want := 0
		if step.value == nil {
			want = 1
		}
		if n := s.listening(); n != want {
			t.Errorf("content %v: %d listeners, want %d", step.value, n, want)
		}
	}
	s.find("button").Call("click")
	if clicks != 1 {
		t.Errorf("%d clicks", clicks)
	}
}

func TestUnchangedTouchesNothing(t *testing.T) {
	n := 0
	s := mount(t, func(o *vugu.BuildOut) {
		o.CSS = append(o.CSS, style("p { color: red }"))
		o.Out = append(o.Out, with(el("p", "class=a", "class=b", "style=color: blue"), text("x"), content(el("b"), "y"),
			prop(el("input", "value=1"), "value", `"z"`), on(el("i"), "click", func(vugu.DOMEvent) { n++ })))
		o.Out = append(o.Out, rows("1 2 3")...)
	})
	if got := s.changes(func() { s.Do(nil); s.Do(nil) }); got != 0 {
		t.Errorf("painting the same again changed %d things", got)
	}
	if got := s.find("p").Get("className").String(); got != "b" {
		t.Errorf("of class and :class the last counts; the class is %q", got)
	}
}

func TestAttributes(t *testing.T) {
	steps := []struct {
		name  string
		build func() *vugu.VGNode
		want  string
	}{
		{"true", func() *vugu.VGNode { return attr(el("button"), "disabled", true) }, `<button disabled="disabled"></button>`},
		{"false is absent", func() *vugu.VGNode { return attr(el("button"), "disabled", false) }, `<button></button>`},
		{"empty is present", func() *vugu.VGNode { return el("button", "disabled=") }, `<button disabled=""></button>`},
		{"nil is absent", func() *vugu.VGNode { return attr(el("button"), "disabled", nil) }, `<button></button>`},
		{"number", func() *vugu.VGNode { return attr(el("button"), "tabindex", -1) }, `<button tabindex="-1"></button>`},
		{"changed and added", func() *vugu.VGNode { return el("button", "tabindex=0", "title=x") }, `<button tabindex="0" title="x"></button>`},
		{"the last of two", func() *vugu.VGNode { return el("button", "title=x", "title=y") }, `<button title="y"></button>`},
		{"one of two left", func() *vugu.VGNode { return el("button", "title=x") }, `<button title="x"></button>`},
		{"style without an inline style", func() *vugu.VGNode { return el("button", "style=color: red") }, `<button style="color: red;"></button>`},
		{"no style", func() *vugu.VGNode { return el("button") }, `<button></button>`},
	}
	at := 0
	s := mount(t, func(o *vugu.BuildOut) { o.Out = append(o.Out, steps[at].build()) })
	button := s.find("button")
	for i, step := range steps {
		s.Do(func() { at = i })
		if got := s.html(); got != step.want {
			t.Errorf("%s: %s, want %s", step.name, got, step.want)
		}
	}
	if !s.find("button").Equal(button) {
		t.Error("the button was replaced")
	}
}

// TestStyleUnderPolicy: the page's policy forbids style attributes; a violation would
// show.
func TestStyleUnderPolicy(t *testing.T) {
	color := "red"
	s := mount(t, func(o *vugu.BuildOut) { o.Out = append(o.Out, el("p", "style=color: "+color)) })
	s.Do(func() { color = "blue" })
	got := js.Global().Call("getComputedStyle", s.find("p")).Get("color").String()
	if got != "rgb(0, 0, 255)" {
		t.Errorf("the computed color is %s", got)
	}
}

func TestABadNameSpoilsNothingElse(t *testing.T) {
	name, tag := "ok", "p"
	s := mount(t, func(o *vugu.BuildOut) { o.Out = append(o.Out, el("p", name+"=1", "title=x"), el(tag)) })
	s.Do(func() { name, tag = "not a name", "not a tag" })
	if errs := s.takeErrors(); len(errs) != 2 {
		t.Errorf("OnError got %v, want one error for the attribute and one for the element", errs)
	}
	s.wantHTML(`<p title="x"></p><!---->`)
	s.Do(nil) // already reported
	s.Do(func() { name, tag = "ok", "p" })
	s.wantHTML(`<p title="x" ok="1"></p><p></p>`)
}

func TestProperties(t *testing.T) {
	value, checked := `"one"`, "true"
	s := mount(t, func(o *vugu.BuildOut) {
		o.Out = append(o.Out, prop(el("input"), "value", value), prop(el("input", "type=checkbox"), "checked", checked),
			prop(with(el("select"), content(el("option", "value=a"), "A"), content(el("option", "value=b"), "B")), "value", `"b"`),
			prop(el("p"), "data", `{"list":[1,2]}`))
	})
	input, box, sel := s.find("input"), s.find("[type=checkbox]"), s.find("select")
	if input.Get("value").String() != "one" || !box.Get("checked").Bool() || sel.Get("value").String() != "b" {
		t.Errorf("at first: %v %v %v", input.Get("value"), box.Get("checked"), sel.Get("value"))
	}
	if got := s.find("p").Get("data").Get("list").Index(1).Int(); got != 2 {
		t.Errorf("an object as property: %v", got)
	}
	// Equal: the caret stays.
	input.Call("setSelectionRange", 1, 2)
	s.Do(nil)
	if a, b := input.Get("selectionStart").Int(), input.Get("selectionEnd").Int(); a != 1 || b != 2 {
		t.Errorf("the selection moved to %d-%d", a, b)
	}
	// The user typed, and the component disagrees: the component wins, in every paint.
	input.Set("value", "typed")
	box.Set("checked", false)
	s.Do(nil)
	if input.Get("value").String() != "one" || !box.Get("checked").Bool() {
		t.Errorf("after typing: %v %v", input.Get("value"), box.Get("checked"))
	}
	s.Do(func() { value, checked = `"two"`, "false" })
	if input.Get("value").String() != "two" || box.Get("checked").Bool() {
		t.Errorf("after a change: %v %v", input.Get("value"), box.Get("checked"))
	}
}

// TestLivePropertyIsSetOnlyWhenDifferent: an equal value is not set again.
func TestLivePropertyIsSetOnlyWhenDifferent(t *testing.T) {
	s := mount(t, func(o *vugu.BuildOut) { o.Out = append(o.Out, prop(el("p"), "open", "true")) })
	now, sets := true, 0
	get := js.FuncOf(func(js.Value, []js.Value) any { return now })
	set := js.FuncOf(func(_ js.Value, args []js.Value) any { sets++; now = args[0].Bool(); return nil })
	defer get.Release()
	defer set.Release()
	js.Global().Get("Object").Call("defineProperty", s.find("p"), "open", map[string]any{"get": get, "set": set})
	s.Do(nil)
	if sets != 0 {
		t.Errorf("an equal value was set %d times", sets)
	}
	now = false
	s.Do(nil)
	if sets != 1 || !now {
		t.Errorf("another value: %d sets, now %v; want one set", sets, now)
	}
}

// TestValueAttribute: a changed :value shows; an unchanged one leaves typed text alone.
func TestValueAttribute(t *testing.T) {
	value, checked := "one", false
	s := mount(t, func(o *vugu.BuildOut) {
		o.Out = append(o.Out, attr(el("input"), "value", value), attr(el("input", "type=checkbox"), "checked", checked))
	})
	input, box := s.find("input"), s.find("[type=checkbox]")
	input.Set("value", "typed")
	box.Set("checked", true)
	s.Do(nil)
	if input.Get("value").String() != "typed" || !box.Get("checked").Bool() {
		t.Errorf("unchanged: %v %v", input.Get("value"), box.Get("checked"))
	}
	s.Do(func() { value, checked = "", true })
	box.Set("checked", true)
	s.Do(func() { checked = false })
	if input.Get("value").String() != "" || box.Get("checked").Bool() {
		t.Errorf("changed: %q %v", input.Get("value").String(), box.Get("checked"))
	}
}

func TestSVG(t *testing.T) {
	svg := func(tag string, attrs ...vugu.VGAttribute) *vugu.VGNode {
		return &vugu.VGNode{Type: vugu.ElementNode, Namespace: "svg", Data: tag, Attr: attrs}
	}
	href := "#a"
	s := mount(t, func(o *vugu.BuildOut) {
		o.Out = append(o.Out, with(svg("svg", vugu.VGAttribute{Key: "xmlns", Val: "http://www.w3.org/2000/svg"}, vugu.VGAttribute{Key: "viewBox", Val: "0 0 8 8"}),
			with(svg("use"), svg("path", vugu.VGAttribute{Key: "d", Val: "M0 0h8"})),
			func() *vugu.VGNode {
				n := svg("a")
				if href != "" {
					n.Attr = append(n.Attr, vugu.VGAttribute{Namespace: "xlink", Key: "href", Val: href})
				}
				return n
			}()))
	})
	if got := s.find("path").Get("namespaceURI").String(); got != namespaces["svg"] {
		t.Errorf("path is in %s", got)
	}
	if got := s.find("svg").Get("viewBox").Get("baseVal").Get("width").Int(); got != 8 {
		t.Errorf("the view box is %d wide", got)
	}
	a := s.find("a")
	if got := a.Call("getAttributeNS", namespaces["xlink"], "href"); got.IsNull() || got.String() != "#a" {
		t.Errorf("xlink:href is %v", got)
	}
	s.Do(func() { href = "" })
	if a.Call("hasAttributeNS", namespaces["xlink"], "href").Bool() {
		t.Error("xlink:href is still there")
	}
}

func TestJSHandlers(t *testing.T) {
	var log []string
	say := func(what string) vugu.JSValueFunc {
		return func(v vjs.Value) { log = append(log, what+":"+js.Value(v).Get("innerHTML").String()) }
	}
	inner := "a"
	s := mount(t, func(o *vugu.BuildOut) {
		n := with(el("div"), text(inner))
		n.JSCreateHandler, n.JSPopulateHandler = say("create"), say("populate")
		bad := el("p")
		bad.JSCreateHandler = vugu.JSValueFunc(func(vjs.Value) { panic("in create") })
		o.Out = append(o.Out, n, bad)
	})
	s.wantPanic("in create")
	s.Do(func() { inner = "b" })
	if got := strings.Join(log, " "); got != "create: populate:a populate:b" {
		t.Errorf("handlers: %s", got)
	}
	s.wantHTML("<div>b</div><p></p>")
}

// TestRepair: nodes that the host took out of the ShadowRoot come back.
func TestRepair(t *testing.T) {
	list := "a b c"
	s := mount(t, func(o *vugu.BuildOut) {
		o.Out = append(o.Out, with(on(el("ul"), "click", func(vugu.DOMEvent) {}), rows(list)...))
	})
	before := s.listening()
	s.find("[data-key=b]").Call("remove")
	s.Do(func() { list = "a x b c" })
	if errs := s.takeErrors(); len(errs) != 1 {
		t.Errorf("OnError got %v, want one error", errs)
	}
	s.wantHTML(`<ul><li data-key="a">a</li><li data-key="x">x</li><li data-key="b">b</li><li data-key="c">c</li></ul>`)
	if n := s.listening(); n != before {
		t.Errorf("%d listeners, want %d", n, before)
	}
}

func TestMountFails(t *testing.T) {
	before := LiveFuncs()
	s := newStage(t, func(o *vugu.BuildOut) { panic("no campaign") })
	defer s.host.Call("remove")
	told := 0
	root, err := Mount(safejs.Safe(s.shadow), s, options(t, func(error) { told++ }))
	var p *PanicError
	if root != nil || !errors.As(err, &p) || p.Where != "build" || p.Value != "no campaign" {
		t.Errorf("Mount() = %v, %v", root, err)
	}
	if told != 0 || LiveFuncs() != before {
		t.Errorf("OnError was called %d times, %d functions left", told, LiveFuncs()-before)
	}
	if _, err := Mount(safejs.Safe(s.shadow), nil, options(t, nil)); err == nil {
		t.Error("Mount without component: no error")
	}
	if _, err := Mount(safejs.Null(), &stage{build: func(o *vugu.BuildOut) { o.Out = append(o.Out, el("p")) }}, options(t, nil)); err == nil {
		t.Error("Mount without root: no error")
	}
}
