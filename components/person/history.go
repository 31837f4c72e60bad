package person

import (
	"strconv"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/components/session"
)

// same reports whether two requests are about one person.
func (s subject) same(t subject) bool {
	return s.text[phone] == t.text[phone] && s.text[customer] == t.text[customer]
}

// moved notes that the wanted request was another one before. The results of the caller
// before are no news beside the next one.
func (c *Person) moved(before subject) {
	now := c.wanted()
	if now.same(before) {
		return
	}
	c.room.Free()
	c.open = false
	for _, a := range c.lines {
		a.past = a.past || !a.who.same(now) && a.entry.Outcome == session.Done
	}
	if a := c.news; a != nil && a.settled() && !a.who.same(now) {
		c.news = nil
	}
	if c.undoFocused { // its button moves to another group, which takes the focus
		c.giveFocus(undoing)
	}
}

// current is the line of what is wanted now, unless that request failed. The records of a
// caller who returns may be other ones, so that they can be cancelled again.
func (c *Person) current() *line {
	now := c.wanted()
	for _, a := range c.lines {
		if !(a.past && c.kind.cancel) && a.who == now && (!a.settled() || a.entry.Outcome == session.Done) {
			return a
		}
	}
	return nil
}

// listed reports whether what the button would ask is done: by this element, or for a
// number on the list by any request of this session.
func (c *Person) listed() bool {
	if a := c.current(); a != nil {
		return a.settled()
	}
	return !c.kind.cancel && c.env.Session.DoneAlready(c.kind.request(c.wanted()))
}

// busy reports whether a click would change nothing: the confirmation is open, or this
// very request is in flight or done.
func (c *Person) busy() bool { return c.asking != nil || c.current() != nil || c.listed() }

// group is the requests about the person that the element shows, or those about others.
type group struct {
	lines   []*line // newest first
	earlier bool
	failed  int
}

// groups returns the groups that hold a request.
func (c *Person) groups() []*group {
	var groups []*group
	now := c.wanted()
	for _, earlier := range []bool{false, true} {
		g := &group{earlier: earlier}
		for _, a := range c.lines {
			if a.who.same(now) != earlier && (c.history > 0 || c.canUndo(a)) {
				g.lines = append(g.lines, a)
				if a.entry.CanRetry() {
					g.failed++
				}
			}
		}
		if len(g.lines) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// key tells the groups apart.
func (g *group) key() string { return strconv.FormatBool(g.earlier) }

// class is the CSS class of a group.
func (g *group) class() string {
	if g.earlier && g.failed > 0 {
		return "stack earlier failed"
	}
	return "stack"
}

// expanded is the aria-expanded of the button that opens the requests about others.
func (c *Person) expanded() string { return strconv.FormatBool(c.open) }

// handleEarlier opens or closes them.
func (c *Person) handleEarlier() { c.open = !c.open }

// inSight returns the lines of a group that are in sight. What can be undone, which are
// the newest ones, always is.
func (c *Person) inSight(g *group) []*line {
	n := len(g.lines)
	if g.earlier && !c.open {
		for n = 0; n < len(g.lines) && c.canUndo(g.lines[n]); n++ {
		}
	}
	return g.lines[:n]
}

// earlierText heads the requests about others. It counts them, and those that failed: the
// list is closed.
func (c *Person) earlierText(g *group) string {
	l := c.env.Lang()
	text := l.Text(lang.PersonEarlier, "n", l.Number(len(g.lines)))
	if g.failed > 0 {
		text += " · " + l.Count(lang.PersonEarlierFailed, g.failed)
	}
	return text
}

// canRetry reports whether the same request can be sent again.
func (c *Person) canRetry(a *line) bool { return a.entry.CanRetry() && !c.blocked() }

// handleRetry asks whether to send the same request again, unless it is in flight. It
// asks even where the button does not: the line may be about a caller before.
func (c *Person) handleRetry(a *line, event vugu.DOMEvent) {
	if twice(event) || !c.canRetry(a) {
		return
	}
	for _, b := range c.lines {
		if b.who == a.who && !b.settled() {
			return
		}
	}
	if c.asking != nil {
		c.close()
	}
	c.ask(a.who, nowhere, event)
	c.again = a
}

// handleDismiss removes a settled request from the page.
func (c *Person) handleDismiss(a *line, event vugu.DOMEvent) {
	if !twice(event) && a.settled() {
		c.room.Keep(event)
		c.remove(a)
		c.giveFocus(nowhere)
	}
}

// remove removes the line, and with it the button that had the focus.
func (c *Person) remove(a *line) {
	for i, b := range c.lines {
		if a == b {
			c.drop(i)
			break
		}
	}
	if c.news == a {
		c.news = nil
	}
	if c.again == a {
		c.again = nil
	}
}
