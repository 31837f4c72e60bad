package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"

	"commdn/relay/sim/control"
	"commdn/relay/sim/scenario"
)

// arrange adds functions for a sequence to reach: the campaigns in order, in the list and
// on the timeline, and a field by its label.
const arrange = `
	window.order = () => all("sequence", ".name b").map((e) => e.textContent.replace(/^\d+\. /, "")).join(", ");
	window.bars = () => all("sequence", ".bar b").map((e) => e.textContent.replace(/^\d+\. /, "")).join(", ");
	window.field = (label) => {
		const found = all("sequence", "label").find((e) => e.textContent === label);
		return found && document.getElementById("sequence").shadowRoot.getElementById(found.htmlFor);
	};
	window.live = () => all("sequence", ".base > .state")[0].textContent;
	window.changes = [];
	document.addEventListener("commdn-change", (e) => changes.push(e.detail));`

// openSequence opens the supervisor console and waits until the sequence has its options.
func openSequence(t testing.TB, d *demo) *page {
	t.Helper()
	p := open(t, d.url()+"supervisor.html", "sequence")
	p.eval(reach + arrange)
	p.wait(`field("Group")?.options?.length > 2`)
	return p
}

// tabTo presses Tab until the element's field or button of that name has the focus.
func (p *page) tabTo(id, name string) {
	p.t.Helper()
	for range 60 {
		if get[bool](p, `(() => {
			const e = focused(%q);
			return e?.textContent.trim() === %[2]q || e?.ariaLabel === %[2]q || [...e?.labels ?? []].some((l) => l.textContent === %[2]q);
		})()`, id, name) {
			return
		}
		p.key(kb.Tab)
	}
	p.t.Fatalf("Tab never gets to %q in %s; it is at %s", name, id, get[string](p, `focused(%q)?.outerHTML ?? "nothing"`, id))
}

// middle scrolls to what an expression returns, and gives its middle.
func (p *page) middle(expression string) []float64 {
	p.t.Helper()
	p.frame()
	return get[[]float64](p, `(() => {
		const e = %s;
		e.scrollIntoView({ block: "center" });
		const r = e.getBoundingClientRect();
		return [r.x + r.width / 2, r.y + r.height / 2];
	})()`, expression)
}

// drag moves the mouse, held down, from the middle of what an expression returns.
func (p *page) drag(expression string, dx, dy float64) {
	p.t.Helper()
	at := p.middle(expression)
	mouse := func(typ input.DispatchMouseEventType, share float64, buttons int64) {
		call(p, input.DispatchMouseEvent, input.DispatchMouseEventParams{
			Type: typ, X: at[0] + dx*share, Y: at[1] + dy*share, Button: input.MouseButtonLeft, Buttons: buttons, ClickCount: 1,
		})
	}
	mouse(input.DispatchMouseEventTypeMousePressed, 0, 1)
	for _, share := range []float64{0.1, 0.4, 0.8, 1} {
		mouse(input.DispatchMouseEventTypeMouseMoved, share, 1)
	}
	mouse(input.DispatchMouseEventTypeMouseReleased, 1, 0)
}

// dragTouch is drag with a finger.
func (p *page) dragTouch(expression string, dx, dy float64) {
	p.t.Helper()
	at := p.middle(expression)
	touch := func(typ input.DispatchTouchEventType, share ...float64) {
		points := []*input.TouchPoint{}
		for _, s := range share {
			points = append(points, &input.TouchPoint{X: at[0] + dx*s, Y: at[1] + dy*s})
		}
		call(p, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: typ, TouchPoints: points})
	}
	touch(input.DispatchTouchEventTypeTouchStart, 0)
	for _, share := range []float64{0.1, 0.4, 0.8, 1} {
		touch(input.DispatchTouchEventTypeTouchMove, share)
	}
	touch(input.DispatchTouchEventTypeTouchEnd)
}

// fill puts campaigns of the group Service into an empty sequence, by mouse.
func (p *page) fill(campaigns ...string) {
	p.t.Helper()
	p.choose(`field("Group")`, "Service")
	for i, name := range campaigns {
		p.press("sequence", "Add a campaign")
		p.wait(`all("sequence", ".item").length === %d`, i+1)
		p.choose(`field("Campaign")`, name)
	}
	p.wait(`order() === %q`, strings.Join(campaigns, ", "))
}

