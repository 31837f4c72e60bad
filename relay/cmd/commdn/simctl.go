package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/internal/enums"
	"commdn/relay/sim/control"
)

// simCtlCmd holds the commands that talk to the API of a simulation.
type simCtlCmd struct {
	HTTP string `name:"http" help:"Address of the simulator's page (${default}); that of the demo is http://127.0.0.1:8080/sim/." default:"http://127.0.0.1:7080/" placeholder:"URL"`
	outputFlag

	State     ctlStateCmd     `cmd:"" help:"Tell scenario, clock, T-Servers, CommDNs and OCS."`
	Campaigns ctlCampaignsCmd `cmd:"" help:"List campaign groups, or control one as the vendor's own console does."`
	Records   ctlRecordsCmd   `cmd:"" help:"List records of calling lists, or check one out on an agent's desktop."`
	Dnc       ctlDncCmd       `cmd:"" help:"Print the Do Not Call list, or put an entry on it."`
	Clock     ctlClockCmd     `cmd:"" help:"Tell the time of the simulation, move it or change its speed."`
	Faults    ctlFaultsCmd    `cmd:"" help:"List what is set to go wrong, add to it or take away."`
	Reset     ctlResetCmd     `cmd:"" help:"Make everything as it was at the start."`
	Trace     ctlTraceCmd     `cmd:"" help:"Print each UserEvent, until interrupted."`
}

// dial gives a client.
func (c *simCtlCmd) dial() (*control.Client, error) {
	client, err := control.Dial(c.HTTP)
	if err != nil {
		return nil, &exitError{exitUsage, fmt.Errorf("commdn: --http: %w", err)}
	}
	return client, nil
}

// ctlError gives an error its exit code where it has none: no answer, unless the
// simulator has answered.
func ctlError(err error) error {
	_, served := errors.AsType[*control.Error](err)
	_, known := errors.AsType[*exitError](err)
	if err == nil || served || known {
		return err
	}
	return &exitError{exitNoAnswer, err}
}

// ctl asks the simulator and prints what it answers.
func ctl[T any](e *env, c *simCtlCmd, ask func(context.Context, *control.Client) (T, error), table func(io.Writer, T)) error {
	client, err := c.dial()
	if err != nil {
		return err
	}
	answer, err := ask(e.ctx, client)
	if err != nil {
		return ctlError(err)
	}
	if c.Output == formatJSON || c.Output == formatJSONL {
		return writeJSON(e.stdout, answer)
	}
	return tabular(e.stdout, func(w io.Writer) { table(w, answer) })
}

// ctlAll is ctl for an array; with jsonl each item has its line.
func ctlAll[T any](e *env, c *simCtlCmd, ask func(context.Context, *control.Client) ([]T, error), table func(io.Writer, []T)) error {
	if c.Output != formatJSONL {
		return ctl(e, c, ask, table)
	}
	client, err := c.dial()
	if err != nil {
		return err
	}
	all, err := ask(e.ctx, client)
	for _, one := range all {
		if err := writeJSON(e.stdout, one); err != nil {
			return err
		}
	}
	return ctlError(err)
}

func tabular(out io.Writer, write func(io.Writer)) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	write(table)
	return table.Flush()
}

type ctlStateCmd struct{}

// Run prints the state.
func (ctlStateCmd) Run(e *env, c *simCtlCmd) error {
	return ctl(e, c, func(ctx context.Context, s *control.Client) (control.State, error) { return s.State(ctx) }, func(w io.Writer, s control.State) {
		fmt.Fprintf(w, "scenario\t%s\tseed %d\n", s.Scenario, s.Seed)
		printClock(w, s.Clock)
		for _, t := range s.TServers {
			link := "has its switch"
			if !t.LinkUp {
				link = "no link to the switch"
			}
			fmt.Fprintf(w, "T-Server\t%s\t%s, %s, %d clients\n", t.Addr, t.Role, link, len(t.Clients))
		}
		for _, o := range s.OCS {
			var connected, numbers []string
			for _, a := range o.Connected {
				connected = append(connected, strconv.Itoa(int(a.DBID)))
			}
			for _, dn := range o.CommDNs {
				if !dn.Up {
					dn.Number += " (away: " + dn.Error + ")"
				}
				numbers = append(numbers, dn.Number)
			}
			fmt.Fprintf(w, "OCS\t%s (%d)\ton %s, serves %s\n", o.Name, o.DBID, dash(strings.Join(numbers, ", ")), dash(strings.Join(connected, ", ")))
		}
		for _, status := range enums.Statuses() {
			v, _ := enums.Status(status)
			if n := s.Counts.CampaignGroups[v.String()]; n > 0 {
				fmt.Fprintf(w, "campaign groups\t%s\t%d\n", v, n)
			}
		}
		fmt.Fprintf(w, "records\t%d\t\nDo Not Call\t%d\t\n", s.Counts.Records, s.Counts.DNC)
	})
}

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
	return f.do(e, c, parsed, func(*control.Control, control.CampaignGroup) error { return nil })
}

