package sequence

import (
	"strconv"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/components/ui"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Option is an option of a select.
type Option struct {
	Value, Text string
	On          bool
}

// Field is a select if it has Options, else an input.
type Field struct {
	Key, Label, Kind, Digits, Value, Invalid, Error, ErrorID string
	Options                                                  []*Option

	field field
}

// handleField takes the typed or chosen value of a field of item i; -1 is the head.
func (c *Sequence) handleField(i int, f *Field, event vugu.DOMEvent) {
	if c.readonly {
		return
	}
	s := event.PropString("target", "value")
	n, _ := number(s)
	c.touched[f.Key] = true
	switch {
	case i >= 0:
		c.draft.items[i].set(c.env.Lang(), f.field, s)
	case f.field == group:
		c.group, c.groupText = commdn.DBID(n), s
	case f.field == ocs:
		c.target = commdn.DBID(n)
	case f.field == description:
		c.draft.description = s
	case f.field == start:
		c.setStart(s)
	case f.field == finish:
		c.draft.finish = commdn.AutoCompletion(n)
	}
	c.follow()
	c.edited()
}

func fieldKey(item int, f field) string { return strconv.Itoa(item) + "-" + strconv.Itoa(int(f)) }

// field builds a field of item i, whose id is id; -1 and 0 are the head. A field without
// options is typed.
func (c *Sequence) field(i, id int, f field, value string, options []*Option) *Field {
	label := lang.SequenceField0 + lang.Key(f)
	if f == finish {
		label = lang.CampaignsFinish
	}
	made := &Field{
		Key: fieldKey(id, f), Label: c.text(label), Kind: "text",
		Value: value, Error: c.problem(i, f), Options: options, field: f,
	}
	made.ErrorID, made.Invalid = "e-"+made.Key, strconv.FormatBool(made.Error != "")
	switch f {
	case start, stopTime:
		made.Kind = "datetime-local"
	case description:
	default:
		made.Digits = "numeric"
	}
	if options == nil {
		return made
	}
	none := &Option{"", c.text(lang.SequenceChoose), true}
	for _, o := range options {
		o.On = o.Value == value
		none.On = none.On && !o.On
	}
	if none.On {
		if value != "" { // a chosen value that is no longer offered
			none.Value, none.Text = value, value
		}
		made.Options = append([]*Option{none}, options...)
	}
	return made
}

// option builds an option that is not selected.
func option(id int, text string) *Option { return &Option{strconv.Itoa(id), text, false} }

func idText(id commdn.DBID) string {
	if id == 0 {
		return ""
	}
	return strconv.Itoa(int(id))
}

// head builds the fields of the whole sequence.
func (c *Sequence) head() []*Field {
	var fields []*Field
	if !c.hasGroup {
		offered := c.groups()
		value := c.groupText
		if offered != nil {
			value = idText(c.group)
		}
		fields = append(fields, c.field(-1, 0, group, value, offered))
	}
	if all := c.env.Session.Status().OCS; len(all) > 1 && !c.hasTarget {
		var options []*Option
		for _, id := range all {
			options = append(options, option(int(id), idText(id)))
		}
		fields = append(fields, c.field(-1, 0, ocs, idText(c.key().OCS), options))
	}
	var finishes []*Option
	for i := range 3 {
		finishes = append(finishes, option(i, c.text(lang.CampaignsFinish0+lang.Key(i))))
	}
	return append(fields,
		c.field(-1, 0, description, c.draft.description, nil),
		c.field(-1, 0, start, c.draft.startText, nil),
		c.field(-1, 0, finish, strconv.Itoa(int(c.draft.finish)), finishes))
}

// setStart sets the sequence's start; empty is at once.
func (c *Sequence) setStart(text string) {
	at, ok := moment(c.env.Lang(), text)
	c.draft.start, c.draft.startText, c.draft.badStart = at, text, !ok
}

// groups returns the options of a group: all that the relay named, and those of campaign
// groups.
func (c *Sequence) groups() []*Option {
	var options []*Option
	if !c.env.Session.May(frame.RoleSupervisor) {
		return nil // nor their names
	}
	d := c.env.Session.Directory()
	known := map[commdn.DBID]bool{}
	for _, g := range d.Groups {
		known[g.DBID] = true
		options = append(options, option(int(g.DBID), g.Name))
	}
	for _, cg := range d.CampaignGroups {
		if !known[cg.Group] {
			known[cg.Group] = true
			options = append(options, option(int(cg.Group), idText(cg.Group)))
		}
	}
	return options
}

// campaigns returns the options of a campaign: the group's as far as the relay knows
// them, else all.
func (c *Sequence) campaigns() []*Option {
	options := []*Option{}
	if !c.env.Session.May(frame.RoleSupervisor) {
		return options
	}
	d := c.env.Session.Directory()
	for _, cg := range d.CampaignGroups {
		if cg.Group == c.group {
			options = append(options, option(int(cg.Campaign), c.campaign(cg.Campaign)))
		}
	}
	if len(options) > 0 {
		return options
	}
	for _, n := range d.Campaigns {
		options = append(options, option(int(n.DBID), n.Name))
	}
	return options
}

// fields builds the fields of item i.
func (c *Sequence) fields(i int) []*Field {
	l := c.env.Lang()
	it := c.draft.items[i]
	fields := make([]*Field, itemFields)
	for n := range fields {
		f := campaign + field(n)
		var options []*Option
		switch f {
		case campaign:
			options = c.campaigns()
		case mode:
			for _, m := range ui.Modes {
				options = append(options, option(int(m), ui.Mode(l, m)))
			}
		case method:
			for _, m := range ui.Methods {
				options = append(options, option(int(m), ui.Method(l, m)))
			}
		}
		fields[n] = c.field(i, it.id, f, it.texts[n], options)
	}
	return fields
}
