package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/internal/enums"
)

type listCmd struct {
	State string `help:"Only those in this state: ${states}, the vendor's name or number." placeholder:"STATE" complete:"state"`
	relayFlags
	outputFlag
}

// errNothing is what list says where there is nothing to list.
var errNothing = errors.New("the relay tells of no campaign groups: its directory has none that you may see")

// Run asks for the state of every campaign group that the relay tells of.
func (c *listCmd) Run(e *env) error {
	var only *commdn.GroupStatus
	if c.State != "" {
		status, err := enums.Status(c.State)
		if err != nil {
			return &exitError{exitUsage, fmt.Errorf("commdn: --state: %w", err)}
		}
		only = &status
	}
	s, err := c.open(e.ctx)
	if err != nil {
		return exitOf(err)
	}
	defer s.Close()
	known, err := s.directory(e.ctx)
	if err != nil {
		return err
	}
	knows := len(known.CampaignGroups) > 0
	if !knows {
		known.CampaignGroups = pairs(known)
	}
	all := s.list(e.ctx, known)
	if !knows {
		all = slices.DeleteFunc(all, func(r listed) bool { return r.State == client.Refused.String() }) // no campaign of that group
	}
	if len(all) == 0 {
		return errNothing
	}
	var worst error
	shown := all[:0]
	for _, r := range all {
		if worst == nil || exitCode(r.err) == exitInvalid {
			worst = r.err
		}
		if only == nil || r.err != nil || r.Status == only.String() {
			shown = append(shown, r)
		}
	}
	if err := c.print(e, shown); err != nil {
		return err
	}
	if worst == nil {
		return nil
	}
	return &exitError{exitCode(worst), nil}
}

// mostPairs is how many campaign groups are asked for on the chance that there are
// such.
const mostPairs = 200

// pairs gives every campaign on every group, for a relay that does not tell which
// there are; none where there would be too many.
func pairs(known names) (all []frame.CampaignGroup) {
	if len(known.Campaigns)*len(known.Groups) > mostPairs {
		return nil
	}
	for _, c := range known.Campaigns {
		for _, g := range known.Groups {
			all = append(all, frame.CampaignGroup{Campaign: c.DBID, Group: g.DBID})
		}
	}
	return all
}

// listed is one campaign group of a list.
type listed struct {
	result
	err error
}

// listParallel is how many states are asked for at once; a relay takes 32.
const listParallel = 8

// list gives all in the order of the directory.
func (s *session) list(ctx context.Context, known names) []listed {
	all := make([]listed, len(known.CampaignGroups))
	history := s.since()
	defer history.stop()
	next := make(chan int)
	var wg sync.WaitGroup
	for range listParallel {
		wg.Go(func() {
			for i := range next {
				g := known.CampaignGroups[i]
				t := &target{
					session: s, names: known, address: commdn.Address{Target: g.OCS}, history: history,
					group: commdn.CampaignGroup{Campaign: g.Campaign, Group: g.Group},
				}
				event, err := t.ask(ctx, statusRequest(t.address, t.group))
				all[i] = listed{result{Command: "list", failure: failureOf(err), groupState: t.state(event)}, err}
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	wg.Wait()
	return all
}

func (c *listCmd) print(e *env, all []listed) error {
	switch c.Output {
	case formatJSON:
		results := make([]result, len(all))
		for i, r := range all {
			results[i] = r.result
		}
		return writeJSON(e.stdout, results)
	case formatJSONL:
		for _, r := range all {
			if err := writeJSON(e.stdout, r.result); err != nil {
				return err
			}
		}
		return nil
	}
	return printList(e.stdout, e.stderr, all)
}

// printList prints a table, and what could not be asked for beside it.
func printList(out, errs io.Writer, all []listed) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, tableHead+"\tSINCE")
	for _, r := range all {
		if r.err != nil {
			fmt.Fprintf(errs, "%s/%s: %v\n", named(r.Campaign, r.CampaignDBID), named(r.Group, r.GroupDBID), r.err)
			continue
		}
		since := "-"
		if r.Since != nil {
			since = moment(*r.Since)
		}
		fmt.Fprintln(table, strings.Join(append(r.rows()[0], since), "\t"))
	}
	return table.Flush()
}
