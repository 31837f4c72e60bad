package e2e

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestSecondClickHitsNothing: the second click of a double click on the confirming button
// hits nothing of the host's that lies below, and neither that click nor the answer moves
// it.
func TestSecondClickHitsNothing(t *testing.T) {
	together(t)
	_, p := stage(t, `<commdn-dnc id="dnc"></commdn-dnc>`, "{}")
	p.eval(`window.ended = 0; document.querySelector("main").append(Object.assign(document.createElement("button"), { id: "below", textContent: "End call" })); Object.assign(document.getElementById("below").style, { display: "block", width: "100vw", height: "300px" }); document.getElementById("below").onclick = () => { ended++ }`)
	top := func() float64 {
		return get[float64](p, `document.getElementById("below").getBoundingClientRect().y`)
	}
	for i, gap := range []time.Duration{0, 60 * time.Millisecond, 150 * time.Millisecond, 250 * time.Millisecond} {
		for _, button := range []string{".no", ".yes"} {
			p.set("dnc", "phone", fmt.Sprint(5550000001+i))
			p.wait(`deep("dnc", ".main").textContent.endsWith(%q)`, fmt.Sprint(5550000001+i))
			p.click("dnc", ".main", 1)
			p.wait(`deep("dnc", ".confirm")`)
			before := top()
			at := get[[]float64](p, `(() => { const r = deep("dnc", %q).getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()`, button)
			do(p, chromedp.MouseClickXY(at[0], at[1], chromedp.ClickCount(1)))
			time.Sleep(gap) // between the clicks
			do(p, chromedp.MouseClickXY(at[0], at[1], chromedp.ClickCount(2)))
			p.wait(`!deep("dnc", ".confirm")`)
			if button == ".yes" {
				p.wait(`deep("dnc", ".line.done")`)
			}
			if after := top(); math.Abs(after-before) >= 1 { // less is the rounding of a height
				t.Errorf("%s, %v between the clicks: what lies below moved from %v to %v", button, gap, before, after)
			}
		}
	}
	if n := get[int](p, `ended`); n != 0 {
		t.Errorf("%d calls ended", n)
	}
	if r := p.results("dnc"); len(r) != 4 {
		t.Errorf("%d results", len(r))
	}
	p.clean()
}

// TestTwoPresses: two presses of a key without a gap open the confirmation and do not
// answer it.
func TestTwoPresses(t *testing.T) {
	together(t)
	d, p := stage(t, `<commdn-dnc id="dnc" phone="5551234567"></commdn-dnc>`, "{}")
	p.key("\t")
	for _, key := range []string{"\r", " "} {
		p.key(key)
		p.wait(`deep("dnc", ".confirm")`)
		p.eval(`deep("dnc", ".yes").focus()`) // where a page had put it before
		p.key(key)
		p.unhurried()
		if n := len(d.list()); n != 0 || !get[bool](p, `!!deep("dnc", ".confirm")`) {
			t.Fatalf("%q twice: %d on the list", key, n)
		}
		p.key("\u001b")
		p.wait(`!deep("dnc", ".confirm")`)
	}
	p.key("\r")
	p.wait(`deep("dnc", ".confirm")`)
	p.unhurried()
	p.eval(`deep("dnc", ".yes").focus()`)
	p.key("\r")
	p.wait(`deep("dnc", ".line.done")`)
	p.clean()
}

// TestCampaignsCards: on a narrow page each campaign group is a card that shows all it has,
// without scrolling sideways, and its actions work.
func TestCampaignsCards(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := wide(t, d, "supervisor=Robin", `<div><commdn-campaigns id="campaigns"></commdn-campaigns></div>`)
	const it = "Renewals · Sales"
	p.eval(`const el = document.getElementById("campaigns"); el.style.setProperty("--commdn-height", "560px"); el.parentElement.style.inlineSize = "320px"`)
	p.wait(`row("campaigns", %q)`, it)
	d.atConsole(1002, 502, "load")
	p.cellIs(it, 4, "Loaded")
	if s := get[string](p, `(() => { const t = deep("campaigns", ".table"); return t.scrollWidth > t.clientWidth ? t.scrollWidth + " in " + t.clientWidth : "" })()`); s != "" {
		t.Errorf("the table is wider than the page: %s", s)
	}
	if s := get[string](p, `[...row("campaigns", %q).querySelectorAll(".c")].filter((c) => c.scrollWidth > c.clientWidth + 1).map((c) => c.textContent).join()`, it); s != "" {
		t.Errorf("cut: %s", s)
	}
	p.axeTable()
	p.shot("campaigns-cards", "campaigns", times...)
	p.actions(it)
	p.press("campaigns", "Start")
	p.wait(`deep("campaigns", "[part=confirm]")`)
	p.shot("campaigns-cards-panel", "campaigns", times...)
	p.press("campaigns", "Yes, start")
	p.cellIs(it, 4, "Running")
	p.clean()
}

// TestReloadWithUnsent: a browser that keeps nothing asks before it leaves a page with a
// request that was not sent, and after a reload the list says that it was not. The tab
// keeps no number in the clear.
func TestReloadWithUnsent(t *testing.T) {
	together(t)
	d := restartable(t)
	p := openAfter(t, `Object.defineProperty(globalThis, "indexedDB", { value: undefined })`, d.url()+"agent.html", "dnc")
	p.wait(`deep("status", ".text").textContent === "Connected"`)
	asked := func() bool {
		return get[bool](p, `!dispatchEvent(new Event("beforeunload", { cancelable: true }))`)
	}
	if asked() {
		t.Error("asks although nothing is unsent")
	}
	d.kill()
	p.wait(`deep("status", ".text").textContent.startsWith("Not connected")`)
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".confirm")`)
	p.click("dnc", ".yes", 1)
	p.wait(`deep("dnc", ".line.waiting .text")?.textContent.includes(%q)`, text(t, "en", "outcome.unkept"))
	p.wait(`!dispatchEvent(new Event("beforeunload", { cancelable: true }))`)
	if s := get[string](p, `JSON.stringify({ ...sessionStorage })`); strings.Contains(s, "5551234567") || !strings.Contains(s, "…567") {
		t.Errorf("the tab keeps %s", s)
	}
	d.start()
	p.wait(`deep("dnc", ".line.done")`)
	p.wait(`dispatchEvent(new Event("beforeunload", { cancelable: true }))`)

	d.fails(map[string]any{"do": "silence", "phone": "5550198822"})
	p.click("next", "", 1)
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".confirm")`)
	p.click("dnc", ".yes", 1)
	p.wait(`deep("dnc", ".line.sending")`)
	p.wait(`!dispatchEvent(new Event("beforeunload", { cancelable: true }))`)
	p.reloadAnyway()
	const left = `document.getElementById("activity")?.shadowRoot?.querySelector(".result.no-answer` // the page is another one
	p.wait(left + ` summary")?.textContent.includes("Do not call …822")`)
	p.wait(left + ` p")?.textContent.endsWith("Whether OCS has done it is not known.")`)
	if asked() {
		t.Error("asks about what the page before has left")
	}
	p.eval(watch)
	p.eval(`deep("activity", "details").open = true`)
	p.eval(`deep("activity", "time").textContent = "8:00:00 AM"`) // its width differs with the hour
	p.look("activity-left", "activity", "time")
	if n := p.forget("requests without a connection are lost with the page: Error: this page has no IndexedDB"); n != 2 {
		t.Errorf("the console was told %d times in two pages", n)
	}
}
