package campaigns

import (
	"strconv"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/commdn"
)

// Limits of the lists in the panel.
const (
	namesShown    = 12
	failuresShown = 100
)

// panel is where a supervisor chooses and confirms actions and reads their results. It
// lies below the table, so that no row moves when it opens; on a narrow page the style
// sheet keeps the marked card in the sight of the smaller table. Its rows do not change while it is open.
type panel struct {
	rows    []*row
	bulk    bool // for the selection
	act     *action
	targets []*target // of act
	form    form
	sent    bool               // stays open to show the results
	follow  bool               // gives the focus to what follows a request, unless somebody moves on
	was     commdn.GroupStatus // of the row when that was sent
}

// openRow opens the panel for one row.
func (c *Campaigns) openRow(r *row, event vugu.DOMEvent) {
	c.open(&panel{rows: []*row{r}}, event)
}

// handleBulk opens the panel for the selection.
func (c *Campaigns) handleBulk(event vugu.DOMEvent) {
	if c.picked > 0 && !c.keyed.Again(event) {
		c.open(&panel{rows: c.selection(), bulk: true}, event)
	}
}

func (c *Campaigns) open(p *panel, event vugu.DOMEvent) {
	c.panel = p
	c.keyed.Open(event, c.env.Now())
	c.moveFocus("panel")
}

// close closes the panel and gives the focus back.
func (c *Campaigns) close() {
	if c.panel.bulk {
		c.moveFocus("bulk")
	} else {
		c.moveFocus("cell")
	}
	c.panel = nil
}

// handleClose handles the panel's ✕.
func (c *Campaigns) handleClose(event vugu.DOMEvent) {
	if !c.keyed.Again(event) {
		c.close()
	}
}

// handlePanelKey goes one step back on Escape, and sends on Enter in a field. It keeps a
// key from the panel that was under way before the panel asked.
func (c *Campaigns) handlePanelKey(event vugu.DOMEvent) {
	early := c.keyed.Down(event, c.env.Now())
	if c.panel != nil {
		c.panel.follow = false
	}
	switch key := event.PropString("key"); {
	case early:
		event.PreventDefault()
	case c.panel == nil:
	case key == "Escape":
		event.StopPropagation() // keep a dialog of the host around us open
		c.back()
	case key == "Enter" && event.PropString("target", "type") == "text" && !event.PropBool("repeat") && !event.PropBool("isComposing"):
		event.PreventDefault()
		if c.asking() && c.yesWhy() == "" {
			c.confirm()
		}
	}
}

// handleKeyUp follows the keys.
func (c *Campaigns) handleKeyUp(event vugu.DOMEvent) { c.keyed.Up(event) }

// handleBack handles the button beside the one that sends.
func (c *Campaigns) handleBack(event vugu.DOMEvent) {
	if c.keyed.Counts(event) {
		c.back()
	}
}

func (c *Campaigns) back() {
	if !c.asking() {
		c.close()
		return
	}
	c.panel.act = nil
	c.moveFocus("panel")
}

// choosing, asking and reporting are the three states of the panel.
func (c *Campaigns) choosing() bool { return c.panel != nil && c.panel.act == nil }

// asking reports whether the panel asks before it sends.
func (c *Campaigns) asking() bool { return c.panel != nil && c.panel.act != nil && !c.panel.sent }

// reporting reports whether the panel shows the results of a bulk action.
func (c *Campaigns) reporting() bool { return c.panel != nil && c.panel.sent }

// heading says what the panel is about.
func (c *Campaigns) heading() string {
	p := c.panel
	if !p.bulk {
		return p.rows[0].what() + " · " + ui.State(c.lang, p.rows[0].status())
	}
	return c.lang.Count(lang.CampaignsSelected, len(p.rows))
}

// choice is a button of the panel.
type choice struct {
	_            ui.NoCompare
	act          *action
	text, off    string // off: aria-disabled
	title, focus any    // attributes; the first possible action gets the focus
}

