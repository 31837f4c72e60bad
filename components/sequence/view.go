package sequence

import (
	"strconv"
	"strings"
	"time"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// view is what Compute prepares for a paint.
type view struct {
	found   []problem
	now     int64
	spans   []span
	axis    axis
	running int    // the item that OCS dials, -1: none
	rows    []*Row // the head and the items
	items   []*Row
}

// Compute updates what the markup shows. The renderer calls it before each paint.
func (c *Sequence) Compute() {
	c.found = c.problems()
	c.worded = c.tells(c.found)
	c.now = c.env.Now().Unix()
	var seen []span
	start := c.draft.start
	c.running = -1
	if c.matches() {
		if c.live.runs() {
			seen, c.running = c.live.seen, c.live.running()
		}
		if start == 0 {
			start = c.live.plan.Start
		}
	}
	if start == 0 {
		start = c.now
	}
	c.spans = layout(c.draft.sequence(start).Items, start, c.now, seen, c.running)
	c.axis = around(c.spans, start, c.now, c.matches() && c.live.runs())
	c.rows = append(c.rows[:0], &Row{I: -1, Key: "head", Class: "head", Name: c.text(lang.SequenceLabel), Fields: c.head()})
	for i := range c.draft.items {
		c.rows = append(c.rows, c.row(i))
	}
	c.items = c.rows[1:]
}

// named returns an object's name, or its DBID if that is all there is.
func named(name string, id commdn.DBID) string {
	if name == "" {
		return strconv.Itoa(int(id))
	}
	return name
}

// campaign names a campaign.
func (c *Sequence) campaign(id commdn.DBID) string {
	if id <= 0 {
		return c.text(lang.SequenceNoCampaign)
	}
	return named(c.env.Session.CampaignName(id), id)
}

func (c *Sequence) itemName(i int) string {
	return c.text(lang.SequenceItem, "n", c.env.Lang().Number(i+1), "campaign", c.campaign(c.draft.items[i].Campaign))
}

// label names the element.
func (c *Sequence) label() string {
	if c.hasGroup {
		return c.text(lang.SequenceLabel) + " · " + named(c.env.Session.GroupName(c.group), c.group)
	}
	return c.text(lang.SequenceLabel)
}

// hints say what is wrong with attributes and what stands in the way of a request.
func (c *Sequence) hints() []string {
	var hints []string
	add := func(s string) {
		if s != "" {
			hints = append(hints, s)
		}
	}
	bad := func(name, value string) {
		if value != "" {
			add(c.text(lang.SequenceBadDbid, "name", name, "value", value))
		}
	}
	bad("group", c.bad[0])
	bad("target", c.bad[1])
	if c.badValue != "" {
		add(c.text(lang.SequenceBadValue, "at", strconv.Itoa(c.badAt), "what", c.badValue))
	}
	if c.readonly {
		return hints
	}
	why := c.unconnected()
	if why == "" && !c.env.Session.May(frame.RoleSupervisor) {
		why = c.text(lang.Refusal7)
	}
	add(why)
	tried := ""
	if c.tried != none {
		tried = c.reason(c.tried, c.found)
	}
	if tried == "" && len(c.worded) > 0 {
		tried = c.first(c.worded)
	}
	if tried != why {
		add(tried)
	}
	return hints
}

// first words the first problem and counts the others.
func (c *Sequence) first(found []problem) string {
	p := found[0]
	text := c.text(lang.SequenceFix, "field", c.text(lang.SequenceField0+lang.Key(p.field)), "problem", p.text)
	if p.item >= 0 {
		text = c.text(lang.SequenceFix, "field", c.itemName(p.item), "problem", text)
	}
	if more := len(found) - 1; more > 0 {
		text = c.env.Lang().Count(lang.SequenceMoreToFix, more, "first", strings.TrimSuffix(text, "."))
	}
	return text
}

// liveText says what OCS has.
func (c *Sequence) liveText() string {
	v, l := &c.live, c.env.Lang()
	if !v.known {
		return l.Text(lang.SequenceNotTold)
	}
	key := lang.SequenceOnOcs
	if !c.env.Session.Fresh() {
		key = lang.SequenceStale
	}
	text := l.Text(key, "state", ui.State(l, v.status), "time", l.Clock(v.at))
	if c.differs() {
		text += " · " + l.Text(lang.SequenceDiffers)
	}
	return text
}

// liveClass is the CSS class of that.
func (c *Sequence) liveClass() string { return "state s" + strconv.Itoa(int(c.live.status)) }

// differs reports whether OCS has another sequence than the one shown.
func (c *Sequence) differs() bool {
	return c.live.loaded() && c.live.plan != nil && !c.same()
}

// Button is a button of the toolbar or of an item. A disabled one says why, in Why or
// when it is clicked.
type Button struct {
	_                          ui.NoCompare
	Key, Text, Class, Off, Why string

	act action
}

func actionKey(a action) string { return "action-" + strconv.Itoa(int(a)) }

// button builds a button; why says what stands in its way.
func (c *Sequence) button(a action, why string) *Button {
	b := &Button{Key: actionKey(a), Text: c.text(lang.SequenceAction0 + lang.Key(a)), Off: "false", Why: why, act: a}
	if why != "" {
		b.Off = "true"
	}
	return b
}

// buttons edit the whole draft and ask OCS.
func (c *Sequence) buttons() []*Button {
	if c.readonly {
		return nil
	}
	add := c.button(add, c.reason(add, nil))
	add.Class = "add"
	buttons := []*Button{add}
	if c.draft.start != 0 || c.draft.badStart {
		buttons = append(buttons, c.button(now, ""))
	}
	if c.differs() {
		buttons = append(buttons, c.button(show, ""))
	}
	if c.kept != nil {
		buttons = append(buttons, c.button(back, ""))
	}
	if c.removed != nil {
		buttons = append(buttons, c.button(undo, c.reason(undo, nil)))
	}
	for a := range requests {
		b := c.button(a, c.reason(a, c.found))
		if b.Why == "" && (a == load && !c.live.loaded() || a == begin && c.live.loaded()) {
			b.Class = "primary"
		}
		buttons = append(buttons, b)
	}
	return buttons
}

// no is the text of the button that closes the confirmation.
func (c *Sequence) no() string { return c.text(lang.CommonBack) }

// tells returns the problems that the reader is told of. Nobody has done anything wrong in
// a field that nobody has touched.
func (c *Sequence) tells(found []problem) []problem {
	if c.eager {
		return found
	}
	var told []problem
	for _, p := range found {
		id := 0
		if p.item >= 0 {
			id = c.draft.items[p.item].id
		}
		if c.touched[fieldKey(id, p.field)] {
			told = append(told, p)
		}
	}
	return told
}

// dismiss labels the button that removes the result.
func (c *Sequence) dismiss() string { return c.text(lang.CommonDismiss) }

// resultText describes the result of a request.
func (c *Sequence) resultText(e session.Entry) string {
	l := c.env.Lang()
	if noError(&e) {
		return l.Clock(e.At) + " " + l.Text(lang.SequenceNotLoaded)
	}
	text := l.Clock(e.At) + " " + ui.Outcome(c.env.Session, l, e)
	if why := ui.Why(l, e.Err).String(); why != "" {
		text += " · " + why
	}
	return text
}

// resultClass is the CSS class of that.
func (c *Sequence) resultClass() string {
	if noError(&c.result) {
		return "row result"
	}
	return "row result " + string(c.result.Outcome)
}

// noError reports whether a request asked for the state of a sequence and the answer is
// that there is none. OCS calls that an error.
func noError(e *session.Entry) bool {
	return gone(e) && e.Req.Type() == commdn.ReqGetCampaignStatus
}

// Row is the head, as item -1, or an item: its fields, and the bar on the timeline.
type Row struct {
	I                                             int
	Key, Class, Part, Style, Name, Summary, Error string
	State, StateClass, Handle, Open               string
	Bar, BarStyle, Title, Short                   string
	Fields                                        []*Field
	Buttons                                       []*Button
}

func itemKey(id int) string { return "item-" + strconv.Itoa(id) }

func (c *Sequence) row(i int) *Row {
	l := c.env.Lang()
	it, s := c.draft.items[i], c.spans[i]
	r := &Row{
		I: i, Key: itemKey(it.id), Name: c.itemName(i), Part: "item", Class: "item", Open: "false", Bar: "bar", StateClass: "state",
		Style: c.dragged(i, false), BarStyle: "inset-inline-start:" + c.axis.at(s.from, c.axis.from) + ";inline-size:" + c.axis.at(s.to, s.from) + c.dragged(i, true),
	}
	stops := c.stops(it)
	r.Short = ui.Mode(l, it.Mode) + " · " + stops
	r.Summary = ui.Mode(l, it.Mode) + " · " + ui.Goal(l, it.Dialing) + " · " + stops
	if n := it.SleepBeforeNextStart; n > 0 {
		r.Summary = l.Count(lang.SequenceWaits, int(n)) + " · " + r.Summary
	}
	key := lang.SequenceSpan
	if s.open {
		key = lang.SequenceOpenSpan
		r.Bar += " open"
	}
	r.Title = l.Text(key, "item", r.Name, "from", short(l, s.from, c.now), "to", short(l, s.to, c.now))
	if c.live.loaded() && c.matches() { // else the states are those from before the unload
		if has := c.live.plan.Items[i]; has.HasStatus {
			class := " s" + strconv.Itoa(int(has.Status))
			r.State = ui.State(l, has.Status)
			r.StateClass += class
			r.Bar += class
			r.Title += " · " + r.State
		}
	}
	if i == c.running {
		r.Class += " running"
	}
	if d := &c.drag; d.far {
		mark := ""
		switch {
		case i == d.from:
			mark = " dragged"
		case i == d.to && i < d.from:
			mark = " before"
		case i == d.to:
			mark = " after"
		}
		if d.inTime {
			r.Bar += mark
		} else {
			r.Class += mark
		}
	}
	r.Handle = c.text(lang.SequenceOf, "action", c.text(lang.SequenceHandle), "item", r.Name)
	if it.id == c.open {
		r.Open, r.Fields = "true", c.fields(i)
	} else {
		r.Error = c.problem(i, list)
	}
	if !c.readonly {
		for n, icon := range []string{"↑", "↓", "❐", "✕"} {
			b := c.button(up+action(n), "")
			b.Why = c.text(lang.SequenceOf, "action", b.Text, "item", r.Name)
			b.Text, b.Off = icon, strconv.FormatBool(c.rowOff(i, b.act))
			r.Buttons = append(r.Buttons, b)
		}
	}
	return r
}

// dragged is the style of an item under the pointer.
func (c *Sequence) dragged(i int, inTime bool) string {
	d := &c.drag
	if !d.far || i != d.from || inTime != d.inTime {
		return ""
	}
	axis := "Y("
	if inTime {
		axis = "X("
	}
	return ";transform:translate" + axis + strconv.Itoa(int(d.moved)) + "px)"
}

// problem words what is wrong with a field of item i; list stands for the first problem
// of all its fields.
func (c *Sequence) problem(i int, f field) string {
	for _, p := range c.worded {
		if p.item == i && (p.field == f || i >= 0 && f == list) {
			if p.field != f {
				return c.text(lang.SequenceFix, "field", c.text(lang.SequenceField0+lang.Key(p.field)), "problem", p.text)
			}
			return p.text
		}
	}
	return ""
}

// stops says when an item ends.
func (c *Sequence) stops(it *item) string {
	l := c.env.Lang()
	text := ""
	add := func(s string) {
		if text != "" {
			text += " · "
		}
		text += s
	}
	if it.StopAtTime != 0 {
		add(l.Text(lang.SequenceUntil, "time", short(l, it.StopAtTime, c.now)))
	}
	if it.StopAtContacts > 0 {
		add(l.Count(lang.SequenceContacts, int(it.StopAtContacts)))
	}
	if it.StopAtDials > 0 {
		add(l.Count(lang.SequenceDials, int(it.StopAtDials)))
	}
	if text == "" {
		return l.Text(lang.SequenceAllRecords)
	}
	return text
}

// handleOpen shows or hides the fields of an item.
func (c *Sequence) handleOpen(i int, event vugu.DOMEvent) {
	if c.press.Again(event) {
		return
	}
	id := c.draft.items[i].id
	if c.open == id {
		id = 0
	}
	c.open = id
}

// picture describes the timeline for screen readers.
func (c *Sequence) picture() string {
	text := c.text(lang.SequencePicture) + " · " + c.starts()
	for _, r := range c.items {
		text += "; " + r.Title
	}
	return text
}

// starts says when the sequence starts.
func (c *Sequence) starts() string {
	if c.draft.start == 0 {
		return c.text(lang.SequenceAtOnce)
	}
	return c.text(lang.SequenceStarts, "time", c.env.Lang().Moment(time.Unix(c.draft.start, 0)))
}

// times says when the sequence starts and in which time zone all times are, or that there
// is nothing to start.
func (c *Sequence) times() string {
	text := c.starts() + " · " + c.text(lang.SequenceZone, "zone", c.env.Lang().Zone())
	if len(c.items) == 0 {
		text += " · " + c.text(lang.SequenceEmpty)
	}
	return text
}

// ticks are the marks on the axis.
func (c *Sequence) ticks() []*Tick { return c.axis.ticks(c.env.Lang()) }

// nowShown reports whether the present is on the axis.
func (c *Sequence) nowShown() bool { return c.now >= c.axis.from && c.now <= c.axis.to }

// nowStyle is its place.
func (c *Sequence) nowStyle() string { return "inset-inline-start:" + c.axis.at(c.now, c.axis.from) }
