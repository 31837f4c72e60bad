package e2e

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

var update = flag.Bool("update", false, "write web/screenshot.png and the pictures in testdata")

// openAgent opens the agent's page of a demo and waits until it is connected: before that
// what is clicked waits.
func openAgent(t testing.TB, d *demo) *page {
	t.Helper()
	p := open(t, d.url()+"agent.html", "dnc")
	p.wait(`deep("status", ".light.good")`)
	return p
}

// TestAgentClicks is the main job: an agent hears "do not call me", clicks, confirms, and
// the number is on the list.
func TestAgentClicks(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openAgent(t, d)
	p.wait(`document.getElementById("trace-state").textContent === "live"`)

	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".question")`)
	if q := p.text("dnc", ".question"); q != "Put 5551234567 (customer C-1042) on the Do Not Call list?" {
		t.Errorf("question %q", q)
	}
	if n := d.on("5551234567"); n != 0 {
		t.Fatal("on the list before the agent said yes")
	}
	p.click("dnc", ".yes", 1)
	p.wait(`deep("dnc", ".line.done")`)
	if s := p.text("dnc", ".line .text"); !strings.HasPrefix(s, "5551234567 (customer C-1042) is on the Do Not Call list · ") {
		t.Errorf("result line %q", s)
	}
	if s := p.text("dnc", ".main"); s != "On the Do Not Call list" {
		t.Errorf("button %q", s)
	}
	if s := p.text("dnc", "[role=status]"); s != p.text("dnc", ".line .text") {
		t.Errorf("a screen reader is told %q", s)
	}
	list := d.list()
	if !onlyChain(list) {
		t.Errorf("the list is %+v", list)
	}
	results := p.results("dnc")
	if len(results) != 1 || !results[0].OK || results[0].Phone != "5551234567" || results[0].CustomerID != "C-1042" || len(results[0].OCS) != 1 || results[0].OCS[0].DBID != 201 || !results[0].OCS[0].OK {
		t.Errorf("the host received %+v", results)
	}
	if s := p.states("dnc"); s != "confirming sending done" {
		t.Errorf("states %q", s)
	}
	p.wait(`document.querySelectorAll("#trace article").length === 2`)
	trace := get[string](p, `document.getElementById("trace").innerText`)
	for _, want := range []string{"CM_ReqDoNotCall", "CM_EvDoNotCallProcessed", "AttributeUserData", "'GSW_PHONE'\t'5551234567'"} {
		if !strings.Contains(trace, want) {
			t.Errorf("the trace lacks %q:\n%s", want, trace)
		}
	}

	// The second element of the page, with a typed number and no confirmation.
	p.click("typed", "", 1)
	p.key("5550104477")
	p.wait(`deep("second", ".main").textContent === "Block 5550104477"`)
	p.click("second", ".main", 1)
	p.wait(`deep("second", ".line.done")`)
	if n := d.on("5550104477"); n != 1 {
		t.Errorf("the typed number is on the list %d times", n)
	}
	if s := p.text("dnc", ".line .text"); !strings.Contains(s, "5551234567") {
		t.Errorf("the first element now shows %q", s)
	}
	p.wait(`document.querySelectorAll("#trace article").length === 4`)
	p.click("caller", "", 1)
	shot := do(p, chromedp.CaptureScreenshot())
	if *update {
		if err := os.WriteFile("../web/screenshot.png", shot, 0o644); err != nil {
			t.Fatal(err)
		}
	}

	// The next call: the button is for the next caller.
	p.click("next", "", 1)
	p.wait(`deep("dnc", ".main").textContent === "Do not call 5550198822 (customer C-2291)"`)
	if s := p.text("dnc", ".line"); s != "(absent)" {
		t.Errorf("the last call's result is still there: %q", s)
	}
	p.clean()
	d.terminate()
}

func TestRefusalAndRetry(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openAgent(t, d)
	p.eval(`document.getElementById("dnc").setAttribute("phone", "5550100010"); document.getElementById("dnc").setAttribute("confirm", "off")`)
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".line.refused")`)
	if s := p.text("dnc", ".line .text"); !strings.Contains(s, "CM_ERROR_INVALID_PARAMETER (10)") {
		t.Errorf("refusal %q", s)
	}
	r := p.results("dnc")
	if len(r) != 1 || r[0].OK || r[0].Code != 10 || r[0].Name != "CM_ERROR_INVALID_PARAMETER" || r[0].State != "refused" {
		t.Errorf("the host received %+v", r)
	}
	p.click("dnc", ".retry", 1) // asks, although the button does not
	p.wait(`deep("dnc", ".question")?.textContent.includes("5550100010")`)
	p.click("dnc", ".yes", 1)
	p.wait(`e2e.events.filter((e) => e.type === "commdn-result").length === 2`)
	if n := get[int](p, `document.getElementById("dnc").shadowRoot.querySelectorAll(".line").length`); n != 1 {
		t.Errorf("%d lines after the retry", n)
	}
	p.click("dnc", ".dismiss", 1)
	p.wait(`!deep("dnc", ".line")`)
	if n := len(d.list()); n != 0 {
		t.Errorf("%d entries on the list", n)
	}
	p.clean()
}

