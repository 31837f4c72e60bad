//go:build js && wasm

package render

import (
	"errors"
	"strings"
	"syscall/js"
	"testing"
	"time"

	"github.com/vugu/vugu"
)

// TestClickPaintsAtOnce: the paint of a click is done when click() returns.
func TestClickPaintsAtOnce(t *testing.T) {
	n := 0
	s := mount(t, func(o *vugu.BuildOut) {
		was := n
		o.Out = append(o.Out, content(on(el("button"), "click", func(vugu.DOMEvent) { n = was + 1 }), n))
	})
	before, button := s.listening(), s.find("button")
	for range 3 {
		button.Call("click")
	}
	s.wantHTML("<button>3</button>")
	if n := s.listening(); n != before {
		t.Errorf("%d listeners, want %d: only the Go function behind one changes", n, before)
	}
}

func TestListeners(t *testing.T) {
	var log []string
	note := func(s string) func(vugu.DOMEvent) { return func(vugu.DOMEvent) { log = append(log, s) } }
	specs := []vugu.DOMEventHandlerSpec{}
	s := mount(t, func(o *vugu.BuildOut) {
		outer := with(el("div"), el("button"))
		outer.DOMEventHandlerSpecList = specs
		o.Out = append(o.Out, outer)
	})
	steps := []struct {
		specs []vugu.DOMEventHandlerSpec
		count int
		want  string
	}{
		{nil, 0, ""},
		{[]vugu.DOMEventHandlerSpec{{EventType: "click", Func: note("bubble")}, {EventType: "click", Func: note("capture"), Capture: true}}, 2, "capture bubble"},
		{[]vugu.DOMEventHandlerSpec{{EventType: "click", Func: note("first")}, {EventType: "keydown"}, {EventType: "click", Func: note("second")}, {EventType: "click"}}, 2, "first second"},
		{[]vugu.DOMEventHandlerSpec{{EventType: "click", Func: note("passive"), Passive: true}}, 1, "passive"},
		{nil, 0, ""},
	}
	for i, step := range steps {
		s.Do(func() { specs = step.specs })
		if n := s.listening(); n != step.count {
			t.Errorf("step %d: %d listeners, want %d", i, n, step.count)
		}
		log = nil
		s.find("button").Call("click")
		if got := strings.Join(log, " "); got != step.want {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
	}
}

func TestEventProperties(t *testing.T) {
	var ev vugu.DOMEvent
	prevent := true
	s := mount(t, func(o *vugu.BuildOut) {
		o.Out = append(o.Out, on(with(el("div"), el("input", "type=checkbox", "name=dnc")), "click", func(e vugu.DOMEvent) {
			ev = e
			if prevent {
				e.PreventDefault()
				e.StopPropagation()
			}
		}))
	})
	input, bubbled := s.find("input"), 0
	listen(t, s.shadow, "click", func(js.Value) { bubbled++ })
	input.Call("click")
	if input.Get("checked").Bool() || bubbled != 0 {
		t.Error("PreventDefault or StopPropagation did nothing")
	}
	prevent = false
	input.Call("click")
	if bubbled != 1 {
		t.Errorf("bubbled %d times", bubbled)
	}
	for _, tt := range []struct {
		got, want any
	}{
		{ev.PropString("type"), "click"},
		{ev.PropString("target", "name"), "dnc"},
		{ev.PropBool("target", "checked"), true},
		{ev.PropFloat64("target", "style", "length"), 0.0},
		{ev.PropString("currentTarget", "tagName"), "DIV"},
		{ev.PropString("target", "checked"), ""},
		{ev.PropFloat64("type"), 0.0},
		{ev.Prop("target", "none", "none"), nil},
		{ev.Prop("type", "length"), nil},
		{ev.Prop("target").(map[string]any)["name"], "dnc"},
		{ev.EventSummary()["bubbles"], true},
		{ev.EventSummary()["target"].(map[string]any)["checked"], true},
		{ev.Prop().(map[string]any)["type"], "click"},
		{js.Value(ev.JSEvent()).Get("type").String(), "click"},
		{js.Value(ev.JSEventTarget()).Equal(input), true},
		{js.Value(ev.JSEventCurrentTarget()).Equal(s.find("div")), true},
	} {
		if tt.got != tt.want {
			t.Errorf("got %v (%T), want %v (%T)", tt.got, tt.got, tt.want, tt.want)
		}
	}
}

func TestEventEnv(t *testing.T) {
	label := "idle"
	reply, done := make(chan struct{}), make(chan struct{})
	s := mount(t, func(o *vugu.BuildOut) {
		o.Out = append(o.Out, content(on(el("button"), "click", func(e vugu.DOMEvent) {
			env := e.EventEnv()
			env.Lock() // vugu's own lock would end the program here
			label = "asked"
			env.UnlockRender()
			go func() {
				<-reply
				env.Lock()
				env.RLock()
				label = "answered"
				env.RUnlock()
				env.UnlockRender()
				close(done)
			}()
		}), label))
	})
	s.find("button").Call("click")
	s.wantHTML("<button>asked</button>")
	close(reply)
	<-done
	s.wantHTML("<button>answered</button>")
}

func TestPanics(t *testing.T) {
	fail := ""
	s := mount(t, func(o *vugu.BuildOut) {
		if fail == "build" {
			fail = ""
			panic("in build")
		}
		n := on(el("button"), "click", func(vugu.DOMEvent) { panic("in handler") })
		on(n, "click", func(vugu.DOMEvent) { fail = "second" })
		o.Out = append(o.Out, content(n, "x"+fail))
	})
	s.find("button").Call("click")
	s.wantPanic("in handler")
	s.wantHTML("<button>xsecond</button>")
	s.Do(func() { fail = "build" })
	s.wantPanic("in build")
	s.wantHTML("<button>xsecond</button>")
	s.Do(nil)
	s.wantHTML("<button>x</button>")
	s.Do(func() { panic("in Do") })
	s.wantPanic("in Do")
	s.Do(func() { s.After(func() { panic("in After") }) })
	s.wantPanic("in After")
}

// hook is a component with a Rendered hook.
type hook struct {
	stage
	rendered func()
}

func (h *hook) Rendered() { h.rendered() }

func TestRenderedMayPaintAgain(t *testing.T) {
	width := 0
	h := &hook{stage: *newStage(t, func(o *vugu.BuildOut) { o.Out = append(o.Out, content(el("p"), width)) })}
	defer h.host.Call("remove")
	h.rendered = func() {
		if width < 3 && h.Root != nil {
			h.Do(func() { width++ })
		}
	}
	var err error
	if h.Root, err = Mount(safe(h.shadow), h, options(t, func(err error) { t.Error(err) })); err != nil {
		t.Fatal(err)
	}
	defer h.Unmount()
	h.Do(nil)
	h.wantHTML("<p>3</p>")
}

// TestRunaway: a hook that always wants another paint costs an error, not the page.
func TestRunaway(t *testing.T) {
	leavesNoFuncs(t)
	paints, stop := 0, false
	h := &hook{stage: *newStage(t, func(o *vugu.BuildOut) { paints++; o.Out = append(o.Out, el("p")) })}
	defer h.host.Call("remove")
	later := make(chan struct{})
	h.rendered = func() {
		if h.Root != nil && !stop {
			h.Do(nil)
		}
		if paints > 3*maxRounds && !stop {
			stop = true
			close(later)
		}
	}
	var errs []error
	var err error
	if h.Root, err = Mount(safe(h.shadow), h, options(t, func(err error) { errs = append(errs, err) })); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	defer func() { h.After(func() { close(ended) }); h.Unmount(); <-ended }() // its last rounds run in separate tasks
	h.Do(nil)
	if paints > 2*maxRounds {
		t.Errorf("%d paints in one task", paints)
	}
	<-later
	if len(errs) != 1 || !errors.Is(errs[0], ErrRunaway) {
		t.Errorf("OnError got %v, want ErrRunaway once", errs)
	}
}

// TestResize: the browser has no such event for elements; the board has.
func TestResize(t *testing.T) {
	width, listens := make(chan float64, 100), true
	s := mount(t, func(o *vugu.BuildOut) {
		p := el("p", "style=height: 10px")
		if listens {
			on(p, "resize", func(e vugu.DOMEvent) { width <- e.PropFloat64("currentTarget", "clientWidth") })
		}
		o.Out = append(o.Out, p)
	})
	s.host.Get("style").Set("width", "300px")
	wait := func(want float64) {
		t.Helper()
		for {
			select {
			case got := <-width:
				if got == want {
					return
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("never told that it is %v wide", want)
			}
		}
	}
	wait(300)
	s.host.Get("style").Set("width", "200px")
	wait(200)
	s.Do(func() { listens = false })
	s.host.Get("style").Set("width", "100px")
	select {
	case got := <-width:
		t.Errorf("told of %v, though nobody listens", got)
	case <-time.After(100 * time.Millisecond):
	}
}
