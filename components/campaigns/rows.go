package campaigns

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/commdn"
)

// column is a column of the table.
type column int

// The columns. The table shows byOCS if it knows several OCS.
const (
	bySelect column = iota
	byCampaign
	byGroup
	byOCS
	byState
	byMode
	byGoal
	byChanged
	byStrip
	byActions
)

// sortNames are the values of the attribute sort, by column.
var sortNames = []string{"", "campaign", "group", "", "state", "mode", "goal", "changed"}

// row is one campaign group. It stays the same when an OCS reports a group that the
// directory listed without one.
type row struct {
	g         session.Group
	selected  bool
	dismissed int // ID of the last request whose failure is dismissed

	campaign, group string // names, or DBIDs
	byName, byGroup string // for sorting
	hay             string // the text that the filter searches

	index int    // position in shown
	slot  int    // data-key while drawn; 0: not drawn
	keep  bool   // drawn again
	cells []cell // cells and the fields below, as drawn; nil: not drawn

	sel, open string // labels of the checkbox and of the action button; open is empty without a button
	note      string // what a request in flight does, or why the last one failed
	noteClass string
	why       any // the full reason, as title
}

// status is session.Unknown until OCS reports it.
func (r *row) status() commdn.GroupStatus {
	if !r.g.Known {
		return session.Unknown
	}
	return r.g.Status
}

// dials reports whether OCS has said how it dials the group, or should have: it is loaded.
func (r *row) dials() bool {
	return r.g.Dialing != commdn.Dialing{} || r.g.Known && r.g.Status != commdn.StatusNotLoaded
}

// what names the row.
func (r *row) what() string { return r.campaign + " · " + r.group }

// reload takes the set of rows from the session.
func (c *Campaigns) reload() {
	before := c.rows
	c.rows = make(map[session.GroupKey]*row, len(before))
	c.order, c.picked = c.order[:0], 0
	for _, g := range c.env.Session.Groups() {
		r := before[g.Key]
		if open := g.Key; r == nil {
			open.OCS = 0
			r = before[open]
		}
		if r == nil || c.rows[r.g.Key] == r {
			r = &row{}
		}
		r.g, r.cells = g, nil
		c.rows[g.Key] = r
		c.order = append(c.order, r)
		if r.selected {
			c.picked++
		}
		c.name(r)
	}
	c.unsorted = true
}

// put updates one row. An unknown key comes with a reload.
func (c *Campaigns) put(g session.Group) {
	r := c.rows[g.Key]
	if r == nil {
		return
	}
	old := r.g
	r.g, r.cells = g, nil
	if old.Known == g.Known && old.Status == g.Status && old.Dialing == g.Dialing {
		return // one of our requests, or the same event again
	}
	hay := r.hay
	c.name(r)
	c.unsorted = c.unsorted || c.filter != "" && hay != r.hay || c.sort >= byState
}

// name derives the texts that the row is found and sorted by.
func (c *Campaigns) name(r *row) {
	if c.lang == nil {
		return // the first Compute does it
	}
	r.campaign, r.group = orNumber(r.g.CampaignName, r.g.Key.Campaign), orNumber(r.g.GroupName, r.g.Key.Group)
	r.byName, r.byGroup = ui.SortKey(r.campaign), ui.SortKey(r.group)
	hay := r.campaign + " " + r.group + " " + ui.State(c.lang, r.status())
	if r.dials() {
		hay += " " + ui.Mode(c.lang, r.g.Dialing.Mode)
	}
	r.hay = ui.Fold(hay)
}

func orNumber(name string, id commdn.DBID) string {
	if name == "" {
		return strconv.Itoa(int(id))
	}
	return name
}

// arrange sorts and filters if a relevant change calls for it. Who has no right to see
// campaigns sees none of their names.
func (c *Campaigns) arrange() {
	if !c.unsorted {
		return
	}
	c.unsorted = false
	c.sortRows()
	words := strings.Fields(ui.Fold(c.filter))
	c.shown = c.shown[:0]
	for _, r := range c.order {
		r.index = -1
		if c.may && matches(r.hay, words) {
			r.index = len(c.shown)
			c.shown = append(c.shown, r)
		}
	}
}

