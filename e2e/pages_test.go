package e2e

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// demoPages are the start page and the pages that it links to.
var demoPages = []struct{ path, title, heading string }{
	{"", "commdn demo", "Outbound Contact in the desktop you already have"},
	{"agent.html", "Agent desktop · commdn demo", ""},
	{"supervisor.html", "Supervisor console · commdn demo", "Campaigns"},
	{"playground.html", "Playground · commdn demo", "Playground"},
}

// allDrawn waits until every element of a page is drawn and the light is green.
func (p *page) allDrawn() {
	p.t.Helper()
	p.wait(`document.readyState === "complete" && customElements.get("commdn-status")`)
	p.eval(`for (const e of document.querySelectorAll("*")) if (e.localName.startsWith("commdn-")) e.setAttribute("load", "eager")`)
	p.wait(`[...document.querySelectorAll("*")].filter((e) => e.localName.startsWith("commdn-")).every((e) => e.shadowRoot.querySelector("[part~=base]"))`)
	p.wait(`deep("status", ".base").textContent.includes("Connected")`)
}

// TestDemoPages: every page of the demo is accessible as a whole, in light and dark, also
// at the width of a telephone, and logs no error.
func TestDemoPages(t *testing.T) {
	together(t)
	d := startDemo(t)
	for _, page := range demoPages {
		p := open(t, d.url()+page.path, "")
		p.run("/"+page.path, func(t *testing.T) {
			p.allDrawn()
			if title := get[string](p, `document.title`); title != page.title {
				t.Errorf("the title is %q", title)
			}
			if h := get[[]string](p, `[...document.querySelectorAll("h1")].map((e) => e.textContent)`); len(h) != 1 || page.heading != "" && h[0] != page.heading {
				t.Errorf("the headings are %q", h)
			}
			p.axe()
			for _, width := range []int64{1280, 720, 360, 320} {
				call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 900, DeviceScaleFactor: 1})
				p.wait(`innerWidth === %d`, width)
				if wide := get[[]string](p, tooWide); len(wide) > 0 {
					t.Errorf("%d px wide, this is wider: %s", width, strings.Join(wide, "\n"))
				}
				if width == 360 {
					p.axeCut()
				}
			}
			p.clean()
		})
	}
}

// axeCut is axe for a table that may be wider than its room: axe-core cannot tell the
// background of text in a cut cell. The colours are those of the cells where it can.
func (p *page) axeCut() {
	p.t.Helper()
	for _, scheme := range schemes {
		p.still(scheme, func() {
			p.t.Helper()
			for _, f := range p.audit().Broken {
				p.t.Errorf("axe-core, %s: %v", scheme, f)
			}
		})
	}
}

// tooWide names what sticks out of the page at its end, outside of areas that scroll
// themselves.
const tooWide = `(async () => {
	for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
	if (document.scrollingElement.scrollWidth <= innerWidth) return [];
	const all = (root) => [...root.querySelectorAll("*")].flatMap((e) => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])]);
	const out = all(document).filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5);
	return ["page " + document.scrollingElement.scrollWidth, ...out.slice(0, 8).map((e) => e.cloneNode().outerHTML + " " + e.getBoundingClientRect().right)];
})()`

// TestDemoLinks: the links of each page lead where they say.
func TestDemoLinks(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := open(t, d.url(), "")
	var seen []string
	for _, page := range demoPages {
		do(p, chromedp.Navigate(d.url()+page.path))
		p.wait(`document.title === %q && document.readyState === "complete"`, page.title)
		links := get[[]string](p, `[...document.querySelectorAll("a[href]")].map((a) => a.href)`)
		if len(links) < 4 {
			t.Errorf("/%s has the links %q", page.path, links)
		}
		if n := get[int](p, `document.querySelectorAll("nav [aria-current=page]").length`); n != 1 {
			t.Errorf("/%s: %d links are of the current page", page.path, n)
		}
		for _, link := range links {
			if slices.Contains(seen, link) {
				continue
			}
			seen = append(seen, link)
			if !strings.HasPrefix(link, d.url()) {
				t.Errorf("/%s leads out of the demo, to %s", page.path, link)
			} else if title := get[string](p, `fetch(%q).then(async (r) => r.ok ? (await r.text()).match(/<title>(.*)<\/title>/)[1] : "status " + r.status)`, link); strings.HasPrefix(title, "status") {
				t.Errorf("/%s: %s has %s", page.path, link, title)
			}
		}
	}
	for _, want := range append(demoPages, struct{ path, title, heading string }{path: "sim/"}) {
		if !slices.Contains(seen, d.url()+want.path) {
			t.Errorf("nothing leads to /%s", want.path)
		}
	}
	// With the keyboard, from the start page.
	do(p, chromedp.Navigate(d.url()))
	p.wait(`document.querySelector(".doors a")`)
	p.eval(`document.querySelector('.doors a[href="supervisor.html"]').focus()`)
	p.key("\r")
	p.wait(`document.title.startsWith("Supervisor console")`)
}