// do asks for what the command is named after. change fills in the request for
// the campaign group as it is now.
func (f *ctlControlCmd) do(e *env, c *simCtlCmd, parsed *kong.Context, change func(*control.Control, control.CampaignGroup) error) error {
	return ctl(e, c, func(ctx context.Context, s *control.Client) (control.CampaignGroup, error) {
		all, err := s.Campaigns(ctx)
		if err != nil {
			return control.CampaignGroup{}, err
		}
		id, err := simNames(all).campaignGroup(f.Name)
		if rest, isSequence := strings.CutPrefix(f.Name, "0/"); isSequence {
			id.Campaign = 0
			id.Group, err = simNames(all).group(rest)
		}
		if err != nil {
			return control.CampaignGroup{}, &exitError{exitInvalid, err}
		}
		r := control.Control{Campaign: id.Campaign, Group: id.Group, Do: parsed.Selected().Name}
		at := slices.IndexFunc(all, func(g control.CampaignGroup) bool { return g.ID() == id })
		var now control.CampaignGroup
		if at >= 0 {
			now = all[at]
		}
		if err := change(&r, now); err != nil {
			return now, err
		}
		return s.Do(ctx, r)
	}, func(w io.Writer, g control.CampaignGroup) { printCampaigns(w, []control.CampaignGroup{g}) })
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
	return f.do(e, c, parsed, func(r *control.Control, now control.CampaignGroup) error {
		r.AutoCompletion = f.AutoComplete
		if f.DialMode == "" && f.OptimizeBy == "" && f.Goal == nil {
			return nil
		}
		if now.Dialing == nil {
			return &exitError{exitInvalid, fmt.Errorf("how %s is dialed is not known; give no --dial-mode, --optimize-by and --goal", f.Name)}
		}
		d := *now.Dialing
		if f.DialMode != "" {
			d.Mode = given.Mode.String()
		}
		if f.OptimizeBy != "" {
			d.OptimizeBy = given.OptimizeBy.String()
		}
		if f.Goal != nil {
			d.Goal = given.Goal
		}
		r.Dialing = &d
		return nil
	})
}

type ctlRecordsCmd struct {
	List     ctlRecordListCmd `cmd:"" default:"withargs" help:"List records. The default."`
	CheckOut ctlCheckOutCmd   `cmd:"" help:"An agent takes a record on the desktop: it is neither dialed nor canceled."`
	CheckIn  ctlCheckInCmd    `cmd:"" help:"An agent gives a record back."`
}

type ctlRecordListCmd struct {
	List       int32  `name:"list" help:"DBID of the calling list; all without it." placeholder:"DBID"`
	Phone      string `help:"Records with this phone." placeholder:"PHONE"`
	CustomerID string `help:"Records of this customer." placeholder:"ID"`
	Status     string `help:"Records with this status: ready, retrieved, updated, canceled or chain-updated." placeholder:"STATUS"`
	Offset     int    `help:"How many to pass over." default:"0" placeholder:"N"`
	Limit      int    `help:"How many to list, at most 1000." default:"100" placeholder:"N"`
}

// Run lists records.
func (f *ctlRecordListCmd) Run(e *env, c *simCtlCmd) error {
	ask := func(ctx context.Context, s *control.Client) (control.Records, error) {
		return s.Records(ctx, control.Query{
			List: commdn.DBID(f.List), Phone: f.Phone, CustomerID: f.CustomerID, Status: f.Status, Offset: f.Offset, Limit: f.Limit,
		})
	}
	if c.Output == formatJSONL {
		return ctlAll(e, c, func(ctx context.Context, s *control.Client) ([]control.Record, error) {
			page, err := ask(ctx, s)
			return page.Records, err
		}, printRecords)
	}
	return ctl(e, c, ask, func(w io.Writer, page control.Records) {
		printRecords(w, page.Records)
		if more := page.Total - page.Offset - len(page.Records); more > 0 {
			fmt.Fprintf(w, "%d more of %d\n", more, page.Total)
		}
	})
}

func printRecords(w io.Writer, all []control.Record) {
	fmt.Fprintln(w, "RECORD\tPHONE\tCUSTOMER\tCHAIN\tSTATUS\tRESULT\tATTEMPTS\tDIALED\tDESKTOP")
	for _, r := range all {
		dialed, desktop := "-", "-"
		if !r.Dialed.IsZero() {
			dialed = r.Dialed.UTC().Format(time.RFC3339)
		}
		if r.OnDesktop {
			desktop = "yes"
		}
		fmt.Fprintf(w, "%d/%d\t%s\t%s\t%d\t%s\t%s\t%d\t%s\t%s\n", r.List, r.ID, r.Phone, dash(r.CustomerID), r.Chain, r.Status, r.Result, r.Attempts, dialed, desktop)
	}
}

type ctlCheckOutCmd struct {
	Record string `arg:"" name:"list/record" help:"DBID of the list and number of the record."`
}

// Run checks a record out.
func (f *ctlCheckOutCmd) Run(e *env, c *simCtlCmd) error { return checkOut(e, c, f.Record, true) }

type ctlCheckInCmd struct {
	Record string `arg:"" name:"list/record" help:"DBID of the list and number of the record."`
}