// TestSequenceKeyboard: a supervisor without a mouse builds a sequence, loads it, starts
// it and stops it.
func TestSequenceKeyboard(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openSequence(t, d)
	p.axe("sequence")
	p.eval(`field("Group").focus()`)
	p.key("Serv") // as the browser finds an option
	p.wait(`changes.at(-1)?.group === 501 && !changes.at(-1).valid`)
	p.tabTo("sequence", "Description")
	p.key("Evening")
	for i, name := range []string{"Renewals", "Survey", "Autumn offers"} {
		p.tabTo("sequence", "Add a campaign")
		p.key(kb.Enter)
		p.wait(`all("sequence", ".item").length === %d && focused("sequence") === field("Campaign")`, i+1)
		p.key(name)
		p.wait(`order().endsWith(%q)`, name)
	}
	p.tabTo("sequence", "Goal")
	p.chord("a", 65, 2)
	p.key("60")
	p.tabTo("sequence", "Stop after dials")
	p.key("100")
	p.tabTo("sequence", "Wait before, in minutes")
	p.key("2")
	p.wait(`changes.at(-1).valid && changes.at(-1).description === "Evening" && changes.at(-1).items.length === 3`)
	p.axe("sequence")
	last := get[struct {
		Campaign int `json:"campaign"`
		Dials    int `json:"stopAtDials"`
		Sleep    int `json:"sleepMinutes"`
	}](p, `changes.at(-1).items[2]`)
	if last.Campaign != 1001 || last.Dials != 100 || last.Sleep != 2 {
		t.Errorf("the last item is %+v", last)
	}

	// Alt with an arrow moves the item that has the focus; the focus stays in it.
	p.chord("ArrowUp", 38, 1)
	p.wait(`order() === "Renewals, Autumn offers, Survey" && bars() === order()`)
	p.wait(`focused("sequence") === field("Wait before, in minutes")`)
	p.wait(`deep("sequence", "[role=status]").textContent === "Autumn offers is now number 2 of 3"`)
	p.chord("ArrowUp", 38, 1)
	p.chord("ArrowUp", 38, 1)
	p.wait(`order() === "Autumn offers, Renewals, Survey"`)
	p.chord("ArrowDown", 40, 1) // one that waits is not the first: some OCS do not say that such a sequence runs
	p.wait(`order() === "Renewals, Autumn offers, Survey"`)

	p.tabTo("sequence", "Load")
	p.key(kb.Enter)
	p.wait(`live().startsWith("On OCS: Loaded")`)
	p.tabTo("sequence", "Start")
	p.wait(`free("sequence", "Start")`)
	p.key(kb.Enter)
	p.wait(`live().startsWith("On OCS: Running")`)
	if g := d.simGroup(0, 501); g.Status != "CM_GCS_Running" || g.Sequence == nil || len(g.Sequence.Items) != 3 ||
		g.Sequence.Description != "Evening" || g.Sequence.Items[1].StopAtDials != 100 || g.Sequence.Items[1].SleepMinutes != 2 {
		t.Errorf("OCS has %s, %+v", g.Status, g.Sequence)
	}
	p.tabTo("sequence", "Stop")
	p.key(kb.Enter)
	p.wait(`deep("sequence", "[part=confirm]").contains(focused("sequence"))`)
	p.axe("sequence")
	p.key(kb.Escape)
	p.wait(`!deep("sequence", "[part=confirm]") && focused("sequence")?.textContent === "Stop"`)
	p.key(kb.Enter)
	p.wait(`focused("sequence")?.textContent === "No, go back"`)
	p.unhurried()
	p.backTab()
	p.wait(`focused("sequence")?.textContent === "Yes, stop"`)
	p.key(kb.Enter)
	p.wait(`live().startsWith("On OCS: Loaded")`)
	if g := d.simGroup(0, 501); g.Status != "CM_GCS_Active" {
		t.Errorf("OCS has it %s", g.Status)
	}
	p.clean()
}

