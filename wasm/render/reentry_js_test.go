//go:build js && wasm

package render

import (
	"strings"
	"syscall/js"
	"testing"

	"github.com/hack-pad/safejs"
	"github.com/vugu/vugu"
)

func safe(v js.Value) safejs.Value { return safejs.Safe(v) }

// emit sends the host a CustomEvent, as the custom elements do.
func (s *stage) emit(name string) {
	s.host.Call("dispatchEvent", js.Global().Get("CustomEvent").New(name))
}

// TestHostCallsBackInItsListener: the host sets an attribute in its listener of our
// event. The change is painted in the same task, after the paint that the event reports.
func TestHostCallsBackInItsListener(t *testing.T) {
	label := "a"
	var seen []string
	var s *stage
	s = mount(t, func(o *vugu.BuildOut) {
		o.Out = append(o.Out, content(on(el("button"), "click", func(vugu.DOMEvent) {
			label = "clicked"
			s.After(func() { s.emit("result") })
		}), label))
	})
	listen(t, s.host, "result", func(js.Value) {
		seen = append(seen, s.html())
		s.Do(func() { label = "set by host" }) // attributeChangedCallback
		seen = append(seen, s.html())
	})
	s.find("button").Call("click")
	want := "<button>clicked</button> <button>clicked</button>"
	if got := strings.Join(seen, " "); got != want {
		t.Errorf("the host saw %s, want %s", got, want)
	}
	s.wantHTML("<button>set by host</button>")
}

// TestDispatchInsideAHandler: the handler itself dispatches, in the middle of component
// code.
func TestDispatchInsideAHandler(t *testing.T) {
	var log []string
	var s *stage
	s = mount(t, func(o *vugu.BuildOut) {
		log = append(log, "build")
		o.Out = append(o.Out, on(el("button"), "click", func(vugu.DOMEvent) {
			log = append(log, "handler")
			s.emit("result")
			log = append(log, "end of handler")
		}))
	})
	listen(t, s.host, "result", func(js.Value) {
		log = append(log, "host")
		s.Do(func() { log = append(log, "attribute") })
	})
	log = nil
	s.find("button").Call("click")
	want := "handler,host,end of handler,build,attribute,build"
	if got := strings.Join(log, ","); got != want {
		t.Errorf("order %s, want %s", got, want)
	}
}

// TestBlurOfARemovedInput: removing the focused input fires blur in the middle of the
// patch. Its handler runs after the paint, although the input and its listener are gone
// by then.
func TestBlurOfARemovedInput(t *testing.T) {
	show, blurs := true, 0
	s := mount(t, func(o *vugu.BuildOut) {
		if show {
			o.Out = append(o.Out, with(el("b"), on(el("input"), "blur", func(e vugu.DOMEvent) {
				if e.PropString("target", "tagName") == "INPUT" {
					blurs++
				}
			})))
		}
		o.Out = append(o.Out, content(el("i"), blurs))
	})
	fired := 0
	listen(t, s.find("input"), "blur", func(js.Value) { fired++ })
	s.find("input").Call("focus")
	s.Do(func() { show = false })
	if fired != 1 {
		t.Fatalf("the browser fired blur %d times: this test needs once", fired)
	}
	s.wantHTML("<i>1</i>")
}

// TestSelfRemoval: Enter commits and hides the input; the blur that follows must not
// commit twice.
func TestSelfRemoval(t *testing.T) {
	editing, commits := true, 0
	s := mount(t, func(o *vugu.BuildOut) {
		if editing {
			n := on(el("input"), "keydown", func(vugu.DOMEvent) { editing = false; commits++ })
			o.Out = append(o.Out, on(n, "blur", func(vugu.DOMEvent) {
				if editing {
					commits++
				}
			}))
		}
	})
	input := s.find("input")
	input.Call("focus")
	input.Call("dispatchEvent", js.Global().Get("KeyboardEvent").New("keydown"))
	s.wantHTML("")
	if commits != 1 {
		t.Errorf("%d commits", commits)
	}
	input.Call("dispatchEvent", js.Global().Get("KeyboardEvent").New("keydown")) // a late event without a listener
	if commits != 1 {
		t.Errorf("%d commits after a late event", commits)
	}
}

// TestHostUnmountsInItsListener: the host removes the element in its listener of our
// event.
func TestHostUnmountsInItsListener(t *testing.T) {
	var log []string
	var s *stage
	s = mount(t, func(o *vugu.BuildOut) {
		o.Out = append(o.Out, on(el("button"), "click", func(vugu.DOMEvent) {
			s.After(func() { s.emit("result"); log = append(log, "first told") })
			s.After(func() { log = append(log, "second told") })
		}))
	})
	listen(t, s.host, "result", func(js.Value) {
		s.host.Call("remove")
		s.Unmount() // disconnectedCallback
		s.Do(func() { log = append(log, "ignored") })
	})
	s.find("button").Call("click")
	s.wantHTML("")
	if got := strings.Join(log, ", "); got != "first told, second told" {
		t.Errorf("log: %s", got)
	}
}

