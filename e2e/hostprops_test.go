package e2e

import (
	"strings"
	"testing"
)

// late loads the plugin when the test says so: until then the elements are unknown.
const late = `window.defineElements = () => import("http://localhost:8080/commdn.js").then((api) => { window.api = api; return true });`

// hostPage is a page of another origin, with a script that runs first.
func hostPage(t testing.TB, markup, script string, args ...string) (*demo, *page) {
	t.Helper()
	s := fixtureWith(t, markup, script)
	d := restartable(t, append(args, "--origin", s.origin)...)
	return d, open(t, s.show(d, "/"), "")
}

// TestHostAccessors: a framework puts accessors of its own on an element before it is
// defined. None of them runs, and the element shows whom the host names.
func TestHostAccessors(t *testing.T) {
	together(t)
	d, p := hostPage(t, `<commdn-dnc id="dnc" confirm="off"></commdn-dnc>`, late+`
		window.el = document.getElementById("dnc");
		window.ran = [];
		for (const name of ["outerHTML", "innerHTML", "textContent", "id"]) {
			const own = name === "id" ? Object.getOwnPropertyDescriptor(Element.prototype, "id") : { get() { return "<p>" }, set() {} };
			Object.defineProperty(el, name, { configurable: true, enumerable: true,
				get() { ran.push("get " + name); return own.get.call(this) }, set(v) { ran.push("set " + name); own.set.call(this, v) } });
		}
		Object.defineProperty(el, "label", { configurable: true, enumerable: true, get() { ran.push("get label"); return "Wrong" }, set() { ran.push("set label") } });
		el.phone = "5550000100"; // of no class yet
		Object.defineProperty(el, "customerId", { value: "C-1", enumerable: true, configurable: false });
		el.addEventListener("commdn-result", (e) => { window.heard = e.detail.phone });`)
	get[bool](p, `defineElements()`)
	p.wait(`el.shadowRoot?.querySelector(".main")?.textContent.includes("5550000100")`)
	if ran := get[[]string](p, `ran.filter((r) => !r.endsWith(" id"))`); len(ran) > 0 {
		t.Errorf("accessors of the host's ran: %q", ran)
	}
	if ran := get[[]string](p, `ran.filter((r) => r.startsWith("set"))`); len(ran) > 0 {
		t.Errorf("the element wrote back what the host has put on it: %q", ran)
	}
	if !get[bool](p, `document.querySelector("commdn-dnc") === el && el.getAttribute("customer-id") === "C-1"`) {
		t.Error("the element is another, or lacks the customer")
	}
	if !get[bool](p, `Object.hasOwn(el, "label") && !el.hasAttribute("label")`) {
		t.Error("the element took away what the host has put on it")
	}
	p.eval(`el.phone = "5550000101"; el.removeAttribute("customer-id")`)
	p.wait(`el.shadowRoot.querySelector(".main").textContent.includes("5550000101")`)
	p.click("dnc", ".main", 1)
	p.wait(`window.heard === "5550000101"`)
	if d.on("5550000100") != 0 || d.on("5550000101") != 1 {
		t.Errorf("the list is %+v", d.list())
	}
	p.clean()
}

// TestHostMistakes: what a framework writes before the elements are defined, and what
// looks like off and is on, is told once. It is not told where nothing is wrong.
func TestHostMistakes(t *testing.T) {
	together(t)
	_, p := hostPage(t, `<commdn-dnc id="dnc" customerid="C-7" class="x" data-customer-id="1"></commdn-dnc>
		<commdn-dnc id="two" customerid="C-8" disabled="false"></commdn-dnc>
		<commdn-dnc id="right" phone="112" customer-id="C-9" disabled></commdn-dnc>`, `import "http://localhost:8080/commdn.js"`)
	p.wait(`["dnc", "two", "right"].every((id) => deep(id, "[part~=base]"))`)
	p.eval(`document.getElementById("dnc").setAttribute("lang", "de"); document.getElementById("dnc").remove()`)
	said := strings.Join(p.said(), "\n")
	if strings.Count(said, "passes over the attribute customerid; it has customer-id") != 1 || strings.Count(said, "means that it is disabled") != 1 || strings.Count(said, "console.") != 2 {
		t.Errorf("the page said %q", said)
	}
	if strings.Contains(said, "C-7") {
		t.Error("the console has the customer")
	}
}

// TestHostProperties: the names and values that frameworks use.
func TestHostProperties(t *testing.T) {
	together(t)
	_, p := hostPage(t, `<commdn-sequence id="seq" group="501"></commdn-sequence><commdn-dnc id="dnc" phone="112" lang="undefined"></commdn-dnc>`,
		`import * as api from "http://localhost:8080/commdn.js"; window.api = api; window.seq = document.getElementById("seq")`)
	p.wait(`deep("seq", "[part~=form]") && deep("dnc", ".main")`)
	p.eval(`seq.readOnly = true`)
	if !get[bool](p, `seq.readonly && seq.hasAttribute("readonly")`) {
		t.Error("readOnly is not readonly")
	}
	p.eval(`seq.readonly = false`)
	if get[bool](p, `seq.readOnly`) {
		t.Error("readOnly is still true")
	}
	p.run("null empties", func(t *testing.T) {
		p.eval(`seq.value = { description: "Evening", start: "", items: [{ campaign: 1001, dialing: { mode: 2, optimizeBy: 2, goal: 5 } }] }`)
		p.wait(`deep("seq", "[part~=item]")`)
		p.eval(`seq.value = null`)
		p.wait(`!deep("seq", "[part~=item]")`)
		// What was edited goes too, also where the host had set no value.
		p.eval(`seq.addEventListener("commdn-change", (e) => { window.changed = e.detail })`)
		p.eval(`const add = [...seq.shadowRoot.querySelectorAll("button")].find((b) => b.textContent.includes("Add")); add.click()`)
		p.wait(`deep("seq", "[part~=item]")`)
		p.eval(`seq.value = null`)
		p.wait(`!deep("seq", "[part~=item]")`)
	})
	p.run("languages", func(t *testing.T) {
		for _, tt := range [][2]string{{"undefined", "Do not call 112"}, {"de_DE", "Nicht anrufen"}, {"pt_BR", "Não ligar"}, {"ja_JP.UTF-8", "発信"}, {"null", "Do not call 112"}, {"en--x", "Do not call 112"}} {
			p.eval(`document.getElementById("dnc").lang = %q`, tt[0])
			if s := p.text("dnc", ".main"); !strings.Contains(s, tt[1]) {
				t.Errorf("lang=%s: %q", tt[0], s)
			}
		}
		for _, locale := range []string{"de_DE", "pt_BR", "ja_JP.UTF-8", "de-AT"} {
			p.eval(`api.connect({ locale: %q, default: false }).destroy()`, locale)
		}
		for _, locale := range []string{"undefined", "d", "_", "deutsch!"} {
			if got := get[string](p, `(() => { try { api.connect({ locale: %q }); return "no error" } catch (e) { return e.message } })()`, locale); got != "commdn: locale "+locale+" is no language tag" {
				t.Errorf("locale %s: %s", locale, got)
			}
		}
	})
	p.clean()
}