// TestSequenceDrag: a drag moves items in the list and on the timeline, and can be
// cancelled.
func TestSequenceDrag(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openSequence(t, d)
	p.fill("Autumn offers", "Renewals", "Reminders")
	p.clickAt(`all("sequence", "button.name")[2]`) // closes the open one: rows of one height
	height := get[float64](p, `all("sequence", ".item")[0].offsetHeight`)
	p.drag(`all("sequence", ".handle")[0]`, 4, height*1.2)
	p.wait(`order() === "Renewals, Autumn offers, Reminders" && bars() === order()`)
	p.drag(`all("sequence", ".handle")[2]`, 0, -height*2.2)
	p.wait(`order() === "Reminders, Renewals, Autumn offers"`)
	width := get[float64](p, `all("sequence", ".bar")[0].offsetWidth`)
	p.drag(`all("sequence", ".bar")[0]`, width*1.2, 3)
	p.wait(`order() === "Renewals, Reminders, Autumn offers" && bars() === order()`)
	p.wait(`changes.at(-1).items.map((i) => i.campaign).join() === "1002,1003,1001"`)

	p.drag(`all("sequence", ".handle")[0]`, 3, 2) // that is a click
	p.drag(`all("sequence", ".bar")[1]`, 0, 0)    // and this opens
	p.wait(`deep("sequence", ".name[aria-expanded=true]")?.textContent.includes("Reminders")`)
	if s := get[string](p, `order()`); s != "Renewals, Reminders, Autumn offers" {
		t.Errorf("two clicks made it %s", s)
	}
	p.press("sequence", "Remove: 1. Renewals")
	p.wait(`order() === "Reminders, Autumn offers"`)
	p.press("sequence", "Duplicate: 2. Autumn offers")
	p.wait(`order() === "Reminders, Autumn offers, Autumn offers"`)
	p.press("sequence", "Move down: 1. Reminders")
	p.wait(`order() === "Autumn offers, Reminders, Autumn offers"`)
	p.clean()
}

// TestSequenceTouch: a finger drags as the mouse does, and the page does not scroll under
// it.
func TestSequenceTouch(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openSequence(t, d)
	p.fill("Autumn offers", "Renewals", "Reminders")
	p.clickAt(`all("sequence", "button.name")[2]`)
	call(p, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true})
	p.eval(`window.pointers = new Set(); document.addEventListener("pointermove", (e) => pointers.add(e.pointerType), true)`)
	height := get[float64](p, `all("sequence", ".item")[0].offsetHeight`)
	p.dragTouch(`all("sequence", ".handle")[0]`, 2, height*1.2)
	p.wait(`order() === "Renewals, Autumn offers, Reminders" && bars() === order()`)
	scrolled := get[float64](p, `scrollY`)
	p.dragTouch(`all("sequence", ".handle")[2]`, 0, -height*2.2)
	p.wait(`order() === "Reminders, Renewals, Autumn offers"`)
	width := get[float64](p, `all("sequence", ".bar")[0].offsetWidth`)
	p.dragTouch(`all("sequence", ".bar")[0]`, width*1.2, 3)
	p.wait(`order() === "Renewals, Reminders, Autumn offers" && bars() === order()`)
	if now := get[float64](p, `scrollY`); now != scrolled {
		t.Errorf("the page has scrolled from %v to %v", scrolled, now)
	}
	if s := get[string](p, `[...pointers].join()`); s != "touch" {
		t.Errorf("pointers: %s", s)
	}
	p.clean()
}

// TestSequenceValidation: the editor reports errors beside the field during typing, and
// sends none of them.
func TestSequenceValidation(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openSequence(t, d)
	p.fill("Autumn offers")
	wrong := func(field, text, problem string) {
		t.Helper()
		p.retype(`field("`+field+`")`, text)
		p.wait(`(() => { const f = field(%q), e = f.parentElement.querySelector(".error"); return f.ariaInvalid === "true" && e.textContent.includes(%q) && f.getAttribute("aria-describedby") === e.id })()`, field, problem)
	}
	wrong("Goal", "101", "0")
	p.axe("sequence")
	p.clickAt(`named("sequence", "Load")`) // it says why it does nothing
	p.wait(`all("sequence", ".hint").some((e) => e.textContent.includes("1. Autumn offers: Goal"))`)
	p.retype(`field("Goal")`, "90")
	p.wait(`changes.at(-1).valid`)
	wrong("Stop after contacts", "-1", "whole number")
	p.retype(`field("Stop after contacts")`, "30")
	wrong("Wait before, in minutes", "soon", "whole number")
	p.retype(`field("Wait before, in minutes")`, "")
	p.eval(`const f = field("Stop at"); f.value = "2020-01-01T10:00"; f.dispatchEvent(new Event("input", { bubbles: true }))`)
	p.wait(`field("Stop at").ariaInvalid === "true" && !changes.at(-1).valid`)
	p.eval(`const f = field("Stop at"); f.value = "2034-01-01T10:00"; f.dispatchEvent(new Event("input", { bubbles: true }))`)
	p.wait(`field("Stop at").ariaInvalid !== "true" && changes.at(-1).valid`)
	p.choose(`field("Group")`, "Voice platform") // has another campaign
	p.wait(`field("Campaign").ariaInvalid === "true" && !changes.at(-1).valid`)
	p.axe("sequence")
	if g := d.simGroup(0, 501); g.Sequence != nil {
		t.Errorf("OCS was asked for %+v", g.Sequence)
	}
	p.clean()
}

