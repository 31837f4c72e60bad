package e2e

import (
	"fmt"
	"strings"
	"testing"
)

const caller = `phone="5551234567" customer-id="C-1042"`

// look runs axe-core on an element and compares its picture.
func (p *page) look(name, id string, masked ...string) {
	p.t.Helper()
	p.axe(id)
	p.shot(name, id, masked...)
}

// TestDncStates: every state of <commdn-dnc> that one OCS and the page can cause.
func TestDncStates(t *testing.T) {
	together(t)
	d, p := stage(t, `<commdn-dnc id="dnc" `+caller+`></commdn-dnc><commdn-dnc id="silent" phone="5550000001" confirm="off"></commdn-dnc>`, "{}")
	d.fails(map[string]any{"do": "refuse", "phone": "5550100011", "error": "CM_ERROR_INVALID_PARAMETER"})
	p.run("idle", func(t *testing.T) {
		p.look("dnc-idle", "dnc")
	})
	p.run("confirming", func(t *testing.T) {
		p.click("dnc", ".main", 1)
		p.wait(`deep("dnc", ".confirm")`)
		if s := p.text("dnc", ".details"); s != "Whole chain · OCS 201" {
			t.Errorf("the confirmation says %q", s)
		}
		if s := p.focused("dnc"); s != "no" { // the way back
			t.Errorf("the focus is on %q", s)
		}
		p.wait(`deep("dnc", ".forms").textContent === "Sent as 5551234567"`)
		p.look("dnc-confirming", "dnc")
	})
	p.run("changed", func(t *testing.T) {
		p.set("dnc", "phone", "5550198822", "customer-id", "C-2291")
		p.wait(`deep("dnc", ".changed")`)
		if s := p.text("dnc", ".changed"); s != "The call has changed; this still concerns 5551234567 (customer C-1042)." {
			t.Errorf("it says %q", s)
		}
		if s := p.text("dnc", "[role=status]"); s != p.text("dnc", ".changed") {
			t.Errorf("a screen reader is told %q", s)
		}
		p.look("dnc-changed", "dnc")
		p.click("dnc", ".no", 1)
		p.wait(`!deep("dnc", ".confirm")`)
		p.set("dnc", "phone", "5551234567", "customer-id", "C-1042")
		if n := len(d.list()); n != 0 {
			t.Errorf("%d entries on the list", n)
		}
	})
	p.run("done", func(t *testing.T) {
		p.click("dnc", ".main", 1)
		p.wait(`deep("dnc", ".confirm")`)
		p.click("dnc", ".yes", 1)
		p.wait(`deep("dnc", ".line.done")`)
		if s := p.text("dnc", ".line .text"); s != "5551234567 (customer C-1042) is on the Do Not Call list · 2:07:42 PM" {
			t.Errorf("it says %q", s)
		}
		p.look("dnc-done", "dnc")
		p.click("dnc", ".main", 1) // nothing is left to ask
		if s := p.states("dnc"); s != "confirming idle confirming sending done" {
			t.Errorf("states %q", s)
		}
	})
	p.run("refused", func(t *testing.T) {
		p.set("dnc", "phone", "5550100011", "confirm", "off")
		p.unset("dnc", "customer-id")
		p.wait(`deep("dnc", ".toggle")?.textContent === "Earlier callers (1)" && !deep("dnc", ".line")`)
		p.axe("dnc")
		p.click("dnc", ".main", 1)
		p.wait(`deep("dnc", ".line.refused")`)
		const want = "Refused: Do not call 5550100011 · OCS says that one of the values is wrong. Check the number, the customer and the campaign. [CM_ERROR_INVALID_PARAMETER (10): "
		if s := p.text("dnc", ".line .text"); !strings.HasPrefix(s, want) || !strings.HasSuffix(s, "] · 2:07:42 PM") {
			t.Errorf("it says %q, want %q with OCS's own words", s, want)
		}
		p.look("dnc-refused", "dnc")
	})
	p.run("nonsense", func(t *testing.T) {
		p.set("dnc", "chain", "Everything")
		p.wait(`deep("dnc", ".hint")`)
		p.look("dnc-nonsense", "dnc")
		p.set("dnc", "chain", "RecordOnly", "target", "elsewhere")
		p.wait(`deep("dnc", ".hint")?.textContent === "target has to be the DBID of an OCS, not elsewhere"`)
		p.axe("dnc")
		p.unset("dnc", "chain", "target")
	})
	p.run("not sent", func(t *testing.T) {
		p.set("dnc", "target", "999") // the relay does not know this OCS
		p.click("dnc", ".main", 1)
		p.wait(`deep("dnc", ".line.not-sent")`)
		p.axe("dnc")
		p.unset("dnc", "target")
	})
	p.run("disabled", func(t *testing.T) {
		p.set("dnc", "disabled", "")
		p.wait(`deep("dnc", ".main").disabled`)
		p.look("dnc-disabled", "dnc")
		p.unset("dnc", "disabled")
	})
	p.run("no right", func(t *testing.T) {
		p.eval(`const el = document.createElement("commdn-dnc"); el.id = "right"; el.setAttribute("phone", "5550000009"); document.querySelector("main").append(el); el.connection = connect({ url: relay, token: "supervisor=Kim", default: false })`)
		p.wait(`deep("right", ".hint")?.textContent === "You do not have the right to do this."`)
		if !get[bool](p, `deep("right", ".main").disabled`) {
			t.Error("the button can be pressed")
		}
		p.look("dnc-no-right", "right")
	})
	p.run("refused for good", func(t *testing.T) {
		p.eval(`document.getElementById("right").connection = connect({ url: relay, token: "nobody=Kim", default: false })`)
		p.wait(`deep("right", ".hint")?.textContent.startsWith("Out of order: ")`)
		p.look("dnc-failed", "right")
		p.eval(`const gone = connect({ url: relay, default: false }); document.getElementById("right").connection = gone; gone.destroy()`)
		p.wait(`deep("right", "[role=alert]")?.textContent === "Not connected."`)
		p.axe("right")
		p.eval(`document.getElementById("right").remove()`)
	})
	p.run("no answer", func(t *testing.T) {
		d.fails(map[string]any{"do": "silence", "phone": "5550000001"})
		p.click("silent", ".main", 1)
		p.wait(`deep("silent", ".line.sending")`)
		p.look("dnc-sending", "silent")
		p.wait(`deep("silent", ".line.no-answer")`)
		if r := p.results("silent"); len(r) != 1 || r[0].OK || r[0].State != "no-answer" {
			t.Errorf("the host received %+v", r)
		}
		p.look("dnc-no-answer", "silent")
	})
	p.run("no link to T-Server", func(t *testing.T) {
		d.fails(map[string]any{"do": "link_down"})
		p.wait(`deep("dnc", ".hint")?.textContent.startsWith("T-Server cannot be reached: ")`)
		p.axe("dnc")
		d.fails(map[string]any{"do": "link_up"})
		p.wait(`!deep("dnc", ".hint")`)
	})
	p.clean()
	p.run("waiting", func(t *testing.T) {
		p.set("dnc", "phone", "5550000077")
		d.kill()
		p.wait(`deep("dnc", ".hint")?.textContent.startsWith("Not connected")`)
		p.axe("dnc")
		p.click("dnc", ".main", 1)
		p.wait(`deep("dnc", ".line.waiting .text")?.textContent.includes("even if this page is closed")`)
		p.look("dnc-waiting", "dnc")
		d.start()
		p.wait(`deep("dnc", ".line.done") && !deep("dnc", ".hint")`)
		if d.on("5550000077") != 1 {
			t.Errorf("the list is %+v", d.list())
		}
	})
}

