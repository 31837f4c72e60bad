package e2e

import (
	"os"
	"strings"
	"testing"
)

// prototype16 has the habits of Prototype.js 1.6 and its time: enumerable additions to
// every object, toJSON on the language's own prototypes, and its own versions of
// functions that the language has since.
const prototype16 = `
Object.prototype.extend = function () { return this };
Object.prototype.phone = "5550666666";
Object.prototype.toJSON = function () { return "object" };
Array.prototype.toJSON = function () { return "[" + this.join(", ") + "]" };
String.prototype.toJSON = function () { return '"' + this + '"' };
Number.prototype.toJSON = function () { return String(this) };
Date.prototype.toJSON = function () { return '"' + this.getTime() + '"' };
Array.prototype.each = function (f) { for (let i = 0; i < this.length; i++) f(this[i], i); return this };
Array.from = function (list) { const out = []; for (let i = 0; i < (list?.length ?? 0); i++) out.push(list[i]); return out };
Object.keys = function (o) { const out = []; for (const k in o) out.push(k); return out };
Object.values = function (o) { const out = []; for (const k in o) out.push(o[k]); return out };
Element.prototype.update = function (html) { this.textContent = html; return this };
HTMLElement.prototype.filter = function () {};
HTMLElement.prototype.target = "x";
Function.prototype.delay = function (s) { return setTimeout(this, s * 1000) };
`

// frozen freezes what a page can freeze of the language, as secure containers do.
const frozen = `
for (const c of [Object, Array, Function, Promise, Map, Set, WeakMap, RegExp, Date, Error, TypeError, String, Number, Symbol, Uint8Array, Proxy, JSON, Math, Reflect]) {
	if (c.prototype) Object.freeze(c.prototype);
	Object.freeze(c);
}
`

// closed makes every shadow root closed, as some security products do.
const closed = `
const attach = Element.prototype.attachShadow;
window.roots = new WeakMap();
Element.prototype.attachShadow = function (options) { const r = attach.call(this, { ...options, mode: "closed" }); roots.set(this, r); return r };
`

