package sequence

import (
	"strconv"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/protocol/commdn"
)

// drag is an item that a pointer moves, in the list or on the timeline. The page moves
// nothing until the drop, so that a finger keeps the element that it touches.
type drag struct {
	on      bool
	inTime  bool    // on the timeline, along x
	pointer float64 // pointerId
	from    int     // the item's index
	to      int     // the destination's index
	begun   float64 // start position of the pointer, in pixels
	moved   float64 // distance of the pointer
	far     bool    // too far for a click
	centers []float64
	size    float64 // size of the item
}

// least is the distance that makes a drag, in pixels.
const least = 5

// handleGrab notes the item under the pointer.
func (c *Sequence) handleGrab(i int, inTime bool, event vugu.DOMEvent) {
	if c.readonly || event.PropFloat64("button") != 0 || c.drag.on {
		return
	}
	c.drag = drag{on: true, inTime: inTime, pointer: event.PropFloat64("pointerId"), from: i, to: i}
	c.drag.begun = c.drag.along(event)
}

func (d *drag) along(event vugu.DOMEvent) float64 {
	if d.inTime {
		return event.PropFloat64("pageX")
	}
	return event.PropFloat64("pageY")
}

// handlePlaces follows handleGrab in the element around the items and notes their places.
func (c *Sequence) handlePlaces(event vugu.DOMEvent) {
	d := &c.drag
	if !d.on || d.centers != nil {
		return
	}
	offset, size := "offsetTop", "offsetHeight"
	if d.inTime {
		offset, size = "offsetLeft", "offsetWidth"
	}
	for i := range c.draft.items {
		at := strconv.Itoa(i)
		if !d.inTime {
			at = strconv.Itoa(i + 1) // after the head
		}
		length := event.PropFloat64("currentTarget", "children", at, size)
		d.centers = append(d.centers, event.PropFloat64("currentTarget", "children", at, offset)+length/2)
		if i == d.from {
			d.size = length
		}
	}
}

// handleDrag follows the pointer.
func (c *Sequence) handleDrag(event vugu.DOMEvent) {
	d := &c.drag
	if !d.on || event.PropFloat64("pointerId") != d.pointer {
		return
	}
	if event.PropFloat64("buttons") == 0 { // released out of our sight
		c.drag = drag{}
		return
	}
	d.moved = d.along(event) - d.begun
	d.far = d.far || d.moved >= least || d.moved <= -least
	d.to = d.place()
}

// place returns the item's new index: behind all items whose center it has passed. From
// right to left the first item has the greatest x.
func (d *drag) place() int {
	if d.from >= len(d.centers) {
		return d.from
	}
	sign := 1.0
	if d.centers[len(d.centers)-1] < d.centers[0] {
		sign = -1
	}
	at, to := sign*(d.centers[d.from]+d.moved), 0
	for i, center := range d.centers {
		// Items give way once the dragged item's edge passes their center.
		switch center *= sign; {
		case i < d.from && center < at-d.size/2, i > d.from && center < at+d.size/2:
			to++
		}
	}
	return to
}

// handleDrop moves the item to its new index; a click on the timeline opens it instead.
// It cancels a drag that the browser took over for scrolling.
func (c *Sequence) handleDrop(event vugu.DOMEvent) {
	d := c.drag
	if !d.on || event.PropFloat64("pointerId") != d.pointer {
		return
	}
	c.drag = drag{}
	switch {
	case d.from >= len(c.draft.items) || event.PropString("type") == "pointercancel":
	case d.far:
		c.move(d.from, d.to)
	case d.inTime:
		c.open = c.draft.items[d.from].id
		c.focus(itemKey(c.open))
	}
}

// handleItemKey moves an item on Alt and an arrow. Where such a key opens a list or a
// calendar, it still does.
func (c *Sequence) handleItemKey(i int, event vugu.DOMEvent) {
	if i < 0 || !event.PropBool("altKey") || c.readonly || event.PropString("target", "tagName") == "SELECT" ||
		event.PropString("target", "type") == "datetime-local" {
		return
	}
	to := i
	switch event.PropString("key") {
	case "ArrowUp":
		to--
	case "ArrowDown":
		to++
	default:
		return
	}
	event.PreventDefault()
	c.move(i, to)
}

// move moves an item to another index if it exists, and keeps the focus in the item.
func (c *Sequence) move(from, to int) {
	items := c.draft.items
	if to < 0 || to >= len(items) || from == to {
		return
	}
	it := items[from]
	for step := 1; from != to; from += step {
		if to < from {
			step = -1
		}
		items[from] = items[from+step]
	}
	items[to] = it
	l := c.env.Lang()
	c.said = l.Text(lang.SequenceMoved, "campaign", c.campaign(it.Campaign), "n", l.Number(to+1), "all", l.Number(len(c.draft.items)))
	c.edited()
}

// addNew appends a new item, dialed like the one before.
func (c *Sequence) addNew() {
	it := commdn.SequenceItem{Dialing: usual}
	n := len(c.draft.items)
	if n > 0 {
		it.Dialing = c.draft.items[n-1].Dialing
	}
	c.add(n, it)
}

// usual is how a first item is dialed.
var usual = commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}

func (c *Sequence) add(at int, it commdn.SequenceItem) {
	added := c.insert(at, it)
	c.open = added.id
	c.said = c.text(lang.SequenceAdded, "n", c.env.Lang().Number(at+1))
	c.focus(fieldKey(added.id, campaign))
	c.edited()
}

// remove removes an item and moves the focus to the next one.
func (c *Sequence) remove(i int) {
	c.said = c.text(lang.SequenceRemoved, "item", c.itemName(i))
	c.removed = &removed{c.draft.items[i].SequenceItem, i}
	c.draft.items = append(c.draft.items[:i], c.draft.items[i+1:]...)
	if n := len(c.draft.items); n > 0 {
		c.focus(itemKey(c.draft.items[min(i, n-1)].id))
	} else {
		c.focus(actionKey(add))
	}
	c.edited()
}

// removed is an item that was removed, and where it was.
type removed struct {
	item commdn.SequenceItem
	at   int
}

// undo puts the item back that was removed last.
func (c *Sequence) undo() {
	r := c.removed
	c.removed = nil
	c.add(min(r.at, len(c.draft.items)), r.item)
}

// full reports whether the draft holds no further item.
func (c *Sequence) full() bool { return len(c.draft.items) >= commdn.MaxSequenceItems }

// rowOff reports whether an action is impossible with item i.
func (c *Sequence) rowOff(i int, a action) bool {
	return a == up && i == 0 || a == down && i == len(c.draft.items)-1 || a == duplicate && c.full()
}

// handleRow runs the action of an item's button.
func (c *Sequence) handleRow(i int, b *Button, event vugu.DOMEvent) {
	if c.press.Again(event) || c.readonly || i >= len(c.draft.items) || c.rowOff(i, b.act) {
		return
	}
	switch b.act {
	case up:
		c.move(i, i-1)
	case down:
		c.move(i, i+1)
	case duplicate:
		c.add(i+1, c.draft.items[i].SequenceItem)
	case remove:
		c.remove(i)
	}
}
