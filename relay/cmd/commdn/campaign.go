package main

import (
	"fmt"

	"commdn/protocol/commdn"
)

type campaignCmd struct {
	Load        loadCmd        `cmd:"" help:"Load a campaign for a group."`
	Unload      unloadCmd      `cmd:"" help:"Unload it when the calls in progress have ended."`
	ForceUnload forceUnloadCmd `cmd:"" help:"Unload it without waiting for calls in progress."`
	Start       startCmd       `cmd:"" help:"Start dialing a loaded campaign."`
	Stop        stopCmd        `cmd:"" help:"Stop dialing; the campaign stays loaded."`
	Mode        modeCmd        `cmd:"" help:"Change how a running campaign is dialed."`
	Ensure      ensureCmd      `cmd:"" help:"Have a campaign run, stand still or be unloaded, whatever it does now."`
	Status      statusCmd      `cmd:"" help:"Tell the state of a campaign."`
	List        listCmd        `cmd:"" help:"Tell the states of all campaigns."`
	Watch       watchCmd       `cmd:"" help:"Print the states of campaigns, and each event about them."`
}

// groupFlags are those of every command about one campaign on one group.
type groupFlags struct {
	Name string `arg:"" name:"campaign/group" help:"Campaign and group, by name or DBID; name: and dbid: say which of the two a number is." complete:"campaign-group"`
	OCS  int32  `name:"ocs" help:"DBID of the OCS to ask; needed where the relay knows several." default:"0" placeholder:"DBID"`
	relayFlags
	outputFlag
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
	return f.run(e, command, w, func(to *target) (commdn.Request, error) {
		return to.control(t, dialing{}, nil)
	})
}

// dial runs a command that says how to dial.
func (f *groupFlags) dial(e *env, command string, t commdn.MessageType, flags dialFlags, w waitFlags) error {
	given, err := flags.read()
	if err != nil {
		return err
	}
	return f.run(e, command, w, func(to *target) (commdn.Request, error) {
		if given.whole() {
			return to.control(t, given, nil)
		}
		now, err := to.ask(e.ctx, to.status)
		if err != nil {
			return nil, err
		}
		return to.control(t, given, now)
	})
}

// control makes the request of type typ. How to dial is what is given, and what
// that leaves open as it is now.
func (t *target) control(typ commdn.MessageType, given dialing, now *commdn.CampaignEvent) (commdn.Request, error) {
	c := commdn.Control{Address: t.address, CampaignGroup: t.group, Dialing: given.Dialing, AutoCompletion: given.auto, Priority: given.priority}
	switch typ {
	case commdn.ReqLoadCampaign, commdn.ReqStartDialing, commdn.ReqSetDialingMode:
		if now != nil {
			c.Dialing = given.over(now.Dialing)
		}
		if c.Mode == 0 || c.OptimizeBy == 0 {
			return nil, fmt.Errorf("OCS %d tells no dialing of %s; give --dial-mode, --optimize-by and --goal", now.Origin, t.names.text(t.group))
		}
	}
	return c.Request(typ), nil
}
