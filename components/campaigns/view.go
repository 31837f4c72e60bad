package campaigns

import (
	"strconv"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/commdn"
)

// words are the texts that change only with the language.
type words struct {
	_                                                              ui.NoCompare
	title, filter, clear, all, actions, close, back, dismiss, hold string
}

func (c *Campaigns) speak() {
	t := func(k lang.Key) string { return c.lang.Text(k) }
	c.w = words{ui.NoCompare{}, t(lang.CampaignsTitle), t(lang.CampaignsFilter), t(lang.CampaignsClear), t(lang.CampaignsSelectAll), t(lang.CampaignsActions), t(lang.CommonClose), t(lang.CommonBack), t(lang.CommonDismiss), t(lang.CampaignsHold)}
}

// setColumns chooses the columns.
func (c *Campaigns) setColumns() {
	several, first := len(c.env.Session.Status().OCS) > 1, commdn.DBID(0)
	for _, r := range c.order {
		id := r.g.Key.OCS
		several = several || id != 0 && first != 0 && id != first
		first = max(first, id)
	}
	before := c.there
	c.there = 0
	c.columns = c.columns[:0]
	for col := bySelect; col <= byActions; col++ {
		if (col != byOCS || several) && (col != byActions || c.canAct()) {
			c.columns = append(c.columns, col)
			c.there |= 1 << col
		}
	}
	if c.there != before {
		c.stale()
	}
}

// head is a column's header.
type head struct {
	_           ui.NoCompare
	col         column
	class, text string
	sorted, tab any // attributes
}

// heads returns all headers but the first, which selects all.
func (c *Campaigns) heads() []head {
	keys := [...]lang.Key{
		byCampaign: lang.CampaignsCampaign, byGroup: lang.CampaignsGroup, byOCS: lang.CampaignsOcs, byState: lang.CampaignsState,
		byMode: lang.CampaignsMode, byGoal: lang.CampaignsGoal, byChanged: lang.CampaignsChanged,
		byStrip: lang.CampaignsStrip, byActions: lang.CampaignsActions,
	}
	var heads []head
	for _, col := range c.columns[1:] {
		h := head{col: col, class: cellClass(col), tab: c.tab(nil, col)}
		if col == byStrip {
			h.text = c.stripText()
		} else {
			h.text = c.lang.Text(keys[col])
		}
		if col == c.sort {
			h.sorted = "ascending"
			if c.down {
				h.sorted = "descending"
			}
		}
		heads = append(heads, h)
	}
	return heads
}

// sortable reports whether the header is a button.
func (h head) sortable() bool { return h.col < byStrip }

func cellClass(col column) string { return "c c" + strconv.Itoa(int(col)) }

// allChecked is aria-checked of the first header.
func (c *Campaigns) allChecked() string {
	switch {
	case c.allSelected():
		return "true"
	case c.picked > 0:
		return "mixed"
	}
	return "false"
}

// cell is the content of a row in one column. The select and action columns, which hold
// controls, have none.
type cell struct {
	_                        ui.NoCompare
	col                      column
	class, text              string
	part, style, label, head any // attributes
}

// line is a row to draw.
type line struct {
	_ ui.NoCompare
	*row
	place, checked, mark string
}

// lines returns the rows to draw: those in sight, and the one with the focus.
func (c *Campaigns) lines() []line {
	first, end := c.inSight(len(c.shown))
	rows := make([]*row, 0, end-first+1)
	at := c.at.row
	if at != nil && at.index < first {
		rows = append(rows, at)
	}
	rows = append(rows, c.shown[first:end]...)
	if at != nil && at.index >= end {
		rows = append(rows, at)
	}
	c.recycle(rows)
	lines := make([]line, len(rows))
	for i, r := range rows {
		lines[i] = c.line(r)
	}
	return lines
}

func (c *Campaigns) line(r *row) line {
	if r.cells == nil {
		r.cells = c.draw(r)
		c.drawEnds(r)
	}
	mark := "r"
	if p := c.panel; p != nil && !p.bulk && p.rows[0] == r {
		mark = "r marked"
	}
	return line{row: r, place: "--i:" + strconv.Itoa(r.index), checked: strconv.FormatBool(r.selected), mark: mark}
}

// drawEnds builds the first and the last column of a row.
func (c *Campaigns) drawEnds(r *row) {
	r.sel, r.open, r.note, r.why = c.lang.Text(lang.CampaignsSelect, "what", r.what()), "", "", nil
	if c.place(byActions) < 0 {
		return
	}
	r.open = c.lang.Text(lang.CampaignsActionsFor, "what", r.what())
	switch last := &r.g.Last; {
	case r.g.Busy():
		if a := actionOf(last.Req); a != nil {
			r.note, r.noteClass = c.lang.Text(a.now), "note busy"
		}
	case r.failed():
		reason := ui.Why(c.lang, last.Err)
		r.note, r.noteClass = ui.EntryWord(c.lang, last), "note error"
		if reason.Code != "" {
			r.note += ": " + reason.Code
		}
		r.why = ui.Outcome(c.env.Session, c.lang, *last) + " · " + reason.String()
	}
	if r.note != "" {
		r.open += ", " + r.note
	}
}

// failed reports whether the last request failed and nobody dismissed that.
func (r *row) failed() bool {
	last := &r.g.Last
	return last.ID > r.dismissed && !last.UnderWay() && !last.OK()
}

// draw builds the cells of a row.
func (c *Campaigns) draw(r *row) []cell {
	cells := make([]cell, 0, len(c.columns))
	for _, col := range c.columns {
		x := cell{col: col, class: cellClass(col)}
		switch col {
		case bySelect, byActions:
			continue
		case byCampaign:
			x.text = r.campaign
		case byGroup:
			x.text = r.group
		case byOCS:
			if r.g.Key.OCS != 0 {
				x.text = strconv.Itoa(int(r.g.Key.OCS))
			}
		case byState:
			x.text, x.part = ui.State(c.lang, r.status()), "state"
			x.class += " " + stateClass(r.status())
		case byMode:
			if r.dials() {
				x.text = ui.Mode(c.lang, r.g.Dialing.Mode)
			}
		case byGoal:
			if r.dials() {
				x.text = ui.Goal(c.lang, r.g.Dialing)
			}
		case byChanged:
			if since := r.g.Since(); !since.IsZero() {
				x.text, x.head = c.moment(since), c.lang.Text(lang.CampaignsChanged)
			}
		case byStrip:
			x.part, x.style, x.label = "strip", c.strip(r.g.Past), c.past(r.g.Past)
		}
		cells = append(cells, x)
	}
	return cells
}

// stateClass is the class of the sign beside the state's name.
func stateClass(s commdn.GroupStatus) string {
	if s == session.Unknown || !s.Known() {
		return "s"
	}
	return "s s" + strconv.Itoa(int(s))
}

// rowCount is aria-rowcount: all rows and the header.
func (c *Campaigns) rowCount() int { return len(c.shown) + 1 }

// extent is the length of the table, and the place of the marked row, which is sticky
// on a narrow page.
func (c *Campaigns) extent() string {
	style := "--n:" + strconv.Itoa(len(c.shown))
	if p := c.panel; p != nil && !p.bulk {
		style += ";--m:" + strconv.Itoa(p.rows[0].index)
	}
	return style
}

// gridClass marks stale states.
func (c *Campaigns) gridClass() string {
	if c.fresh() {
		return "table"
	}
	return "table past"
}

// nonePicked is aria-disabled of the selection's button.
func (c *Campaigns) nonePicked() string { return strconv.FormatBool(c.picked == 0) }
