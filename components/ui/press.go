package ui

import (
	"strconv"
	"time"

	"github.com/vugu/vugu"
)

// In every confirmation one rule says which button has the focus. What no later request
// takes back has the focus on the harmless button: a number stays on the Do Not Call
// list, cancelled records stay cancelled, and calls that a stop or an unload has cost are
// lost. Loading, starting and changing the mode can be taken back, so there the confirming
// button has the focus.

// settling is how long a confirmation has to be in sight before a key answers it.
const settling = 250 * time.Millisecond

// Press tells a key press that answers a confirmation from one that was under way before
// the confirmation appeared: a bouncing key, a double press, a press that a slow machine
// delivers late. Such a key counts only after it was up once and settling has passed. The
// zero value is ready.
type Press struct {
	opened time.Time
	stamp  float64 // timeStamp of the event that opened it, milliseconds
	held   string  // the key that is down
	early  bool    // the last press came too early
}

// Open notes that event, handled now, has opened a confirmation.
func (p *Press) Open(event vugu.DOMEvent, now time.Time) {
	p.opened, p.stamp = now, event.PropFloat64("timeStamp")
}

// Down takes a keydown event and reports whether it comes too early to press a button.
func (p *Press) Down(event vugu.DOMEvent, now time.Time) bool {
	key := event.PropString("key")
	if key != "Enter" && key != " " {
		return false
	}
	// The clock says when the page got to it, the time stamp when the key went down.
	least := float64(settling / time.Millisecond)
	p.early = event.PropBool("repeat") || p.held == key || now.Sub(p.opened) < settling || event.PropFloat64("timeStamp")-p.stamp < least
	p.held = key
	return p.early && event.PropString("target", "tagName") == "BUTTON"
}

// Up takes a keyup event.
func (p *Press) Up(event vugu.DOMEvent) {
	if event.PropString("key") == p.held {
		p.held = ""
	}
}

// Counts reports whether a click on a button of a confirmation was meant for it. The
// second click of a double click was not, nor was a key that came too early. Firefox
// clicks a button at the release of Space even if the page refused the press.
func (p *Press) Counts(event vugu.DOMEvent) bool {
	clicks := event.PropFloat64("detail")
	if early := p.early; early && clicks == 0 {
		p.early = false
		return false
	}
	return clicks <= 1
}

// Room keeps the height of an element when something in it goes away under the pointer:
// what lies below must not move there, or the second click of a double click hits it. A
// result that comes late then finds its place. The zero value keeps nothing.
type Room struct{ height int }

// Keep keeps the present height of the element around the clicked button; its outermost
// node has to be the button's offsetParent.
func (r *Room) Keep(event vugu.DOMEvent) {
	r.height = max(r.height, int(event.PropFloat64("currentTarget", "offsetParent", "offsetHeight")))
}

// Free gives the kept height up.
func (r *Room) Free() { r.height = 0 }

// Style is the attribute style of the outermost node, nil for none.
func (r *Room) Style() any {
	if r.height == 0 {
		return nil
	}
	return "min-block-size:" + strconv.Itoa(r.height) + "px"
}
