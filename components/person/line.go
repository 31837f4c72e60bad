package person

import (
	"strconv"

	"github.com/vugu/vugu"

	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/commdn"
)

// line is one request of the element, from the click on.
type line struct {
	who   subject
	entry session.Entry
	past  bool // it went well, and the agent is on another call now
}

// key tells the line from its siblings.
func (a *line) key() string { return strconv.Itoa(a.entry.ID) }

// class is the CSS class: the outcome, and line unless it is past.
func (a *line) class() string {
	if a.past {
		return "past row result done"
	}
	return "line row result " + string(a.entry.Outcome)
}

// settled reports whether the request has its result.
func (a *line) settled() bool { return !a.entry.UnderWay() }

func (c *Person) send(who subject) {
	a := &line{who: who, entry: c.env.Session.Send(c.kind.request(who))}
	c.lines = append([]*line{a}, c.lines...)
	c.news = a
	c.forget()
	c.emitEntry("commdn-state", a.entry)
}

func (c *Person) emitEntry(name string, e session.Entry) {
	c.env.Emit(name, ui.Detail(c.env.Lang(), e))
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
	changed, late := false, c.unanswered.Late(e)
	if shown != nil {
		changed = shown.entry.Outcome != e.Outcome // else another OCS has answered late
		shown.entry = e
	}
	if changed {
		c.news = shown
	}
	if changed || late {
		c.emitEntry("commdn-state", e)
	}
	switch {
	case late:
		c.emitEntry("commdn-late", e)
	case changed && !e.UnderWay():
		c.unanswered.Note(e)
		c.emitEntry("commdn-result", e)
	}
	return shown != nil
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

// shownLines returns the shown requests, newest first.
func (c *Person) shownLines() []*line {
	if c.history == 0 {
		return nil
	}
	return c.lines
}

// lineText says what became of a request, why and when.
func (c *Person) lineText(a *line) string {
	l, e := c.env.Lang(), a.entry
	text := ui.Outcome(c.env.Session, l, e)
	if !a.settled() {
		return text
	}
	if c.answers(a) == nil || e.Fault() == nil { // else each OCS has its own line
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

// canRetry reports whether the same request can be sent again.
func (c *Person) canRetry(a *line) bool { return a.entry.CanRetry() && !c.blocked() }

// handleRetry sends the same request again, unless it is in flight.
func (c *Person) handleRetry(a *line, event vugu.DOMEvent) {
	if again(event) || !c.canRetry(a) {
		return
	}
	for _, b := range c.lines {
		if b.who == a.who && !b.settled() {
			return
		}
	}
	c.remove(a)
	c.send(a.who)
}

// handleDismiss removes a settled request from the page.
func (c *Person) handleDismiss(a *line, event vugu.DOMEvent) {
	if !again(event) && a.settled() {
		c.remove(a)
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
	c.giveFocus(nowhere)
}
