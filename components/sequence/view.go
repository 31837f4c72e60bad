package sequence

import (
	"strconv"
	"time"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/components/ui"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// view is what a paint shows of the rest; Compute makes it.
type view struct {
	found []problem
	now   int64
	spans []span
	axis  axis
	w     words
}

// words are texts without anything to fill in.
type words struct{ now, differs, show, back, empty, add, no, dismiss string }

// Compute is called before each paint.
func (c *Sequence) Compute() {
	c.w = words{
		c.text(lang.SequenceNow), c.text(lang.SequenceDiffers), c.text(lang.SequenceShow), c.text(lang.SequenceBack),
		c.text(lang.SequenceEmpty), c.text(lang.SequenceAdd), c.text(lang.CommonCancel), c.text(lang.CommonDismiss),
	}
	c.found = c.problems()
	c.now = c.env.Now().Unix()
	var seen []span
	start, running := c.draft.start, -1
	if c.matches() {
		seen, running = c.live.seen, c.live.running()
		if start == 0 {
			start = c.live.plan.Start
		}
	}
	if start == 0 {
		start = c.now
	}
	items := c.draft.sequence(start).Items
	c.spans = layout(items, start, c.now, seen, running)
	c.axis = around(c.spans, start, c.now, c.matches() && c.live.runs())
}

// named gives the name of an object, or its DBID where that is all there is.
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

// Label names the element.
func (c *Sequence) Label() string {
	if c.hasGroup {
		return c.text(lang.SequenceLabel) + " · " + named(c.env.Session.GroupName(c.group), c.group)
	}
	return c.text(lang.SequenceLabel)
}

// Hints says what is wrong with attributes, and what stands in the way of a
// request.
func (c *Sequence) Hints() []string {
	var hints []string
	for i, name := range [...]string{"group", "target"} {
		if c.bad[i] != "" {
			hints = append(hints, c.text(lang.SequenceBadDbid, "name", name, "value", c.bad[i]))
		}
	}
	if c.badValue != "" {
		hints = append(hints, c.text(lang.SequenceBadValue, "at", strconv.Itoa(c.badAt), "what", c.badValue))
	}
	if c.readonly {
		return hints
	}
	if !c.env.Session.May(frame.RoleSupervisor) {
		return append(hints, c.text(lang.Refusal7))
	}
	if s := c.env.Session.Status(); s.Err != nil {
		hints = append(hints, c.text(lang.StatusFailed, "reason", s.Err.Error()))
	} else if why := c.unconnected(); why != "" {
		hints = append(hints, why)
	}
	switch {
	case c.why != "":
		hints = append(hints, c.why)
	case len(c.found) > 0:
		hints = append(hints, c.first(c.found))
	}
	return hints
}

// first words the first problem, and says how many more there are.
func (c *Sequence) first(found []problem) string {
	p := found[0]
	text := c.text(lang.SequenceFix, "field", c.text(lang.SequenceFieldGroup+lang.Key(p.field)), "problem", p.text)
	if p.item >= 0 {
		text = c.text(lang.SequenceFix, "field", c.itemName(p.item), "problem", text)
	}
	if more := len(found) - 1; more > 0 {
		text = c.env.Lang().Count(lang.SequenceMoreToFix, more, "first", text+".")
	}
	return text
}

// LiveText says what OCS has.
func (c *Sequence) LiveText() string {
	v, l := &c.live, c.env.Lang()
	if !v.known {
		return l.Text(lang.SequenceNotTold)
	}
	key := lang.SequenceOnOcs
	if !c.env.Session.Fresh() {
		key = lang.SequenceStale
	}
	return l.Text(key, "state", ui.State(l, v.status), "time", l.Clock(v.at))
}

// LiveClass is the CSS class of that.
func (c *Sequence) LiveClass() string { return "state s" + strconv.Itoa(int(c.live.status)) }

// Differs says whether OCS has a sequence that is not the one shown.
func (c *Sequence) Differs() bool {
	return c.live.loaded() && c.live.plan != nil && !c.same()
}

// Button is one of several alike.
type Button struct {
	Key, Text, Class, Off, Why string

	act func(vugu.DOMEvent)
}

// Press does what a button is for.
func (b Button) Press(event vugu.DOMEvent) { b.act(event) }

func actionKey(a action) string { return "action-" + strconv.Itoa(int(a)) }

// Actions are the buttons for requests.
func (c *Sequence) Actions() []Button {
	if c.readonly {
		return nil
	}
	buttons := make([]Button, actions)
	for a := range buttons {
		a := action(a)
		b := Button{Key: actionKey(a), Text: c.text(lang.SequenceLoad + lang.Key(a)), Off: "false", Why: c.reason(a, c.found)}
		if b.Why != "" {
			b.Off = "true"
		} else if a == load && !c.live.loaded() || a == begin && c.live.loaded() {
			b.Class = "primary"
		}
		b.act = func(event vugu.DOMEvent) { c.HandleAction(a, event) }
		buttons[a] = b
	}
	return buttons
}

// ResultText says what has become of the last request.
func (c *Sequence) ResultText() string {
	l := c.env.Lang()
	text := l.Clock(c.result.At) + " " + ui.Outcome(c.env.Session, l, c.result)
	if why := ui.Why(l, c.result.Err).String(); why != "" {
		text += " · " + why
	}
	return text
}

// ResultClass is the CSS class of that.
func (c *Sequence) ResultClass() string { return "row result " + string(c.result.Outcome) }

// Row is an item in the list.
type Row struct {
	I                                      int
	Key, Class, Style, Name, Summary       string
	State, StateClass, Error, Handle, Open string
}

func itemKey(id int) string { return "item-" + strconv.Itoa(id) }

// Rows are the items of the draft.
func (c *Sequence) Rows() []Row {
	rows := make([]Row, len(c.draft.items))
	for i, it := range c.draft.items {
		r := Row{I: i, Key: itemKey(it.id), Name: c.itemName(i), Summary: c.summary(it), Class: "item", Open: "false"}
		r.Handle = c.text(lang.SequenceOf, "action", c.text(lang.SequenceHandle), "item", r.Name)
		r.State, r.StateClass = c.state(i)
		if it.id == c.open && !c.readonly {
			r.Open = "true"
		} else {
			r.Error = c.problem(i, list)
		}
		if c.matches() && i == c.live.running() {
			r.Class += " running"
		}
		if d := &c.drag; d.far && !d.inTime {
			switch {
			case i == d.from:
				r.Class += " dragged"
				r.Style = "transform:translateY(" + strconv.Itoa(int(d.moved)) + "px)"
			case i == d.to && i < d.from:
				r.Class += " before"
			case i == d.to && i > d.from:
				r.Class += " after"
			}
		}
		rows[i] = r
	}
	return rows
}

// problem words what is wrong with a field of item i; list stands for the first
// one of all its fields.
func (c *Sequence) problem(i int, f field) string {
	for _, p := range c.found {
		if p.item == i && (p.field == f || i >= 0 && f == list) {
			if p.field != f {
				return c.text(lang.SequenceFix, "field", c.text(lang.SequenceFieldGroup+lang.Key(p.field)), "problem", p.text)
			}
			return p.text
		}
	}
	return ""
}

// state is the state that OCS told of item i, and its CSS class.
func (c *Sequence) state(i int) (word, class string) {
	if c.matches() {
		if it := c.live.plan.Items[i]; it.HasStatus {
			return ui.State(c.env.Lang(), it.Status), "state s" + strconv.Itoa(int(it.Status))
		}
	}
	return "", "state"
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

// summary is an item in one line.
func (c *Sequence) summary(it *item) string {
	l := c.env.Lang()
	text := ui.Mode(l, it.Mode) + " · " + ui.Goal(l, it.Dialing) + " · " + c.stops(it)
	if n := it.SleepBeforeNextStart; n > 0 {
		text = l.Count(lang.SequenceWaits, int(n)) + " · " + text
	}
	return text
}

// RowButtons move, double and remove item i.
func (c *Sequence) RowButtons(r Row) []Button {
	if c.readonly {
		return nil
	}
	i, last := r.I, len(c.draft.items)-1
	button := func(icon string, name lang.Key, off bool, act func()) Button {
		b := Button{Key: r.Key + icon, Text: icon, Why: c.text(lang.SequenceOf, "action", c.text(name), "item", r.Name), Off: "false"}
		if off {
			b.Off = "true"
		}
		b.act = func(vugu.DOMEvent) {
			if !off && i < len(c.draft.items) {
				act()
			}
		}
		return b
	}
	return []Button{
		button("↑", lang.SequenceUp, i == 0, func() { c.move(i, i-1) }),
		button("↓", lang.SequenceDown, i == last, func() { c.move(i, i+1) }),
		button("⧉", lang.SequenceDuplicate, c.Full(), func() { c.add(i+1, c.draft.items[i].SequenceItem) }),
		button("✕", lang.SequenceRemove, false, func() { c.remove(i) }),
	}
}

// Full says whether no item can be added.
func (c *Sequence) Full() bool { return len(c.draft.items) >= commdn.MaxSequenceItems }

// HandleOpen shows or hides the fields of an item.
func (c *Sequence) HandleOpen(r Row, event vugu.DOMEvent) {
	id := c.draft.items[r.I].id
	if c.open == id {
		id = 0
	}
	c.open = id
}

// Bar is an item on the timeline.
type Bar struct{ Key, Class, Style, Title, Name, Text, State string }

// Bars are the items on the timeline.
func (c *Sequence) Bars() []Bar {
	l := c.env.Lang()
	bars := make([]Bar, len(c.draft.items))
	running := -1
	if c.matches() {
		running = c.live.running()
	}
	for i, it := range c.draft.items {
		s := c.spans[i]
		b := Bar{Key: itemKey(it.id), Name: c.itemName(i), Text: ui.Mode(l, it.Mode) + " · " + c.stops(it), Class: "bar"}
		b.Style = "inset-inline-start:" + c.axis.at(s.from, c.axis.from) + ";inline-size:" + c.axis.at(s.to, s.from)
		from, to := short(l, s.from, c.now), short(l, s.to, c.now)
		b.Title = l.Text(lang.SequenceSpan, "item", b.Name, "from", from, "to", to)
		if s.open {
			b.Class += " open"
			b.Title = l.Text(lang.SequenceOpenSpan, "item", b.Name, "from", from)
		}
		if word, class := c.state(i); word != "" {
			b.State = word
			b.Title += " · " + word
			b.Class += class[len("state"):]
		}
		if i == running {
			b.Class += " running"
		}
		if d := &c.drag; d.far && d.inTime {
			switch {
			case i == d.from:
				b.Class += " dragged"
				b.Style += ";transform:translateX(" + strconv.Itoa(int(d.moved)) + "px)"
			case i == d.to && i < d.from:
				b.Class += " before"
			case i == d.to && i > d.from:
				b.Class += " after"
			}
		}
		bars[i] = b
	}
	return bars
}

// Picture tells the timeline to those who do not see it.
func (c *Sequence) Picture() string {
	text := c.text(lang.SequencePicture) + ". " + c.Starts()
	for _, b := range c.Bars() {
		text += "; " + b.Title
	}
	return text
}

// Starts says when the sequence starts.
func (c *Sequence) Starts() string {
	if c.draft.start == 0 {
		return c.text(lang.SequenceAtOnce)
	}
	return c.text(lang.SequenceStarts, "time", c.env.Lang().Moment(time.Unix(c.draft.start, 0)))
}

// Zone names the time zone of all times.
func (c *Sequence) Zone() string {
	return c.text(lang.SequenceZone, "zone", c.env.Lang().Zone())
}

// Ticks are the marks on the axis.
func (c *Sequence) Ticks() []Tick { return c.axis.ticks(c.env.Lang()) }

// NowShown says whether the present is on the axis, NowStyle where.
func (c *Sequence) NowShown() bool { return c.now >= c.axis.from && c.now <= c.axis.to }

// NowStyle is its place.
func (c *Sequence) NowStyle() string { return "inset-inline-start:" + c.axis.at(c.now, c.axis.from) }
