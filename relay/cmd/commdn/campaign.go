package main

import (
	"errors"
	"fmt"

	"commdn/protocol/commdn"
	"commdn/relay/internal/enums"
)

type campaignCmd struct {
	Load        loadCmd        `cmd:"" help:"Load a campaign for a group."`
	Unload      unloadCmd      `cmd:"" help:"Unload it when the calls in progress have ended."`
	ForceUnload forceUnloadCmd `cmd:"" help:"Unload it without waiting for calls in progress."`
	Start       startCmd       `cmd:"" help:"Start dialing a loaded campaign."`
	Stop        stopCmd        `cmd:"" help:"Stop dialing; the campaign stays loaded."`
	Mode        modeCmd        `cmd:"" help:"Change how a running campaign is dialed."`
	Status      statusCmd      `cmd:"" help:"Tell the state of a campaign."`
	Watch       watchCmd       `cmd:"" help:"Print the state of a campaign, and each event about it, until interrupted."`
}

// groupFlags are those of every command about one campaign on one group.
type groupFlags struct {
	Name string `arg:"" name:"campaign/group" help:"Campaign and group, by name or DBID."`
	OCS  int32  `name:"ocs" help:"DBID of the OCS to ask; needed where the relay knows several." default:"0" placeholder:"DBID"`
	relayFlags
	outputFlag
}

// dialFlags say how to dial. What is not given is taken from the status that
// OCS tells.
type dialFlags struct {
	DialMode     string `help:"Dialing mode: ${dialmodes}, the vendor's name or number. Not given: as OCS has it." placeholder:"MODE" complete:"dialmode"`
	OptimizeBy   string `help:"Optimization method: ${optimizebys}, the vendor's name or number. Not given: as OCS has it." placeholder:"METHOD" complete:"optimizeby"`
	Goal         *int32 `help:"Optimization goal: percent, or seconds with wait-time. Not given: as OCS has it." placeholder:"N"`
	AutoComplete *bool  `negatable:"" help:"Have OCS stop and unload the campaign by itself once all records are done. Not given: left as it is."`
}

// read gives what the flags say, zero where they say nothing.
func (f dialFlags) read() (d commdn.Dialing, err error) {
	var mode, by error
	if f.DialMode != "" {
		d.Mode, mode = enums.DialMode(f.DialMode)
	}
	if f.OptimizeBy != "" {
		d.OptimizeBy, by = enums.OptimizeBy(f.OptimizeBy)
	}
	if f.Goal != nil {
		d.Goal = *f.Goal
	}
	if err := errors.Join(prefixed("--dial-mode", mode), prefixed("--optimize-by", by)); err != nil {
		return d, &exitError{exitUsage, err}
	}
	if f.OptimizeBy != "" && f.Goal == nil {
		return d, &exitError{exitUsage, errors.New("commdn: --optimize-by goes with --goal: what a goal means depends on the method")}
	}
	return d, nil
}

func prefixed(flag string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("commdn: %s: %w", flag, err)
}

func (f dialFlags) auto() commdn.AutoCompletion {
	switch {
	case f.AutoComplete == nil:
		return commdn.AutoCompletionUnset
	case *f.AutoComplete:
		return commdn.AutoCompletionOn
	}
	return commdn.AutoCompletionOff
}

type loadCmd struct {
	groupFlags
	dialFlags
	waitFlags
}

func (c *loadCmd) Run(e *env) error {
	return c.dial(e, "load", commdn.ReqLoadCampaign, c.dialFlags, c.waitFlags)
}

type startCmd struct {
	groupFlags
	dialFlags
	waitFlags
}

func (c *startCmd) Run(e *env) error {
	return c.dial(e, "start", commdn.ReqStartDialing, c.dialFlags, c.waitFlags)
}

type modeCmd struct {
	groupFlags
	dialFlags
	waitFlags
}

func (c *modeCmd) Run(e *env) error {
	return c.dial(e, "mode", commdn.ReqSetDialingMode, c.dialFlags, c.waitFlags)
}

type unloadCmd struct {
	groupFlags
	waitFlags
}

func (c *unloadCmd) Run(e *env) error {
	return c.control(e, "unload", commdn.ReqUnloadCampaign, c.waitFlags)
}

type forceUnloadCmd struct {
	groupFlags
	waitFlags
}

func (c *forceUnloadCmd) Run(e *env) error {
	return c.control(e, "force-unload", commdn.ReqForceUnloadCampaign, c.waitFlags)
}

type stopCmd struct {
	groupFlags
	waitFlags
}

func (c *stopCmd) Run(e *env) error {
	return c.control(e, "stop", commdn.ReqStopDialing, c.waitFlags)
}

type statusCmd struct {
	groupFlags
	waitFlags
}

func (c *statusCmd) Run(e *env) error {
	return c.control(e, "status", commdn.ReqGetCampaignStatus, c.waitFlags)
}

func statusRequest(a commdn.Address, g commdn.CampaignGroup) commdn.Request {
	return &commdn.GetCampaignStatus{Address: a, CampaignGroup: g}
}

// control runs a command that says nothing about dialing.
func (f *groupFlags) control(e *env, command string, t commdn.MessageType, w waitFlags) error {
	if err := w.check(); err != nil {
		return err
	}
	return f.run(e, command, w, func(to *target) (commdn.Request, error) {
		return commdn.Control{Address: to.address, CampaignGroup: to.group}.Request(t), nil
	})
}

// dial runs a command that says how to dial.
func (f *groupFlags) dial(e *env, command string, t commdn.MessageType, flags dialFlags, w waitFlags) error {
	given, err := flags.read()
	if err == nil {
		err = w.check()
	}
	if err != nil {
		return err
	}
	return f.run(e, command, w, func(to *target) (commdn.Request, error) {
		dialing := given
		if flags.DialMode == "" || flags.OptimizeBy == "" || flags.Goal == nil {
			now, err := to.ask(e.ctx, statusRequest(to.address, to.group))
			if err != nil {
				return nil, err
			}
			dialing = flags.over(now.Dialing)
			if dialing.Mode == 0 || dialing.OptimizeBy == 0 {
				return nil, fmt.Errorf("OCS %d tells no dialing of %s; give --dial-mode, --optimize-by and --goal", now.Origin, to.names.text(to.group))
			}
		}
		return commdn.Control{Address: to.address, CampaignGroup: to.group, Dialing: dialing, AutoCompletion: flags.auto()}.Request(t), nil
	})
}

// over gives the dialing of the flags where they say something, else now's.
func (f dialFlags) over(now commdn.Dialing) commdn.Dialing {
	d, _ := f.read() // checked before
	if f.DialMode == "" {
		d.Mode = now.Mode
	}
	if f.OptimizeBy == "" {
		d.OptimizeBy = now.OptimizeBy
	}
	if f.Goal == nil {
		d.Goal = now.Goal
	}
	return d
}
