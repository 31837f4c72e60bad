package campaigns

import (
	"strconv"
	"strings"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/components/ui"
	"commdn/protocol/commdn"
)

// form is the supervisor's choice of dialing.
type form struct {
	keep                   bool // each row as OCS last reported; the other fields count only if false
	mode, by, goal, finish string
	priority               priorities
	untold                 int // rows whose dialing OCS never reported
	canKeep                bool
}

// usual is the offer where OCS reported nothing.
var usual = commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}

// newForm fills the form with what OCS last reported.
func newForm(a *action, targets []*target) form {
	f := form{finish: "0"}
	first := usual
	for i, t := range targets {
		if !t.dialing.Mode.Known() || !t.dialing.OptimizeBy.Known() {
			f.untold++
		} else if i == f.untold {
			first = t.dialing
		}
	}
	f.canKeep = len(targets) > 1 && f.untold == 0 && a.typ != commdn.ReqSetDialingMode
	f.keep = f.canKeep
	if len(targets) == 1 {
		f.finish = strconv.Itoa(int(targets[0].row.g.AutoCompletion))
	}
	f.mode, f.by, f.goal = strconv.Itoa(int(first.Mode)), strconv.Itoa(int(first.OptimizeBy)), strconv.Itoa(int(first.Goal))
	return f
}

func number(s string) int32 {
	n, _ := strconv.Atoi(s) // the form itself offers this value
	return int32(n)
}

// problem says what is wrong with the goal.
func (f *form) problem(l *lang.Language) string {
	if f.keep {
		return ""
	}
	n, err := strconv.ParseInt(strings.TrimSpace(f.goal), 10, 32)
	if commdn.OptimizeBy(number(f.by)) == commdn.OptimizeWaitTime {
		if err != nil || n < 0 {
			return l.Text(lang.CampaignsSeconds)
		}
	} else if err != nil || n < 0 || n > 100 {
		return l.Text(lang.CampaignsPercent)
	}
	return ""
}

// dialing is the form's choice for a target. It requires an empty problem.
func (f *form) dialing(t *target) commdn.Dialing {
	if f.keep {
		return t.dialing
	}
	return commdn.Dialing{
		Mode: commdn.DialMode(number(f.mode)), OptimizeBy: commdn.OptimizeBy(number(f.by)),
		Goal: number(strings.TrimSpace(f.goal)),
	}
}

// field is a field of the form: a select, or a number if it has no options.
type field struct {
	name    string
	label   string
	options []option
	value   string
	invalid any // attribute aria-invalid
}

type option struct {
	value, text string
	chosen      bool
}

// fields returns the fields of the form.
func (c *Campaigns) fields() []field {
	p := c.panel
	if !p.act.dialing {
		return nil
	}
	f := &p.form
	mode := field{name: "mode", label: c.lang.Text(lang.CampaignsMode)}
	if f.canKeep {
		mode.options = append(mode.options, option{"", c.lang.Text(lang.CampaignsKeep), f.keep})
	}
	for _, m := range ui.Modes {
		value := strconv.Itoa(int(m))
		mode.options = append(mode.options, option{value, ui.Mode(c.lang, m), !f.keep && f.mode == value})
	}
	fields := []field{mode}
	if !f.keep {
		by := field{name: "by", label: c.lang.Text(lang.CampaignsMethod)}
		for _, o := range ui.Methods {
			value := strconv.Itoa(int(o))
			by.options = append(by.options, option{value, ui.Method(c.lang, o), f.by == value})
		}
		goal := field{name: "goal", label: c.lang.Text(lang.CampaignsGoal), value: f.goal}
		if f.problem(c.lang) != "" {
			goal.invalid = "true"
		}
		fields = append(fields, by, goal)
	}
	finish := field{name: "finish", label: c.lang.Text(lang.CampaignsFinish)}
	for i := range 3 {
		value := strconv.Itoa(i)
		finish.options = append(finish.options, option{value, c.lang.Text(lang.CampaignsFinish0 + lang.Key(i)), f.finish == value})
	}
	_, bad := f.priority.read()
	return append(append(fields, finish), c.priorityFields(bad)...)
}

// formProblem says what is wrong with the goal, or else with the priorities.
func (c *Campaigns) formProblem() string {
	f := &c.panel.form
	if !c.panel.act.dialing {
		return ""
	}
	if text := f.problem(c.lang); text != "" {
		return text
	}
	if _, bad := f.priority.read(); bad >= 0 {
		return c.lang.Text(lang.CampaignsPriorityBad, "type", c.lang.Text(lang.CampaignsPriorityOf0+lang.Key(bad)))
	}
	return ""
}

// handleField takes a chosen or typed value.
func (c *Campaigns) handleField(name string, event vugu.DOMEvent) {
	if !c.asking() {
		return
	}
	f, value := &c.panel.form, event.PropString("target", "value")
	switch name {
	case "mode":
		if f.keep = value == ""; !f.keep {
			f.mode = value
		}
	case "by":
		f.by = value
	case "finish":
		f.finish = value
	case "goal":
		f.goal = value
	case "priority":
		if f.priority.own = value != ""; f.priority.typed == nil {
			f.priority.typed = make([]string, 6)
		}
	default:
		f.priority.typed[number(name)] = value
	}
}
