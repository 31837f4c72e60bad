package e2e

import (
	"strings"
	"testing"

	"commdn/e2e/pixels"
)

// stageElements has one of each element of an agent, in a state with much to look at.
const stageElements = `<commdn-dnc id="dnc" ` + caller + `></commdn-dnc><commdn-cancel id="cancel"></commdn-cancel>
	<commdn-status id="status" detail="full"></commdn-status><commdn-activity id="activity"></commdn-activity>`

// busyStage brings them into that state.
func busyStage(t *testing.T) *page {
	t.Helper()
	_, p := stage(t, stageElements, "{}")
	p.eval(`handle.doNotCall({ phone: "5550100010" }).catch(() => {})`)
	p.wait(`deep("activity", "li.refused")`)
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".confirm")`)
	p.eval(`deep("dnc", ".yes").blur()`)
	return p
}

// TestForcedStyles: a host's "* { … !important }" changes nothing that we draw. The host
// decides about what shows through an element and where it stands.
func TestForcedStyles(t *testing.T) {
	together(t)
	p := busyStage(t)
	ids := []string{"dnc", "cancel", "status", "activity"}
	before := make(map[string]int)
	for _, group := range []struct{ name, style string }{
		{"on the element", `main > * { color: lime !important; background: red !important; font-size: 40px !important; padding: 20px !important;
			border: 5px solid blue !important; opacity: .3 !important; filter: blur(2px) !important; text-transform: uppercase !important;
			letter-spacing: 5px !important; display: block !important; box-sizing: content-box !important; line-height: 3 !important }`},
		{"inherited", `* { color: lime !important; font: italic 900 40px/3 monospace !important; text-transform: uppercase !important; letter-spacing: 5px !important;
			word-spacing: 9px !important; text-indent: 30px !important; text-align: center !important; text-shadow: 2px 2px red !important; white-space: nowrap !important;
			cursor: wait !important; list-style: square inside !important; quotes: none !important; font-variant: small-caps !important; tab-size: 1 !important;
			word-break: break-all !important; -webkit-text-stroke: 1px red !important; -webkit-text-fill-color: lime !important;
			accent-color: red !important; caret-color: red !important; border-collapse: collapse !important; user-select: none !important; hyphens: auto !important }`},
		{"more on the element", `main > * { box-shadow: 0 0 9px red !important; outline: 4px solid red !important; transform: rotate(3deg) !important; rotate: 3deg !important;
			scale: 1.1 !important; translate: 4px 4px !important; clip-path: circle(20%%) !important; mask-image: linear-gradient(#000, transparent) !important; mix-blend-mode: difference !important;
			zoom: 1.3 !important; column-count: 2 !important; writing-mode: vertical-rl !important; backdrop-filter: invert(1) !important; isolation: isolate !important; offset-path: circle(50px) !important;
			text-decoration: underline wavy red !important; -webkit-mask-box-image: linear-gradient(#000, transparent) !important; -webkit-box-reflect: below -40px !important;
			border-radius: 50%% !important; border-image: linear-gradient(red, blue) 9 !important;
			perspective: 20px !important; text-overflow: ellipsis !important; gap: 40px !important }
			main > *::before, main > *::after { content: "host"; display: block !important }`},
	} {
		for _, id := range ids {
			p.run(group.name+" "+id, func(t *testing.T) {
				plain := p.picture(id, "light", nil)
				p.eval(`const s = new CSSStyleSheet(); s.replaceSync(%s); document.adoptedStyleSheets = [s]`, literal(strings.ReplaceAll(group.style, "%%", "%")))
				forced := p.picture(id, "light", nil)
				p.eval(`document.adoptedStyleSheets = []`)
				if diff, err := pixels.Compare(plain, forced); err != nil {
					file := t.ArtifactDir() + "/forced.png"
					t.Errorf("%v; see %s (%v)", err, file, writePicture(file, diff))
				}
				before[id]++
			})
		}
	}
	if len(before) != len(ids) {
		t.Errorf("looked at %v", before)
	}
	p.clean()
}

// TestBrokenTheme: a theme with invalid values stays readable, and its author gets a
// warning.
func TestBrokenTheme(t *testing.T) {
	together(t)
	p := busyStage(t)
	plain := p.picture("dnc", "light", nil)
	p.eval(`const s = new CSSStyleSheet(); s.replaceSync("commdn-dnc { --commdn-ink: nonsense; --commdn-surface: 12px; --commdn-stop: url(x); --commdn-radius: red; --commdn-font-size: huge-ish; --commdn-font-family: 3px; --commdn-on-stop: ; }"); document.adoptedStyleSheets = [s]
		const el = document.getElementById("dnc"), again = el.cloneNode(); el.replaceWith(again)`)
	p.wait(`deep("dnc", ".main")`)
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".confirm")`)
	p.eval(`deep("dnc", ".yes").blur()`)
	p.axe("dnc")
	if _, err := pixels.Compare(plain, p.picture("dnc", "light", nil)); err != nil {
		t.Errorf("it looks other than without a theme: %v", err)
	}
	if n := p.forget("--commdn-on-stop"); n != 1 {
		t.Errorf("%d warnings, want one that names the properties", n)
	}
	p.clean()
}

