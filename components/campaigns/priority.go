package campaigns

import (
	"strconv"
	"strings"

	"commdn/components/lang"
	"commdn/protocol/commdn"
)

// priorities is the supervisor's choice of dialing priorities, as typed: for each type of
// records in the order of commdn.DialingPriority its priority and its number of records.
// A type without both is not sent, so that it stays as configured.
type priorities struct {
	own   bool     // else nothing is sent, and there are no fields
	typed []string // six
}

// read returns the choice, nil if there is none. bad is the first type that cannot be
// sent, or -1.
func (p *priorities) read() (chosen *commdn.DialingPriority, bad int) {
	if !p.own {
		return nil, -1
	}
	dp := &commdn.DialingPriority{}
	for i, to := range [...]**commdn.Priority{&dp.General, &dp.CampaignRescheduled, &dp.CampaignCallBack} {
		typed := p.typed[2*i : 2*i+2]
		one := &commdn.Priority{}
		if strings.TrimSpace(typed[0]+typed[1]) == "" {
			continue
		}
		for j, n := range [...]*int32{&one.Priority, &one.Records} {
			value, err := strconv.ParseInt(strings.TrimSpace(typed[j]), 10, 32)
			if err != nil || value < 0 {
				return nil, i
			}
			*n = int32(value)
		}
		*to, chosen = one, dp
	}
	return chosen, -1
}

// priorityFields are the choice whether there are priorities, and then two fields for each
// type of records. bad is the type that cannot be sent, or -1.
func (c *Campaigns) priorityFields(bad int) []field {
	p := &c.panel.form.priority
	choice := field{name: "priority", label: c.lang.Text(lang.CampaignsPriority)}
	choice.options = append(choice.options, option{"", c.lang.Text(lang.CampaignsFinish0), !p.own})
	choice.options = append(choice.options, option{"own", c.lang.Text(lang.SequenceChoose), p.own})
	fields := append([]field(nil), choice)
	if !p.own {
		return fields
	}
	for i, value := range p.typed {
		of := lang.Key(i / 2)
		f := field{name: strconv.Itoa(i), value: value}
		f.label = c.lang.Text(lang.CampaignsPriorityOf0+of) + " · " + c.lang.Text(lang.CampaignsPriorityValue0+lang.Key(i%2))
		if int(of) == bad {
			f.invalid = "true"
		}
		fields = append(fields, f)
	}
	return fields
}