// editAll sets each attribute of the element in the playground to each value of its
// control, and removes it again. It returns the names of the attributes, and throws if
// element or markup do not follow.
const editAll = `(async () => {
	const el = document.getElementById("subject"), snippet = () => document.getElementById("snippet").textContent;
	const names = [];
	for (const label of document.querySelectorAll("#attributes .option")) {
		const name = label.firstChild.textContent, control = label.children[1], before = el.getAttribute(name);
		const set = (value) => {
			if (control.type === "checkbox") {
				if (control.checked !== (value !== null)) control.click();
			} else {
				control.value = value ?? "";
				control.dispatchEvent(new Event("input", { bubbles: true }));
			}
			if (el.getAttribute(name) !== value) throw new Error(name + " is " + el.getAttribute(name) + ", not " + value);
			const written = value === null ? "" : value === "" ? " " + name : " " + name + '="' + value + '"';
			if (value !== null && !snippet().includes(written)) throw new Error(written + " is not in " + snippet());
			if (value === null && new RegExp(" " + name + "[=> ]").test(snippet())) throw new Error(name + " is in " + snippet());
		};
		const values = control.type === "checkbox" ? [""] : control.localName === "select" ? [...control.options].map((o) => o.value).filter(Boolean) : ["7", "<b>"];
		if (!values.length) throw new Error("nothing to choose for " + name);
		for (const value of values) {
			set(value);
			await new Promise(requestAnimationFrame);
		}
		set(null);
		set(before);
		names.push(name);
	}
	return names;
})()`

// TestPlayground: the playground shows each element, sets and removes each of its
// attributes, and shows its events.
func TestPlayground(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := open(t, d.url()+"playground.html", "subject")
	p.eval(reach)
	type declaration struct {
		Tag        string `json:"tagName"`
		Attributes []struct {
			Name string `json:"name"`
		} `json:"attributes"`
	}
	all := get[[]declaration](p, `import("/custom-elements.js").then((m) => m.default.modules.flatMap((m) => m.declarations))`)
	if len(all) != 6 {
		t.Errorf("there are %d elements", len(all))
	}
	// Another role is another connection, without requests: status is the last.
	slices.SortStableFunc(all, func(a, b declaration) int {
		return cmp.Compare(strings.Count(a.Tag, "status"), strings.Count(b.Tag, "status"))
	})
	// A person's action that makes an element send an event, and the event.
	told := map[string]struct {
		event string
		do    func()
	}{
		"commdn-dnc": {"commdn-result · done", func() {
			p.press("subject", "Do not call 5551234567 (customer C-1042)")
			p.clickAt(`deep("subject", "[part~=confirm] [part~=confirm-button]")`)
		}},
		"commdn-cancel": {"commdn-result · done", func() {
			p.press("subject", "Cancel records 5551234567")
			p.clickAt(`deep("subject", "[part~=confirm] [part~=confirm-button]")`)
		}},
		"commdn-campaigns": {"commdn-select", func() { p.clickAt(`deep("subject", ".rows [role=checkbox]")`) }},
		"commdn-sequence":  {"commdn-change", func() { p.press("subject", "Add a campaign") }},
		"commdn-activity":  {"commdn-export", func() { p.press("subject", "Save as CSV") }},
		"commdn-status":    {"commdn-status · connected", func() { p.choose(`document.getElementById("role")`, "supervisor") }},
	}
	for _, e := range all {
		p.run(e.Tag, func(t *testing.T) {
			p.choose(`document.getElementById("element")`, e.Tag)
			p.wait(`location.hash === "#" + %q && document.getElementById("subject").localName === %[1]q && deep("subject", "[part~=base]")`, e.Tag)
			p.wait(`deep("status", ".base").textContent.includes("Connected")`)
			names := get[[]string](p, editAll)
			for _, a := range e.Attributes {
				if !slices.Contains(names, a.Name) {
					t.Errorf("%s cannot be edited; %q can", a.Name, names)
				}
			}
			p.clickAt(`document.getElementById("clear")`)
			if log := get[string](p, `document.getElementById("log").textContent`); log != "" {
				t.Errorf("the log is cleared, but has %q", log)
			}
			told[e.Tag].do()
			p.wait(`document.getElementById("log").textContent.includes(%q)`, told[e.Tag].event)
			p.axeCut()
		})
	}

	p.run("surroundings", func(t *testing.T) {
		p.choose(`document.getElementById("element")`, "commdn-dnc")
		p.wait(`deep("subject", "button")`)
		const look = `getComputedStyle(deep("subject", "button"))`
		p.choose(`document.getElementById("preset")`, "harbour")
		p.wait(look + `.borderRadius === "14px"`)
		p.wait(`document.getElementById("snippet").textContent.includes("--commdn-radius: 14px;")`)
		p.choose(`document.getElementById("preset")`, "broken colours")
		p.choose(`document.getElementById("preset")`, "none")
		p.wait(look + `.borderRadius !== "14px"`)
		p.choose(`document.getElementById("dir")`, "right to left")
		p.wait(look + `.direction === "rtl"`)
		p.choose(`document.getElementById("scheme")`, "dark")
		p.wait(look + `.colorScheme === "dark"`)
		p.axe()
		p.choose(`document.getElementById("width")`, "240 px")
		p.wait(`document.getElementById("subject").offsetWidth <= 240`)
		if wide := get[[]string](p, tooWide); len(wide) > 0 {
			t.Errorf("wider than the page: %q", wide)
		}
	})
	p.clean()
}
