package sequence

import (
	"fmt"
	"testing"

	"commdn/protocol/commdn"
)

// grab takes item i with pointer 3 at a place; items are size pixels each.
func (r *rig) grab(i int, inTime bool, from, size int) {
	axis, offset, length := "pageY", "offsetTop", "offsetHeight"
	if inTime {
		axis, offset, length = "pageX", "offsetLeft", "offsetWidth"
	}
	places := ev(props{})
	for j := range r.c.draft.items {
		child, where := j, j*size
		if !inTime {
			child++ // after the head
		}
		if size < 0 { // right to left
			where = 1000 + j*size
		}
		places.p[fmt.Sprintf("currentTarget.children.%d.%s", child, offset)] = where
		places.p[fmt.Sprintf("currentTarget.children.%d.%s", child, length)] = max(size, -size)
	}
	r.do(func() {
		r.c.handleGrab(i, inTime, ev(props{"pointerId": 0, axis: from}))
		r.c.handlePlaces(places)
	})
}

func five(t *testing.T) *rig {
	r := started(t, "group", "7")
	for id := range commdn.DBID(5) {
		r.do(func() { r.c.handleButton(add, once) })
		r.typed(int(id), campaign, idText(id+11))
	}
	r.Events()
	return r
}

// TestDrag moves items of 40 pixels: in the list, on the timeline, and on a timeline from
// right to left.
func TestDrag(t *testing.T) {
	for _, test := range []struct {
		from, by int
		want     string
	}{
		{0, 4, "11 12 13 14 15"},
		{0, 19, "11 12 13 14 15"},
		{0, 21, "12 11 13 14 15"},
		{0, 61, "12 13 11 14 15"},
		{0, 999, "12 13 14 15 11"},
		{4, -21, "11 12 13 15 14"},
		{4, -999, "15 11 12 13 14"},
		{2, -61, "13 11 12 14 15"},
		{2, 30, "11 12 14 13 15"},
	} {
		for _, way := range []struct {
			inTime bool
			size   int
			axis   string
		}{{false, 40, "pageY"}, {true, 40, "pageX"}, {true, -40, "pageX"}} {
			r := five(t)
			r.grab(test.from, way.inTime, 100, way.size)
			by := test.by
			if way.size < 0 {
				by = -by
			}
			r.do(func() { r.c.handleDrag(ev(props{way.axis: 100 + by, "buttons": 1})) })
			r.do(func() { r.c.handleDrop(ev(props{})) })
			if r.names() != test.want || r.c.drag.on {
				t.Errorf("%v by %d: %s, want %s", way, test.by, r.names(), test.want)
			}
		}
	}
}

// TestDragGivenUp: Escape, the browser or a release elsewhere cancels a drag, and another
// finger counts for nothing.
func TestDragGivenUp(t *testing.T) {
	far := ev(props{"pageY": 999, "buttons": 1})
	for name, end := range map[string]func(*Sequence){
		"escape":    func(c *Sequence) { c.handleKey(ev(props{"key": "Escape"})) },
		"cancel":    func(c *Sequence) { c.handleDrop(ev(props{"type": "pointercancel"})) },
		"elsewhere": func(c *Sequence) { c.handleDrag(ev(props{"pageY": 999, "buttons": 0})) },
		"readonly":  func(c *Sequence) { c.SetAttribute("readonly", "", true) },
	} {
		r := five(t)
		r.grab(0, false, 0, 40)
		r.do(func() { r.c.handleDrag(far) })
		r.do(func() { r.c.handleDrop(ev(props{"pointerId": 9})) })
		if !r.c.drag.on {
			t.Fatalf("%s: another pointer dropped it", name)
		}
		r.do(func() { end(r.c) })
		r.do(func() { r.c.handleDrop(ev(props{})) })
		if r.names() != "11 12 13 14 15" || r.c.drag.on || len(r.Events()) != 0 {
			t.Errorf("%s: %s", name, r.names())
		}
	}
	r := five(t)
	r.do(func() { r.c.handleGrab(0, false, ev(props{"button": 2})) })
	if r.c.drag.on {
		t.Error("the right button drags")
	}
}