// Run gives a record back.
func (f *ctlCheckInCmd) Run(e *env, c *simCtlCmd) error { return checkOut(e, c, f.Record, false) }

func checkOut(e *env, c *simCtlCmd, name string, onDesktop bool) error {
	before, after, _ := strings.Cut(name, "/")
	list, err := strconv.ParseInt(before, 10, 32)
	id, idErr := strconv.Atoi(after)
	if err != nil || idErr != nil {
		return &exitError{exitUsage, fmt.Errorf("commdn: record %q: give LIST/RECORD, 601/17 for one", name)}
	}
	return ctl(e, c, func(ctx context.Context, s *control.Client) (control.Record, error) {
		return s.CheckOut(ctx, commdn.DBID(list), id, onDesktop)
	}, func(w io.Writer, r control.Record) { printRecords(w, []control.Record{r}) })
}

type ctlDncCmd struct {
	List ctlDncListCmd `cmd:"" default:"withargs" help:"Print the list. The default."`
	Add  ctlDncAddCmd  `cmd:"" help:"Put a number, a customer, or both on it, as an operator would."`
}

type ctlDncListCmd struct{}

// Run prints the Do Not Call list.
func (ctlDncListCmd) Run(e *env, c *simCtlCmd) error {
	return ctlAll(e, c, func(ctx context.Context, s *control.Client) ([]control.Entry, error) { return s.DNC(ctx) }, printEntries)
}

func printEntries(w io.Writer, all []control.Entry) {
	fmt.Fprintln(w, "PHONE\tCUSTOMER\tTENANT\tSINCE")
	for _, entry := range all {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", dash(entry.Phone), dash(entry.CustomerID), entry.Tenant, entry.Time.UTC().Format(time.RFC3339))
	}
}

type ctlDncAddCmd struct {
	Phone      string `arg:"" optional:"" help:"The number."`
	CustomerID string `help:"The customer." placeholder:"ID"`
	Tenant     int32  `help:"DBID of the tenant; the first one without it." placeholder:"DBID"`
}

// Run adds an entry.
func (f *ctlDncAddCmd) Run(e *env, c *simCtlCmd) error {
	return ctl(e, c, func(ctx context.Context, s *control.Client) (control.Entry, error) {
		return s.Forbid(ctx, control.Forbidden{Phone: f.Phone, CustomerID: f.CustomerID, Tenant: commdn.DBID(f.Tenant)})
	}, func(w io.Writer, entry control.Entry) { printEntries(w, []control.Entry{entry}) })
}

type ctlClockCmd struct {
	Advance time.Duration `help:"Move the clock on, at most 31 days; what falls due meanwhile is done." placeholder:"DURATION"`
	Speed   *float64      `help:"Seconds that pass in one; 0 is a clock that stands still." placeholder:"N"`
}

// Run changes the clock, the speed first, and prints it.
func (f *ctlClockCmd) Run(e *env, c *simCtlCmd) error {
	return ctl(e, c, func(ctx context.Context, s *control.Client) (now control.Clock, err error) {
		if f.Speed != nil {
			if now, err = s.SetSpeed(ctx, *f.Speed); err != nil {
				return now, err
			}
		}
		if f.Advance != 0 {
			return s.Advance(ctx, f.Advance)
		}
		return s.Clock(ctx)
	}, printClock)
}

func printClock(w io.Writer, c control.Clock) {
	fmt.Fprintf(w, "clock\t%s\tspeed %v\n", c.Now.UTC().Format(time.RFC3339Nano), c.Speed)
}

// ctlQuiet is for what answers nothing.
func ctlQuiet(e *env, c *simCtlCmd, ask func(context.Context, *control.Client) error) error {
	client, err := c.dial()
	if err != nil {
		return err
	}
	return ctlError(ask(e.ctx, client))
}

type ctlResetCmd struct{}

// Run resets the simulation and prints its clock.
func (ctlResetCmd) Run(e *env, c *simCtlCmd) error {
	return ctl(e, c, func(ctx context.Context, s *control.Client) (control.Clock, error) { return s.Reset(ctx) }, printClock)
}

type ctlTraceCmd struct{}

// Run prints UserEvents until it is interrupted, or the simulator ends.
func (ctlTraceCmd) Run(e *env, c *simCtlCmd) error {
	client, err := c.dial()
	if err != nil {
		return err
	}
	err = client.Trace(e.ctx, nil, func(event control.Event) {
		if c.Output == formatJSON || c.Output == formatJSONL {
			_ = writeJSON(e.stdout, event)
			return
		}
		if event.Missed > 0 {
			fmt.Fprintf(e.stderr, "%d events were missed: they came faster than they could be printed\n", event.Missed)
		}
		fmt.Fprintf(e.stdout, "%s  %s  %s  %s\n%s\n", event.Time.UTC().Format(time.RFC3339Nano), event.DN, event.Application, event.Message, strings.TrimRight(event.Text, "\n"))
	})
	if e.ctx.Err() != nil {
		return nil
	}
	if err == nil {
		err = errors.New("the simulator has ended")
	}
	return ctlError(err)
}
