package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"commdn/relay/sim/scenario"
)

// actions opens the panel of one row of the table.
func (p *page) actions(what string) {
	p.t.Helper()
	p.clickAt(`row("campaigns", %q)?.querySelector(".c9 button")`, what)
	p.wait(`deep("campaigns", ".panel")`)
}

// axeTable is axe of the table, scrolled to its first column: axe-core cannot tell the
// background of a cell that the edge cuts.
func (p *page) axeTable() {
	p.t.Helper()
	p.eval(`deep("campaigns", ".table").scrollLeft = 0`)
	p.axe("campaigns")
}

// cellIs waits until a cell of a row has this text: 4 is the state, 5 the mode, 6 the
// goal, 9 the request.
func (p *page) cellIs(what string, column int, text string) {
	p.t.Helper()
	p.wait(`cell("campaigns", %q, %d) === %q`, what, column, text)
}

// times differ in each run of the table: the time column, and the strips.
var times = []string{".rows .c7", ".rows .c8"}

// refuseStart is a fault: OCS does not start Reminders.
var refuseStart = map[string]any{"do": "refuse", "error": "CM_ERROR_LICENSE_VIOLATION", "request": "CM_ReqStartDialing", "campaign": 1003}

// TestCampaignsFindAndSort: a supervisor finds rows by typing and by sorting.
func TestCampaignsFindAndSort(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openConsole(t, d, "supervisor.html")
	p.click("campaigns", "[part=filter]", 1)
	p.key("sALes")
	p.wait(`list("campaigns", 1) === "Autumn offers, Renewals"`)
	p.wait(`deep("campaigns", "[part=toolbar]").textContent.includes("2 of 7")`)
	p.key(" renew")
	p.wait(`list("campaigns", 1) === "Renewals"`)
	p.key("xx")
	p.wait(`deep("campaigns", ".empty")?.textContent.includes("Nothing matches")`)
	p.axeTable()
	p.shot("campaigns-no-match", "campaigns")
	p.retype(`deep("campaigns", "[part=filter]")`, "")
	p.wait(`all("campaigns", ".rows > .r").length === 7`)

	d.atConsole(1004, 501, "load")
	p.cellIs("Survey · Service", 4, "Loaded")
	p.press("campaigns", "State")
	p.wait(`list("campaigns", 4).endsWith(", Loaded")`)
	p.press("campaigns", "State")
	p.wait(`list("campaigns", 4).startsWith("Loaded, ")`)
	if s := get[string](p, `all("campaigns", "[aria-sort]").map((e) => e.textContent + " " + e.ariaSort).join()`); s != "State descending" {
		t.Errorf("sorted by %q", s)
	}
	d.atConsole(1004, 501, "unload") // the order follows changes
	p.cellIs("Survey · Service", 4, "Not loaded")
	d.atConsole(1002, 502, "load")
	p.wait(`list("campaigns", 1).startsWith("Renewals, ")`)
	p.clean()
}

// TestCampaignsSortByGoal: goals are sorted among those of their kind. OCS has to tell
// the dialing of groups that are not loaded.
func TestCampaignsSortByGoal(t *testing.T) {
	together(t)
	p := openConsole(t, startDemo(t), "supervisor.html")
	p.press("campaigns", "Goal")
	p.wait(`list("campaigns", 6).match(/\d+/g)?.join() === "75,80,80,3,10,10,10"`) // busy factors, overdial rates, wait times
	p.clean()
}