// choose builds the actions, each with the number of rows that allow it.
func (c *Campaigns) choose() {
	c.choices, c.none = nil, ""
	if !c.choosing() {
		return
	}
	if p, r := c.panel, c.panel.rows[0]; p.follow && !r.g.Busy() && (r.failed() || r.status() != p.was) {
		p.follow = false
		c.moveFocus("panel")
	}
	blocked, focus, all := c.blocked(), c.autofocus("panel"), 0
	for i, a := range actions {
		can, why := 0, blocked
		for _, r := range c.panel.rows {
			if no := c.refusal(a, r); no == "" {
				can++
			} else if blocked == "" {
				why = no
			}
		}
		x := choice{act: a, text: c.lang.Text(a.word), off: "false"}
		if c.panel.bulk {
			x.text = c.lang.Text(lang.CampaignsSome, "action", x.text, "n", c.lang.Number(can), "all", c.lang.Number(len(c.panel.rows)))
		}
		if can == 0 || blocked != "" {
			x.off, x.title = "true", why
		} else {
			x.focus, focus = focus, nil
		}
		all += can
		c.choices = append(c.choices, x)
		if i == 0 {
			c.none = why
		}
	}
	if all > 0 && blocked == "" {
		c.none = ""
	}
}

// handleAction handles a click on an action: the panel asks.
func (c *Campaigns) handleAction(a *action, event vugu.DOMEvent) {
	if !c.choosing() || !c.keyed.Counts(event) || c.blocked() != "" {
		return
	}
	p := c.panel
	p.targets = nil
	for _, r := range p.rows {
		if c.refusal(a, r) == "" {
			key := r.g.Key
			key.OCS = c.target(r)
			p.targets = append(p.targets, &target{row: r, name: r.what(), key: key, dialing: r.g.Dialing})
		}
	}
	if len(p.targets) == 0 {
		return
	}
	p.act, p.form = a, form{}
	if a.dialing {
		p.form = newForm(a, p.targets)
	}
	c.keyed.Open(event, c.env.Now())
	c.moveFocus("panel")
}

// question says which action goes to how many groups.
func (c *Campaigns) question() string {
	p := c.panel
	if !p.bulk {
		return ui.Request(c.env.Session, c.lang, p.targets[0].request(p.act, commdn.Dialing{}, 0, nil))
	}
	return c.lang.Count(lang.CampaignsMany, len(p.targets), "action", c.lang.Text(p.act.word))
}

// names lists the groups of a bulk action. A long list ends with the number of the
// others.
func (c *Campaigns) names() []string {
	p := c.panel
	if !p.bulk {
		return nil
	}
	var names []string
	for i, t := range p.targets {
		if i == namesShown {
			return append(names, c.lang.Text(lang.CampaignsMore, "n", c.lang.Number(len(p.targets)-i)))
		}
		names = append(names, t.name)
	}
	return names
}

// notes say what to know before sending: which rows are left out, and what OCS does to
// calls in progress.
func (c *Campaigns) notes() []string {
	p := c.panel
	var notes []string
	if n := len(p.rows) - len(p.targets); n > 0 {
		notes = append(notes, c.lang.Count(lang.CampaignsSkipped, n))
	}
	switch {
	case p.act.typ == commdn.ReqForceUnloadCampaign:
		notes = append(notes, c.lang.Text(lang.CampaignsForceNote))
	case p.act.typ == commdn.ReqUnloadCampaign:
		notes = append(notes, c.lang.Text(lang.CampaignsUnloadNote))
	case p.form.untold > 0:
		notes = append(notes, c.lang.Count(lang.CampaignsUntold, p.form.untold))
	}
	return notes
}

