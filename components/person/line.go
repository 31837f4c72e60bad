package person

import (
	"strconv"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/commdn"
)

// line is one request of the element, from the click on.
type line struct {
	who   subject
	entry session.Entry
	past  bool // it went well, and the agent has been on another call since

	undone bool // the agent has taken it back, in time or not
}

// key tells the line from its siblings.
func (a *line) key() string { return strconv.Itoa(a.entry.ID) }

// class is the CSS class: it names the outcome.
func (a *line) class() string {
	return "line row result " + string(a.entry.Outcome)
}

// settled reports whether the request has its result.
func (a *line) settled() bool { return !a.entry.UnderWay() }

func (c *Person) send(who subject, event vugu.DOMEvent) {
	a := &line{who: who, entry: c.env.Session.Hold(c.kind.request(who), c.window)}
	c.lines = append([]*line{a}, c.lines...)
	c.news = a
	c.open = c.open || !who.same(c.wanted()) // else the result would come out of sight
	c.forget()
	c.emitEntry(a.entry, "commdn-state")
	if c.canUndo(a) {
		c.undoLine = a
		c.count()
		// Enter and Space, which may have sent it, count on the button only when pressed anew.
		c.press.Open(event, c.env.Now())
		c.giveFocus(undoing)
	}
}

func (c *Person) emitEntry(e session.Entry, events ...string) {
	c.env.Emit(ui.Detail(c.env.Lang(), e), events...)
}

// entryChanged takes a change of a request if it is one of ours, and reports whether the
// page shows it. The host page hears of a late answer even if the line is gone.
func (c *Person) entryChanged(e session.Entry) bool {
	var shown *line
	for _, a := range c.lines {
		if a.entry.ID == e.ID {
			shown = a
		}
	}
	if shown == nil && e.Earlier {
		shown = c.adopt(e)
	}
	changed, late := false, c.unanswered.Late(e)
	if shown != nil {
		changed = shown.entry.Outcome != e.Outcome // else another OCS has answered late, or it is kept now
		shown.entry = e
		c.leaveUndo()
	}
	if changed {
		c.news = shown
	}
	switch {
	case late:
		c.emitEntry(e, "commdn-state", "commdn-late")
	case changed && !e.UnderWay():
		c.unanswered.Note(e)
		c.emitEntry(e, "commdn-state", "commdn-result")
	case changed:
		c.emitEntry(e, "commdn-state")
	}
	return shown != nil || e.Outcome == session.Done && c.isWanted(e.Req) // by another element: the button says so
}

// isWanted reports whether a request is the one that the button asks for.
func (c *Person) isWanted(req commdn.Request) bool {
	s, ok := c.subjectOf(req)
	return ok && s == c.wanted()
}

// forget drops the oldest settled requests beyond those that are shown. It keeps the
// requests in flight and the last one, which the button reports.
func (c *Person) forget() {
	for i := len(c.lines) - 1; i > 0 && len(c.lines) > c.history; i-- {
		if c.lines[i].settled() {
			c.drop(i)
		}
	}
}

func (c *Person) drop(i int) { c.lines = append(c.lines[:i], c.lines[i+1:]...) }

// lineText says what became of a request, why and when.
func (c *Person) lineText(a *line) string {
	l, e := c.env.Lang(), a.entry
	text := ui.Outcome(c.env.Session, l, e)
	if a.undone && !a.settled() && e.Until.IsZero() {
		text = l.Text(lang.PersonTooLate, "what", text)
	}
	if !a.settled() {
		return text
	}
	if e.Outcome != session.Undone && (c.answers(a) == nil || e.Fault() == nil) { // else each OCS has its own line
		if why := ui.Why(l, e.Err).String(); why != "" {
			text += " · " + why
		}
	}
	if len(e.Answers) > 0 && c.answers(a) == nil {
		if m, ok := e.Answers[0].(*commdn.RecordCanceled); ok && m.Incomplete() {
			text += " · " + m.Message
		}
	}
	return text + " · " + l.Clock(e.At)
}

// answers are the lines below that of the request; there are none if it says all.
func (c *Person) answers(a *line) []string {
	if lines := ui.Answers(c.env.Lang(), a.entry.Answers); len(lines) > 1 {
		return lines
	}
	return nil
}
