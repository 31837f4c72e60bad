package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// breakTimers makes the host page break what the Go runtime needs, so that the program's
// next timer ends it. mendTimers undoes that.
const breakTimers = `
window.realTimeout = window.setTimeout;
window.breakTimers = () => { window.setTimeout = () => { throw new Error("no timers on this page") } };
window.mendTimers = () => { window.setTimeout = realTimeout };
`

// TestProgramEnds: whatever ends the program, everybody hears of it once, nothing
// pretends to work, and the program can restart.
func TestProgramEnds(t *testing.T) {
	together(t)
	d, p := apiPage(t, `<commdn-dnc id="a" phone="5550000001" confirm="off"></commdn-dnc><commdn-cancel id="b" phone="5550000002" lang="ja"></commdn-cancel><commdn-status id="s" lang="de"></commdn-status>`,
		breakTimers+countSockets)
	p.eval(`window.h = api.connect({ token: "agent,supervisor=Ann" }); window.i = api.connect({ token: "agent=Bo", default: false });
		window.broken = { h: [], i: [] };
		for (const name in broken) window[name].on("error", (e) => broken[name].push(e.constructor.name + ": " + e.message))
		window.states = []; h.on("status", (s) => states.push(s.state))`)
	get[bool](p, `Promise.all([h.ready, i.ready]).then(() => true)`)
	p.wait(`deep("a", "button") && deep("b", "button") && states.includes("connected")`)

	died := 0
	die := func(ids ...string) {
		t.Helper()
		died++ // the browser keeps what a program leaves, and the next one asks for it: two of one number wait for each other
		phone, last := fmt.Sprintf("555000%04d", 3000+died), fmt.Sprintf("555000%04d", 4000+died)
		d.fails(map[string]any{"do": "silence", "phone": phone, "times": 1})
		d.fails(map[string]any{"do": "silence", "phone": last, "times": 1}) // or its answer may come before the program ends
		p.eval(`told.length = 0; broken.h.length = broken.i.length = 0;
			window.pending = outcome(() => h.doNotCall({ phone: %q }))`, phone)
		p.until(`h.requests().then((all) => all.some((r) => r.phone === %q && r.state === "sending"))`, phone)
		p.eval(`breakTimers(); window.last = outcome(() => i.doNotCall({ phone: %q }, { timeout: 1000 }))`, last) // sooner than most timers that run
		for _, id := range ids {
			p.wait(`deep(%q, "[role=alert]") && deep(%q, "button")`, id, id)
		}
		p.eval(`mendTimers()`)
	}
	die("a", "b", "s")
	p.look("out-of-order", "a")
	p.run("promises", func(t *testing.T) {
		for _, name := range []string{"pending", "last"} {
			if o := get[outcome](p, "%s", name); o.Name != "ClosedError" || !strings.Contains(o.Message, "no timers on this page") {
				t.Errorf("%s: %v", name, o)
			}
		}
		if o := p.outcome(`h.doNotCall({ phone: "5550000005" })`); o.Threw || o.Name != "ClosedError" {
			t.Errorf("afterwards: %v", o)
		}
	})
	p.run("events", func(t *testing.T) {
		p.wait(`broken.h.length && broken.i.length`)
		for _, name := range []string{"h", "i"} {
			if e := get[[]string](p, `broken.%s`, name); len(e) != 1 || e[0] != "ClosedError: no timers on this page" {
				t.Errorf("error events of %s: %q", name, e)
			}
		}
		if s := get[string](p, `h.status.state + " " + h.status.error + " " + states.at(-1)`); s != "failed no timers on this page failed" {
			t.Errorf("status %s", s)
		}
		if s := get[string](p, `told.filter((e) => e.detail.state === "out-of-order").map((e) => e.id + (e.detail.message ? "" : " without a reason")).sort().join()`); s != "a,b,s" {
			t.Errorf("told to be out of order: %s", s)
		}
	})
	p.run("languages", func(t *testing.T) {
		for id, want := range map[string]string{"a": "out of order", "b": "動作していません", "s": "außer Betrieb"} {
			if s := p.text(id, "[role=alert]"); !strings.Contains(s, want) {
				t.Errorf("%s says %q", id, s)
			}
		}
	})
	p.run("sockets", func(t *testing.T) { p.wait(`open() === 0`) })
	p.run("a new element, a new connection", func(t *testing.T) {
		p.eval(`const e = document.createElement("commdn-dnc"); e.id = "late"; e.phone = "5550000006"; document.body.append(e);
			document.getElementById("a").phone = "5550000007"; document.getElementById("b").remove()`)
		p.wait(`deep("late", "[role=alert]")`)
		p.eval(`window.k = api.connect({ token: "agent=Late", default: false }); window.kReady = outcome(() => k.ready)`)
		p.wait(`k.status.state === "failed" && k.status.error`)
		if o := get[outcome](p, `kReady`); o.Name != "ClosedError" {
			t.Errorf("ready of a new connection: %v", o)
		}
	})
	p.run("the button starts it again", func(t *testing.T) {
		p.click("late", "button", 1)
		p.wait(`deep("a", "button")?.textContent.includes("5550000007") && deep("late", "button")?.textContent.includes("5550000006") && !deep("s", "[role=alert]")`)
		get[bool](p, `Promise.all([h.ready, i.ready, k.ready]).then(() => true)`)
		p.click("a", "button", 1)
		p.wait(`told.some((e) => e.type === "commdn-result" && e.id === "a" && e.detail.ok)`)
		p.result(`i.doNotCall({ phone: "5550000008" })`)
		p.result(`k.doNotCall({ phone: "5550000009" })`)
		p.result(`h.loadCampaign({ %s, %s })`, group502, predict)
		if d.on("5550000007") != 1 || d.on("5550000008") != 1 || d.on("5550000009") != 1 {
			t.Errorf("the list is %+v", d.list())
		}
		p.wait(`open() === 3`)
	})
	p.run("and again, by restart()", func(t *testing.T) {
		die("a", "late", "s")
		p.wait(`broken.h.length`)
		if !get[bool](p, `h.restart() === h.ready && h.restart().then((s) => s.state === "connected")`) {
			t.Error("restart() does not give ready")
		}
		p.wait(`deep("a", "button") && !deep("a", "[role=alert]")`)
		p.result(`h.doNotCall({ phone: "5550000010" })`)
		p.eval(`h.restart(); h.restart()`)
		p.result(`h.doNotCall({ phone: "5550000011" })`)
		if n := get[int](p, `broken.h.length`); n != 1 {
			t.Errorf("%d error events", n)
		}
	})
	p.run("destroyed while it is out of order", func(t *testing.T) {
		die("a", "late", "s")
		p.eval(`h.destroy(); i.destroy(); k.destroy()`)
		p.wait(`deep("a", "[role=alert]")`)
		p.eval(`window.h = api.connect({ token: "agent=New" }); h.restart()`)
		get[bool](p, `h.ready.then(() => true)`)
		p.wait(`deep("a", "button")?.textContent.includes("5550000007")`)
		p.wait(`open() === 1`)
	})
	if v := get[[]string](p, `e2e.violations`); len(v) > 0 {
		t.Errorf("violations %q", v)
	}
	p.onlySaid("commdn: out of order: no timers on this page", "no timers on this page")
}

