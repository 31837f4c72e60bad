package e2e

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

var allTags = []string{"commdn-dnc", "commdn-cancel", "commdn-campaigns", "commdn-sequence", "commdn-status", "commdn-activity"}

// hostile are values for every attribute of every element, as JavaScript.
const hostile = `[
	"", " ", "\u0000", "\u0007\u001b[31m\u200b\ufeff", "\r\n\t".repeat(500), "☎️🧨".repeat(10000), "x".repeat(100000), "\ud800 alone", "\u202e evil \u2066",
	"e\u0301\u0301".repeat(3000), "<img src=x onerror=alert(1)><script>alert(2)</script>", "\"><style>*{display:none}</style>", "</div></template><b>", "{{7*7}}", "${alert(1)}", "javascript:alert(1)", "%s%n%d%v",
	"-1", "0", "1e309", "NaN", "Infinity", "99999999999999999999", "2147483648", "1.5", "0x10", "٤", "true", "null", "undefined", "[object Object]", "__proto__", "constructor",
	"{", "[]", "{}", "null", "[1,2", "{\"items\":5}", "{\"items\":[null]}", "{\"items\":[{\"campaign\":\"x\"}]}", "{\"items\":[{\"campaign\":-1,\"dialing\":{\"mode\":99,\"optimizeBy\":-5,\"goal\":1e300},\"stopAtTime\":\"never\",\"sleepMinutes\":-7}],\"start\":\"yesterday\",\"description\":5}",
	"{\"items\":[" + Array(65).fill("{\"campaign\":1}").join() + "]}", "[".repeat(100000), "{\"a\":".repeat(50000), "{\"items\":[{}],\"start\":\"9999999-01-01T00:00:00Z\"}", "{\"description\":\"" + "d".repeat(5000) + "\",\"start\":\"2026-03-04T10:00:00Z\",\"items\":[]}",
	"zz-ZZ", "x-y-z-toolong-tag-1", "de-DE-u-nu-arab-ca-buddhist", "ar", "*", "allchain", "RecordOnly ", "ON", "full\u0000",
]`

// intact says what is wrong with an element's shadow root; "" for nothing.
const intact = `
window.hostile = ` + hostile + `;
const laidOut = new WeakMap(); // element -> what its place depends on, when that was last looked at
window.intact = (e) => {
	const root = e.shadowRoot, wrong = [], now = e.getAttribute("density") + root.innerHTML;
	if (!root.querySelector("[part~=base]")) wrong.push("nothing is drawn");
	if (root.querySelector("img, script, style, svg, iframe, object, link, b > b, template")) wrong.push("markup became elements");
	if ([...root.querySelectorAll("*")].some((n) => [...n.attributes].some((a) => a.name.startsWith("on") || a.name === "href"))) wrong.push("markup became attributes");
	if (/^(placeholder)$/.test(root.firstElementChild?.part?.value)) wrong.push("still a placeholder");
	if (laidOut.get(e) !== now && e.scrollWidth > e.clientWidth + 1) wrong.push("wider than its place: " + e.scrollWidth + " of " + e.clientWidth);
	laidOut.set(e, now);
	return wrong.join("; ");
};
window.frame = () => new Promise((r) => requestAnimationFrame(() => setTimeout(r)));
window.abuse = async (tag) => {
	const found = [], names = customElements.get(tag).observedAttributes;
	const e = document.createElement(tag);
	document.body.append(e);
	const look = (what) => { const wrong = intact(e); if (wrong) found.push(what + ": " + wrong); };
	for (const name of names) {
		for (const value of hostile) {
			e.setAttribute(name, value);
			look(name + "=" + JSON.stringify(value.slice(0, 40)) + "×" + value.length);
		}
		await frame();
		look(name);
		e.removeAttribute(name);
	}
	await frame();
	look("without attributes");
	e.remove();
	// All at once, from the start.
	for (const value of hostile) {
		const e = document.createElement(tag);
		for (const name of names) e.setAttribute(name, value);
		document.body.append(e);
		await frame();
		const wrong = intact(e);
		if (wrong) found.push("all " + JSON.stringify(value.slice(0, 40)) + ": " + wrong);
		e.remove();
	}
	return found;
};
`

// TestHostileAttributes: an element shows any attribute as text or refuses it with a
// hint; no element breaks, and no neighbour.
func TestHostileAttributes(t *testing.T) {
	together(t)
	d, p := apiPage(t, `<commdn-dnc id="neighbour" phone="5550000001" confirm="off"></commdn-dnc>`, intact)
	p.connected("h", `{ token: "agent,supervisor=Ann" }`)
	p.eval(`window.failures = []; h.on("error", (e) => failures.push(e.message)); window.dialogs = 0; for (const f of ["alert", "confirm", "prompt"]) window[f] = () => { dialogs++ }`)
	p.drawsAll()
	p.wait(`deep("neighbour", "button")`)
	for _, tag := range allTags {
		p.run(tag, func(t *testing.T) {
			for _, wrong := range within(p, 6*patience, chromedp.Evaluate[[]string](`abuse("`+tag+`")`, chromedp.EvalAwaitPromise)) {
				t.Error(wrong)
			}
			if f := get[[]string](p, `failures.splice(0)`); len(f) > 0 {
				t.Errorf("failures inside: %q", f)
			}
		})
	}
	if n := get[int](p, `dialogs`); n != 0 {
		t.Errorf("%d dialogs: markup was run", n)
	}
	p.click("neighbour", "button", 1)
	p.wait(`told.some((e) => e.id === "neighbour" && e.type === "commdn-result" && e.detail.ok)`)
	if l := d.list(); len(l) != 1 {
		t.Errorf("the list is %+v", l)
	}
	p.clean()
}

