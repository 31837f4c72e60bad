package sequence

import (
	"strconv"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/components/ui"
	"commdn/protocol/commdn"
)

// Option is a choice of a select.
type Option struct {
	Value, Text string
	On          bool
}

// Field is a select where there are Options, else an input.
type Field struct {
	Key, Label, Kind, Digits, Value, Error string
	Options                                []Option

	set func(string)
}

// Invalid is the attribute aria-invalid.
func (f Field) Invalid() string { return strconv.FormatBool(f.Error != "") }

// ErrorID is the id of what says why.
func (f Field) ErrorID() string { return "e-" + f.Key }

// HandleField takes in what was typed or chosen.
func (c *Sequence) HandleField(f Field, event vugu.DOMEvent) {
	if c.readonly {
		return
	}
	f.set(event.PropString("target", "value"))
	c.edited()
}

func fieldKey(item int, f field) string { return strconv.Itoa(item) + "-" + strconv.Itoa(int(f)) }

// field makes one of item i, whose id is id; both are -1 and 0 for the head.
func (c *Sequence) field(i, id int, f field, value string, set func(string)) Field {
	made := Field{
		Key: fieldKey(id, f), Label: c.text(lang.SequenceFieldGroup + lang.Key(f)), Kind: "text",
		Value: value, Error: c.problem(i, f), set: set,
	}
	switch f {
	case start, stopTime:
		made.Kind = "datetime-local"
	case description:
	default:
		made.Digits = "numeric"
	}
	return made
}

// choose makes a select of a field; its first option is none.
func (c *Sequence) choose(f Field, options []Option) Field {
	if len(options) == 0 {
		return f
	}
	f.Options = make([]Option, 0, len(options)+1)
	none := Option{"", c.text(lang.SequenceChoose), true}
	for _, o := range options {
		o.On = o.Value == f.Value
		none.On = none.On && !o.On
		f.Options = append(f.Options, o)
	}
	if none.On && f.Value != "" && f.Value != "0" { // chosen, though it is not offered
		none.Value, none.Text = f.Value, f.Value
	}
	if none.On {
		f.Options = append([]Option{none}, f.Options...)
	}
	return f
}

func idText(id commdn.DBID) string {
	if id == 0 {
		return ""
	}
	return strconv.Itoa(int(id))
}

// Head are the fields above the timeline.
func (c *Sequence) Head() []Field {
	var fields []Field
	if !c.hasGroup {
		offered := c.groups()
		value := c.groupText
		if len(offered) > 0 {
			value = idText(c.group)
		}
		fields = append(fields, c.choose(c.field(-1, 0, group, value, func(s string) {
			n, _ := number(s)
			c.group, c.groupText = commdn.DBID(n), s
			c.follow()
		}), offered))
	}
	if all := c.env.Session.Status().OCS; len(all) > 1 && !c.hasTarget {
		var options []Option
		for _, id := range all {
			options = append(options, Option{Value: idText(id), Text: idText(id)})
		}
		fields = append(fields, c.choose(c.field(-1, 0, ocs, idText(c.key().OCS), func(s string) {
			n, _ := number(s)
			c.target = commdn.DBID(n)
			c.follow()
		}), options))
	}
	return append(fields,
		c.field(-1, 0, description, c.draft.description, func(s string) { c.draft.description = s }),
		c.field(-1, 0, start, c.draft.startText, c.setStart))
}

// setStart takes in when the sequence starts; empty is at once.
func (c *Sequence) setStart(text string) {
	at, ok := moment(c.env.Lang(), text)
	c.draft.start, c.draft.startText, c.draft.badStart = at, text, !ok
}

// HandleNow has the sequence start at once.
func (c *Sequence) HandleNow(event vugu.DOMEvent) {
	c.setStart("")
	c.edited()
}

// AtOnce says whether it does.
func (c *Sequence) AtOnce() string {
	return strconv.FormatBool(c.draft.start == 0 && !c.draft.badStart)
}

// groups are those to choose from: all that the relay named, and those of
// campaign groups.
func (c *Sequence) groups() []Option {
	var options []Option
	d := c.env.Session.Directory()
	known := map[commdn.DBID]bool{}
	for _, g := range d.Groups {
		known[g.DBID] = true
		options = append(options, Option{Value: idText(g.DBID), Text: g.Name})
	}
	for _, cg := range d.CampaignGroups {
		if !known[cg.Group] {
			known[cg.Group] = true
			options = append(options, Option{Value: idText(cg.Group), Text: idText(cg.Group)})
		}
	}
	return options
}

// campaigns are those to choose from: of the group, as far as the relay knows
// it, else all.
func (c *Sequence) campaigns() []Option {
	var options []Option
	d := c.env.Session.Directory()
	for _, cg := range d.CampaignGroups {
		if cg.Group == c.group {
			options = append(options, Option{Value: idText(cg.Campaign), Text: c.campaign(cg.Campaign)})
		}
	}
	if len(options) > 0 {
		return options
	}
	for _, n := range d.Campaigns {
		options = append(options, Option{Value: idText(n.DBID), Text: n.Name})
	}
	return options
}

// Fields are those of an item.
func (c *Sequence) Fields(r Row) []Field {
	if r.Open != "true" {
		return nil
	}
	l := c.env.Lang()
	it := c.draft.items[r.I]
	fields := make([]Field, itemFields)
	for n := range fields {
		f := campaign + field(n)
		made := c.field(r.I, it.id, f, it.texts[n], func(s string) { it.set(c.env.Lang(), f, s) })
		var options []Option
		switch f {
		case campaign:
			options = c.campaigns()
		case mode:
			for _, m := range ui.Modes {
				options = append(options, Option{Value: strconv.Itoa(int(m)), Text: ui.Mode(l, m)})
			}
		case method:
			for _, m := range ui.Methods {
				options = append(options, Option{Value: strconv.Itoa(int(m)), Text: ui.Method(l, m)})
			}
		}
		fields[n] = c.choose(made, options)
	}
	return fields
}