// TestCampaignsKeyboard: everything in the table works without a mouse.
func TestCampaignsKeyboard(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openConsole(t, d, "supervisor.html")
	p.eval(`window.chosen = []; document.addEventListener("commdn-select", (e) => chosen.push(e.detail.rows.map((r) => r.campaign + "/" + r.group).join(" ")))`)
	at := func(want string) {
		t.Helper()
		p.wait(`(focused("campaigns")?.closest(".r")?.ariaRowIndex ?? "-") + "." + (focused("campaigns")?.closest(".c")?.className.match(/c(\d)/)?.[1] ?? "-") === %q`, want)
	}
	p.eval(`deep("campaigns", "[part=filter]").focus()`)
	p.key(kb.Tab)
	p.wait(`focused("campaigns").textContent === "Actions"`)
	p.key(kb.Tab)
	at("2.1") // one tab stop for the whole table
	p.key(kb.ArrowDown + kb.ArrowRight + kb.ArrowRight)
	at("3.4")
	p.chord("End", 35, 2)
	at("8.9")
	p.key(kb.Home)
	at("8.0")
	p.key(" ")
	p.wait(`chosen.at(-1) === "1004/501"`)
	p.key(kb.ArrowUp + " ")
	p.wait(`chosen.at(-1) === "1002/501 1004/501"`)
	p.wait(`deep("campaigns", "[part=toolbar]").textContent.includes("2 selected")`)
	p.chord("a", 65, 2)
	p.wait(`chosen.at(-1).split(" ").length === 7`)
	p.wait(`all("campaigns", "[aria-selected=true]").length === 7 && deep("campaigns", ".head [role=checkbox]").ariaChecked === "true"`)
	p.chord("Home", 36, 2)
	p.key(kb.ArrowUp)
	at("1.0")
	p.key(" ")
	p.wait(`chosen.at(-1) === ""`)
	p.key(kb.ArrowRight + kb.Enter) // reverses the order
	p.wait(`list("campaigns", 1).startsWith("Survey")`)

	p.chord("End", 35, 2)
	at("8.9")
	p.key(kb.Enter)
	p.wait(`focused("campaigns")?.closest(".panel") && focused("campaigns").textContent === "Load"`)
	p.axeTable()
	p.unhurried()
	p.key(kb.Enter) // asks; the button that sends has the focus
	p.wait(`deep("campaigns", "[part=confirm] .primary") === focused("campaigns")`)
	p.axeTable()
	p.key(kb.Escape)
	p.wait(`!deep("campaigns", "[part=confirm]") && focused("campaigns").textContent === "Load"`)
	p.key(kb.Escape)
	p.wait(`!deep("campaigns", ".panel")`)
	at("8.9")
	p.key(kb.Enter)
	p.wait(`focused("campaigns")?.textContent === "Load"`)
	p.unhurried()
	p.key(kb.Enter)
	p.wait(`deep("campaigns", "[part=confirm]")`)
	p.key(kb.Enter + kb.Enter) // a press without a gap does not count
	p.unhurried()
	if p.wait(`deep("campaigns", "[part=confirm]")`); d.simGroup(1001, 501).Status != "CM_GCS_NotLoaded" {
		t.Error("a second press without a gap has loaded it")
	}
	p.key(kb.Enter)
	p.cellIs("Autumn offers · Service", 4, "Loaded")
	p.wait(`focused("campaigns")?.textContent === "Start"`) // what follows
	p.key(kb.Escape)
	at("8.9")
	if g := d.simGroup(1001, 501); g.Status != "CM_GCS_Active" {
		t.Errorf("OCS has it %s", g.Status)
	}
	p.clean()
}

