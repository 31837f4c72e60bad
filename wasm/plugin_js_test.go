//go:build js && wasm

package wasm

import (
	"context"
	"encoding/json"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hack-pad/safejs"

	"commdn/components/elements"
	"commdn/components/lang"
	"commdn/wasm/render"
	"commdn/wasm/render/rendertest"
)

// stand is a plugin whose loader is the test.
type stand struct {
	*plugin
	t     *testing.T
	serve safejs.Func
	told  map[string][][]safejs.Value // calls of the loader's functions, by name
}

func newStand(t *testing.T) *stand {
	t.Helper()
	loader, err := get(t, safejs.Global(), "Object").New()
	if err != nil {
		t.Fatal(err)
	}
	s := &stand{t: t, told: map[string][][]safejs.Value{}, plugin: &plugin{
		parts: Parts{elements.All(), WholeClient, lang.New, Campaigns(), Leave}, loader: loader, board: rendertest.Board(t), agent: "test", elements: map[int]*element{}, connections: map[int]*connection{},
		asked: map[int]context.CancelFunc{}, tokens: map[int]chan tokenAnswer{}, languages: map[string]*lang.Language{},
	}}
	if s.serve, err = s.plugin.serve(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.serve.Release)
	for _, name := range []string{"failed", "emit", "save", "frame", "token", "event", "settled"} {
		fn, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
			s.told[name] = append(s.told[name], args)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(fn.Release)
		if err := loader.Set(name, fn); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// call is a call by the loader.
func (s *stand) call(function string, args ...any) {
	s.t.Helper()
	if _, err := s.serve.Value().Invoke(append([]any{function}, args...)...); err != nil {
		s.t.Fatalf("%s: %v", function, err)
	}
}

// take returns and clears the calls of one of the loader's functions, as text.
func (s *stand) take(function string) []string {
	var lines []string
	for _, args := range s.told[function] {
		var words []string
		for _, a := range args {
			text, err := get(s.t, safejs.Global(), "String").Invoke(a)
			if err != nil {
				s.t.Fatal(err)
			}
			word, _ := text.String()
			words = append(words, word)
		}
		lines = append(lines, strings.Join(words, " "))
	}
	delete(s.told, function)
	return lines
}

// settled waits for the answer to a request.
func (s *stand) settled() (result, failure map[string]any) {
	s.t.Helper()
	s.await("settled", func() bool { return len(s.told["settled"]) > 0 })
	args := s.told["settled"][0]
	s.told["settled"] = s.told["settled"][1:]
	for i, to := range []*map[string]any{&result, &failure} {
		text, _ := args[i+1].String()
		if text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), to); err != nil {
			s.t.Fatal(err)
		}
	}
	return result, failure
}

func (s *stand) await(what string, f func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("never: %s", what)
		}
	}
}

// shadow makes an element in the document with a ShadowRoot.
func shadow(t *testing.T) safejs.Value {
	t.Helper()
	document := get(t, safejs.Global(), "document")
	host, err := document.Call("createElement", "div")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := get(t, document, "body").Call("append", host); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = host.Call("remove") })
	root, err := host.Call("attachShadow", map[string]any{"mode": "open"})
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// nowhere has no relay: the browser fails at once.
const nowhere = "ws://127.0.0.1:1/ws"

// TestNothingStays: connections, elements and requests come and go without leaving
// goroutines, functions or entries behind.
func TestNothingStays(t *testing.T) {
	s := newStand(t)
	root := shadow(t)
	cycle := func(n int) {
		s.call("connect", n, nowhere, true, "en", 0)
		s.call("watch", n, "campaign", true)
		for i, kind := range elements.All() {
			s.call("mount", n*100+i, kind.Tag, root, n, "en", []any{"phone", "5551234567"})
			s.call("attribute", n*100+i, "lang", "de")
			s.call("attribute", n*100+i, "phone", safejs.Null())
			s.call("frame", n*100+i)
			s.call("unmount", n*100+i)
		}
		s.call("request", n, n, "doNotCall", parse(t, `{"phone":"112"}`), 0)
		s.call("request", n+1_000_000, n, "directory", parse(t, `{}`), 0)
		s.call("abort", n)
		s.call("disconnect", n)
	}
	empty := func() bool {
		return len(s.elements)+len(s.connections)+len(s.asked)+len(s.tokens) == 0
	}
	cycle(1)
	s.await("all is gone", empty)
	goroutines, functions := runtime.NumGoroutine(), render.LiveFuncs()
	for n := 2; n <= 100; n++ {
		cycle(n)
	}
	s.await("all is gone", func() bool { return empty() && runtime.NumGoroutine() <= goroutines })
	if n := render.LiveFuncs(); n != functions {
		t.Errorf("%d functions are left", n-functions)
	}
	if kids, _ := get(t, root, "childNodes").Length(); kids != 0 {
		t.Errorf("%d nodes are left", kids)
	}
	if failed := s.take("failed"); len(failed) != 0 {
		t.Errorf("failures: %q", failed)
	}
	// These numbers are unknown now, which is no failure.
	for _, f := range []string{"frame", "unmount", "disconnect", "abort"} {
		s.call(f, 7)
	}
	s.call("watch", 7, "campaign", true)
	s.call("attribute", 7, "phone", "112")
	s.call("token", 7, "x", "")
	s.call("request", 7, 7, "doNotCall", parse(t, `{}`), 0)
	if failed := s.take("failed"); len(failed) != 0 {
		t.Errorf("failures: %q", failed)
	}
}