func TestUnmountInAHandler(t *testing.T) {
	var log []string
	var s *stage
	s = mount(t, func(o *vugu.BuildOut) {
		log = append(log, "build")
		n := on(el("input"), "keydown", func(vugu.DOMEvent) {
			s.After(func() { log = append(log, "told") })
			s.Unmount()
			s.Unmount()
			s.Do(func() { log = append(log, "ignored") })
			log = append(log, "end of handler")
		})
		o.Out = append(o.Out, on(n, "blur", func(vugu.DOMEvent) { log = append(log, "ignored") }))
	})
	log = nil
	input := s.find("input")
	input.Call("focus")
	input.Call("dispatchEvent", js.Global().Get("KeyboardEvent").New("keydown"))
	s.Do(func() { log = append(log, "ignored") })
	s.After(func() { log = append(log, "ignored") })
	// The end comes in a round of its own, after the paint of the handler.
	if got := strings.Join(log, ", "); got != "end of handler, build, told" {
		t.Errorf("log: %s", got)
	}
	s.wantHTML("")
}

// TestTwoRoots: one element's event changes another element, which changes the first.
func TestTwoRoots(t *testing.T) {
	a, b := 0, 0
	var one, two *stage
	one = mount(t, func(o *vugu.BuildOut) {
		o.Out = append(o.Out, content(on(el("button"), "click", func(vugu.DOMEvent) {
			a++
			two.Do(func() { b++; one.Do(func() { a += 10 }) })
		}), a))
	})
	two = mount(t, func(o *vugu.BuildOut) { o.Out = append(o.Out, content(el("p"), b)) })
	one.find("button").Call("click")
	one.wantHTML("<button>11</button>")
	two.wantHTML("<p>1</p>")
}

func TestGoroutines(t *testing.T) {
	n := 0
	s := mount(t, func(o *vugu.BuildOut) { o.Out = append(o.Out, content(el("p"), n)) })
	done := make(chan struct{})
	for range 20 {
		go func() {
			s.Do(func() { n++ })
			done <- struct{}{}
		}()
	}
	for range 20 {
		<-done
	}
	s.wantHTML("<p>20</p>")
}

// TestAutofocusAgain: a new value of the attribute gives the focus once more, the same
// value does not.
func TestAutofocusAgain(t *testing.T) {
	value := "1"
	s := mount(t, func(o *vugu.BuildOut) {
		o.Out = append(o.Out, el("input", "autofocus="+value), el("button"))
	})
	focused := func() string { return s.shadow.Get("activeElement").Get("tagName").String() }
	s.find("button").Call("focus")
	s.Do(nil)
	if got := focused(); got != "BUTTON" {
		t.Errorf("painted with the same value, the focus is on %q", got)
	}
	s.Do(func() { value = "2" })
	if got := focused(); got != "INPUT" {
		t.Errorf("with another value, the focus is on %q", got)
	}
}

// TestAutofocusMoves: the focus goes over to a node that is there before the one that had
// it goes, and to one that was disabled until now.
func TestAutofocusMoves(t *testing.T) {
	for _, disabled := range []bool{false, true} {
		done := false
		s := mount(t, func(o *vugu.BuildOut) {
			if !done {
				o.Out = append(o.Out, el("button"))
			}
			o.Out = append(o.Out, attr(attr(el("input"), "disabled", disabled && !done), "autofocus", done))
		})
		button := s.find("button")
		button.Call("focus")
		there := false
		moved := js.FuncOf(func(js.Value, []js.Value) any {
			there = button.Get("isConnected").Bool()
			return nil
		})
		s.find("input").Call("addEventListener", "focus", moved)
		s.Do(func() { done = true })
		if got := s.shadow.Get("activeElement").Get("tagName").String(); got != "INPUT" || there == disabled {
			t.Errorf("disabled %v: the focus is on %s, the button was still there: %v", disabled, got, there)
		}
		moved.Release()
	}
}

