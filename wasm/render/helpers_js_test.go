//go:build js && wasm

package render

import (
	"errors"
	"strings"
	"syscall/js"
	"testing"

	"github.com/hack-pad/safejs"
	"github.com/vugu/vugu"

	"commdn/wasm/render/rendertest"
)

var document = js.Global().Get("document")

// stage is a mounted component whose build is a function of the test.
type stage struct {
	*Root
	t      *testing.T
	host   js.Value // the element in the document
	shadow js.Value
	build  func(*vugu.BuildOut)
	errs   []error // errors that OnError got; a test that expects some takes them
}

// Build makes stage the component.
func (s *stage) Build(*vugu.BuildIn) *vugu.BuildOut {
	out := &vugu.BuildOut{}
	s.build(out)
	return out
}

// newStage puts an element with a ShadowRoot into the document.
func newStage(t *testing.T, build func(*vugu.BuildOut)) *stage {
	t.Helper()
	s := &stage{t: t, build: build, host: document.Call("createElement", "div")}
	document.Get("body").Call("append", s.host)
	s.shadow = s.host.Call("attachShadow", map[string]any{"mode": "open"})
	return s
}

// mount draws what build makes and checks at the end that nothing stays behind.
func mount(t *testing.T, build func(*vugu.BuildOut)) *stage {
	t.Helper()
	leavesNoFuncs(t)
	s := newStage(t, build)
	var err error
	s.Root, err = Mount(safejs.Safe(s.shadow), s, options(t, func(err error) { s.errs = append(s.errs, err) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Unmount()
		if n := s.shadow.Get("childNodes").Length(); n != 0 {
			t.Errorf("%d nodes left after Unmount", n)
		}
		s.host.Call("remove")
		for _, err := range s.errs {
			t.Errorf("OnError got: %v", err)
		}
	})
	return s
}

// watched are the tests that leavesNoFuncs watches.
var watched = map[*testing.T]bool{}

// leavesNoFuncs checks, once all stages of the test are gone, that there are as many
// functions as before the first.
func leavesNoFuncs(t *testing.T) {
	if watched[t] {
		return
	}
	watched[t] = true
	before := LiveFuncs()
	t.Cleanup(func() {
		delete(watched, t)
		if n := LiveFuncs() - before; n != 0 {
			t.Errorf("%d functions left after Unmount", n)
		}
	})
}

// options makes the options of Mount.
func options(t *testing.T, onError func(error)) Options {
	t.Helper()
	return Options{Board: rendertest.Board(t), OnError: onError}
}

// listening counts the listeners in the drawn tree.
func (s *stage) listening() (count int) {
	for _, n := range s.board.nodes {
		if n != nil {
			count += len(n.listeners)
		}
	}
	return count
}

// takeErrors returns and clears what OnError got.
func (s *stage) takeErrors() []error {
	errs := s.errs
	s.errs = nil
	return errs
}

func (s *stage) wantPanic(value any) {
	s.t.Helper()
	errs := s.takeErrors()
	var p *PanicError
	if len(errs) != 1 || !errors.As(errs[0], &p) || p.Value != value {
		s.t.Errorf("OnError got %v, want one panic %v", errs, value)
	}
}

// html is the content of the ShadowRoot.
func (s *stage) html() string { return s.shadow.Get("innerHTML").String() }

func (s *stage) wantHTML(want string) {
	s.t.Helper()
	if got := s.html(); got != want {
		s.t.Errorf("the DOM is\n %s\nwant\n %s", got, want)
	}
}

func (s *stage) find(selector string) js.Value {
	s.t.Helper()
	v := s.shadow.Call("querySelector", selector)
	if v.IsNull() {
		s.t.Fatalf("no %s in %s", selector, s.html())
	}
	return v
}

// changes counts the DOM changes of f, as a MutationObserver sees them.
func (s *stage) changes(f func()) int {
	s.t.Helper()
	callback := js.FuncOf(func(js.Value, []js.Value) any { return nil })
	defer callback.Release()
	observer := js.Global().Get("MutationObserver").New(callback)
	observer.Call("observe", s.shadow, map[string]any{
		"subtree": true, "childList": true, "attributes": true, "characterData": true,
	})
	f()
	n := observer.Call("takeRecords").Length()
	observer.Call("disconnect")
	return n
}

// listen calls f on every event of that name at target, until the test ends.
func listen(t *testing.T, target js.Value, event string, f func(ev js.Value)) {
	fn := js.FuncOf(func(_ js.Value, args []js.Value) any { f(args[0]); return nil })
	target.Call("addEventListener", event, fn)
	t.Cleanup(func() {
		target.Call("removeEventListener", event, fn)
		fn.Release()
	})
}

func text(s string) *vugu.VGNode { return &vugu.VGNode{Type: vugu.TextNode, Data: s} }

// with appends children.
func with(n *vugu.VGNode, kids ...*vugu.VGNode) *vugu.VGNode {
	for _, k := range kids {
		n.AppendChild(k)
	}
	return n
}

// on adds a handler.
func on(n *vugu.VGNode, event string, f func(vugu.DOMEvent)) *vugu.VGNode {
	n.DOMEventHandlerSpecList = append(n.DOMEventHandlerSpecList, vugu.DOMEventHandlerSpec{EventType: event, Func: f})
	return n
}

// content sets vg-content.
func content(n *vugu.VGNode, v any) *vugu.VGNode { n.SetInnerHTML(v); return n }

// attr sets :key.
func attr(n *vugu.VGNode, key string, v any) *vugu.VGNode { n.AddAttrInterface(key, v); return n }

// prop sets .key to a JSON value.
func prop(n *vugu.VGNode, key, json string) *vugu.VGNode {
	n.Prop = append(n.Prop, vugu.VGProperty{Key: key, JSONVal: []byte(json)})
	return n
}

func style(css string) *vugu.VGNode { return with(el("style"), text(css)) }

// rows makes li elements with the words of list as keys and texts.
func rows(list string) []*vugu.VGNode {
	var out []*vugu.VGNode
	for _, key := range strings.Fields(list) {
		out = append(out, content(el("li", "data-key="+key), key))
	}
	return out
}