// TestHostileValue: a hint says why a value cannot be sent, before anybody clicks.
func TestHostileValue(t *testing.T) {
	together(t)
	d, p := apiPage(t, `<commdn-dnc id="dnc" confirm="off"></commdn-dnc><commdn-sequence id="seq" group="502" target="201"></commdn-sequence>`, "")
	p.connected("h", `{ token: "agent,supervisor=Ann" }`)
	p.wait(`deep("dnc", "[part~=base]")`)
	for name, attributes := range map[string]string{
		"emoji":          `{ phone: "☎️".repeat(5000) }`,
		"control":        `{ phone: "555\u00000001" }`,
		"long customer":  `{ phone: "112", "customer-id": "x".repeat(256) }`,
		"chain":          `{ phone: "112", chain: "Everything" }`,
		"target":         `{ phone: "112", target: "OCS_201" }`,
		"target too big": `{ phone: "112", target: "99999999999" }`,
	} {
		p.eval(`const e = document.getElementById("dnc"); for (const n of e.getAttributeNames()) if (n !== "id" && n !== "confirm") e.removeAttribute(n); for (const [n, v] of Object.entries(%s)) e.setAttribute(n, v)`, attributes)
		p.wait(`deep("dnc", "[part~=hint]")?.textContent.trim() && [...document.getElementById("dnc").shadowRoot.querySelectorAll("button[part~=button]")].every((b) => b.disabled || b.ariaDisabled === "true")`)
		if n := get[int](p, `deep("dnc", "[part~=hint]").textContent.length`); n > 1000 {
			t.Errorf("%s: a hint of %d characters", name, n)
		}
		p.click("dnc", "button", 1)
	}
	for _, value := range []string{"{", "[1]", `{"items": 5}`, `{"items":[{"campaign":"x"}]}`} {
		p.eval(`document.getElementById("seq").value = %q`, value)
		p.wait(`deep("seq", "[part~=hint]")?.textContent.trim()`)
	}
	if n := get[int](p, `h.requests().then((all) => all.length)`); n != 0 || len(d.list()) != 0 {
		t.Errorf("%d requests were made", n)
	}
	p.clean()
}

// TestHostileNames: markup from OCS and the relay is text everywhere.
func TestHostileNames(t *testing.T) {
	together(t)
	if _, err := os.Stat("testdata/markup.yaml"); err != nil {
		t.Fatal(err)
	}
	markup := ""
	for _, tag := range allTags {
		markup += "<" + tag + ` id="` + tag + `"></` + tag + ">"
	}
	d, p := apiPage(t, markup, intact, "--scenario", "testdata/markup.yaml")
	p.connected("h", `{ token: "agent,supervisor=<img src=x onerror=alert(6)>" }`)
	p.eval(`window.dialogs = 0; window.alert = () => { dialogs++ }; document.getElementById("commdn-sequence").group = 501; document.getElementById("commdn-status").detail = "full"`)
	shown := func(id, text string) {
		t.Helper()
		p.wait(`document.getElementById(%q).shadowRoot.textContent.includes(%q)`, id, text)
	}
	shown("commdn-campaigns", "<img src=x onerror=alert(4)>")
	shown("commdn-campaigns", `<script>alert(3)</script> & "quotes" 'and' `+"`more`")
	shown("commdn-campaigns", "</div></table><style>*{display:none}</style>")
	shown("commdn-status", "<img src=x onerror=alert(6)>")
	p.wait(`deep("commdn-sequence", "[role=group]")?.ariaLabel.includes("<script>alert(3)</script>")`)

	// A person of markup, done and refused; what OCS echoes and says is text.
	p.eval(`document.getElementById("commdn-dnc").confirm = "off"; document.getElementById("commdn-dnc").phone = "666"; document.getElementById("commdn-dnc").customerId = "<i onclick=alert(7)>"`)
	shown("commdn-dnc", "<i onclick=alert(7)>")
	p.click("commdn-dnc", "button", 1)
	p.wait(`told.some((e) => e.type === "commdn-result" && e.detail.code === 10)`)
	p.eval(`document.getElementById("commdn-dnc").phone = "<img src=y onerror=alert(8)>"`)
	shown("commdn-dnc", "“<” at position 1 does not belong there")
	p.eval(`document.getElementById("commdn-dnc").phone = "667"; document.getElementById("commdn-dnc").customerId = "<img src=y onerror=alert(8)>"`)
	shown("commdn-dnc", "<img src=y onerror=alert(8)>")
	p.click("commdn-dnc", "button", 1)
	p.wait(`told.some((e) => e.type === "commdn-result" && e.detail.ok)`)
	shown("commdn-activity", "<img src=y onerror=alert(8)>")
	shown("commdn-activity", "<i onclick=alert(7)>")

	// Another supervisor loads a sequence with markup in its description.
	p.connected("other", `{ token: "supervisor=Bo", default: false }`)
	p.result(`other.loadCampaign({ group: 501, target: 201, %s, sequence: { description: "<img src=z onerror=alert(9)>", start: new Date(Date.now() + 3600e3), items: [{ campaign: 1001, %s, stopAtContacts: 5 }] } })`, predict, predict)
	p.until(`new Promise((r) => { const off = other.on("sequence", (e) => { if (e.sequence?.description === "<img src=z onerror=alert(9)>") { off(); r(true) } }); other.getCampaignStatus({ group: 501, target: 201, sequence: { description: "<img src=z onerror=alert(9)>", start: new Date(Date.now() + 3600e3), items: [{ campaign: 1001, %s, stopAtContacts: 5 }] } }) })`, predict)

	for _, tag := range allTags {
		if wrong := get[string](p, `intact(document.getElementById(%q))`, tag); wrong != "" {
			t.Errorf("%s: %s", tag, wrong)
		}
	}
	if n := get[int](p, `dialogs`); n != 0 {
		t.Errorf("%d dialogs: markup was run", n)
	}
	if l := d.list(); len(l) != 1 || l[0].Phone != "667" || l[0].CustomerID != "<img src=y onerror=alert(8)>" {
		t.Errorf("the list is %+v", l)
	}
	p.clean()
}

