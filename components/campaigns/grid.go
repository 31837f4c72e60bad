package campaigns

import (
	"strconv"

	"github.com/vugu/vugu"
)

// Assumptions about the table until the browser measures it: the style sheet's row
// height, and as many rows in sight as a large screen holds.
const (
	usualRow    = 36
	usualHeight = 1440
	beyond      = 4 // rows drawn above and below those in sight
)

// window is the visible part of the table, in CSS pixels.
type window struct {
	top, height, unit float64 // unit is a row's height; 0: not measured
	painted           int     // rows of the table at the last paint
	drawn             []*row  // rows drawn at the last paint
	slots             int     // slots handed out so far
}

// inSight returns the range of rows to draw, [first, end), of n.
func (w *window) inSight(n int) (first, end int) {
	w.painted = n
	unit, height := w.unit, w.height
	if unit <= 0 {
		unit = usualRow
	}
	if height <= 0 {
		height = usualHeight
	}
	first = min(max(int(w.top/unit)-beyond, 0), max(n-int(height/unit), 0))
	return first, min(int((w.top+height)/unit)+beyond, n)
}

// recycle gives each row to draw a slot, which is an element of the page: its slot of the
// last paint, else one of a row that is no longer drawn. Changing the content of a row
// costs a tenth of a new row.
func (w *window) recycle(rows []*row) {
	for _, r := range rows {
		r.keep = true
	}
	var free []int
	for _, r := range w.drawn {
		if !r.keep {
			free = append(free, r.slot)
			r.slot = 0
		}
	}
	for _, r := range rows {
		r.keep = false
		if n := len(free); r.slot == 0 && n > 0 {
			r.slot, free = free[n-1], free[:n-1]
		} else if r.slot == 0 {
			w.slots++
			r.slot = w.slots
		}
	}
	w.drawn = rows
}

// spot is the cell of the keyboard.
type spot struct {
	at        place
	lastIndex int    // index of at.row in shown
	inside    bool   // the focus is in the table
	focus     string // destination of the focus: "cell", "filter", "bulk", "panel"; empty: nowhere
	moves     int    // how often the focus was sent somewhere
}

type place struct {
	row *row // nil: the header
	col column
}

// keepSpot finds another cell when the keyboard's cell is gone.
func (c *Campaigns) keepSpot() {
	if c.at.row == nil {
		if !c.inside && len(c.shown) > 0 {
			c.at.row = c.shown[0]
		}
	} else if i := c.at.row.index; i < 0 || i >= len(c.shown) || c.shown[i] != c.at.row {
		c.at.row = nil
		if len(c.shown) > 0 {
			c.at.row = c.shown[min(c.lastIndex, len(c.shown)-1)]
		}
		if c.inside {
			c.moveFocus("cell")
		}
	}
	if c.at.row != nil {
		c.lastIndex = c.at.row.index
	}
	if c.place(c.at.col) < 0 {
		c.at.col = byCampaign
	}
}

// place is the position of a column, or -1 if it is not shown.
func (c *Campaigns) place(col column) int {
	for i, have := range c.columns {
		if have == col {
			return i
		}
	}
	return -1
}

// moveFocus sends the focus somewhere with the next paint.
func (c *Campaigns) moveFocus(to string) {
	c.focus = to
	c.moves++
}

// autofocus is the attribute autofocus of a named destination.
func (c *Campaigns) autofocus(name string) any {
	if c.focus != name {
		return nil
	}
	return strconv.Itoa(c.moves)
}

// tab is the attribute tabindex of a cell: Tab reaches one cell of the table.
func (c *Campaigns) tab(r *row, col column) any {
	if c.at.row == r && c.at.col == col {
		return "0"
	}
	if col == bySelect || col == byActions || r == nil {
		return "-1" // a control
	}
	return nil
}

// cellFocus is the attribute autofocus of a cell.
func (c *Campaigns) cellFocus(r *row, col column) any {
	if c.at.row != r || c.at.col != col {
		return nil
	}
	return c.autofocus("cell")
}

// handleSight takes the size and scroll position of the table.
func (c *Campaigns) handleSight(event vugu.DOMEvent) {
	height := event.PropFloat64("currentTarget", "clientHeight")
	if height <= 0 {
		return // not laid out
	}
	c.height, c.top = height, event.PropFloat64("currentTarget", "scrollTop")
	if all := event.PropFloat64("currentTarget", "lastElementChild", "offsetHeight"); all > 0 && c.painted > 0 {
		c.unit = all / float64(c.painted) // a card on a narrow page is higher
	}
}

