package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/internal/enums"
)

// dialFlags say how to dial. What is not given is taken from the status that
// OCS tells.
type dialFlags struct {
	DialMode   string `help:"Dialing mode: ${dialmodes}, the vendor's name or number. Not given: as OCS has it." placeholder:"MODE" complete:"dialmode"`
	OptimizeBy string `help:"Optimization method: ${optimizebys}, the vendor's name or number. Not given: as OCS has it." placeholder:"METHOD" complete:"optimizeby"`
	Goal       *int32 `help:"Optimization goal: percent, or seconds with wait-time. Not given: as OCS has it." placeholder:"N"`
	extraFlags
}

// extraFlags are those of every request that says how to dial, about a sequence
// too.
type extraFlags struct {
	AutoComplete    *bool    `negatable:"" help:"Have OCS stop and unload the campaign by itself once all records are done. Not given: left as it is."`
	DialingPriority []string `help:"In which order OCS dials records of a type, general, campaign-rescheduled or campaign-call-back: its priority, and how many of them; once for each. Not given: left as it is." placeholder:"TYPE=PRIORITY:RECORDS"`
}

// dialing is what the flags say; what they leave open is zero.
type dialing struct {
	commdn.Dialing
	hasGoal  bool
	auto     commdn.AutoCompletion
	priority *commdn.DialingPriority
}

// whole says whether nothing of the dialing is left open.
func (d dialing) whole() bool { return d.Mode != 0 && d.OptimizeBy != 0 && d.hasGoal }

// over gives the dialing of the flags where they say something, else now's.
func (d dialing) over(now commdn.Dialing) commdn.Dialing {
	if d.Mode != 0 {
		now.Mode = d.Mode
	}
	if d.OptimizeBy != 0 {
		now.OptimizeBy = d.OptimizeBy
	}
	if d.hasGoal {
		now.Goal = d.Goal
	}
	return now
}

// read gives what the flags say.
func (f dialFlags) read() (d dialing, err error) {
	var mode, by error
	if f.DialMode != "" {
		d.Mode, mode = enums.DialMode(f.DialMode)
	}
	if f.OptimizeBy != "" {
		d.OptimizeBy, by = enums.OptimizeBy(f.OptimizeBy)
	}
	if d.hasGoal = f.Goal != nil; d.hasGoal {
		d.Goal = *f.Goal
	}
	if err := errors.Join(prefixed("--dial-mode", mode), prefixed("--optimize-by", by)); err != nil {
		return d, &exitError{exitUsage, err}
	}
	if f.OptimizeBy != "" && f.Goal == nil {
		return d, &exitError{exitUsage, errors.New("commdn: --optimize-by goes with --goal: what a goal means depends on the method")}
	}
	d.auto = f.auto()
	d.priority, err = f.priority()
	return d, err
}

func prefixed(flag string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("commdn: %s: %w", flag, err)
}

func (f extraFlags) auto() commdn.AutoCompletion {
	switch {
	case f.AutoComplete == nil:
		return commdn.AutoCompletionUnset
	case *f.AutoComplete:
		return commdn.AutoCompletionOn
	}
	return commdn.AutoCompletionOff
}

// priority reads the dialing priorities, nil where there are none.
func (f extraFlags) priority() (*commdn.DialingPriority, error) {
	if len(f.DialingPriority) == 0 {
		return nil, nil
	}
	p := &commdn.DialingPriority{}
	for _, s := range f.DialingPriority {
		name, value, _ := strings.Cut(s, "=")
		first, second, _ := strings.Cut(value, ":")
		priority, err := strconv.ParseInt(first, 10, 32)
		records, errs := strconv.ParseInt(second, 10, 32)
		if err != nil || errs != nil || priority < 0 || records < 0 {
			return nil, &exitError{exitUsage, fmt.Errorf("commdn: --dialing-priority: %q is no TYPE=PRIORITY:RECORDS; general=1:100 for one", s)}
		}
		var of **commdn.Priority
		switch strings.ToLower(strings.ReplaceAll(name, "-", "")) {
		case "general":
			of = &p.General
		case "campaignrescheduled":
			of = &p.CampaignRescheduled
		case "campaigncallback":
			of = &p.CampaignCallBack
		default:
			return nil, &exitError{exitUsage, fmt.Errorf("commdn: --dialing-priority: %q is no type of records; there are general, campaign-rescheduled, campaign-call-back", name)}
		}
		if *of != nil {
			return nil, &exitError{exitUsage, fmt.Errorf("commdn: --dialing-priority: %s is there twice", name)}
		}
		*of = &commdn.Priority{Priority: int32(priority), Records: int32(records)}
	}
	return p, nil
}
