package e2e

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"commdn/protocol/commdn"
)

// TestCampaignsLooks: pictures of the table and its panel.
func TestCampaignsLooks(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := wide(t, d, "supervisor=Robin", `<commdn-campaigns id="campaigns"></commdn-campaigns>`)
	const it = "Reminders · Service"
	p.wait(`row("campaigns", "Survey · Service")`)
	for _, step := range []struct {
		campaign, group commdn.DBID
		do, what, state string
	}{
		{1001, 502, "load", "Autumn offers · Sales", "Loaded"},
		{1002, 502, "load", "Renewals · Sales", "Loaded"},
		{1003, 501, "load", it, "Loaded"},
		{1002, 502, "start", "Renewals · Sales", "Running"},
	} {
		d.atConsole(step.campaign, step.group, step.do)
		p.cellIs(step.what, 4, step.state)
	}
	p.clickAt(`row("campaigns", "Autumn offers · Sales").querySelector("[role=checkbox]")`)
	p.clickAt(`row("campaigns", "Renewals · Sales").querySelector("[role=checkbox]")`)
	p.eval(`focused("campaigns").blur()`)
	p.axeTable()
	p.shot("campaigns-states", "campaigns", times...)
	p.press("campaigns", "Actions")
	p.wait(`deep("campaigns", ".panel")`)
	p.shot("campaigns-panel", "campaigns", times...)
	p.press("campaigns", "Close")
	p.actions("Renewals · Sales")
	p.press("campaigns", "Force unload")
	p.wait(`deep("campaigns", "[part=confirm]")`)
	p.shot("campaigns-force", "campaigns", times...)
	p.key(kb.Escape + kb.Escape)
	p.wait(`!deep("campaigns", ".panel")`)

	d.fails(refuseStart)
	p.actions(it)
	p.press("campaigns", "Start")
	p.choose(`all("campaigns", "[part=confirm] select")[3]`, "Choose")
	p.wait(`all("campaigns", "[part=confirm] input").length === 7`) // the goal, and two for each type of records
	p.retype(`all("campaigns", "[part=confirm] input")[3]`, "5")
	p.wait(`deep("campaigns", "#problem").textContent === "Rescheduled: give both whole numbers from 0, or none"`)
	p.axeTable()
	p.shot("campaigns-priority", "campaigns", times...)
	p.retype(`all("campaigns", "[part=confirm] input")[4]`, "20")
	p.wait(`deep("campaigns", "#problem").textContent === ""`)
	p.clickAt(`deep("campaigns", "[part=confirm] .primary")`)
	p.wait(`cell("campaigns", %q, 9).startsWith("Refused")`, it)
	p.shot("campaigns-refused", "campaigns", append(slices.Clone(times), ".result .grow")...)

	d.fails(map[string]any{"do": "silence", "request": "CM_ReqStopDialing"})
	p.actions("Renewals · Sales")
	p.press("campaigns", "Stop")
	p.press("campaigns", "Yes, stop")
	p.wait(`row("campaigns", "Renewals · Sales").querySelector(".busy")`)
	p.axeTable()
	p.shot("campaigns-sending", "campaigns", times...)

	d.fails(map[string]any{"do": "link_down"})
	p.wait(`deep("campaigns", ".past")`)
	p.shot("campaigns-past", "campaigns", append(times, ".base > .waiting")...)
	p.clean()
}

// TestCampaignsNoRight: a user without the right to campaigns reads that, and gets no
// actions.
func TestCampaignsNoRight(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := wide(t, d, "agent=Dana", `<commdn-campaigns id="campaigns"></commdn-campaigns>`)
	p.wait(`deep("campaigns", ".base > .hint")?.textContent.includes("right") && !all("campaigns", ".rows").length`) // nor any name
	if n := get[int](p, `all("campaigns", "[part=action-button]").length`); n != 0 {
		t.Errorf("%d buttons for actions", n)
	}
	p.axeTable()
	p.shot("campaigns-no-right", "campaigns")
	p.clean()
}

// TestCampaignsReadonly: readonly shows the table and offers no actions.
func TestCampaignsReadonly(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := wide(t, d, "supervisor=Robin", `<commdn-campaigns id="campaigns" readonly></commdn-campaigns>`)
	const it = "Renewals · Sales"
	p.wait(`row("campaigns", %q)`, it)
	d.atConsole(1002, 502, "load")
	p.cellIs(it, 4, "Loaded")
	none := func() {
		t.Helper()
		if n := get[int](p, `all("campaigns", "[part=action-button], .panel").length`); n != 0 {
			t.Errorf("%d buttons and panels for actions", n)
		}
	}
	none()
	p.axeTable()
	p.shot("campaigns-readonly", "campaigns", times...)
	// Sorting, searching and selecting still work: the page hears of the selection.
	p.eval(`window.chosen = 0; document.addEventListener("commdn-select", (e) => { chosen = e.detail.rows.length })`)
	p.clickAt(`row("campaigns", %q).querySelector("[role=checkbox]")`, it)
	p.wait(`chosen === 1`)
	p.key(kb.Enter)
	none()
	p.unset("campaigns", "readonly")
	p.wait(`all("campaigns", ".rows [part=action-button]").length`)
	p.set("campaigns", "readonly", "")
	p.wait(`!all("campaigns", "[part=action-button]").length`)
	p.clean()
}

// TestCampaignsRightToLeft: from right to left the columns are mirrored, and so are the
// keys.
func TestCampaignsRightToLeft(t *testing.T) {
	together(t)
	p := openConsole(t, startDemo(t), "supervisor.html")
	at := func(want string) {
		t.Helper()
		p.wait(`focused("campaigns")?.closest(".c")?.className.match(/c(\d)/)?.[1] === %q`, want)
	}
	p.clickAt(`deep("campaigns", ".head .c1 button")`)
	at("1")
	p.key(kb.ArrowRight)
	at("2")
	p.eval(`document.documentElement.dir = "rtl"`)
	if !get[bool](p, `deep("campaigns", ".rows .c1").getBoundingClientRect().x > deep("campaigns", ".rows .c4").getBoundingClientRect().x`) {
		t.Error("the columns are not mirrored")
	}
	p.key(kb.ArrowLeft)
	at("4")
	p.key(kb.ArrowRight + kb.ArrowRight)
	at("1")
	p.axeTable()
	p.clean()
}

// TestCampaignsResized: a table that grows fills with rows, though nobody scrolls or
// points at it.
func TestCampaignsResized(t *testing.T) {
	together(t)
	d := startLarge(t)
	p := openLarge(t, d)
	covered := `(() => {
		const table = deep("campaigns", ".table").getBoundingClientRect();
		return Math.max(...all("campaigns", ".rows > .r").map((r) => r.getBoundingClientRect().bottom)) >= table.bottom - 1;
	})()`
	for _, height := range []int{420, 1500, 4000, 300} {
		p.eval(`document.getElementById("campaigns").style.setProperty("--commdn-height", "%dpx")`, height)
		p.wait(`Math.abs(document.getElementById("campaigns").offsetHeight - %d) < 40`, height)
		p.wait(covered)
	}
	if n := get[int](p, `all("campaigns", ".rows > .r").length`); n > 30 {
		t.Errorf("in a small table %d rows are drawn", n)
	}
	p.clean()
}