// TestClickOnTimeline: a click opens the item.
func TestClickOnTimeline(t *testing.T) {
	r := five(t)
	r.grab(1, true, 100, 40)
	r.do(func() { r.c.handleDrop(ev(props{})) })
	if id := r.c.draft.items[1].id; r.c.open != id || r.c.autofocus(itemKey(id)) == nil {
		t.Errorf("open %d", r.c.open)
	}
}

func TestItemKeys(t *testing.T) {
	for _, test := range []struct {
		at   int
		keys event
		want string
		said string
	}{
		{1, ev(props{"key": "ArrowUp", "altKey": true, "target.tagName": "BUTTON"}), "12 11 13 14 15", "Autumn is now number 1 of 5"},
		{1, ev(props{"key": "ArrowDown", "altKey": true, "target.type": "text"}), "11 13 12 14 15", "Autumn is now number 3 of 5"},
		{0, ev(props{"key": "ArrowUp", "altKey": true}), "11 12 13 14 15", ""},
		{4, ev(props{"key": "ArrowDown", "altKey": true}), "11 12 13 14 15", ""},
		{1, ev(props{"key": "ArrowDown"}), "11 12 13 14 15", ""},
		{1, ev(props{"key": "Enter", "altKey": true}), "11 12 13 14 15", ""},
		{1, ev(props{"key": "ArrowDown", "altKey": true, "target.tagName": "SELECT"}), "11 12 13 14 15", ""},
		{1, ev(props{"key": "ArrowDown", "altKey": true, "target.type": "datetime-local"}), "11 12 13 14 15", ""},
	} {
		r := five(t)
		r.c.said = ""
		r.do(func() { r.c.handleItemKey(test.at, test.keys) })
		if r.names() != test.want || r.c.said != test.said {
			t.Errorf("%v on %d: %s, said %q", test.keys, test.at, r.names(), r.c.said)
		}
		if moved := test.said != ""; moved != (test.keys.p["prevented"] == true) && test.keys.p["key"] != "ArrowUp" && test.at != 4 {
			t.Errorf("%v: prevented %v", test.keys, test.keys.p["prevented"])
		}
	}
}

// TestRowButtons: up, down, duplicate, remove.
func TestRowButtons(t *testing.T) {
	press := func(r *rig, i, button int) {
		r.do(func() { r.c.handleRow(i, r.c.items[i].Buttons[button], once) })
	}
	r := five(t)
	press(r, 0, 0)
	press(r, 4, 1)
	if r.names() != "11 12 13 14 15" {
		t.Errorf("moved out of the list: %s", r.names())
	}
	press(r, 1, 0)
	press(r, 3, 1)
	if r.names() != "12 11 13 15 14" {
		t.Errorf("up and down: %s", r.names())
	}
	press(r, 2, 2)
	if r.names() != "12 11 13 13 15 14" || r.c.autofocus(fieldKey(r.c.draft.items[3].id, campaign)) == nil {
		t.Errorf("doubled: %s", r.names())
	}
	press(r, 5, 3)
	press(r, 0, 3)
	if r.names() != "11 13 13 15" || r.c.autofocus(itemKey(r.c.draft.items[0].id)) == nil {
		t.Errorf("removed: %s", r.names())
	}
	for range 4 {
		press(r, 0, 3)
	}
	if r.names() != "" || r.c.autofocus(actionKey(add)) == nil {
		t.Error("not empty")
	}
	for range commdn.MaxSequenceItems + 3 {
		r.do(func() { r.c.handleButton(add, once) })
	}
	press(r, 0, 2)
	if n := len(r.c.draft.items); n != commdn.MaxSequenceItems {
		t.Errorf("%d items", n)
	}
}

// TestNewItem: a new item is dialed like the one before.
func TestNewItem(t *testing.T) {
	r := ready(t)
	r.do(func() { r.c.handleButton(add, once) })
	if it := r.c.draft.items[2]; it.Dialing != r.c.draft.items[1].Dialing || it.StopAtDials != 0 || r.c.open != it.id {
		t.Errorf("new: %+v", it.SequenceItem)
	}
	r.do(func() { r.c.handleOpen(2, once) })
	if r.c.open != 0 {
		t.Error("not closed")
	}
}