// TestTheme: a valid theme shows.
func TestTheme(t *testing.T) {
	together(t)
	p := busyStage(t)
	p.eval(`const s = new CSSStyleSheet(); s.replaceSync("main { --commdn-stop: rgb(0, 80, 90); --commdn-on-stop: rgb(255, 255, 240); --commdn-radius: 0px; --commdn-font-size: 20px; --commdn-ink: rgb(1, 2, 3) } commdn-dnc::part(button) { text-decoration-line: underline }"); document.adoptedStyleSheets = [s]`)
	for property, want := range map[string]string{
		"borderTopLeftRadius": "0px", "fontSize": "20px", "textDecorationLine": "underline",
	} {
		if got := get[string](p, `getComputedStyle(deep("dnc", ".main")).%s`, property); got != want {
			t.Errorf("%s of the button is %s, want %s", property, got, want)
		}
	}
	// Backgrounds change within a moment.
	p.wait(`getComputedStyle(deep("dnc", ".yes")).backgroundColor === "rgb(0, 80, 90)" && getComputedStyle(deep("dnc", ".main")).backgroundColor === "rgba(0, 0, 0, 0)"`)
	if got := get[string](p, `getComputedStyle(deep("dnc", ".question")).color`); got != "rgb(1, 2, 3)" {
		t.Errorf("the text is %s", got)
	}
	p.clean()
}

// TestDensity: compact is lower, and nothing in it is too small to hit.
func TestDensity(t *testing.T) {
	together(t)
	p := busyStage(t)
	height := func(id, selector string) float64 {
		t.Helper()
		return get[float64](p, `deep(%q, %q).getBoundingClientRect().height`, id, selector)
	}
	if h := height("dnc", ".main"); h != 32 {
		t.Errorf("the button is %v px high, want 32", h)
	}
	comfortable := p.rects("dnc", "cancel")
	for _, id := range []string{"dnc", "cancel", "status", "activity"} {
		p.set(id, "density", "compact")
	}
	for id, selector := range map[string]string{"dnc": ".yes", "cancel": "[name=phone]", "activity": ".choice"} {
		if h := height(id, selector); h != 26 {
			t.Errorf("%s of %s is %v px high, want 26", selector, id, h)
		}
	}
	for id, r := range p.rects("dnc", "cancel") {
		if r.Height >= comfortable[id].Height {
			t.Errorf("%s is %v px high, %v in comfortable density", id, r.Height, comfortable[id].Height)
		}
	}
	p.axe("dnc", "cancel", "status", "activity")
	p.shot("dnc-compact", "dnc")
	p.clean()
}