// TestWrongCalls: the program reports and survives what the loader should never ask.
func TestWrongCalls(t *testing.T) {
	s := newStand(t)
	s.call("connect", 1, nowhere, false, "en", 0)
	t.Cleanup(func() { s.call("disconnect", 1) })
	for _, c := range [][]any{
		{"nonsense"}, {"mount"}, {"mount", 1, "commdn-nonsense", shadow(t), 1, "en", []any{}}, {"mount", 1, "commdn-dnc", shadow(t), 2, "en", []any{}},
		{"mount", "one", "commdn-dnc", shadow(t), 1, "en", []any{}}, {"connect", 1, nowhere, false, "en", 0}, {"connect", 2}, {"unmount"}, {"frame", safejs.Null()},
		{"abort", "x"}, {"request", "x"}, {"token"}, {"watch", 1},
	} {
		s.call(c[0].(string), c[1:]...)
		if failed := s.take("failed"); len(failed) != 1 {
			t.Errorf("%v: failures %q", c, failed)
		}
	}
	// An unusable root is a failure of the element.
	s.call("mount", 5, "commdn-dnc", 17, 1, "en", []any{})
	if failed := s.take("failed"); len(failed) == 0 || !strings.HasSuffix(failed[len(failed)-1], " 5 true") {
		t.Errorf("failures %q", failed)
	}
	if len(s.elements) != 0 {
		t.Error("an element is there")
	}
}

// TestRequestMethods: answers that need no relay.
func TestRequestMethods(t *testing.T) {
	s := newStand(t)
	s.call("connect", 1, nowhere, false, "en", 0)
	s.call("watch", 1, "request", true)
	s.call("request", 1, 1, "doNotCall", parse(t, `{"phone":5}`), 0)
	if result, failure := s.settled(); result != nil || failure["class"] != "ArgumentError" || failure["argument"] != "phone" {
		t.Errorf("got %v, %v", result, failure)
	}
	s.call("request", 2, 1, "loadCampaign", parse(t, `{"campaign":1,"group":1,"target":1,`+dialing+`}`), 0)
	if result, failure := s.settled(); failure["class"] != "NoAnswerError" || failure["sent"] != false || result["state"] != "not-sent" || result["campaign"] != 1.0 {
		t.Errorf("got %v, %v", result, failure)
	}
	s.call("request", 3, 1, "doNotCall", parse(t, `{"phone":"112"}`), 20)
	if result, failure := s.settled(); failure["class"] != "NoAnswerError" || failure["timeout"] != true || result["phone"] != "112" {
		t.Errorf("got %v, %v", result, failure)
	}
	s.call("request", 4, 1, "requests", parse(t, `{}`), 0)
	s.await("the list", func() bool { return len(s.told["settled"]) > 0 })
	if lines := s.take("settled"); strings.Count(lines[0], `"id":`) != 2 {
		t.Errorf("requests gave %q", lines)
	}
	events := s.take("event")
	if !slices.ContainsFunc(events, func(e string) bool {
		return strings.HasPrefix(e, "1 request ") && strings.Contains(e, `"state":"waiting"`)
	}) ||
		!slices.ContainsFunc(events, func(e string) bool { return strings.HasPrefix(e, "1 status ") }) {
		t.Errorf("events %q", events)
	}
	// The connection's end settles its requests in flight.
	s.call("request", 5, 1, "doNotCall", parse(t, `{"phone":"112"}`), 0)
	s.call("request", 6, 1, "directory", parse(t, `{}`), 0)
	s.call("disconnect", 1)
	for range 2 {
		if _, failure := s.settled(); failure["class"] != "ClosedError" {
			t.Errorf("got %v", failure)
		}
	}
}

// TestTokens: a dial waits for the page's token.
func TestTokens(t *testing.T) {
	s := newStand(t)
	s.call("connect", 1, nowhere, true, "en", 0)
	t.Cleanup(func() { s.call("disconnect", 1) })
	s.await("the page is asked", func() bool { return len(s.told["token"]) == 1 })
	id, err := s.told["token"][0][1].Int()
	if err != nil {
		t.Fatal(err)
	}
	s.call("token", id, "", "signed out")
	s.await("the status says why", func() bool {
		return slices.ContainsFunc(s.take("event"), func(e string) bool { return strings.Contains(e, "signed out") })
	})
	s.call("token", id, "late", "") // nobody waits
	if failed := s.take("failed"); len(failed) != 0 {
		t.Errorf("failures: %q", failed)
	}
}
