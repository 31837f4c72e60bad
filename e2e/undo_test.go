package e2e

import (
	"strings"
	"testing"
	"time"
)

// undoFocus says whether the button of undo in dnc has the focus.
const undoFocus = `document.getElementById("dnc").shadowRoot.activeElement?.className === "undo"`

// TestUndoByKeyboard needs no mouse: the focus is on the countdown after the click, Enter
// takes the request back, and OCS hears nothing of it. Neither the key that has sent it
// nor Escape does.
func TestUndoByKeyboard(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openAgent(t, d)
	p.eval(`document.getElementById("dnc").setAttribute("undo", "30")`)
	p.eval(`document.getElementById("dnc").focus()`)
	p.key("\r")
	p.wait(`deep("dnc", ".question")`)
	p.backTab() // to Yes
	p.unhurried()
	p.key("\r")
	p.wait(undoFocus)
	const left = `/^ · (\d+) s$/.exec(deep("dnc", ".undo").dataset.left)[1]`
	p.wait(`getComputedStyle(deep("dnc", ".undo"), "::after").content.includes("data-left") || getComputedStyle(deep("dnc", ".undo"), "::after").content.includes("· ")`)
	p.wait(left + " < 29")
	p.axe("dnc")
	said := p.text("dnc", "[role=status]")
	if said != "Not sent yet, can be undone: Do not call 5551234567 (customer C-1042)" {
		t.Errorf("a screen reader is told %q", said)
	}
	p.key("\u001b")
	p.wait("%s < %d", left, get[int](p, "Number(%s)", left))
	if now := p.text("dnc", "[role=status]"); now != said {
		t.Errorf("a screen reader is told again: %q", now)
	}
	p.key("\r")
	p.wait(`deep("dnc", ".line.undone")`)
	p.wait(`document.getElementById("dnc").shadowRoot.activeElement?.className === "main danger"`)
	if s := p.text("dnc", ".line .text"); !strings.HasPrefix(s, "Undone: Do not call 5551234567 (customer C-1042). OCS was told nothing.") {
		t.Errorf("result line %q", s)
	}
	if s := p.states("dnc"); s != "confirming held undone" {
		t.Errorf("states %q", s)
	}
	if r := p.results("dnc"); len(r) != 1 || r[0].OK || r[0].State != "undone" {
		t.Errorf("the host received %+v", r)
	}
	// The same click once more is another request, and it goes out when its window ends.
	p.eval(`document.getElementById("dnc").setAttribute("undo", "5")`)
	began := time.Now()
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".question")`)
	p.click("dnc", ".yes", 1)
	p.wait(undoFocus)
	if l := d.list(); len(l) != 0 && time.Since(began) < 5*time.Second {
		t.Error("what is held, or was undone, is on the list")
	}
	p.wait(`deep("dnc", ".line.done")`)
	p.wait(`document.getElementById("dnc").shadowRoot.activeElement?.className.startsWith("main")`)
	if !onlyChain(d.list()) {
		t.Errorf("the list is %+v", d.list())
	}
	if s := p.states("dnc"); s != "confirming held undone confirming held sending done" {
		t.Errorf("states %q", s)
	}
	p.clean()
}

// TestTabClosedInTheWindow: the request of a tab that is closed goes out all the same.
func TestTabClosedInTheWindow(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openAgent(t, d)
	p.eval(`document.getElementById("dnc").setAttribute("undo", "5"); document.getElementById("dnc").setAttribute("confirm", "off")`)
	began := time.Now()
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".line.held")`)
	p.close()
	if l := d.list(); len(l) != 0 && time.Since(began) < 5*time.Second {
		t.Error("it went out before its window ended")
	}
	for late := time.Now().Add(patience); d.on("5551234567") == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("the list is %+v", d.list())
		}
	}
}

// TestNextCallerInTheWindow: the countdown stays with the caller before, and keeps the
// focus while its line moves.
func TestNextCallerInTheWindow(t *testing.T) {
	together(t)
	d := startDemo(t)
	p := openAgent(t, d)
	p.eval(`document.getElementById("dnc").setAttribute("undo", "30"); document.getElementById("dnc").setAttribute("confirm", "off")`)
	p.click("dnc", ".main", 1)
	p.wait(undoFocus)
	p.eval(`document.getElementById("dnc").setAttribute("phone", "5550198822")`)
	p.wait(`deep("dnc", ".toggle ~ .line.held .text")?.textContent.includes("5551234567")`)
	p.wait(undoFocus)
	// Who has moved on keeps the focus where it is.
	p.click("next", "", 1)
	p.wait(`document.activeElement.id === "next"`)
	p.wait(`deep("dnc", ".toggle ~ .line.held")`)
	p.click("dnc", ".undo", 1)
	p.wait(`!deep("dnc", ".undo")`)
	p.wait(`e2e.events.some((e) => e.type === "commdn-result" && e.state === "undone")`)
	if len(d.list()) != 0 {
		t.Errorf("the list is %+v", d.list())
	}
	p.clean()
}

// TestUndoOfTheHandle is the same for a page without elements.
func TestUndoOfTheHandle(t *testing.T) {
	together(t)
	d, p := apiPage(t, "", "")
	p.connected("h", `{ token: "agent=Ann" }`)
	p.eval(`window.heard = []; h.on("request", (r) => heard.push(r)); window.end = h.doNotCall({ phone: "5550104477", undo: 10 }).then(() => "done", (e) => e.name + " " + e.refusal)`)
	p.wait(`heard.some((r) => r.state === "held")`)
	p.until(`h.undo(heard[0].id).then((ok) => ok === true)`)
	p.until(`end.then((how) => how === "RelayError undone")`)
	p.until(`h.undo(heard[0].id).then((ok) => ok === false)`)
	p.until(`h.doNotCall({ phone: "5550104477", undo: 99 }).catch((e) => e.argument === "undo")`)
	if n := d.on("5550104477"); n != 0 {
		t.Error("it is on the list")
	}
	p.clean()
}
