package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"commdn/protocol/commdn"
	"commdn/relay/sim/control"
	"commdn/relay/sim/scenario"
)

// reach adds functions to watch that find things in an element by the text that a person
// reads.
const reach = `
	window.all = (id, selector) => [...document.getElementById(id)?.shadowRoot?.querySelectorAll(selector) ?? []];
	window.named = (id, text) => all(id, "button").filter((b) => b.checkVisibility()).find((b) => b.textContent.trim() === text || b.ariaLabel === text);
	window.free = (id, text) => { const b = named(id, text); return b && !b.disabled && b.ariaDisabled !== "true" && b };
	window.row = (id, what) => all(id, ".rows > .r").find((r) => r.querySelector("[role=checkbox]").ariaLabel === "Select " + what);
	window.cell = (id, what, n) => row(id, what)?.querySelector(".c" + n)?.textContent.trim() ?? "";
	window.list = (id, n) => all(id, ".rows > .r").sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map((r) => r.querySelector(".c" + n).textContent.trim()).join(", ");
	window.focused = (id) => document.getElementById(id).shadowRoot.activeElement;`

// openConsole opens a page of a demo and waits until an element on it knows the states of
// campaigns.
func openConsole(t testing.TB, d *demo, path string) *page {
	t.Helper()
	p := open(t, d.url()+path, "campaigns")
	p.eval(reach)
	p.wait(`all("campaigns", ".rows .c4").length && all("campaigns", ".rows .c4").every((e) => e.textContent !== "Unknown")`)
	return p
}

// wide opens a page with one element, as wide as the page, and waits for its connection
// with a development token; "" is none.
func wide(t testing.TB, d *demo, token, markup string) *page {
	t.Helper()
	return wideAfter(t, "0", d, token, markup)
}

// wideAfter is wide with a script that runs before those of the page.
func wideAfter(t testing.TB, script string, d *demo, token, markup string) *page {
	t.Helper()
	p := openAfter(t, script, "about:blank", "")
	do(p, chromedp.Navigate(d.url()))
	p.eval(watch)
	p.wait(`customElements.get("commdn-campaigns")`)
	p.eval(reach)
	get[bool](p, `import("/commdn.js").then(({ connect }) => {
		window.handle = connect({ token: %q || undefined });
		const main = document.querySelector("main");
		main.className = "";
		main.innerHTML = %q;
		return handle.ready.then(() => true);
	})`, token, markup)
	return p
}

// clickAt clicks the middle of what an expression returns. It requires that nothing
// covers that place.
func (p *page) clickAt(expression string, args ...any) {
	p.t.Helper()
	target := fmt.Sprintf(expression, args...)
	p.wait("%s", target)
	at := get[[]float64](p, `(async () => {
		const e = %s;
		e.scrollIntoView({ block: "nearest", inline: "nearest" });
		await new Promise(requestAnimationFrame);
		const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
		let hit = document.elementFromPoint(x, y);
		while (hit?.shadowRoot?.elementFromPoint(x, y) && hit !== hit.shadowRoot.elementFromPoint(x, y)) hit = hit.shadowRoot.elementFromPoint(x, y);
		if (!e.contains(hit)) throw new Error("something is before " + e.outerHTML + ": " + hit?.outerHTML);
		return [x, y];
	})()`, target)
	p.deliberate(at[0], at[1])
	for _, typ := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
		call(p, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: typ, X: at[0], Y: at[1], Button: input.MouseButtonLeft, ClickCount: 1})
	}
	p.clicks = append(p.clicks, clicked{at[0], at[1], time.Now()})
}

// press clicks the button of an element with this text, as soon as a person may.
func (p *page) press(id, text string) {
	p.t.Helper()
	p.clickAt(`free(%q, %q)`, id, text)
}

// chord presses a key with others held: 1 Alt, 2 Ctrl, 8 Shift.
func (p *page) chord(key string, code int, held int) {
	p.t.Helper()
	for _, typ := range []input.DispatchKeyEventType{"rawKeyDown", "keyUp"} {
		call(p, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: typ, Key: key, WindowsVirtualKeyCode: int64(code), Modifiers: int64(held)})
	}
}

// backTab moves the focus back.
func (p *page) backTab() {
	p.t.Helper()
	p.chord("Tab", 9, 8)
}

// unhurried lets the time pass that a confirmation has to be in sight before a key answers
// it.
func (p *page) unhurried() {
	p.t.Helper()
	p.eval(`window.since = performance.now()`)
	p.wait(`performance.now() - since > 260`)
}

// retype replaces the content of a field, by keyboard.
func (p *page) retype(expression, text string) {
	p.t.Helper()
	p.eval(`const e = %s; e.focus(); e.select()`, expression)
	if text == "" {
		p.key(kb.Backspace)
		return
	}
	p.key(text)
}

// choose selects an option, as the browser's own list does.
func (p *page) choose(expression, text string) {
	p.t.Helper()
	p.eval(`const s = %s, o = [...s.options].find((o) => o.text === %q);
		if (!o) throw new Error("no option " + %[2]q + " in " + [...s.options].map((o) => o.text));
		s.value = o.value;
		s.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
		s.dispatchEvent(new Event("change", { bubbles: true }))`, expression, text)
}

// scenarioFile writes a scenario to a file for startDemo.
func scenarioFile(t testing.TB, s *scenario.Scenario) string {
	t.Helper()
	text, err := s.YAML()
	file := filepath.Join(t.TempDir(), "scenario.yaml")
	if err := errors.Join(err, os.WriteFile(file, text, 0o600)); err != nil {
		t.Fatal(err)
	}
	return file
}

// atConsole acts as the vendor's own console would.
func (d *demo) atConsole(campaign, group commdn.DBID, do string) {
	d.t.Helper()
	sim[control.CampaignGroup](d, "campaigns", control.Control{Campaign: campaign, Group: group, Do: do})
}

// simGroups returns all campaign groups and sequences of the simulator.
func (d *demo) simGroups() []control.CampaignGroup {
	d.t.Helper()
	return sim[[]control.CampaignGroup](d, "campaigns", nil)
}

// simGroup returns one campaign group, or a group's sequence for campaign 0; the zero
// value if there is none.
func (d *demo) simGroup(campaign, group commdn.DBID) control.CampaignGroup {
	d.t.Helper()
	for _, g := range d.simGroups() {
		if g.Campaign == campaign && g.Group == group {
			return g
		}
	}
	return control.CampaignGroup{}
}

// unloaded waits until OCS has unloaded a campaign group. Its answer may say so before: with
// CM_EvCampaignUnloaded, and no status, some OCS acknowledge that they begin.
func (d *demo) unloaded(campaign, group commdn.DBID) {
	d.t.Helper()
	for late := time.Now().Add(patience); d.simGroup(campaign, group).Status != "CM_GCS_NotLoaded"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(late) {
			d.t.Fatalf("OCS still has %d/%d: %+v", campaign, group, d.simGroup(campaign, group))
		}
	}
}