// onlySaid fails for errors that contain none of these texts.
func (p *page) onlySaid(texts ...string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
next:
	for _, e := range p.errors {
		for _, text := range texts {
			if strings.Contains(e, text) {
				continue next
			}
		}
		p.t.Errorf("the page said: %s", e)
	}
}

// TestProgramSurvives: a failure while one element is drawn puts that element out of
// order and nothing else.
func TestProgramSurvives(t *testing.T) {
	together(t)
	_, p := apiPage(t, `<commdn-dnc id="a" phone="5550000001" confirm="off"></commdn-dnc>`, "")
	p.connected("h", `{}`)
	p.wait(`deep("a", "button")`)
	p.eval(`window.failures = []; h.on("error", (e) => failures.push(e.name));
		const real = Document.prototype.createTextNode;
		window.mend = () => { Document.prototype.createTextNode = real };
		Document.prototype.createTextNode = () => { throw new Error("no text here") };
		const b = document.createElement("commdn-dnc"); b.id = "b"; b.setAttribute("phone", "5550000002"); document.body.append(b)`)
	p.wait(`failures.length && deep("b", "[role=alert]")`)
	p.eval(`mend()`)
	if n := get[int](p, `failures.length`); n != 1 {
		t.Errorf("%d error events", n)
	}
	if s := get[string](p, `told.filter((e) => e.detail.state === "out-of-order").map((e) => e.id).join()`); s != "b" {
		t.Errorf("told to be out of order: %q", s)
	}
	p.click("b", "button", 1)
	p.wait(`deep("b", "button")?.textContent.includes("5550000002") && !deep("b", "[role=alert]")`)
	p.click("a", "button", 1)
	p.wait(`told.some((e) => e.type === "commdn-result" && e.id === "a" && e.detail.ok)`)
	p.result(`h.doNotCall({ phone: "5550000003" })`)
}

// TestPageLeaves: leaving or reloading the page with requests in flight logs no error.
func TestPageLeaves(t *testing.T) {
	together(t)
	d, p := apiPage(t, `<commdn-dnc id="a" phone="5550000001"></commdn-dnc>`, `window.h = api.connect({ token: "agent=Ann" });`)
	for range 3 {
		p.wait(`deep("a", "button")`)
		d.fails(json.RawMessage(`{"do": "silence", "phone": "5550000003"}`))
		p.eval(`h.doNotCall({ phone: "5550000003" }); h.on("campaign", () => {})`)
		do(p, chromedp.Reload())
		p.eval(watch)
	}
	p.wait(`deep("a", "button")`)
	p.clean()
}