// TestRightToLeft: everything is mirrored, and numbers keep their direction.
func TestRightToLeft(t *testing.T) {
	together(t)
	p := busyStage(t)
	p.eval(`document.documentElement.dir = "rtl"`)
	if get[bool](p, `deep("dnc", ".yes").getBoundingClientRect().x < deep("dnc", ".no").getBoundingClientRect().x`) {
		t.Error("Yes is on the left of No")
	}
	if s := get[string](p, `getComputedStyle(deep("dnc", ".confirm")).borderRightWidth`); s != "3px" {
		t.Errorf("the edge on the right is %s wide", s)
	}
	p.set("dnc", "phone", "5550198822") // the sentence about it ends with a full stop
	p.wait(`deep("dnc", ".changed")`)
	p.axe("dnc", "cancel", "status", "activity")
	p.shot("dnc-rtl", "dnc")
	p.eval(`deep("activity", "details").open = true`)
	p.shot("activity-rtl", "activity")
	// A Latin sentence still ends on the right.
	for id, selector := range map[string]string{"dnc": ".changed", "activity": ".said", "status": "dd"} {
		if !get[bool](p, `(() => {
			const text = deep(%q, %q).firstChild, range = document.createRange();
			const x = (at) => { range.setStart(text, at); range.setEnd(text, at + 1); return range.getBoundingClientRect().x };
			return x(text.length - 1) > x(0);
		})()`, id, selector) {
			t.Errorf("%s of %s ends on the left", selector, id)
		}
	}
	p.clean()
}

// TestReducedMotion: a reader who wants no motion gets none; for others there is some,
// and it is short.
func TestReducedMotion(t *testing.T) {
	together(t)
	p := busyStage(t)
	moving := func() []string {
		t.Helper()
		return get[[]string](p, `["dnc", "cancel", "status", "activity"].flatMap((id) => [...document.getElementById(id).shadowRoot.querySelectorAll("*")].map((e) => getComputedStyle(e))
			.filter((s) => s.animationName !== "none" || s.transitionDuration.split(", ").some((d) => parseFloat(d) > 0)).map((s) => id + " " + s.transitionDuration + " " + s.animationName))`)
	}
	p.media("prefers-reduced-motion", "no-preference")
	some := moving()
	if len(some) == 0 {
		t.Error("nothing moves, so nothing is tested")
	}
	for _, m := range some {
		if !strings.Contains(m, " 0.12s none") {
			t.Errorf("%s: longer than a moment", m)
		}
	}
	p.media("prefers-reduced-motion", "reduce")
	if m := moving(); len(m) != 0 {
		t.Errorf("it moves all the same: %q", m)
	}
}

// TestLanguageChanges: the language changes at run time, also in what is already shown;
// numbers and times are the browser's for that language. What is open stays open.
func TestLanguageChanges(t *testing.T) {
	together(t)
	p := busyStage(t)
	p.click("dnc", ".yes", 1)
	p.wait(`deep("dnc", ".line.done")`)
	for _, tt := range []struct{ tag, table string }{{"de", "de"}, {"ja", "ja"}, {"pt-BR", "pt-BR"}, {"fr-CA", "fr"}, {"es", "es"}, {"en-GB", "en"}} {
		p.run(tt.tag, func(t *testing.T) {
			p.eval(`document.documentElement.lang = %q`, tt.tag)
			clock := get[string](p, `new Intl.DateTimeFormat(%q, { timeStyle: "medium" }).format(new Date())`, tt.tag)
			who := text(t, tt.table, "who.both", "phone", "5551234567", "id", "C-1042")
			p.wait(`deep("dnc", ".line .text").textContent === %q`, text(t, tt.table, "outcome.done-dnc", "who", who)+" · "+clock)
			p.wait(`deep("dnc", ".main").textContent === %q`, text(t, tt.table, "person.dnc-done"))
			p.wait(`deep("cancel", ".main").textContent === %q`, text(t, tt.table, "person.cancel"))
			p.wait(`deep("status", ".text").textContent === %q`, text(t, tt.table, "status.connected"))
			p.wait(`deep("activity", "time").textContent === %q`, clock)
			p.wait(`deep("activity", ".choice").textContent === %q`, text(t, tt.table, "activity.all", "n", "2"))
			p.axe("dnc", "cancel", "status", "activity")
		})
	}
	p.run("of one element", func(t *testing.T) {
		p.set("cancel", "lang", "ja")
		p.wait(`deep("cancel", ".main").textContent === %q`, text(t, "ja", "person.cancel"))
		if s := p.text("status", ".text"); s != "Connected" {
			t.Errorf("the others changed too: %q", s)
		}
		p.unset("cancel", "lang")
		p.wait(`deep("cancel", ".main").textContent === "Cancel records"`)
	})
	p.run("while it asks", func(t *testing.T) {
		p.set("dnc", "phone", "5550000042")
		p.click("dnc", ".main", 1)
		p.wait(`deep("dnc", ".confirm")`)
		p.set("dnc", "lang", "de")
		who := text(t, "de", "who.both", "phone", "5550000042", "id", "C-1042")
		p.wait(`deep("dnc", ".question")?.textContent === %q`, text(t, "de", "person.dnc-question", "who", who))
		p.shot("dnc-de", "dnc")
	})
	p.clean()
}