// TestDncForm: the agent types nothing, a number that is too long, or a customer, and
// uses the keyboard.
func TestDncForm(t *testing.T) {
	together(t)
	d, p := stage(t, `<commdn-dnc id="dnc" choose-chain></commdn-dnc>`, "{}")
	p.look("dnc-form", "dnc")
	if !get[bool](p, `deep("dnc", ".main").disabled`) {
		t.Error("nobody is named and the button can be pressed")
	}
	p.key("\t")
	if s := p.focused("dnc"); s != "phone" {
		t.Fatalf("the focus is on %q first", s)
	}
	p.key(strings.Repeat("5", 65))
	p.wait(`deep("dnc", "[name=phone]").getAttribute("aria-invalid") === "true"`)
	if s := p.text("dnc", ".hint"); s != "Number: Give one phone number of 3 to 25 digits" {
		t.Errorf("the hint is %q", s)
	}
	p.look("dnc-form-wrong", "dnc")
	p.eval(`deep("dnc", "[name=phone]").select()`)
	p.key("5550104477")
	p.key("\tC-7")
	if s := p.focused("dnc"); s != "customer-id" {
		t.Errorf("after Tab the focus is on %q", s)
	}
	p.wait(`!deep("dnc", ".main").disabled`)

	// Enter opens the confirmation; held down it does nothing more.
	p.hold("Enter", "\r", 13, 20)
	p.wait(`deep("dnc", ".confirm")`)
	if s := p.focused("dnc"); s != "no" { // the way back
		t.Errorf("the focus is on %q", s)
	}
	p.wait(`deep("dnc", ".forms").textContent === "Sent as 5550104477"`)
	p.look("dnc-form-confirming", "dnc")
	p.key("\u001b")
	p.wait(`!deep("dnc", ".confirm")`)
	if s := p.focused("dnc"); s != "customer-id" {
		t.Errorf("after Escape the focus is on %q", s)
	}
	if n := len(d.list()); n != 0 {
		t.Fatalf("%d entries on the list", n)
	}

	// The arrow keys choose the scope, and the request has it.
	p.key("\t")
	if s := p.focused("dnc"); s != "chain" {
		t.Fatalf("the focus is on %q", s)
	}
	p.hold("ArrowDown", "", 40, 0)
	p.wait(`[...document.getElementById("dnc").shadowRoot.querySelectorAll("[name=chain]")].map((e) => e.checked).join() === "false,true"`)
	p.key("\t")
	p.key(" ")
	p.wait(`deep("dnc", ".details")?.textContent === "This record only · OCS 201"`)
	// Typing closes the confirmation, which asked about the old text.
	p.eval(`deep("dnc", "[name=phone]").focus()`)
	p.key("9")
	p.wait(`!deep("dnc", ".confirm")`)
	p.key("\b\r")
	p.wait(`deep("dnc", ".question")?.textContent === "Put 5550104477 (customer C-7) on the Do Not Call list?"`)
	p.unhurried()
	p.backTab()
	p.key("\r")
	p.wait(`deep("dnc", ".line.done")`)
	if s := p.focused("dnc"); s != "phone" {
		t.Errorf("when it is sent the focus is on %q", s)
	}
	if r := p.results("dnc"); len(r) != 1 || r[0].Chain != "RecordOnly" || r[0].Phone != "5550104477" || r[0].CustomerID != "C-7" {
		t.Errorf("the host received %+v", r)
	}
	if list := d.list(); len(list) != 1 || list[0].CustomerID != "C-7" {
		t.Errorf("the list is %+v", list)
	}
	p.axe("dnc")
	p.clean()
}

