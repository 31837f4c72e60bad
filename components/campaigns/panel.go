package campaigns

import (
	"strconv"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/commdn"
)

// Of long lists the panel shows so much.
const (
	namesShown    = 12
	failuresShown = 100
)

// panel is where actions are chosen, confirmed and reported. What it is about
// does not change while it is open.
type panel struct {
	rows    []*row
	bulk    bool // of the selection
	act     *action
	targets []*target // of act
	form    form
	sent    bool // and stays open to tell what becomes of it
}

// openRow opens the panel for one row.
func (c *Campaigns) openRow(r *row) { c.open(&panel{rows: []*row{r}}) }

// HandleBulk opens it for the selection.
func (c *Campaigns) HandleBulk(vugu.DOMEvent) {
	if c.picked > 0 {
		c.open(&panel{rows: c.selection(), bulk: true})
	}
}

func (c *Campaigns) open(p *panel) {
	c.panel = p
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

// HandleClose closes the panel.
func (c *Campaigns) HandleClose(vugu.DOMEvent) { c.close() }

// HandlePanelKey takes one step back on Escape. Enter held down must not press
// one button after the other.
func (c *Campaigns) HandlePanelKey(event vugu.DOMEvent) {
	switch key := event.PropString("key"); {
	case key == "Enter" && event.PropBool("repeat"):
		event.PreventDefault()
	case key == "Escape" && c.panel != nil:
		event.StopPropagation() // a dialog of the host around us stays open
		c.back()
	}
}

// HandleBack is the button beside the one that sends.
func (c *Campaigns) HandleBack(event vugu.DOMEvent) {
	if event.PropFloat64("detail") <= 1 {
		c.back()
	}
}

func (c *Campaigns) back() {
	if !c.Asking() {
		c.close()
		return
	}
	c.panel.act = nil
	c.moveFocus("panel")
}

// Choosing, Asking and Reporting are the three looks of the panel.
func (c *Campaigns) Choosing() bool { return c.panel != nil && c.panel.act == nil }

// Asking says whether the panel asks before it sends.
func (c *Campaigns) Asking() bool { return c.panel != nil && c.panel.act != nil && !c.panel.sent }

// Reporting says whether it tells what has become of a bulk action.
func (c *Campaigns) Reporting() bool { return c.panel != nil && c.panel.sent }

// Heading says what the panel is about.
func (c *Campaigns) Heading() string {
	p := c.panel
	if !p.bulk {
		return p.rows[0].what() + " · " + ui.State(c.lang, p.rows[0].status())
	}
	return c.lang.Count(lang.CampaignsSelected, len(p.rows))
}

// choice is a button of the panel.
type choice struct {
	act          *action
	text, off    string // off: aria-disabled
	title, focus any    // attributes; the first that is possible gets the focus
}

// choose makes the actions, with those rows counted that they are possible for.
func (c *Campaigns) choose() {
	c.choices, c.none = nil, ""
	if !c.Choosing() {
		return
	}
	blocked, focus, all := c.blocked(), c.Focus("panel"), 0
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

// HandleAction is a click on one of them. Stop and unload of one row are sent at
// once: the panel was opened for it, and both can be taken back.
func (c *Campaigns) HandleAction(a *action, event vugu.DOMEvent) {
	if !c.Choosing() || event.PropFloat64("detail") > 1 || c.blocked() != "" {
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
	if !p.bulk && !a.dialing && a.typ != commdn.ReqForceUnloadCampaign {
		c.confirm()
		return
	}
	c.moveFocus("panel")
}

// Question says what will be asked, and of how many.
func (c *Campaigns) Question() string {
	p := c.panel
	if !p.bulk {
		return ui.Request(c.env.Session, c.lang, p.targets[0].request(p.act, commdn.Dialing{}, 0))
	}
	return c.lang.Count(lang.CampaignsMany, len(p.targets), "action", c.lang.Text(p.act.word))
}

// Names are those of a bulk action; a long list ends with how many more.
func (c *Campaigns) Names() []string {
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

// Notes are what to know before it is sent: which rows are left out, what OCS
// does to calls in progress.
func (c *Campaigns) Notes() []string {
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

// MovedOn says that rows have changed since the panel asked, so that what is
// asked makes no sense for them any more.
func (c *Campaigns) MovedOn() string {
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

// YesText is the button that sends.
func (c *Campaigns) YesText() string { return c.lang.Text(c.panel.act.word) }

// YesClass is its class: what stops people's work looks like it.
func (c *Campaigns) YesClass() string {
	if t := c.panel.act.typ; t == commdn.ReqLoadCampaign || t == commdn.ReqStartDialing || t == commdn.ReqSetDialingMode {
		return "primary"
	}
	return "danger"
}

// YesWhy says why it cannot be sent; empty: it can.
func (c *Campaigns) YesWhy() string {
	if why := c.blocked(); why != "" {
		return why
	}
	return c.GoalProblem()
}

// YesOff is aria-disabled of the button.
func (c *Campaigns) YesOff() string { return strconv.FormatBool(c.YesWhy() != "") }

// HandleYes sends what the panel shows. The second click of a double click does
// not count: it was not meant for this button.
func (c *Campaigns) HandleYes(event vugu.DOMEvent) {
	if c.Asking() && event.PropFloat64("detail") <= 1 && c.YesWhy() == "" {
		c.confirm()
	}
}

func (c *Campaigns) confirm() {
	p := c.panel
	for _, t := range p.targets {
		t.req = t.request(p.act, p.form.dialing(t), commdn.AutoCompletion(number(p.form.finish)))
	}
	if p.sent = p.bulk; p.bulk {
		c.moveFocus("panel")
	} else {
		c.close()
	}
	c.send(p.targets)
}

// Trouble is the failure of the row that the panel is about, in full.
func (c *Campaigns) Trouble() string {
	p := c.panel
	if p == nil || p.bulk || p.act != nil || !p.rows[0].failed() {
		return ""
	}
	e := p.rows[0].g.Last
	return c.lang.Clock(e.At) + " · " + ui.Outcome(c.env.Session, c.lang, e) + " · " + ui.Why(c.lang, e.Err).String()
}

// HandleDismiss takes failures out of the rows that the panel is about.
func (c *Campaigns) HandleDismiss(vugu.DOMEvent) {
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

// Summary counts what has become of a bulk action.
func (c *Campaigns) Summary() string {
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

// Outcomes are those that went wrong, and those under way.
func (c *Campaigns) Outcomes() []string {
	var lines []string
	for _, t := range c.panel.targets {
		if t.entry.ID == 0 || t.entry.Outcome == session.Done {
			continue
		}
		if len(lines) == failuresShown {
			break
		}
		text := t.name + " · " + ui.Word(c.lang, t.entry.Outcome)
		if why := ui.Why(c.lang, t.entry.Err).String(); why != "" {
			text += ": " + why
		}
		lines = append(lines, text)
	}
	return lines
}

// Unsent says whether requests of the bulk action still wait for their turn.
func (c *Campaigns) Unsent() bool { return len(c.queue) > 0 }

// HandleHold keeps those from being sent.
func (c *Campaigns) HandleHold(vugu.DOMEvent) {
	for _, t := range c.queue {
		t.held = true
	}
	c.queue = nil
	c.moveFocus("panel")
}

// PanelClass marks a panel that asks before something that stops people's work.
func (c *Campaigns) PanelClass() string {
	if c.Asking() && c.YesClass() == "danger" {
		return "panel ask"
	}
	return "panel"
}

// FocusClose is autofocus of the button that closes: where no action is
// possible, and beside a report.
func (c *Campaigns) FocusClose() any {
	if c.Asking() {
		return nil
	}
	for _, x := range c.choices {
		if x.focus != nil {
			return nil
		}
	}
	return c.Focus("panel")
}

// FocusYes is autofocus of the button that sends, but for what stops people's work.
func (c *Campaigns) FocusYes() any {
	if c.YesClass() == "danger" {
		return nil
	}
	return c.Focus("panel")
}

// FocusNo is autofocus of the button that does not.
func (c *Campaigns) FocusNo() any {
	if c.YesClass() != "danger" {
		return nil
	}
	return c.Focus("panel")
}