// TestSequenceLive: the timeline shows OCS's progress, marks a draft that differs from
// OCS's sequence, and reports OCS's refusals.
func TestSequenceLive(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openSequence(t, d)
	p.fill("Autumn offers", "Renewals")
	p.clickAt(`all("sequence", "button.name")[0]`)
	p.retype(`field("Stop after dials")`, "20")
	p.press("sequence", "Load")
	p.wait(`live().startsWith("On OCS: Loaded")`)
	p.press("sequence", "Start")
	p.wait(`deep("sequence", ".item.running .name")?.textContent.includes("Autumn offers")`)
	p.wait(`all("sequence", ".bar")[0].textContent.includes("Running")`)
	p.wait(`deep("sequence", ".now")`)
	p.axe("sequence")
	p.wait(`deep("sequence", ".item.running .name")?.textContent.includes("Renewals")`) // after 20 dials
	p.wait(`all("sequence", ".bar")[1].textContent.includes("Running") && !all("sequence", ".bar")[0].textContent.includes("Running")`)

	p.clickAt(`all("sequence", "button.name")[1]`)
	p.retype(`field("Goal")`, "55")
	p.wait(`live().includes("What OCS has differs from what is shown here.")`)
	p.axe("sequence")
	p.press("sequence", "Show what OCS has")
	p.wait(`!live().includes("differs")`)
	p.press("sequence", "Back to mine")
	p.wait(`live().includes("differs")`)
	p.press("sequence", "Change modes")
	p.wait(`!live().includes("differs")`)
	if g := d.simGroup(0, 501); g.Sequence == nil || g.Sequence.Items[1].Dialing.Goal != 55 {
		t.Errorf("OCS has %+v", g.Sequence)
	}
	p.press("sequence", "Unload")
	p.wait(`deep("sequence", "[part=confirm]").textContent.includes("Autumn offers · Renewals")`)
	p.press("sequence", "Yes, unload")
	p.wait(`live().startsWith("On OCS: Not loaded")`)

	d.fails(map[string]any{"do": "refuse", "error": "CM_ERROR_INVALID_CAMPAIGN_SCHEDULE", "request": "CM_ReqLoadCampaign"})
	p.press("sequence", "Load")
	p.wait(`deep("sequence", ".result.refused")?.textContent.includes("CM_ERROR_INVALID_CAMPAIGN_SCHEDULE (12)")`)
	p.axe("sequence")
	p.clean()
}

// TestSequenceLooks: pictures at a fixed time, on a day in the future.
func TestSequenceLooks(t *testing.T) {
	together(t)
	d := startDemo(t)
	const value = `{"description":"Evening","start":"2035-03-05T17:00:00Z","items":[
		{"campaign":1001,"dialing":{"mode":2,"optimizeBy":3,"goal":10},"stopAtTime":"2035-03-05T18:30:00Z"},
		{"campaign":1003,"dialing":{"mode":1,"optimizeBy":1,"goal":80},"stopAtTime":"2035-03-05T20:00:00Z","sleepMinutes":15},
		{"campaign":1004,"dialing":{"mode":3,"optimizeBy":1,"goal":75},"stopAtContacts":200}]}`
	p := wide(t, d, "supervisor=Robin", `<commdn-sequence id="sequence" group="501"></commdn-sequence>`)
	p.eval(arrange)
	p.wait(`deep("sequence", "button")`)
	p.shot("sequence-empty", "sequence", ".time", ".base > p.muted")
	p.eval(`document.getElementById("sequence").setAttribute("value", %q)`, value)
	p.wait(`order() === "Autumn offers, Reminders, Survey"`)
	p.axe("sequence")
	p.shot("sequence-planned", "sequence")
	p.clickAt(`all("sequence", ".item button[aria-label^=Remove]")[1]`)
	p.wait(`order() === "Autumn offers, Survey"`)
	p.eval(`focused("sequence")?.blur()`)
	p.axe("sequence")
	p.shot("sequence-removed", "sequence")
	p.press("sequence", "Undo the removal")
	p.wait(`order() === "Autumn offers, Reminders, Survey"`)
	p.eval(`document.getElementById("sequence").style.inlineSize = "320px"`)
	p.look("narrow-sequence", "sequence")
	p.eval(`document.getElementById("sequence").style.inlineSize = ""`)
	p.clickAt(`all("sequence", "button.name")[1]`) // what was put back is unfolded
	p.wait(`!field("Goal")`)
	p.press("sequence", "Load")
	p.wait(`live().startsWith("On OCS: Loaded")`)
	p.clickAt(`all("sequence", "button.name")[1]`)
	p.retype(`field("Goal")`, "101")
	p.wait(`field("Goal").ariaInvalid === "true"`)
	p.eval(`focused("sequence").blur()`)
	p.shot("sequence-wrong", "sequence", ".base > .state", ".result .grow")
	p.retype(`field("Goal")`, "70")
	p.wait(`live().includes("What OCS has differs from what is shown here.")`)
	p.eval(`focused("sequence").blur()`)
	p.shot("sequence-differs", "sequence", ".base > .state", ".result .grow")
	p.retype(`field("Goal")`, "101")
	p.press("sequence", "Unload")
	p.wait(`deep("sequence", "[part=confirm]")`)
	p.eval(`focused("sequence").blur()`)
	p.shot("sequence-asks", "sequence", ".base > .state", ".result .grow")
	p.clean()
}

