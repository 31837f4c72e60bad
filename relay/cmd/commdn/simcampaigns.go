package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/sim/control"
)

type ctlCampaignsCmd struct {
	List        ctlListCmd    `cmd:"" default:"withargs" help:"List campaign groups and sequences. The default."`
	Load        ctlDialCmd    `cmd:"" help:"Load a campaign."`
	Start       ctlDialCmd    `cmd:"" help:"Start dialing."`
	Set         ctlDialCmd    `cmd:"" help:"Change how a running campaign is dialed."`
	Stop        ctlControlCmd `cmd:"" help:"Stop dialing."`
	Unload      ctlControlCmd `cmd:"" help:"Unload a campaign when its calls have ended."`
	ForceUnload ctlControlCmd `cmd:"" help:"Unload a campaign at once."`
}

type ctlListCmd struct{}

// Run lists all campaign groups.
func (ctlListCmd) Run(e *env, c *simCtlCmd) error {
	return ctlAll(e, c, func(ctx context.Context, s *control.Client) ([]control.CampaignGroup, error) { return s.Campaigns(ctx) }, printCampaigns)
}

func printCampaigns(w io.Writer, all []control.CampaignGroup) {
	fmt.Fprintln(w, "CAMPAIGN\tGROUP\tSTATUS\tMODE\tOPTIMIZE BY\tGOAL\tDIALS\tCONTACTS\tCALLS\tREADY\tOCS")
	for _, g := range all {
		campaign, goal := named(g.CampaignName, int32(g.Campaign)), ""
		if g.Sequence != nil {
			campaign = strings.TrimSpace("sequence " + g.Sequence.Description)
		}
		var d control.Dialing
		if g.Dialing != nil {
			d, goal = *g.Dialing, strconv.Itoa(int(g.Dialing.Goal))
		}
		ready, records := 0, 0
		for _, l := range g.Lists {
			ready, records = ready+l.Counts["ready"], records+l.Records
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d of %d\t%d\n", campaign, named(g.GroupName, int32(g.Group)),
			dash(g.Status), dash(d.Mode), dash(d.OptimizeBy), dash(goal), g.Dials, g.Contacts, g.Ringing+g.Talking, ready, records, g.OCS)
	}
}

// ctlControlCmd asks for something; what, says the command's own name.
type ctlControlCmd struct {
	Name string `arg:"" name:"campaign/group" help:"Campaign and group, by name or DBID; 0/GROUP is the sequence of a group."`
}

// Run asks, and prints the campaign group as it is then.
func (f *ctlControlCmd) Run(e *env, c *simCtlCmd, parsed *kong.Context) error {
	return f.do(e, c, control.Control{Do: parsed.Selected().Name}, control.DialingChange{})
}

// do asks for r, of the campaign group that the command line names.
func (f *ctlControlCmd) do(e *env, c *simCtlCmd, r control.Control, change control.DialingChange) error {
	return ctl(e, c, func(ctx context.Context, s *control.Client) (control.CampaignGroup, error) {
		all, err := s.Campaigns(ctx)
		if err != nil {
			return control.CampaignGroup{}, err
		}
		id, err := f.find(all)
		if err != nil {
			return control.CampaignGroup{}, &exitError{exitInvalid, err}
		}
		r.Campaign, r.Group = id.Campaign, id.Group
		g, err := s.DoDialing(ctx, r, change)
		if errors.Is(err, control.ErrDialingUnknown) {
			err = &exitError{exitInvalid, fmt.Errorf("how %s is dialed is not known; give no --dial-mode, --optimize-by and --goal", f.Name)}
		}
		return g, err
	}, func(w io.Writer, g control.CampaignGroup) { printCampaigns(w, []control.CampaignGroup{g}) })
}

// find gives what the name stands for. Campaign 0 is the sequence of a group.
func (f *ctlControlCmd) find(all []control.CampaignGroup) (commdn.CampaignGroup, error) {
	if group, isSequence := strings.CutPrefix(f.Name, "0/"); isSequence {
		id, err := simNames(all).group(group)
		return commdn.CampaignGroup{Group: id}, err
	}
	return simNames(all).campaignGroup(f.Name)
}

// simNames gives the names of campaigns and groups.
func simNames(all []control.CampaignGroup) names {
	var d frame.Directory
	for _, g := range all {
		if n := (frame.Named{DBID: g.Campaign, Name: g.CampaignName}); g.Campaign != 0 && !slices.Contains(d.Campaigns, n) {
			d.Campaigns = append(d.Campaigns, n)
		}
		if n := (frame.Named{DBID: g.Group, Name: g.GroupName}); !slices.Contains(d.Groups, n) {
			d.Groups = append(d.Groups, n)
		}
	}
	return names{d}
}

// ctlDialCmd asks for something that says how to dial.
type ctlDialCmd struct {
	ctlControlCmd
	dialFlags
}

// Run asks, and prints the campaign group as it is then.
func (f *ctlDialCmd) Run(e *env, c *simCtlCmd, parsed *kong.Context) error {
	given, err := f.read()
	if err != nil {
		return err
	}
	change := control.DialingChange{Goal: f.Goal}
	if f.DialMode != "" {
		change.Mode = given.Mode.String()
	}
	if f.OptimizeBy != "" {
		change.OptimizeBy = given.OptimizeBy.String()
	}
	return f.do(e, c, control.Control{Do: parsed.Selected().Name, AutoCompletion: f.AutoComplete}, change)
}
