package ui

import (
	"math"
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

// A click is the second one of a double click if it comes within this time and distance
// of the first. Firefox counts from one again when another element has come under the
// pointer, so the event's own count does not tell.
const (
	doubleClick = 400 // milliseconds
	jitter      = 24  // CSS pixels
)

// Press tells a key press that answers a confirmation from one that was under way before
// the confirmation appeared: a bouncing key, a double press, a press that a slow machine
// delivers late. Such a key counts only after it was up once and settling has passed. The
// zero value is ready.
type Press struct {
	opened time.Time
	stamp  float64 // timeStamp of the event that opened it, milliseconds
	held   string  // the key that is down
	early  bool    // the last press came too early

	clicked, x, y float64 // timeStamp and place of the last click that was no second one
}

// Open notes that event, handled now, has opened a confirmation. A click is the one that
// Again compares the next one with.
func (p *Press) Open(event vugu.DOMEvent, now time.Time) {
	p.opened, p.stamp, p.clicked = now, event.PropFloat64("timeStamp"), 0
	if event.PropFloat64("detail") > 0 {
		p.clicked, p.x, p.y = p.stamp, event.PropFloat64("clientX"), event.PropFloat64("clientY")
	}
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

// Again reports whether a click is the second one of a double click. The first may have
// moved another control under the pointer, for which the second was not meant. A click by
// key never is.
func (p *Press) Again(event vugu.DOMEvent) bool {
	clicks, at := event.PropFloat64("detail"), event.PropFloat64("timeStamp")
	x, y := event.PropFloat64("clientX"), event.PropFloat64("clientY")
	if clicks == 0 {
		return false
	}
	if clicks > 1 || p.clicked != 0 && at-p.clicked < doubleClick && math.Abs(x-p.x) < jitter && math.Abs(y-p.y) < jitter {
		return true
	}
	p.clicked, p.x, p.y = at, x, y
	return false
}

// Counts reports whether a click on a button of a confirmation was meant for it. The
// second click of a double click was not, nor was a key that came too early. Firefox
// clicks a button at the release of Space even if the page refused the press.
func (p *Press) Counts(event vugu.DOMEvent) bool {
	if early := p.early; early && event.PropFloat64("detail") == 0 {
		p.early = false
		return false
	}
	return !p.Again(event)
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