// TestKeyboard needs no mouse.
func TestKeyboard(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openAgent(t, d)
	const focused = `document.getElementById("dnc").shadowRoot.activeElement?.className`
	for range 4 { // the links to the other pages come first
		p.key("\t")
	}
	p.key("\t")
	p.wait(`%s === "main danger"`, focused)
	p.key("\r")
	p.wait(`%s === "no"`, focused) // the way back
	p.key("\u001b")
	p.wait(`!deep("dnc", ".confirm") && %s === "main danger"`, focused)
	if n := len(d.list()); n != 0 {
		t.Fatal("Escape sent the request")
	}
	p.key(" ")
	p.wait(`%s === "no"`, focused)
	p.backTab()
	p.wait(`%s === "yes danger"`, focused)
	p.unhurried()
	p.key("\r")
	p.wait(`deep("dnc", ".line.done") && %s === "main listed"`, focused)
	if n := d.on("5551234567"); n != 1 {
		t.Errorf("on the list %d times", n)
	}
	if s := p.states("dnc"); s != "confirming idle confirming sending done" {
		t.Errorf("states %q", s)
	}
	p.clean()
}

// TestDoubleClick: a double click neither confirms by accident nor sends twice.
func TestDoubleClick(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openAgent(t, d)
	p.click("dnc", ".main", 2)
	p.wait(`deep("dnc", ".confirm")`)
	p.click("dnc", ".yes", 2)
	p.wait(`deep("dnc", ".line.done")`)
	p.eval(`document.getElementById("second").setAttribute("phone", "5550000002")`)
	p.click("second", ".main", 2)
	p.wait(`deep("second", ".line.done")`)
	p.wait(`document.querySelectorAll("#trace article").length === 4`)
	if n := get[int](p, `e2e.events.filter((e) => e.type === "commdn-result").length`); n != 2 {
		t.Errorf("%d results, want one for each element", n)
	}
	p.clean()
}

// TestCallChangesDuringConfirmation: the confirmation keeps what it showed.
func TestCallChangesDuringConfirmation(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openAgent(t, d)
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".confirm")`)
	p.click("next", "", 1)
	p.wait(`deep("dnc", ".changed")`)
	if q := p.text("dnc", ".question"); !strings.Contains(q, "5551234567") {
		t.Errorf("the confirmation went over to the next caller: %q", q)
	}
	p.click("dnc", ".yes", 1)
	p.wait(`deep("dnc", ".line.done")`)
	if d.on("5551234567") != 1 || d.on("5550198822") != 0 {
		t.Errorf("the list is %+v", d.list())
	}
	if s := p.text("dnc", ".main"); !strings.Contains(s, "5550198822") {
		t.Errorf("the button is for %q", s)
	}
	p.clean()
}

// TestLiveRegionStays: a screen reader announces changes of a region that it knows, so
// the region and the button have to outlive all that comes and goes between them.
func TestLiveRegionStays(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openAgent(t, d)
	p.eval(`window.e2e.kept = ["[role=status]", ".main"].map((s) => deep("dnc", s))`)
	same := func(when string) {
		t.Helper()
		if !get[bool](p, `e2e.kept[0] === deep("dnc", "[role=status]") && e2e.kept[1] === deep("dnc", ".main")`) {
			t.Errorf("%s: the live region or the button is another node", when)
		}
	}
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".confirm")`)
	same("confirming")
	p.click("next", "", 1)
	p.wait(`deep("dnc", ".changed")`)
	same("the call has changed")
	p.click("dnc", ".yes", 1)
	p.wait(`deep("dnc", ".line.done")`)
	same("done")
	p.eval(`document.getElementById("dnc").setAttribute("chain", "nonsense")`)
	p.wait(`deep("dnc", ".hint")`)
	same("with a hint")
	p.eval(`document.getElementById("dnc").setAttribute("phone", "5550133019"); document.getElementById("dnc").removeAttribute("chain")`)
	p.wait(`!deep("dnc", ".hint")`)
	same("the hint is gone")
	p.clean()
}