// TestPlaceholders: before the plugin is there each element of the agent desktop has its
// place; when it is drawn, nothing else has moved.
func TestPlaceholders(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openAfter(t, holdWasm, d.url()+"agent.html", "")
	ids := []string{"status", "dnc", "cancel", "activity", "second"}
	all := append([]string{"next", "typed", "caller", "phone", "trace-title", "trace"}, ids...)
	p.wait(`%s.every((id) => deep(id, "[part=placeholder]")?.ariaBusy === "true")`, literal(ids))
	p.wait(`document.getElementById("trace-state").textContent === "live"`)
	p.axe(ids...)
	before, start := p.rects(all...), len(p.shifts())
	for id, r := range before {
		if r.Height == 0 {
			t.Errorf("%s has no height yet", id)
		}
	}
	p.eval(`releaseWasm()`)
	p.wait(`%s.every((id) => deep(id, ".base"))`, literal(ids))
	p.wait(`deep("status", ".light.good")`)
	if s := p.text("second", ".hint"); s != "No number" {
		t.Errorf("the second one hints %q", s)
	}
	delete(before, "second") // it grew downwards, into empty space
	for _, m := range p.moved(before) {
		t.Errorf("it jumps: %s", m)
	}
	for _, s := range p.shifts()[start:] {
		t.Errorf("a layout shift: %+v", s)
	}
	for id, class := range map[string]string{"dnc": ".main", "activity": ".choice"} {
		if !get[bool](p, `Boolean(deep(%q, %q))`, id, class) {
			t.Errorf("%s is not drawn", id)
		}
	}
	p.clean()
}

// TestFollowsThePage: an element is dark if its background is: by the reader's
// preference, unless the page has a single scheme or a switch.
func TestFollowsThePage(t *testing.T) {
	together(t)
	p := busyStage(t)
	ink := func(id string) string {
		return get[string](p, `getComputedStyle(deep(%q, ".base")).color`, id)
	}
	const onLight, onDark = "rgb(23, 33, 46)", "rgb(230, 235, 241)"
	const css = `const s = new CSSStyleSheet(); s.replaceSync(%q); document.adoptedStyleSheets = [s]; document.body.className = "x" + Math.random()`
	for _, c := range []struct{ name, prefers, css, ink string }{
		{"a page of both, by day", "light", "", onLight},
		{"a page of both, at night", "dark", "", onDark},
		{"white at night", "dark", ":root { background: #fff; color-scheme: normal }", onLight},
		{"no background at all, at night", "dark", ":root { background: none; color-scheme: normal }", onLight},
		{"dark by day", "light", ":root { background: none; color-scheme: dark }", onDark},
		{"a dark panel by day", "light", "main { background: oklch(0.3 0.05 250) }", onDark},
		{"a light panel at night", "dark", "main { background: color(display-p3 0.9 0.9 1) }", onLight},
		{"a veil is no background", "dark", "main { background: rgb(255 255 255 / .1) }", onDark},
		{"dark in lab", "light", "main { background: lab(12 3 3) }", onDark},
		{"the page says it of the element", "light", "main { background: #000 } commdn-dnc, commdn-status { color-scheme: light }", onLight},
	} {
		p.media("prefers-color-scheme", c.prefers)
		p.eval(css, c.css)
		p.wait(`getComputedStyle(deep("dnc", ".base")).color === %q && getComputedStyle(deep("status", ".base")).color === %[1]q`, c.ink)
		if got := ink("activity"); c.name != "the page says it of the element" && got != c.ink {
			t.Errorf("%s: the text of activity is %s", c.name, got)
		}
	}
	// A later element follows too.
	p.eval(css, "main { background: #101010 }")
	p.eval(`const e = document.createElement("commdn-status"); e.id = "late"; document.querySelector("main").append(e)`)
	p.wait(`deep("late", ".base") && getComputedStyle(deep("late", ".base")).color === %q`, onDark)
	p.clean()
}