// TestHostileTheme: nonsense in custom properties has no effect and gives one warning;
// the page's valid ones still count.
func TestHostileTheme(t *testing.T) {
	together(t)
	_, p := apiPage(t, `<commdn-dnc id="plain" phone="112"></commdn-dnc>`, intact)
	p.connected("h", `{ token: "agent,supervisor=Ann" }`)
	p.wait(`deep("plain", "button")`)
	p.eval(`window.looks = (id) => { const c = getComputedStyle(deep(id, "button")); return [c.color, c.backgroundColor, c.borderTopColor, c.borderTopLeftRadius, c.fontFamily, c.fontSize, c.opacity].join(" | ") }`)
	usual := get[string](p, `looks("plain")`)
	properties := regexp.MustCompile(`--commdn-[a-z-]+`).FindAllString(get[string](p, `[...deep("plain", "*").parentNode.adoptedStyleSheets].flatMap((s) => [...s.cssRules]).map((r) => r.cssText).join(" ")`), -1)
	slices.Sort(properties)
	properties = slices.DeleteFunc(slices.Compact(properties), func(name string) bool { return name == "--commdn-height" })
	if len(properties) < 10 {
		t.Fatalf("the theme reads %q", properties)
	}
	for i, tt := range []struct {
		value string
		warns bool // else the browser itself ignores it
	}{
		{"12", true}, {"rgb(300", true}, {"url(x)", true}, {"expression(alert(1))", true},
		{"}", false}, {"url(javascript:alert(1))", false}, {"5 colours!", false}, {"var(--nothing-there-at-all)", false}, {"red; color: red", false},
	} {
		id, value := "broken"+string(rune('a'+i)), tt.value
		before := len(p.said())
		p.eval(`const e = document.createElement("commdn-dnc"); e.id = %q; e.phone = "112"; for (const n of %s) e.style.setProperty(n, %q); document.body.append(e)`, id, literal(properties), value)
		p.wait(`deep(%q, "button")`, id)
		if got := get[string](p, `looks(%q)`, id); got != usual {
			t.Errorf("%s: looks like %s, want %s", value, got, usual)
		}
		warnings := p.said()[before:]
		if (len(warnings) == 1) != tt.warns || len(warnings) > 1 {
			t.Errorf("%s: warnings %q", value, warnings)
		}
		for _, w := range warnings {
			if !strings.Contains(w, "commdn: passed over") || !strings.Contains(w, "--commdn-ink") {
				t.Errorf("%s: %s", value, w)
			}
		}
	}
	// A broken one does not spoil a good one.
	p.eval(`const e = document.createElement("commdn-dnc"); e.id = "half"; e.phone = "1"; e.style.setProperty("--commdn-ink", "no"); e.style.setProperty("--commdn-radius", "17px"); e.style.setProperty("--commdn-font-size", "19px"); document.body.append(e)`)
	p.wait(`deep("half", "button")`)
	if got := get[string](p, `getComputedStyle(deep("half", "button")).borderTopLeftRadius + " " + getComputedStyle(deep("half", "[part~=base]")).fontSize`); got != "17px 19px" {
		t.Errorf("the good properties give %s", got)
	}
	if v := get[[]string](p, `e2e.violations`); len(v) > 0 {
		t.Errorf("violations %q", v)
	}
}

// said returns the errors and warnings so far.
func (p *page) said() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.errors)
}