func TestAutofocus(t *testing.T) {
	step := 0
	s := mount(t, func(o *vugu.BuildOut) {
		first := attr(el("input", "class=first"), "autofocus", step != 1 && step != 3)
		o.Out = append(o.Out, first)
		if step == 1 || step == 4 {
			o.Out = append(o.Out, with(el("div"), el("button", "autofocus="), el("i", "autofocus=")))
		}
	})
	active := func() string {
		v := s.shadow.Get("activeElement")
		if v.IsNull() {
			return ""
		}
		return v.Get("tagName").String()
	}
	for _, tt := range []struct {
		name string
		want string
	}{
		{"the first paint leaves the focus to the page", ""},
		{"a new element", "BUTTON"},
		{"an element gains it, the focused one goes", "INPUT"},
		{"it loses it: nothing happens", "INPUT"},
		{"two gain it: the first in the tree", "INPUT"},
	} {
		if tt.name != "the first paint leaves the focus to the page" {
			s.Do(func() { step++ })
		}
		if got := active(); got != tt.want {
			t.Errorf("%s: the focus is on %q, want %q", tt.name, got, tt.want)
		}
	}
	// Another paint does not take the focus back.
	s.find("button").Call("focus")
	s.Do(nil)
	if got := active(); got != "BUTTON" {
		t.Errorf("after another paint the focus is on %q", got)
	}
}

// TestMountUnmountLeavesNothing: two thousand cycles leave no function and nothing of the
// pages.
func TestMountUnmountLeavesNothing(t *testing.T) {
	before := LiveFuncs()
	s := newStage(t, func(o *vugu.BuildOut) {
		o.CSS = append(o.CSS, style("p { color: red }"))
		ul := el("ul")
		for _, n := range rows("a b c") {
			with(ul, on(n, "click", func(vugu.DOMEvent) {}))
		}
		o.Out = append(o.Out, ul, on(el("input"), "input", func(vugu.DOMEvent) {}))
	})
	defer s.host.Call("remove")
	o := options(t, nil)
	for i := range 2000 {
		root, err := Mount(safe(s.shadow), s, o)
		if err != nil {
			t.Fatal(err)
		}
		if n := LiveFuncs() - before; n != 1 {
			t.Fatalf("round %d: %d functions, want 1", i, n)
		}
		root.Unmount()
	}
	if n := LiveFuncs() - before; n != 0 || s.html() != "" || s.shadow.Get("adoptedStyleSheets").Length() != 0 {
		t.Errorf("left: %d functions, %d sheets, %q", n, s.shadow.Get("adoptedStyleSheets").Length(), s.html())
	}
}

// TestLateEvents: a removed element can still get events, such as transitionend. They
// reach neither the new owner of its number nor a released function, about which Go would
// complain on the console.
func TestLateEvents(t *testing.T) {
	complaints := 0
	console := js.Global().Get("console")
	write := console.Get("error")
	complain := js.FuncOf(func(js.Value, []js.Value) any { complaints++; return nil })
	defer complain.Release()
	console.Set("error", complain)
	defer console.Set("error", write)

	list, heard := "a b", ""
	s := mount(t, func(o *vugu.BuildOut) {
		for _, n := range rows(list) {
			key := n.Attr[0].Val
			o.Out = append(o.Out, on(n, "click", func(vugu.DOMEvent) { heard += key }))
		}
	})
	a, b := s.find("[data-key=a]"), s.find("[data-key=b]")
	s.Do(func() { list = "b" })
	s.Do(func() { list = "b c" })
	s.Do(func() { list = "d c b" })
	for _, el := range []js.Value{a, b, s.find("[data-key=c]"), s.find("[data-key=d]")} {
		el.Call("click")
	}
	if heard != "bcd" {
		t.Errorf("heard %q, want bcd: what is there, each of it by itself", heard)
	}
	s.Unmount()
	b.Call("click")
	if heard != "bcd" || complaints != 0 {
		t.Errorf("after the end: heard %q, %d complaints", heard, complaints)
	}
}

// TestNumbersAreUsedAgain: the board knows only the drawn nodes, however often others
// came and went, and after a redraw.
func TestNumbersAreUsedAgain(t *testing.T) {
	list := "a b c"
	s := mount(t, func(o *vugu.BuildOut) { o.Out = append(o.Out, with(el("ul"), rows(list)...)) })
	most := len(s.board.nodes)
	for i := range 50 {
		s.Do(func() { list = [...]string{"a b c", "c x", "", "y z a"}[i%4] })
	}
	s.Do(func() { list = "" })
	s.Do(func() { list = "d e f" })
	if n := len(s.board.nodes); n > 2*most {
		t.Errorf("%d numbers are in use, %d were at first", n, most)
	}
	drawn := 0
	for _, n := range s.board.nodes {
		if n != nil {
			drawn++
		}
	}
	if drawn != 4 { // ul and three li
		t.Errorf("%d nodes are known, want 4", drawn)
	}
}
