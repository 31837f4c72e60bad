package e2e

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// declared is what web/commdn.d.ts declares.
type declared struct {
	exports    []string            // functions and classes
	interfaces map[string][]member // own members
	extends    map[string]string
	classes    map[string][]member
	union      map[string][]string // of string literals
}

type member struct {
	name, kind string // method, property, readonly, optional
	typ        string
}

var (
	dtsComment = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`)
	dtsHead    = regexp.MustCompile(`^(export )?(interface|class) (\w+)(?: extends (\w+))? \{$`)
	dtsEmpty   = regexp.MustCompile(`^export class (\w+) extends (\w+) \{\}$`)
	dtsMethod  = regexp.MustCompile(`^(?:"([\w-]+)"|(\w+))(?:<[^(]*>)?\((.*)\): (.*);$`)
	dtsField   = regexp.MustCompile(`^(readonly )?(?:"([\w-]+)"|(\w+))\??: (.*);$`)
	dtsFunc    = regexp.MustCompile(`^export (?:declare )?(?:function|const) (\w+)`)
	dtsUnion   = regexp.MustCompile(`(?s)export type (\w+) =((?:\s*\|?\s*"[\w-]+")+);`)
	dtsWord    = regexp.MustCompile(`"([\w-]+)"`)
)

// readDeclarations reads the declarations. It knows the forms in the file, and fails for
// an unknown line inside an interface.
func readDeclarations(t *testing.T) declared {
	t.Helper()
	b, err := os.ReadFile("../web/commdn.d.ts")
	if err != nil {
		t.Fatal(err)
	}
	text := dtsComment.ReplaceAllString(string(b), "")
	d := declared{interfaces: map[string][]member{}, extends: map[string]string{}, classes: map[string][]member{}, union: map[string][]string{}}
	for _, m := range dtsUnion.FindAllStringSubmatch(text, -1) {
		for _, w := range dtsWord.FindAllStringSubmatch(m[2], -1) {
			d.union[m[1]] = append(d.union[m[1]], w[1])
		}
	}
	var into *[]member
	var done func()
	depth := 0
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		opened, closed := strings.Count(line, "{"), strings.Count(line, "}")
		switch {
		case into == nil:
			if m := dtsEmpty.FindStringSubmatch(line); m != nil {
				d.exports = append(d.exports, m[1])
				d.extends[m[1]], d.classes[m[1]] = m[2], nil
				continue
			}
			if m := dtsHead.FindStringSubmatch(line); m != nil {
				var members []member
				name := m[3]
				into, depth = &members, 1
				d.extends[name] = m[4]
				if m[2] == "class" {
					d.exports = append(d.exports, name)
					done = func() { d.classes[name] = members }
				} else {
					done = func() { d.interfaces[name] = members }
				}
				continue
			}
			if m := dtsFunc.FindStringSubmatch(line); m != nil {
				d.exports = append(d.exports, m[1])
			}
			continue
		case line == "":
		case depth == 1 && line == "}":
			done()
			into = nil
			continue
		case depth == 1:
			if m := dtsMethod.FindStringSubmatch(line); m != nil {
				*into = append(*into, member{m[1] + m[2], "method", m[4]})
			} else if m := dtsField.FindStringSubmatch(line); m != nil {
				kind := "property"
				switch {
				case m[1] != "":
					kind = "readonly"
				case strings.HasPrefix(line, m[2]+m[3]+"?"):
					kind = "optional"
				}
				*into = append(*into, member{m[2] + m[3], kind, m[4]})
			} else if opened <= closed {
				t.Fatalf("commdn.d.ts: not understood: %s", line)
			} else if name, _, ok := strings.Cut(line, ":"); ok {
				*into = append(*into, member{strings.TrimSuffix(name, "?"), "property", "object"})
			}
		}
		depth += opened - closed
	}
	slices.Sort(d.exports)
	return d
}

func (d declared) names(of string, kinds ...string) []string {
	var names []string
	for _, m := range append(slices.Clone(d.interfaces[of]), d.classes[of]...) {
		if len(kinds) == 0 || slices.Contains(kinds, m.kind) {
			names = append(names, m.name)
		}
	}
	slices.Sort(names)
	return names
}

func same(t *testing.T, what string, declared, running []string) {
	t.Helper()
	declared, running = slices.Clone(declared), slices.Clone(running)
	slices.Sort(declared)
	slices.Sort(running)
	if len(declared) == 0 || !slices.Equal(declared, running) {
		t.Errorf("%s: commdn.d.ts has %q, the running one %q", what, declared, running)
	}
}

// TestSurface compares commdn.d.ts with the module, a handle, its errors, the elements
// and their events in the browser, in both directions.
func TestSurface(t *testing.T) {
	together(t)
	dts := readDeclarations(t)
	tags := map[string]string{} // tag -> interface
	for _, m := range dts.interfaces["HTMLElementTagNameMap"] {
		tags[m.name] = m.typ
	}
	if len(tags) == 0 {
		t.Fatal("no elements in commdn.d.ts")
	}
	markup := ""
	for tag := range tags {
		markup += "<" + tag + ` id="` + tag + `"></` + tag + ">"
	}
	d, p := apiPage(t, `<commdn-dnc id="dnc" phone="5550000001"></commdn-dnc>`+markup, "")
	p.connected("h", `{ token: "agent,supervisor=Ann" }`)

	p.run("module", func(t *testing.T) {
		same(t, "exports", dts.exports, get[[]string](p, `Object.keys(api)`))
		for _, name := range dts.exports {
			if kind := get[string](p, `typeof api[%q]`, name); kind != "function" {
				t.Errorf("%s is a %s", name, kind)
			}
		}
	})
	p.run("handle", func(t *testing.T) {
		same(t, "members of Connection", dts.names("Connection"),
			get[[]string](p, `(() => { const own = Reflect.ownKeys(h).map(String), up = Object.getPrototypeOf(h); return up === Object.prototype || up === null ? own : own.concat(Reflect.ownKeys(up).map(String)) })()`))
		for _, m := range dts.interfaces["Connection"] {
			kind := get[string](p, `(() => { const d = Object.getOwnPropertyDescriptor(h, %q); return d ? (d.get ? "get" + (d.set ? "set" : "") : typeof d.value) : "missing" })()`, m.name)
			if want := map[string]string{"method": "function", "readonly": "get"}[m.kind]; kind != want {
				t.Errorf("%s: declared as %s, is %s", m.name, m.kind, kind)
			}
			if !get[bool](p, `(() => { "use strict"; try { h[%q] = 1; return false } catch { return true } })()`, m.name) {
				t.Errorf("%s can be written", m.name)
			}
		}
		for _, m := range dts.interfaces["Connection"] {
			if promise := strings.HasPrefix(m.typ, "Promise<"); m.kind == "method" && promise && m.name != "restart" {
				if !get[bool](p, `(() => { const r = h[%q](); r.catch?.(() => {}); return r instanceof Promise })()`, m.name) {
					t.Errorf("%s() gives no promise", m.name)
				}
			}
		}
	})
	p.run("status", func(t *testing.T) {
		p.wait(`h.status.identity.name`)
		same(t, "Status", dts.names("Status"), get[[]string](p, `Object.keys(h.status)`))
		same(t, "Directory", dts.names("Directory"), get[[]string](p, `h.directory().then(Object.keys)`))
	})
	p.run("events of a handle", func(t *testing.T) {
		for _, m := range dts.interfaces["ConnectionEvents"] {
			if !get[bool](p, `typeof h.on(%q, () => {}) === "function"`, m.name) {
				t.Errorf("on(%s) gives no function", m.name)
			}
		}
	})
	p.run("errors", func(t *testing.T) {
		for _, name := range dts.exports {
			if name == "connect" {
				continue
			}
			parent := dts.extends[name]
			if !get[bool](p, `Object.getPrototypeOf(api[%q]).name === %q && new api[%q]("x").name === %q`, name, parent, name, name) {
				t.Errorf("%s extends %s, says commdn.d.ts", name, parent)
			}
		}
		d.fails(json.RawMessage(`{"do": "silence", "phone": "5550000009"}`))
		p.eval(`window.gone = api.connect({ default: false }); gone.destroy(); window.agent = api.connect({ token: "agent=Bo", default: false })`)
		for _, tt := range [][2]string{
			{"ArgumentError", `h.doNotCall({})`},
			{"OcsError", `h.doNotCall({ phone: "5550100010" })`},
			{"RelayError", `agent.ready.then(() => agent.stopDialing({ campaign: 1001, group: 502, target: 201 }))`},
			{"ClosedError", `gone.requests()`},
			{"NoAnswerError", `h.doNotCall({ phone: "5550000009" }, { timeout: 300 })`}, // last: an answer is still outstanding
		} {
			class, call := tt[0], tt[1]
			fields := get[[]string](p, `%s.then(() => ["no error"], (e) => [e.constructor.name, ...Object.keys(e).filter((k) => k !== "name")])`, call)
			if fields[0] != class {
				t.Errorf("%s gives %s", call, fields[0])
			}
			allowed := append(dts.names("CommdnError"), dts.names(class)...)
			for _, f := range fields[1:] {
				if !slices.Contains(allowed, f) {
					t.Errorf("%s has %s, which commdn.d.ts does not declare", class, f)
				}
			}
			for _, f := range dts.names(class) {
				if !slices.Contains(fields, f) {
					t.Errorf("%s lacks %s", class, f)
				}
			}
		}
	})
	p.run("elements", func(t *testing.T) {
		for tag, typ := range tags {
			want := append(dts.names(typ), dts.names("CommdnElement")...)
			same(t, typ, want, get[[]string](p, `(() => { const up = Object.getPrototypeOf(document.createElement(%q));
				return Object.getOwnPropertyNames(up).filter((k) => !/^(constructor|connectedCallback|disconnectedCallback|attributeChangedCallback)$/.test(k)) })()`, tag))
			for _, m := range append(slices.Clone(dts.interfaces[typ]), dts.interfaces["CommdnElement"]...) {
				if kind := get[string](p, `typeof document.createElement(%q)[%q]`, tag, m.name); kind != map[bool]string{true: "boolean", false: "string"}[m.typ == "boolean"] && m.name != "connection" {
					t.Errorf("%s.%s is declared as %s and reads as %s", tag, m.name, m.typ, kind)
				}
			}
			if own := get[[]string](p, `Object.keys(document.getElementById(%q))`, tag); len(own) != 0 {
				t.Errorf("<%s> has properties of its own: %q", tag, own)
			}
		}
		if n := get[int](p, `["commdn-dnc","commdn-cancel","commdn-campaigns","commdn-sequence","commdn-status","commdn-activity"].filter((t) => customElements.get(t)).length`); n != len(tags) {
			t.Errorf("%d elements are defined, %d declared", n, len(tags))
		}
	})
	p.run("properties", func(t *testing.T) {
		p.eval(`window.e = document.createElement("commdn-dnc"); e.phone = "1"; e.customerId = "C"; e.chooseChain = true; e.disabled = "yes"; e.history = 3; e.target = null; e.chain = undefined`)
		if got := get[string](p, `e.outerHTML`); got != `<commdn-dnc phone="1" customer-id="C" choose-chain="" disabled="" history="3"></commdn-dnc>` {
			t.Errorf("properties made %s", got)
		}
		p.eval(`e.disabled = false; e.chooseChain = 0; e.phone = null; document.createElement("commdn-sequence").value = { items: [] }`)
		if got := get[string](p, `e.outerHTML + e.phone + e.disabled`); got != `<commdn-dnc customer-id="C" history="3"></commdn-dnc>false` {
			t.Errorf("properties made %s", got)
		}
	})
	p.clean()
	p.run("events of the elements", func(t *testing.T) {
		d.everyEvent(p)
		var names []string
		for _, m := range dts.interfaces["GlobalEventHandlersEventMap"] {
			names = append(names, m.name)
		}
		same(t, "events", names, get[[]string](p, `[...new Set(window.told.map((e) => e.type))]`))
		for event, typ := range map[string]string{"commdn-select": "SelectDetail", "commdn-change": "ChangeDetail", "commdn-status": "StatusDetail", "commdn-export": "ExportDetail"} {
			fields := get[[]string](p, `Object.keys(window.told.findLast((e) => e.type === %q).detail)`, event)
			optional := dts.names(typ, "optional")
			same(t, typ, dts.names(typ, "property"), slices.DeleteFunc(fields, func(f string) bool { return slices.Contains(optional, f) }))
		}
		allowed := append(append(dts.names("RequestSubject"), dts.names("RequestDetail")...), dts.names("ResultDetail")...)
		for _, f := range get[[]string](p, `[...new Set(window.told.filter((e) => e.type === "commdn-result" || e.type === "commdn-late" || e.type === "commdn-state" && e.detail.id).flatMap((e) => Object.keys(e.detail)))]`) {
			if !slices.Contains(allowed, f) {
				t.Errorf("a detail has %s, which commdn.d.ts does not declare", f)
			}
		}
		for _, refusal := range get[[]string](p, `window.told.map((e) => e.detail.refusal).filter(Boolean)`) {
			if !slices.Contains(dts.union["Refusal"], refusal) {
				t.Errorf("refusal %q is none of %q", refusal, dts.union["Refusal"])
			}
		}
	})
}

// everyEvent makes each kind of element send each of its events.
func (d *demo) everyEvent(p *page) {
	p.t.Helper()
	p.wait(`deep("dnc", "button")`)
	p.click("dnc", "button", 1)
	p.wait(`deep("dnc", "[part~=confirm-button]")`)
	p.click("dnc", "[part~=confirm-button]", 1)
	p.wait(`window.told.some((e) => e.type === "commdn-result")`)
	d.fails(json.RawMessage(`{"do": "delay", "latency": "11s", "phone": "5550000011", "times": 1}`)) // the relay waits for 10 s
	p.eval(`document.getElementById("dnc").phone = "5550000011"`)
	p.wait(`deep("dnc", ".main").textContent.includes("5550000011")`)
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", "[part~=confirm-button]")`)
	p.click("dnc", "[part~=confirm-button]", 1)
	p.wait(`deep("commdn-campaigns", "[part~=row]")`)
	p.click("commdn-campaigns", "[part~=row] [role=checkbox]", 1)
	p.wait(`window.told.some((e) => e.type === "commdn-select")`)
	p.eval(`document.getElementById("commdn-sequence").group = 502`)
	p.wait(`deep("commdn-sequence", "input[type=text]")`)
	p.click("commdn-sequence", "input[type=text]", 1)
	p.key("Morning")
	p.wait(`window.told.some((e) => e.type === "commdn-change")`)
	p.eval(`document.getElementById("commdn-activity").export = "event"`)
	p.wait(`deep("commdn-activity", "[part~=export-button]:not(:disabled)")`)
	p.click("commdn-activity", "[part~=export-button]", 1)
	p.wait(`window.told.some((e) => e.type === "commdn-export")`)
	p.wait(`window.told.some((e) => e.type === "commdn-late")`)
	d.fails(json.RawMessage(`{"do": "link_down"}`))
	p.wait(`window.told.some((e) => e.type === "commdn-status" && e.detail.state === "link-down")`)
	d.fails(json.RawMessage(`{"do": "link_up"}`))
}
