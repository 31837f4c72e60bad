package campaigns

import (
	"strconv"
	"strings"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/protocol/commdn"
)

// priorities is the supervisor's choice of dialing priorities, as typed: for each type of
// records in the order of commdn.DialingPriority its priority and its number of records.
// A type without both is not sent, so that it stays as configured.
type priorities [3][2]string

// read returns the choice, nil if there is none. bad is the first type that cannot be
// sent, or -1.
func (p *priorities) read() (chosen *commdn.DialingPriority, bad int) {
	var types [len(p)]*commdn.Priority
	for i, typed := range p {
		var n [2]int64
		empty := 0
		for j, text := range typed {
			var err error
			if text = strings.TrimSpace(text); text == "" {
				empty++
			} else if n[j], err = strconv.ParseInt(text, 10, 32); err != nil || n[j] < 0 {
				return nil, i
			}
		}
		switch empty {
		case 0:
			types[i] = &commdn.Priority{Priority: int32(n[0]), Records: int32(n[1])}
		case 1:
			return nil, i
		}
	}
	if types == [len(p)]*commdn.Priority{} {
		return nil, -1
	}
	return &commdn.DialingPriority{General: types[0], CampaignRescheduled: types[1], CampaignCallBack: types[2]}, -1
}

// priorityTitle opens the fields of the priorities; empty if the action has none.
func (c *Campaigns) priorityTitle() string {
	if !c.panel.act.dialing {
		return ""
	}
	return c.lang.Text(lang.CampaignsPriority)
}

// priorityHint says what empty fields mean.
func (c *Campaigns) priorityHint() string { return c.lang.Text(lang.CampaignsPriorityHint) }

// priorityFields are a row of two fields for each type of records.
func (c *Campaigns) priorityFields() []field {
	var fields []field
	for i, typed := range c.panel.form.priority {
		of := c.lang.Text(lang.CampaignsPriorityOf0 + lang.Key(i))
		for j, value := range typed {
			fields = append(fields, field{
				name: strconv.Itoa(2*i + j), label: of + " · " + c.lang.Text(lang.CampaignsPriorityValue0+lang.Key(j)), value: value,
			})
		}
	}
	return fields
}

// priorityProblem says what is wrong with the priorities.
func (c *Campaigns) priorityProblem() string {
	if _, bad := c.panel.form.priority.read(); bad >= 0 {
		return c.lang.Text(lang.CampaignsPriorityBad, "type", c.lang.Text(lang.CampaignsPriorityOf0+lang.Key(bad)))
	}
	return ""
}

// priorityInvalid is the attribute aria-invalid.
func (c *Campaigns) priorityInvalid(f field) any {
	if _, bad := c.panel.form.priority.read(); bad < 0 || bad != int(number(f.name))/2 {
		return nil
	}
	return "true"
}

// handlePriority takes a typed value.
func (c *Campaigns) handlePriority(f field, event vugu.DOMEvent) {
	if c.asking() {
		n := number(f.name)
		c.panel.form.priority[n/2][n%2] = event.PropString("target", "value")
	}
}