// TestDncKeys: the keyboard without any field: the button, the confirmation, retry,
// dismiss.
func TestDncKeys(t *testing.T) {
	together(t)
	d, p := stage(t, `<commdn-dnc id="dnc" phone="5550100010"></commdn-dnc>`, "{}") // the demo's OCS refuses it
	p.key("\t")
	p.hold("Enter", "\r", 13, 20)
	p.wait(`deep("dnc", ".confirm")`)
	if n := get[int](p, `e2e.events.length`); n != 1 {
		t.Errorf("Enter, held, made %d events", n)
	}
	if s := p.focused("dnc"); s != "no" {
		t.Errorf("the focus is on %q", s)
	}
	p.backTab()
	if s := p.focused("dnc"); s != "yes danger" {
		t.Errorf("before No is %q", s)
	}
	p.key("\t")
	p.unhurried()
	p.key(" ")
	p.wait(`!deep("dnc", ".confirm")`)
	if s := p.focused("dnc"); s != "main danger" {
		t.Errorf("after No the focus is on %q", s)
	}
	p.key("\r")
	p.wait(`deep("dnc", ".confirm")`)
	p.unhurried()
	p.backTab()
	p.key("\r")
	p.wait(`deep("dnc", ".line.refused")`)
	p.key("\t")
	if s := p.focused("dnc"); s != "retry" {
		t.Errorf("behind the button is %q", s)
	}
	p.key("\r")
	p.wait(`deep("dnc", ".confirm")`) // Try again asks
	p.unhurried()
	p.backTab()
	p.key("\r")
	p.wait(`e2e.events.filter((e) => e.type === "commdn-result").length === 2 && deep("dnc", ".line.refused")`)
	if s := p.focused("dnc"); s != "main danger" {
		t.Errorf("after the retry the focus is on %q", s)
	}
	p.key("\t\t")
	if s := p.focused("dnc"); s != "dismiss quiet" {
		t.Errorf("behind retry is %q", s)
	}
	p.key(" ")
	p.wait(`!deep("dnc", ".line")`)
	if s := p.focused("dnc"); s != "main danger" {
		t.Errorf("after the line is gone the focus is on %q", s)
	}
	if n := len(d.list()); n != 0 {
		t.Errorf("%d entries on the list", n)
	}
	if s := p.states("dnc"); s != "confirming idle confirming sending refused confirming sending refused" {
		t.Errorf("states %q", s)
	}
	p.clean()
}