// handleFocusIn and handleFocusOut follow the focus.
func (c *Campaigns) handleFocusIn(vugu.DOMEvent) { c.inside = true }

// handleFocusOut also cancels the destination of the focus: it arrived there, or moved
// elsewhere.
func (c *Campaigns) handleFocusOut(vugu.DOMEvent) { c.inside, c.focus = false, "" }

// handleHead handles a click on a header. Two quick clicks sort twice: no header comes
// under the pointer by a click.
func (c *Campaigns) handleHead(col column, event vugu.DOMEvent) {
	if col == bySelect && c.keyed.Again(event) {
		return
	}
	c.goTo(place{nil, col})
	if col == bySelect {
		c.selectAll()
	} else {
		c.sortBy(col)
	}
}

// handleRow handles a click on a row. The cell's data-key names its column.
func (c *Campaigns) handleRow(r *row, event vugu.DOMEvent) {
	if c.keyed.Again(event) {
		return
	}
	from := c.at.row
	col := c.at.col
	if n, err := strconv.Atoi(event.PropString("target", "dataset", "key")); err == nil {
		col = column(n)
	}
	c.goTo(place{r, col})
	switch {
	case col == bySelect && event.PropBool("shiftKey") && from != nil:
		on := !r.selected
		for i := min(from.index, r.index); i <= max(from.index, r.index); i++ {
			c.selectRow(c.shown[i], on)
		}
		c.tellSelection()
	case col == bySelect:
		c.selectRow(r, !r.selected)
		c.tellSelection()
	case col == byActions && c.canAct():
		c.openRow(r, event)
	}
}

// goTo sends the keyboard to a cell.
func (c *Campaigns) goTo(to place) {
	c.at, c.inside = to, true
	c.moveFocus("cell")
	if r := to.row; r != nil && c.unit > 0 {
		// The browser will scroll to that cell. Scroll first, so that its rows are drawn
		// by then.
		row := float64(r.index) * c.unit
		c.top = min(max(c.top, row+2*c.unit-c.height), row)
	}
}

// handleKey moves the keyboard about in the table.
func (c *Campaigns) handleKey(event vugu.DOMEvent) {
	key, ctrl := event.PropString("key"), event.PropBool("ctrlKey") || event.PropBool("metaKey")
	row, col, last := -1, max(c.place(c.at.col), 0), len(c.columns)-1
	if c.at.row != nil {
		row = c.at.row.index
	}
	page := max(int(c.height/max(c.unit, usualRow))-2, 1)
	switch key {
	case "ArrowDown":
		row++
	case "ArrowUp":
		row--
	case "ArrowLeft", "ArrowRight":
		if (key == "ArrowLeft") == mirrored(event) {
			col++
		} else {
			col--
		}
	case "Home":
		col = 0
		if ctrl {
			row = 0
		}
	case "End":
		col = last
		if ctrl {
			row = len(c.shown) - 1
		}
	case "PageDown":
		row += page
	case "PageUp":
		row = max(row-page, 0)
	default:
		c.press(key, ctrl, event)
		return
	}
	event.PreventDefault()
	to := place{col: c.columns[min(max(col, 0), last)]}
	if row = min(row, len(c.shown)-1); row >= 0 {
		to.row = c.shown[row]
	} else {
		to.col = min(to.col, byChanged) // the columns beyond are not sortable
	}
	c.goTo(to)
}

// mirrored reports whether the table runs from right to left, by its header.
func mirrored(event vugu.DOMEvent) bool {
	left := func(child string) float64 {
		return event.PropFloat64("currentTarget", "firstElementChild", child, "offsetLeft")
	}
	return left("firstElementChild") > left("lastElementChild")
}

// press handles a key that acts on the keyboard's cell. On a button the browser turns the
// key into a click.
func (c *Campaigns) press(key string, ctrl bool, event vugu.DOMEvent) {
	r := c.at.row
	switch {
	case key == "a" && ctrl:
		c.selectAll()
	case (key == " " || key == "Enter") && r == nil && c.at.col == bySelect:
		c.selectAll()
	case key == " " && r != nil && c.at.col != byActions:
		c.selectRow(r, !r.selected)
		c.tellSelection()
	case key == "Enter" && r != nil && c.at.col != byActions && c.canAct():
		c.openRow(r, event)
	default:
		return
	}
	event.PreventDefault()
}