// sortRows is an insertion sort. For some hundred nearly sorted rows it costs little more
// than a general sort, and it saves a kilobyte of download.
func (c *Campaigns) sortRows() {
	for i, r := range c.order {
		low, high := 0, i
		for low < high {
			if mid := (low + high) / 2; c.compare(r, c.order[mid]) < 0 {
				high = mid
			} else {
				low = mid + 1
			}
		}
		copy(c.order[low+1:i+1], c.order[low:i])
		c.order[low] = r
	}
}

func matches(hay string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(hay, w) {
			return false
		}
	}
	return true
}

func (c *Campaigns) compare(a, b *row) int {
	n := 0
	switch c.sort {
	case byCampaign:
		n = strings.Compare(a.byName, b.byName)
	case byGroup:
		n = strings.Compare(a.byGroup, b.byGroup)
	case byOCS:
		n = int(a.g.Key.OCS - b.g.Key.OCS)
	case byState:
		n = int(a.status() - b.status())
	case byMode:
		n = int(a.g.Dialing.Mode - b.g.Dialing.Mode)
	case byGoal:
		n = cmp.Or(int(a.g.Dialing.OptimizeBy-b.g.Dialing.OptimizeBy), int(a.g.Dialing.Goal-b.g.Dialing.Goal))
	case byChanged:
		n = a.g.Since().Compare(b.g.Since())
	}
	if c.down {
		n = -n
	}
	if n != 0 {
		return n
	}
	return cmp.Or(strings.Compare(a.byName, b.byName), strings.Compare(a.byGroup, b.byGroup),
		int(a.g.Key.Campaign-b.g.Key.Campaign), int(a.g.Key.Group-b.g.Key.Group), int(a.g.Key.OCS-b.g.Key.OCS))
}

// sortBy handles a click on a header: a second click reverses the order.
func (c *Campaigns) sortBy(by column) {
	c.down = c.sort == by && !c.down
	c.sort, c.unsorted = by, true
}

// selectRow selects or deselects a row.
func (c *Campaigns) selectRow(r *row, on bool) {
	if r.selected == on {
		return
	}
	r.selected, r.cells = on, nil
	if on {
		c.picked++
	} else {
		c.picked--
	}
}

// selectAll selects all shown rows, or none if all are selected.
func (c *Campaigns) selectAll() {
	on := !c.allSelected()
	for _, r := range c.shown {
		c.selectRow(r, on)
	}
	c.tellSelection()
}

func (c *Campaigns) allSelected() bool {
	for _, r := range c.shown {
		if !r.selected {
			return false
		}
	}
	return len(c.shown) > 0
}

// selection returns the selected rows, in the table's order.
func (c *Campaigns) selection() []*row {
	var picked []*row
	for _, r := range c.order {
		if r.selected {
			picked = append(picked, r)
		}
	}
	return picked
}

func (c *Campaigns) tellSelection() {
	rows := []any{}
	for _, r := range c.selection() {
		rows = append(rows, map[string]any{
			"campaign": int(r.g.Key.Campaign), "group": int(r.g.Key.Group), "target": int(r.g.Key.OCS),
		})
	}
	c.env.Emit(map[string]any{"rows": rows}, "commdn-select")
}

// selected says how many rows are selected and how many of them the filter hides.
func (c *Campaigns) selected() string {
	hidden := 0
	for _, r := range c.order {
		if r.selected && r.index < 0 {
			hidden++
		}
	}
	text := c.lang.Count(lang.CampaignsSelected, c.picked)
	if hidden > 0 {
		text += " · " + c.lang.Count(lang.CampaignsSelectedHidden, hidden)
	}
	return text
}

// handleClear deselects all rows.
func (c *Campaigns) handleClear(event vugu.DOMEvent) {
	if c.keyed.Again(event) {
		return
	}
	for _, r := range c.order {
		c.selectRow(r, false)
	}
	c.tellSelection()
	c.moveFocus("filter")
}