// TestDncSeveralOCS: the page names each OCS before, and its answer after.
func TestDncSeveralOCS(t *testing.T) {
	together(t)
	d, p := stage(t, `<commdn-dnc id="dnc" `+caller+`></commdn-dnc>`, "{}", "--scenario", "two-ocs")
	d.fails(map[string]any{"do": "delay", "ocs": 202, "latency": "300ms"}) // answers appear in the order of arrival
	answers := func() string {
		t.Helper()
		return get[string](p, `[...document.getElementById("dnc").shadowRoot.querySelectorAll(".ocs")].map((e) => e.textContent).join("\n")`)
	}
	ask := func() {
		t.Helper()
		p.click("dnc", ".main", 1)
		p.wait(`deep("dnc", ".confirm")`)
		p.click("dnc", ".yes", 1)
	}
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".details")?.textContent === "Whole chain · Every OCS: 201, 202"`)
	p.axe("dnc")
	p.click("dnc", ".yes", 1)
	p.wait(`deep("dnc", ".line.done")`)
	if s := answers(); s != "OCS 201: done\nOCS 202: done" {
		t.Errorf("the answers are %q", s)
	}
	if r := p.results("dnc"); len(r) != 1 || len(r[0].OCS) != 2 || !r[0].OK {
		t.Errorf("the host received %+v", r)
	}
	p.look("dnc-several-ocs", "dnc")

	d.fails(map[string]any{"do": "refuse", "ocs": 202, "phone": "5550000088", "error": "CM_ERROR_INVALID_PARAMETER"})
	p.set("dnc", "phone", "5550000088", "history", "1")
	ask()
	p.wait(`deep("dnc", ".line.refused")`)
	if s := answers(); !strings.HasPrefix(s, "OCS 201: done\nOCS 202: OCS says that one of the values is wrong. ") {
		t.Errorf("the answers are %q", s)
	}
	if r := p.results("dnc"); len(r) != 2 || r[1].OK || len(r[1].OCS) != 2 || !r[1].OCS[0].OK || r[1].OCS[1].OK {
		t.Errorf("the host received %+v", r)
	}
	p.look("dnc-several-ocs-refused", "dnc")

	p.set("dnc", "phone", "5550000099", "target", "202")
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".details")?.textContent === "Whole chain · OCS 202"`)
	p.click("dnc", ".yes", 1)
	p.wait(`deep("dnc", ".line.done")`)
	if s := answers(); s != "" {
		t.Errorf("one OCS answered and there are lines for %q", s)
	}
	p.clean()
}

