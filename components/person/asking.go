package person

import (
	"github.com/vugu/vugu"
)

// handleKey closes the confirmation on Escape, and keeps a key from it that was not meant
// for it.
func (c *Person) handleKey(event vugu.DOMEvent) {
	early := c.press.Down(event, c.env.Now())
	switch {
	case early && (c.asking != nil || c.undoLine != nil && c.undoLine == c.news):
		event.PreventDefault()
	case c.asking == nil:
	case event.PropString("key") == "Escape":
		event.StopPropagation() // keep a dialog of the host around us open
		c.close()
		c.giveFocus(c.from)
	}
}

// handleKeyUp follows the keys.
func (c *Person) handleKeyUp(event vugu.DOMEvent) { c.press.Up(event) }

// handleEnter clicks the button on Enter in a field. It handles keypress, not keydown:
// there is no keypress while the user composes characters. A key that repeats presses
// nothing.
func (c *Person) handleEnter(event vugu.DOMEvent) {
	if event.PropString("key") != "Enter" {
		return
	}
	if event.PropBool("repeat") {
		event.PreventDefault()
		return
	}
	if event.PropString("target", "tagName") != "INPUT" {
		return
	}
	name := event.PropString("target", "name")
	from := nowhere
	for i, f := range fields {
		if f.attribute == name {
			from = i
		}
	}
	c.click(from, event)
}

// twice reports the second click of a double click, which was not meant for what is there
// now.
func twice(event vugu.DOMEvent) bool { return event.PropFloat64("detail") > 1 }

// handleClick opens the confirmation, or sends if the element needs none.
func (c *Person) handleClick(event vugu.DOMEvent) {
	if !twice(event) {
		c.click(nowhere, event)
	}
}

func (c *Person) click(from int, event vugu.DOMEvent) {
	switch {
	case c.buttonOff() || c.busy():
	case c.confirm:
		c.ask(c.wanted(), from, event)
	default:
		c.send(c.wanted(), event)
	}
}

// ask opens the confirmation.
func (c *Person) ask(who subject, from int, event vugu.DOMEvent) {
	c.asking, c.shown, c.from, c.again = &who, c.wanted(), from, nil
	c.askForms(who)
	c.press.Open(event, c.env.Now())
	c.emitSubject("confirming", who)
}

// handleYes sends what the confirmation shows.
func (c *Person) handleYes(event vugu.DOMEvent) {
	if c.asking == nil || !c.press.Counts(event) {
		return
	}
	who, before := *c.asking, c.again
	c.asking, c.again = nil, nil
	c.forms.end()
	c.room.Keep(event)
	if before != nil {
		c.remove(before)
	}
	c.giveFocus(c.from)
	c.send(who, event)
}

// handleNo closes the confirmation.
func (c *Person) handleNo(event vugu.DOMEvent) {
	if c.asking != nil && c.press.Counts(event) {
		c.room.Keep(event)
		c.close()
		c.giveFocus(c.from)
	}
}

func (c *Person) close() {
	who := *c.asking
	c.asking, c.again = nil, nil
	c.forms.end()
	c.emitSubject("idle", who)
}

// space is the attribute style of the element's outermost node.
func (c *Person) space() any { return c.room.Style() }
