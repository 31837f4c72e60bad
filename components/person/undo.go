package person

import (
	"time"

	"github.com/vugu/vugu"

	"commdn/components/lang"
)

// left is for how many seconds the agent can still take a request back; 0: not at all.
func (c *Person) left(a *line) int {
	if a.undone || a.settled() || a.entry.Until.IsZero() {
		return 0
	}
	return max(int((a.entry.Until.Sub(c.env.Now())+time.Second-1)/time.Second), 0)
}

// canUndo reports whether that is so.
func (c *Person) canUndo(a *line) bool { return c.left(a) > 0 }

// count draws the seconds of the countdown.
func (c *Person) count() {
	time.AfterFunc(time.Second, func() {
		c.env.UpdateIf(func() bool {
			c.leaveUndo()
			for _, a := range c.lines {
				if c.canUndo(a) {
					c.count()
					break
				}
			}
			return true
		})
	})
}

// leaveUndo gives the focus back to the main button where that of undo goes with the
// focus on it.
func (c *Person) leaveUndo() {
	if c.undoFocused && !c.canUndo(c.undoLine) {
		c.undoFocused = false
		c.giveFocus(nowhere)
	}
}

// undoFocus is the autofocus of the button that takes a back.
func (c *Person) undoFocus(a *line) any {
	if a != c.undoLine {
		return nil
	}
	return c.focus(undoing)
}

// handleUndoFocus follows the focus of that button.
func (c *Person) handleUndoFocus(a *line, on bool) { c.undoLine, c.undoFocused = a, on }

// handleUndo takes a request back.
func (c *Person) handleUndo(a *line, event vugu.DOMEvent) {
	if c.press.Counts(event) && c.canUndo(a) {
		c.press.Open(event, c.env.Now()) // a bouncing key must not ask for the same again
		c.room.Keep(event)
		a.undone = true
		c.env.Session.Undo(a.entry.ID)
		c.leaveUndo()
	}
}

// undoText is the button's text.
func (c *Person) undoText() string { return c.text(lang.PersonUndo) }

// countText is what the style sheet writes behind it: out of the hearing of screen
// readers, which the seconds would interrupt.
func (c *Person) countText(a *line) string { return " · " + c.env.Lang().Number(c.left(a)) + " s" }