// TestCampaignsActions: a campaign group from load to unload, with OCS's answers in its
// row.
func TestCampaignsActions(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openConsole(t, d, "supervisor.html")
	const it = "Autumn offers · Sales"

	p.actions(it)
	p.press("campaigns", "Load")
	p.wait(`deep("campaigns", "[part=confirm]").textContent.includes("Load Autumn offers")`)
	p.choose(`all("campaigns", "[part=confirm] select")[0]`, "Progressive")
	p.retype(`deep("campaigns", "[part=confirm] input")`, "101")
	p.wait(`deep("campaigns", "#problem").textContent === "Give a whole number from 0 to 100"`)
	p.axeTable()
	p.clickAt(`deep("campaigns", "[part=confirm] .primary")`)
	if g := d.simGroup(1001, 502); g.Status != "CM_GCS_NotLoaded" {
		t.Fatalf("a goal of 101 was sent; it is %s", g.Status)
	}
	p.retype(`deep("campaigns", "[part=confirm] input")`, "70")
	p.wait(`deep("campaigns", "#problem").textContent === ""`)
	d.fails(map[string]any{"do": "delay", "latency": "8s", "times": 1}) // the relay waits for 10
	p.clickAt(`deep("campaigns", "[part=confirm] .primary")`)
	p.cellIs(it, 9, "Loading…⋯") // until OCS answers
	p.actions(it)
	p.wait(`deep("campaigns", ".panel .hint")?.textContent === "A request about it is under way"`)
	p.axeTable() // after the waits: on a slow machine it may outlast the request
	p.cellIs(it, 4, "Loaded")
	p.cellIs(it, 5, "Progressive")
	p.wait(`cell("campaigns", %q, 6).includes("70")`, it)
	p.cellIs(it, 9, "⋯")

	p.press("campaigns", "Start") // the panel is open and follows
	p.clickAt(`deep("campaigns", "[part=confirm] .primary")`)
	p.cellIs(it, 4, "Running")
	p.actions(it)
	p.press("campaigns", "Change mode and goal")
	p.choose(`all("campaigns", "[part=confirm] select")[0]`, "Predictive")
	p.choose(`all("campaigns", "[part=confirm] select")[1]`, "Overdial rate (%)")
	p.retype(`deep("campaigns", "[part=confirm] input")`, "5")
	p.clickAt(`deep("campaigns", "[part=confirm] .primary")`)
	p.cellIs(it, 5, "Predictive")
	p.wait(`/^5 .*overdial/.test(cell("campaigns", %q, 6))`, it)
	if g := d.simGroup(1001, 502); g.Status != "CM_GCS_Running" || g.Dialing == nil || g.Dialing.Goal != 5 {
		t.Errorf("OCS has %s, %+v", g.Status, g.Dialing)
	}
	p.actions(it)
	p.press("campaigns", "Stop")
	p.press("campaigns", "Yes, stop")
	p.cellIs(it, 4, "Loaded")
	p.press("campaigns", "Unload") // the panel has stayed
	p.press("campaigns", "Yes, unload")
	p.cellIs(it, 4, "Not loaded")
	d.unloaded(1001, 502)

	// What drops calls asks first, with the focus on the way out.
	d.atConsole(1001, 502, "load")
	d.atConsole(1001, 502, "start")
	p.cellIs(it, 4, "Running")
	p.actions(it)
	p.press("campaigns", "Force unload")
	p.wait(`deep("campaigns", "[part=confirm]").textContent.includes("calls in progress") && focused("campaigns")?.textContent === "No, go back"`)
	p.unhurried()
	p.axeTable()
	p.key(kb.Enter)
	p.wait(`!deep("campaigns", "[part=confirm]")`)
	if g := d.simGroup(1001, 502); g.Status != "CM_GCS_Running" {
		t.Fatalf("Cancel left it %s", g.Status)
	}
	p.press("campaigns", "Force unload")
	p.clickAt(`deep("campaigns", "[part=confirm] .danger")`)
	p.cellIs(it, 4, "Not loaded")
	p.wait(`e2e.events.filter((e) => e.type === "commdn-result" && e.id === "campaigns").length === 6`)
	if r := p.results("campaigns"); !r[5].OK {
		t.Errorf("results %+v", r)
	}
	p.clean()
}

// TestCampaignsBulkAndRefusal: many requests at once, and OCS refuses some; their rows
// and the report say why. This OCS names the campaign group that it refuses, so several
// requests in flight can be told apart.
func TestCampaignsBulkAndRefusal(t *testing.T) {
	together(t)
	s := scenario.Shipped("demo")
	s.Applications[0].OCS.EchoOnError = true
	d := startDemo(t, "--scenario", scenarioFile(t, s))
	d.fails(refuseStart)
	p := openConsole(t, d, "supervisor.html")
	p.clickAt(`deep("campaigns", ".head [role=checkbox]")`)
	p.clickAt(`row("campaigns", "Survey · Service").querySelector("[role=checkbox]")`) // except this one
	p.wait(`deep("campaigns", "[part=toolbar]").textContent.includes("6 selected")`)
	p.press("campaigns", "Actions")
	p.press("campaigns", "Load (6 of 6)")
	p.wait(`all("campaigns", ".names li").length === 6`)
	p.axeTable()
	p.clickAt(`deep("campaigns", "[part=confirm] .primary")`)
	p.wait(`deep("campaigns", ".panel [part=result] .strong")?.textContent === "Load: 6 done, 0 failed, 0 under way"`)
	p.press("campaigns", "Dismiss")
	d.atConsole(1002, 501, "start")
	p.cellIs("Renewals · Service", 4, "Running")

	p.press("campaigns", "Actions")
	p.press("campaigns", "Start (5 of 6)")
	p.wait(`deep("campaigns", "[part=confirm] p.note").textContent.includes("1 selected row is left out")`)
	p.clickAt(`deep("campaigns", "[part=confirm] .primary")`)
	p.wait(`deep("campaigns", ".panel [part=result] .strong")?.textContent === "Start: 3 done, 2 failed, 0 under way"`)
	report := p.text("campaigns", ".panel [part=result] ul")
	for _, want := range []string{"Reminders · Service", "Reminders · Voice platform", "CM_ERROR_LICENSE_VIOLATION (15)"} {
		if !strings.Contains(report, want) {
			t.Errorf("the report %q does not say %q", report, want)
		}
	}
	p.axeTable()
	p.shot("campaigns-report", "campaigns", times...)
	p.press("campaigns", "Close")
	p.wait(`cell("campaigns", "Reminders · Service", 9).startsWith("Refused: CM_ERROR_LICENSE_VIOLATION")`)
	p.actions("Reminders · Service")
	p.wait(`deep("campaigns", ".panel .refused").textContent.includes("CM_ERROR_LICENSE_VIOLATION (15)")`)
	p.axeTable()
	p.press("campaigns", "Dismiss")
	p.wait(`cell("campaigns", "Reminders · Service", 9) === "⋯" && cell("campaigns", "Reminders · Voice platform", 9) !== "⋯"`)
	p.clean()
}

