package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"commdn/protocol/commdn"
)

// ensureCmd brings a campaign into a state, whatever it is in: what a script may
// run twice.
type ensureCmd struct {
	State string `arg:"" enum:"running,stopped,unloaded" help:"running, stopped (does not dial, loaded or not) or unloaded."`
	groupFlags
	dialFlags
	Within time.Duration `help:"How long it may take." default:"1m"`
}

// Help is what commdn campaign ensure --help says further.
func (ensureCmd) Help() string {
	return "It loads, starts, stops or unloads the campaign as is needed, waits until it is in the state, and does nothing where it is already. How to dial goes with running; a campaign that runs keeps dialing as it does."
}

func (c *ensureCmd) Run(e *env) error {
	given, err := c.read()
	if err != nil {
		return err
	}
	t, err := c.target(e.ctx)
	if err != nil {
		return err
	}
	defer t.Close()
	ctx, cancel := context.WithTimeoutCause(e.ctx, c.Within, fmt.Errorf("not within %v", c.Within))
	defer cancel()
	answer, changed, err := c.ensure(ctx, t, given)
	r := result{Command: "ensure " + c.State, groupState: t.state(answer), failure: failureOf(err), Changed: &changed}
	if printed := printStates(e.stdout, c.Output, r); printed != nil {
		return printed
	}
	return told(err)
}

// mostSteps is more than it takes from any state to any other. Somebody else may
// be faster, or work against us.
const mostSteps = 10

// ensure goes one step after the other until the state is reached.
func (c *ensureCmd) ensure(ctx context.Context, t *target, given dialing) (last *commdn.CampaignEvent, changed bool, err error) {
	for range mostSteps {
		now, failed := t.ask(ctx, t.status)
		if failed != nil {
			return now, changed, failed
		}
		status, known := statusOf(now)
		if !known {
			return now, changed, fmt.Errorf("OCS %d tells no state of %s; use load, start, stop or unload", now.Origin, t.names.text(t.group))
		}
		typ, until := c.step(status)
		if typ == 0 {
			return now, changed, nil
		}
		g := goal{on: true, status: until[0], also: until[1:], within: c.Within}
		last, err = t.perform(ctx, g, func(t *target) (commdn.Request, error) { return t.control(typ, given, now) })
		_, waited := errors.AsType[*waitError](err) // the request was done, and its effect did not come
		switch {
		case err == nil || waited:
			if changed = changed || typ != commdn.ReqGetCampaignStatus; waited {
				return last, changed, err
			}
		case !overtaken(err):
			return last, changed, err
		}
	}
	if err == nil {
		err = &waitError{t.names.text(t.group) + " does not stay " + c.State, "somebody else may control it", false}
	}
	return last, changed, err
}

// overtaken says whether OCS refused because the campaign is not in the state that
// it was in: somebody else was faster.
func overtaken(err error) bool {
	fault, ok := errors.AsType[*commdn.Fault](err)
	if !ok {
		return false
	}
	switch fault.Code {
	case commdn.ErrorCampaignNotLoaded, commdn.ErrorCampaignAlreadyLoaded, commdn.ErrorCampaignNotStarted, commdn.ErrorCampaignAlreadyStarted:
		return true
	}
	return false
}

// step gives the next request from a state, and the states to wait for; 0 is none.
func (c *ensureCmd) step(status commdn.GroupStatus) (commdn.MessageType, []commdn.GroupStatus) {
	unloading := status == commdn.StatusWaitingUnload || status == commdn.StatusUnloadInProgress
	loaded := []commdn.GroupStatus{commdn.StatusActive, commdn.StatusInActive}
	unloaded := []commdn.GroupStatus{commdn.StatusNotLoaded}
	switch {
	case c.State == "running" && status == commdn.StatusRunning,
		c.State == "stopped" && status != commdn.StatusRunning,
		c.State == "unloaded" && status == commdn.StatusNotLoaded:
		return 0, nil
	case unloading:
		return commdn.ReqGetCampaignStatus, unloaded
	case c.State == "stopped":
		return commdn.ReqStopDialing, append(loaded, unloaded...)
	case c.State == "unloaded":
		return commdn.ReqUnloadCampaign, unloaded
	case status == commdn.StatusNotLoaded:
		return commdn.ReqLoadCampaign, append(loaded, commdn.StatusRunning)
	}
	return commdn.ReqStartDialing, []commdn.GroupStatus{commdn.StatusRunning}
}
