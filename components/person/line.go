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
	past  bool // it went well, and the agent is with somebody else now
}

// Key tells the line from its siblings.
func (a *line) Key() string { return strconv.Itoa(a.entry.ID) }

// Class is the CSS class: the outcome, and line unless it is past.
func (a *line) Class() string {
	if a.past {
		return "past row result done"
	}
	return "line row result " + string(a.entry.Outcome)
}

// Settled says whether the request has its result.
func (a *line) Settled() bool { return !a.entry.UnderWay() }

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

// entryChanged takes in what has become of a request, if it is one of ours, and
// says whether anything is to be shown of it.
func (c *Person) entryChanged(e session.Entry) bool {
	for _, a := range c.lines {
		if a.entry.ID == e.ID && a.entry.Outcome != e.Outcome {
			a.entry, c.news = e, a
			c.emitEntry("commdn-state", e)
			if a.Settled() {
				c.emitEntry("commdn-result", e)
			}
			return true
		}
	}
	return false
}

// forget drops the oldest settled requests beyond those that are shown. Those
// under way and the last one, which the button tells of, are never dropped.
func (c *Person) forget() {
	for i := len(c.lines) - 1; i > 0 && len(c.lines) > c.history; i-- {
		if c.lines[i].Settled() {
			c.drop(i)
		}
	}
}

func (c *Person) drop(i int) { c.lines = append(c.lines[:i], c.lines[i+1:]...) }

// Lines are the requests that are shown, newest first.
func (c *Person) Lines() []*line {
	if c.history == 0 {
		return nil
	}
	return c.lines
}

// Text says what has become of a request, why and when.
func (c *Person) Text(a *line) string {
	l, e := c.env.Lang(), a.entry
	text := ui.Outcome(c.env.Session, l, e)
	if !a.Settled() {
		return text
	}
	if len(e.Answers) < 2 || e.Fault() == nil { // else each OCS has its line
		if why := ui.Why(l, e.Err).String(); why != "" {
			text += " · " + why
		}
	}
	if len(e.Answers) == 1 {
		if m, ok := e.Answers[0].(*commdn.RecordCanceled); ok && m.Incomplete() {
			text += " · " + m.Message
		}
	}
	return text + " · " + l.Clock(e.At)
}

// Answers says what each OCS answered, where several did.
func (c *Person) Answers(a *line) []string {
	if len(a.entry.Answers) < 2 {
		return nil
	}
	l := c.env.Lang()
	var answers []string
	for _, m := range a.entry.Answers {
		text := l.Text(lang.OutcomeOcsDone)
		switch m := m.(type) {
		case *commdn.Fault:
			text = ui.FaultReason(l, m).String()
		case *commdn.RecordCanceled:
			if m.Incomplete() {
				text = ui.Word(l, session.Incomplete) + " · " + m.Message
			}
		}
		answers = append(answers, l.Text(lang.OutcomeOcs, "dbid", strconv.Itoa(int(m.Addr().Origin)), "text", text))
	}
	return answers
}

// CanRetry says whether the same can be sent again.
func (c *Person) CanRetry(a *line) bool { return a.entry.CanRetry() && !c.blocked() }

// HandleRetry sends the same again, unless that is under way already.
func (c *Person) HandleRetry(a *line, event vugu.DOMEvent) {
	if again(event) || !c.CanRetry(a) {
		return
	}
	for _, b := range c.lines {
		if b.who == a.who && !b.Settled() {
			return
		}
	}
	c.remove(a)
	c.send(a.who)
}

// HandleDismiss takes a settled request off the page.
func (c *Person) HandleDismiss(a *line, event vugu.DOMEvent) {
	if !again(event) && a.Settled() {
		c.remove(a)
	}
}

// remove takes the line away, and with it the button that had the focus.
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