// movedClock is a script for openAfter: the page's time is that of clock, which tests
// set.
const movedClock = `{
	const Real = Date;
	window.clock = Real.parse("2035-03-05T16:40:00Z");
	window.Date = class extends Real {
		constructor(...args) { args.length ? super(...args) : super(clock) }
		static now() { return clock }
	};
}`

// TestSequenceRunning: past, running and future items of a sequence, on a day whose time
// only the test moves.
func TestSequenceRunning(t *testing.T) {
	together(t)
	s := scenario.Shipped("demo")
	stands := 0.0
	s.Clock = scenario.Clock{Start: time.Date(2035, 3, 5, 16, 40, 0, 0, time.UTC), Speed: &stands}
	s.Applications[0].OCS.DialRate = 1
	for i := range s.CallingLists {
		s.CallingLists[i].Generate.Customers = 20_000 // more than the time is enough for
	}
	d := startDemo(t, "--scenario", scenarioFile(t, s))
	p := wideAfter(t, movedClock, d, "supervisor=Robin", `<commdn-sequence id="sequence" group="501"></commdn-sequence>`)
	p.eval(arrange)
	p.eval(`document.getElementById("sequence").setAttribute("value", %q)`, `{"description":"Evening","start":"2035-03-05T17:00:00Z","items":[
		{"campaign":1001,"dialing":{"mode":2,"optimizeBy":3,"goal":10},"stopAtTime":"2035-03-05T18:30:00Z"},
		{"campaign":1003,"dialing":{"mode":1,"optimizeBy":1,"goal":80},"stopAtTime":"2035-03-05T20:00:00Z","sleepMinutes":15},
		{"campaign":1004,"dialing":{"mode":3,"optimizeBy":1,"goal":75},"stopAtTime":"2035-03-05T21:00:00Z"}]}`)
	p.wait(`order() === "Autumn offers, Reminders, Survey"`)
	p.press("sequence", "Load")
	p.wait(`live().startsWith("On OCS: Loaded")`)
	pass := func(minutes int) {
		t.Helper()
		p.eval(`clock += %d * 60000`, minutes)
		sim[control.Clock](d, "clock", control.SetClock{Advance: fmt.Sprintf("%dm", minutes)})
	}
	pass(20)
	p.press("sequence", "Start")
	p.wait(`deep("sequence", ".item.running .name")?.textContent.includes("Autumn offers")`)
	pass(90)
	// The time line ends where the page heard of the end, so it hears of it now.
	p.wait(`!all("sequence", ".item .state")[0].textContent.includes("Running")`)
	pass(1) // calls in progress end
	p.wait(`all("sequence", ".item .state")[0].textContent.includes("Not loaded") && !deep("sequence", ".item.running")`)
	pass(14) // it has waited with those
	p.wait(`deep("sequence", ".item.running .name")?.textContent.includes("Reminders")`)
	p.eval(`clock += 30 * 60000`)
	p.set("sequence", "readonly", "") // paints, as every half minute does
	p.unset("sequence", "readonly")
	p.wait(`deep("sequence", ".now")`)
	p.eval(`focused("sequence")?.blur()`)
	p.axe("sequence")
	p.shot("sequence-running", "sequence")
	p.set("sequence", "readonly", "")
	p.wait(`!named("sequence", "Stop")`)
	if left := get[int](p, `all("sequence", "select:enabled, input:enabled, .handle, [part~=action-button]").length`); left != 0 {
		t.Errorf("%d fields and buttons can be used", left)
	}
	p.axe("sequence")
	p.shot("sequence-readonly", "sequence")
	p.clean()
}