// TestHostScripts: elements and API work where other scripts have changed the language
// and the browser.
func TestHostScripts(t *testing.T) {
	together(t)
	library := func(name string) string {
		text, err := os.ReadFile("node_modules/" + name)
		if err != nil {
			t.Fatalf("%v: run npm ci in e2e", err)
		}
		return string(text)
	}
	for _, tt := range []struct{ name, script string }{
		{"Prototype.js 1.6", prototype16},
		{"core-js", library("core-js-bundle/index.js")},
		{"zone.js", library("zone.js/bundles/zone.umd.js")},
		{"frozen primordials", frozen},
		{"closed shadow roots", closed},
		{"a WebSocket that is an arrow function", `const Real = WebSocket; window.WebSocket = (...args) => new Real(...args);`},
		{"a WebSocket that is a proxy", `window.WebSocket = new Proxy(WebSocket, {});`},
		{"a fetch that wraps its response", `const real = fetch; window.fetch = async (...args) => { const r = await real(...args); return { ok: r.ok, status: r.status, headers: r.headers, json: () => r.json(), arrayBuffer: () => r.arrayBuffer(), clone: () => r.clone() } };`},
		{"a fetch without MIME types", `const real = fetch; window.fetch = async (...args) => { const r = await real(...args); return new Response(await r.arrayBuffer(), { status: r.status }) };`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, files{
				"index.html": `<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title><script src="first.js"></script><script type="module" src="page.js"></script>
					<body><commdn-dnc id="dnc" phone="5550000100" confirm="off"></commdn-dnc><commdn-sequence id="seq" group="501"></commdn-sequence><commdn-campaigns id="camp"></commdn-campaigns></body></html>`,
				"first.js": tt.script,
				"page.js": `import * as api from "http://localhost:8080/commdn.js"; window.api = api;
					window.root = (id) => { const el = document.getElementById(id); return window.roots?.get(el) ?? el.shadowRoot };
					window.h = api.connect({ locale: "en" });`,
			}.fs(), "")
			d := restartable(t, "--origin", s.origin)
			p := open(t, s.show(d, "/"), "")
			p.wait(`window.root && root("dnc")?.querySelector(".main")?.textContent.includes("5550000100") && root("camp").querySelector("[part~=row]")`)
			if get[bool](p, `["target", "label", "chain"].some((a) => document.getElementById("dnc").hasAttribute(a)) || document.getElementById("camp").hasAttribute("filter")`) {
				t.Errorf("attributes that nobody set: %s", get[string](p, `document.getElementById("dnc").outerHTML + document.getElementById("camp").outerHTML`))
			}
			p.eval(`root("dnc").querySelector(".main").click()`)
			p.wait(`root("dnc").querySelector(".line.done")`)
			p.eval(`h.doNotCall({ phone: "5550000101", customerId: "C" }, { timeout: 9000 }).then((r) => { window.result = r.state + r.phone }, (e) => { window.result = String(e.message) })`)
			p.wait(`window.result`)
			if r := get[string](p, `result`); r != "done5550000101" {
				t.Errorf("doNotCall: %s", r)
			}
			// Lists and times reach OCS as they are.
			p.eval(`h.loadCampaign({ group: 501, target: 201, dialing: { mode: 2, optimizeBy: 2, goal: 5 }, sequence: { description: "Evening", start: new Date(Date.now() + 3600000),
				items: [{ campaign: 1001, dialing: { mode: 2, optimizeBy: 2, goal: 5 } }] } }).then((r) => { window.loaded = r.state }, (e) => { window.loaded = e.name + ": " + e.message })`)
			p.wait(`window.loaded`)
			if r := get[string](p, `loaded`); r != "done" {
				t.Errorf("a sequence: %s", r)
			}
			p.eval(`document.getElementById("seq").value = { description: "Evening", start: "", items: [{ campaign: 1001, dialing: { mode: 2, optimizeBy: 2, goal: 5 } }] }`)
			p.wait(`root("seq").querySelector("[part~=item]")`)
			wrong := get[string](p, `h.doNotCall({ phone: "112", nothing: 1 }).then(() => "", (e) => e.name + ": " + e.message)`)
			if !strings.HasPrefix(wrong, "ArgumentError: nothing ") {
				t.Errorf("a wrong argument: %q", wrong)
			}
			p.eval(`document.getElementById("dnc").remove()`)
			p.eval(`h.destroy(); window.again = api.connect({ token: "agent=Bo" })`)
			if r := get[string](p, `again.ready.then((s) => s.identity.name)`); r != "Bo" {
				t.Errorf("connected again as %q", r)
			}
			if d.on("5550000100") != 1 || d.on("5550000101") != 1 || d.on("5550666666") != 0 {
				t.Errorf("the list is %+v", d.list())
			}
			for _, line := range p.said() {
				if strings.Contains(line, "commdn") || strings.HasPrefix(line, "exception") {
					t.Errorf("the page said: %s", line)
				}
			}
		})
	}
}

// TestHostTwoCopies: a handle of another copy of the script is refused, and the error
// says whose it has to be.
func TestHostTwoCopies(t *testing.T) {
	together(t)
	s := fixtureWith(t, `<commdn-dnc id="dnc" phone="112"></commdn-dnc>`, `import * as one from "http://localhost:8080/commdn.js"; import * as two from "http://localhost:8080/commdn.js?two"; window.one = one; window.two = two;`)
	p := open(t, s.show(startDemo(t, "--origin", s.origin), "/"), "dnc")
	got := get[string](p, `(() => { try { document.getElementById("dnc").connection = two.connect({ default: false }); return "" } catch (e) { return e.message } })()`)
	if !strings.Contains(got, "of the commdn.js that made this element") {
		t.Errorf("got %q", got)
	}
}