// TestCampaignsNotFresh: stale states. The link to T-Server is lost, then the relay. No
// request is possible then, and all is well again afterwards.
func TestCampaignsNotFresh(t *testing.T) {
	together(t)
	d := restartable(t)
	p := openConsole(t, d, "supervisor.html")
	const it = "Renewals · Sales"
	d.atConsole(1002, 502, "load")
	p.cellIs(it, 4, "Loaded")
	d.fails(map[string]any{"do": "link_down"})
	p.wait(`deep("campaigns", ".base > .waiting")?.textContent.includes("T-Server cannot be reached")`)
	p.wait(`deep("campaigns", ".table.past")`)
	p.axeTable()
	p.actions(it)
	p.wait(`all("campaigns", "[part=actions] button").every((b) => b.ariaDisabled === "true")`)
	p.axeTable()
	p.clickAt(`named("campaigns", "Unload")`) // nothing happens
	d.fails(map[string]any{"do": "link_up"})
	p.wait(`!deep("campaigns", ".base > .waiting")`)
	p.cellIs(it, 4, "Loaded")
	p.press("campaigns", "Unload")
	p.press("campaigns", "Yes, unload")
	p.cellIs(it, 4, "Not loaded")
	p.clean()

	d.kill()
	p.wait(`deep("campaigns", ".base > .waiting")?.textContent.includes("Not connected")`)
	p.axeTable()
	d.start()
	p.wait(`!deep("campaigns", ".base > .waiting") && !deep("campaigns", ".past")`)
	d.atConsole(1002, 502, "load")
	p.cellIs(it, 4, "Loaded")
}

// TestCampaignsOfSeveralOCS: with several OCS the table names each row's OCS, and a
// request goes to that one.
func TestCampaignsOfSeveralOCS(t *testing.T) {
	together(t)
	d := startDemo(t, "--scenario", "two-ocs")
	p := openConsole(t, d, "supervisor.html")
	p.press("campaigns", "OCS")
	p.wait(`list("campaigns", 3) === "201, 201, 202, 202"`)
	p.actions("Survey · Sales")
	p.press("campaigns", "Load")
	p.clickAt(`deep("campaigns", "[part=confirm] .primary")`)
	p.cellIs("Survey · Sales", 4, "Loaded")
	if g := d.simGroup(2002, 502); g.Status != "CM_GCS_Active" || g.OCS != 202 {
		t.Errorf("OCS %d has it %s", g.OCS, g.Status)
	}
	p.axeTable()
	p.clean()
}

// TestCampaignsHistory: the strip of a row reaches back before the page opened.
func TestCampaignsHistory(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openConsole(t, d, "supervisor.html")
	const it = "Autumn offers · Sales"
	for _, step := range [][2]string{{"load", "Loaded"}, {"start", "Running"}, {"stop", "Loaded"}} {
		d.atConsole(1001, 502, step[0])
		p.cellIs(it, 4, step[1])
	}
	const strip = `row("campaigns", %q)?.querySelector("[part~=strip]")?.ariaLabel.replace(/\d[^;]*/g, "") ?? ""`
	const want = "Loaded since ; Running ; Loaded ; Not loaded "
	p.wait(strip+` === %q`, it, want)
	do(p, chromedp.Reload())
	p.eval(watch)
	p.eval(reach)
	p.wait(strip+` === %q`, it, want)
	p.wait(strip+` === "Not loaded since "`, "Survey · Service") // nothing has happened to this one
	p.clean()
}