// movedOn says that some rows have changed since the panel asked and no longer allow the
// action.
func (c *Campaigns) movedOn() string {
	n := 0
	for _, t := range c.panel.targets {
		if c.refusal(c.panel.act, t.row) != "" {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return c.lang.Count(lang.CampaignsMovedOn, n)
}

// yesText is the text of the button that sends.
func (c *Campaigns) yesText() string { return c.lang.Text(c.panel.act.yes) }

// yesClass is its class; an action that stops people's work looks like it.
func (c *Campaigns) yesClass() string {
	if t := c.panel.act.typ; t == commdn.ReqLoadCampaign || t == commdn.ReqStartDialing || t == commdn.ReqSetDialingMode {
		return "primary"
	}
	return "danger"
}

// yesWhy says why sending is impossible. Empty means that it is possible.
func (c *Campaigns) yesWhy() string {
	if why := c.blocked(); why != "" {
		return why
	}
	return c.formProblem()
}

// yesOff is aria-disabled of the button.
func (c *Campaigns) yesOff() string { return strconv.FormatBool(c.yesWhy() != "") }

// handleYes sends what the panel shows.
func (c *Campaigns) handleYes(event vugu.DOMEvent) {
	if c.asking() && c.keyed.Counts(event) && c.yesWhy() == "" {
		c.confirm()
	}
}

func (c *Campaigns) confirm() {
	p := c.panel
	priority, _ := p.form.priority.read()
	for _, t := range p.targets {
		t.req = t.request(p.act, p.form.dialing(t), commdn.AutoCompletion(number(p.form.finish)), priority)
	}
	targets := p.targets
	if p.sent = p.bulk; !p.bulk {
		p.act = nil // the panel stays for what follows: a start after a load
		p.follow, p.was = true, p.rows[0].status()
	}
	c.moveFocus("panel")
	c.send(targets)
}

// trouble is the full failure of the panel's row.
func (c *Campaigns) trouble() string {
	p := c.panel
	if p == nil || p.bulk || p.act != nil || !p.rows[0].failed() {
		return ""
	}
	e := p.rows[0].g.Last
	return c.lang.Clock(e.At) + " · " + ui.Outcome(c.env.Session, c.lang, e) + " · " + ui.Why(c.lang, e.Err).String()
}

// handleDismiss dismisses the failures of the panel's rows.
func (c *Campaigns) handleDismiss(event vugu.DOMEvent) {
	if c.keyed.Again(event) {
		return
	}
	for _, r := range c.panel.rows {
		if !r.g.Busy() {
			r.dismissed, r.cells = r.g.Last.ID, nil
		}
	}
	if c.panel.sent {
		c.close()
	} else {
		c.moveFocus("panel")
	}
}

// summary counts the results of a bulk action.
func (c *Campaigns) summary() string {
	var done, failed, held, left int
	for _, t := range c.panel.targets {
		switch {
		case t.held:
			held++
		case t.failed():
			failed++
		case t.entry.OK():
			done++
		default:
			left++
		}
	}
	text := c.lang.Text(lang.CampaignsSummary, "action", c.lang.Text(c.panel.act.word),
		"done", c.lang.Number(done), "failed", c.lang.Number(failed), "left", c.lang.Number(left))
	if held > 0 {
		text += " · " + c.lang.Count(lang.CampaignsHeld, held)
	}
	return text
}

// outcomes lists the requests that failed and those in flight.
func (c *Campaigns) outcomes() []string {
	var lines []string
	for _, t := range c.panel.targets {
		if t.entry.ID == 0 || t.entry.Outcome == session.Done {
			continue
		}
		if len(lines) == failuresShown {
			break
		}
		text := t.name + " · " + ui.EntryWord(c.lang, &t.entry)
		if why := ui.Why(c.lang, t.entry.Err).String(); why != "" {
			text += ": " + why
		}
		lines = append(lines, text)
	}
	return lines
}

// unsent reports whether requests of the bulk action are still queued.
func (c *Campaigns) unsent() bool { return len(c.queue) > 0 }

// handleHold holds back the queued requests.
func (c *Campaigns) handleHold(event vugu.DOMEvent) {
	if c.keyed.Again(event) {
		return
	}
	for _, t := range c.queue {
		t.held = true
	}
	c.queue = nil
	c.moveFocus("panel")
}

// panelClass marks a panel that asks before an action that stops people's work.
func (c *Campaigns) panelClass() string {
	if c.asking() && c.yesClass() == "danger" {
		return "panel ask"
	}
	return "panel"
}

// focusClose is autofocus of the close button: where no action is possible, and beside a
// report.
func (c *Campaigns) focusClose() any {
	if c.asking() {
		return nil
	}
	for _, x := range c.choices {
		if x.focus != nil {
			return nil
		}
	}
	return c.autofocus("panel")
}

// focusYes is autofocus of the button that sends, except for actions that stop people's
// work.
func (c *Campaigns) focusYes() any {
	if c.yesClass() == "danger" {
		return nil
	}
	return c.autofocus("panel")
}

// focusNo is autofocus of the button that does not send.
func (c *Campaigns) focusNo() any {
	if c.yesClass() != "danger" {
		return nil
	}
	return c.autofocus("panel")
}
