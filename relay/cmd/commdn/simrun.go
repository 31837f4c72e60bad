package main

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"text/tabwriter"

	"commdn/relay/habits"
	"commdn/relay/internal/netname"
	"commdn/relay/sim"
	"commdn/relay/sim/control"
	"commdn/relay/sim/scenario"
)

type simCmd struct {
	Run       simRunCmd       `cmd:"" default:"withargs" help:"Run a scenario: T-Server and OCS for a relay to connect to, and a page that shows them. The default."`
	Scenarios simScenariosCmd `cmd:"" help:"List the scenarios that come with the program, or print one to start an own one from."`
	Check     simCheckCmd     `cmd:"" help:"Say what is wrong with a scenario."`
	Ctl       simCtlCmd       `cmd:"" help:"Look at and change a simulation that runs."`
}

type simRunCmd struct {
	Scenario     string   `help:"Name of a scenario that comes with the program, or a file." default:"demo" placeholder:"NAME|FILE" complete:"file"`
	Listen       string   `help:"Address of T-Server." default:"127.0.0.1:7000" placeholder:"HOST:PORT"`
	BackupListen string   `help:"Address of the backup T-Server, where the scenario has one." default:"127.0.0.1:7001" placeholder:"HOST:PORT"`
	HTTP         string   `name:"http" help:"Address of the page and the API; off is none." default:"127.0.0.1:7080" placeholder:"HOST:PORT"`
	Speed        *float64 `help:"Seconds that pass on the simulation's clock in one; 0 is a clock that stands still. Not given: as the scenario has it." placeholder:"N"`
	Seed         *uint64  `help:"Seed of all that is random. Not given: as the scenario has it." placeholder:"N"`
	DialRate     *float64 `help:"Records a second that a running campaign dials, whatever its mode and goal; 0 leaves it to these. Not given: as the scenario has it." placeholder:"N"`
	As           string   `help:"How every OCS words its answers: plain, strange, or a file that commdn link check has written. Not given: as the scenario has it." placeholder:"PRESET|FILE" complete:"file"`
	Expose       bool     `help:"Listen on addresses that others can reach, too. Everybody who can may do everything."`
}

// httpOff is an address of no HTTP server.
const httpOff = "off"

// Run starts the simulation and serves it until the command is ended.
func (c *simRunCmd) Run(e *env) error {
	s, err := c.load()
	if err != nil {
		return err
	}
	addresses := []string{c.Listen, c.BackupListen}
	if c.HTTP != httpOff {
		addresses = append(addresses, c.HTTP)
	}
	for _, address := range addresses {
		if err := c.check(address); err != nil {
			return err
		}
	}
	var l net.Listener
	if c.HTTP != httpOff {
		if l, err = net.Listen("tcp", c.HTTP); err != nil {
			return err
		}
		defer l.Close()
	}
	as, err := habitsOf("sim", c.As)
	if err != nil {
		return err
	}
	running, err := sim.Start(sim.Options{Scenario: s, As: as, Addr: c.Listen, BackupAddr: c.BackupListen, Log: e.log()})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "commdn sim: T-Server on %s, %s\n", running.Addr(), running.CommDN())
	if backup := running.BackupAddr(); backup != "" {
		fmt.Fprintf(e.stdout, "commdn sim: backup on %s\n", backup)
	}
	if l != nil {
		fmt.Fprintf(e.stdout, "commdn sim: page on http://%s/\n", l.Addr())
	}
	fmt.Fprintf(e.stdout, "commdn sim: scenario %s\n", s.Name)
	var served error
	if l == nil {
		<-e.ctx.Done()
	} else {
		served = control.Serve(e.ctx, l, control.Options{Sim: running, Version: "commdn/" + version, AnyHost: c.Expose, Log: e.log()})
	}
	return errors.Join(served, running.Close())
}

// load reads the scenario and lets the flags have the last word.
func (c *simRunCmd) load() (*scenario.Scenario, error) {
	s, err := scenario.Load(c.Scenario)
	if err != nil {
		return nil, err
	}
	if c.Speed != nil {
		s.Clock.Speed = c.Speed
	}
	if c.Seed != nil {
		s.Seed = *c.Seed
	}
	for i := range s.Applications {
		if a := &s.Applications[i]; c.DialRate != nil && a.Type == scenario.OutboundContactServer {
			a.OCS.DialRate = *c.DialRate
		}
	}
	return s, s.Check()
}

// habitsOf gives the habits that the flag --as of a command names, nil for none.
func habitsOf(command, as string) (*habits.Habits, error) {
	if as == "" {
		return nil, nil
	}
	h, err := habits.Load(as)
	if err != nil {
		return nil, fmt.Errorf("%s: --as: %w", command, err)
	}
	return &h, nil
}

// check refuses an address that others can reach, unless they are to.
func (c *simRunCmd) check(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("sim: listen address %q: %w; give HOST:PORT, for example 127.0.0.1:7000", address, err)
	}
	if !c.Expose && !netname.Loopback(host) {
		return fmt.Errorf("sim: refusing to listen on %q: a simulated T-Server trusts everybody, so only a loopback address is safe; --expose does it all the same", address)
	}
	return nil
}

type simScenariosCmd struct {
	Name string `arg:"" optional:"" help:"The one to print as YAML."`
}

func (c *simScenariosCmd) Run(e *env) error {
	if c.Name != "" {
		text, err := scenario.Source(c.Name)
		if err != nil {
			return fmt.Errorf("sim: no scenario %q comes with the program; there are %s", c.Name, strings.Join(scenario.Names(), ", "))
		}
		_, err = e.stdout.Write(text)
		return err
	}
	table := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	for _, name := range scenario.Names() {
		fmt.Fprintf(table, "%s\t%s\n", name, strings.Join(strings.Fields(scenario.Shipped(name).Description), " "))
	}
	return table.Flush()
}

type simCheckCmd struct {
	File string `arg:"" help:"The file, or the name of a scenario that comes with the program."`
}

func (c *simCheckCmd) Run(e *env) error {
	s, err := scenario.Load(c.File)
	if err != nil {
		return err
	}
	records := 0
	for _, l := range s.CallingLists {
		records += len(l.Records) + l.Generate.Customers*max(l.Generate.Phones, 1)
	}
	_, err = fmt.Fprintf(e.stdout, "ok: %d OCS, %d CommDNs, %d campaigns, %d groups, %d campaign groups, %d calling lists with %d records, %d faults\n",
		len(s.Servers()), len(s.CommDNs), len(s.Campaigns), len(s.Groups), len(s.CampaignGroups), len(s.CallingLists), records, len(s.Faults))
	return err
}