// TestDncHistory: the attribute history limits the shown requests.
func TestDncHistory(t *testing.T) {
	together(t)
	_, p := stage(t, `<commdn-dnc id="dnc" phone="5550000000" history="2" confirm="off"></commdn-dnc>`, "{}")
	ask := func(phone string) {
		t.Helper()
		p.set("dnc", "phone", phone)
		before := len(p.results("dnc"))
		p.wait(`!deep("dnc", ".main").classList.contains("listed")`)
		p.click("dnc", ".main", 1)
		p.wait(`e2e.events.filter((e) => e.type === "commdn-result").length === %d`, before+1)
	}
	shown := func(want string) {
		t.Helper()
		p.eval(`deep("dnc", ".toggle[aria-expanded=false]")?.click()`)
		p.wait(`[...document.getElementById("dnc").shadowRoot.querySelectorAll(".result .text")].map((e) => e.textContent.split(" ")[0]).join(" ") === %q`, want)
	}
	for i := range 3 {
		ask(fmt.Sprint(5550000001 + i))
	}
	shown("5550000003 5550000002")
	p.axe("dnc")
	p.set("dnc", "history", "1")
	shown("5550000003")
	p.set("dnc", "history", "0")
	shown("")
	if s := p.text("dnc", ".main"); s != "On the Do Not Call list" {
		t.Errorf("without lines the button says %q", s)
	}
	if s := p.text("dnc", "[role=status]"); !strings.HasPrefix(s, "5550000003 is on the Do Not Call list") {
		t.Errorf("without lines a screen reader is told %q", s)
	}
	p.set("dnc", "history", "nonsense")
	for i := range 6 {
		ask(fmt.Sprint(5550000011 + i))
	}
	shown("5550000016 5550000015 5550000014 5550000013 5550000012")
	p.clean()
}

// TestCancelStates: every state of <commdn-cancel> that <commdn-dnc> does not have.
func TestCancelStates(t *testing.T) {
	together(t)
	d, p := stage(t, `<commdn-cancel id="cancel" phone="5550198822" customer-id="C-2291" campaign="Autumn offers" chain="RecordOnly"></commdn-cancel>`, "{}")
	ask := func() {
		t.Helper()
		p.click("cancel", ".main", 1)
		p.wait(`deep("cancel", ".confirm")`)
		p.click("cancel", ".yes", 1)
	}
	p.run("idle", func(t *testing.T) { p.look("cancel-idle", "cancel") })
	p.run("confirming", func(t *testing.T) {
		p.click("cancel", ".main", 1)
		p.wait(`deep("cancel", ".details")?.textContent === "This record only · Campaign Autumn offers · OCS 201"`)
		p.look("cancel-confirming", "cancel")
		p.key("\u001b")
		p.wait(`!deep("cancel", ".confirm")`)
	})
	p.run("refused", func(t *testing.T) { // the campaign is not loaded
		ask()
		p.wait(`deep("cancel", ".line.refused")`)
		if s := p.text("cancel", ".line .text"); !strings.Contains(s, "CM_ERROR_CAMPAIGN_NOT_FOUND (3)") {
			t.Errorf("it says %q", s)
		}
		p.axe("cancel")
		p.click("cancel", ".dismiss", 1)
		p.wait(`!deep("cancel", ".line")`)
	})
	sim[any](d, "campaigns", map[string]any{"campaign": 1001, "group": 502, "do": "load"})
	p.run("incomplete", func(t *testing.T) { // the record is on an agent's desktop
		ask()
		p.wait(`deep("cancel", ".line.incomplete")`)
		if r := p.results("cancel"); len(r) != 2 || r[1].State != "incomplete" || !r[1].OK {
			t.Errorf("the host received %+v", r)
		}
		p.look("cancel-incomplete", "cancel")
	})
	p.run("done", func(t *testing.T) {
		p.set("cancel", "phone", "5551234567", "customer-id", "C-1042")
		ask()
		p.wait(`deep("cancel", ".line.done")`)
		type page struct {
			Records []struct{ Status string }
		}
		records := sim[page](d, "records?list=601&phone=5551234567", nil).Records
		if len(records) != 1 || records[0].Status != "canceled" {
			t.Errorf("the records are %+v", records)
		}
		p.look("cancel-done", "cancel")
	})
	p.run("form", func(t *testing.T) {
		p.unset("cancel", "phone", "customer-id", "campaign", "chain")
		p.wait(`deep("cancel", "[name=phone]") && deep("cancel", "[name=campaign]")`)
		p.set("cancel", "history", "0")
		p.look("cancel-form", "cancel")
		p.click("cancel", "[name=customer-id]", 1)
		p.key("C-1042")
		p.wait(`deep("cancel", ".hint")?.textContent === "A number is needed"`)
		p.axe("cancel")
	})
	p.clean()
}
