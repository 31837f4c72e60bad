package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

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
	Habits    ctlHabitsCmd    `cmd:"" help:"Tell or change how an OCS words its answers, within what the vendor's page allows."`
	Takeover  ctlTakeOverCmd  `cmd:"" help:"Let the other OCS of a pair go on, with its own DBID."`
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

type ctlClockCmd struct {
	Advance time.Duration `help:"Move the clock on, at most 31 days; what falls due meanwhile is done." placeholder:"DURATION"`
	Speed   *float64      `help:"Seconds that pass in one; 0 is a clock that stands still." placeholder:"N"`
}

// Run changes the clock, the speed first, and prints it.
func (f *ctlClockCmd) Run(e *env, c *simCtlCmd) error {
	return ctl(e, c, func(ctx context.Context, s *control.Client) (control.Clock, error) {
		return s.ChangeClock(ctx, f.Speed, f.Advance)
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
