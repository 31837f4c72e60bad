package main

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/alecthomas/kong"

	"commdn/protocol/commdn"
	"commdn/relay"
	"commdn/relay/daemon"
	"commdn/relay/directory"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
	"commdn/relay/web"
)

type relayCmd struct {
	Run    relayRunCmd    `cmd:"" default:"withargs" help:"Run the relay. The default."`
	Status relayStatusCmd `cmd:"" help:"Say how a running relay is."`
	Reload relayReloadCmd `cmd:"" help:"Have a running relay read its configuration again, as SIGHUP does."`

	Sessions relaySessionsCmd `cmd:"" help:"List who is connected to a running relay, or end sessions."`
	Bundle   relayBundleCmd   `cmd:"" help:"Write what a support case needs of a running relay to a file."`
}

type relayRunCmd struct {
	Config string `help:"The configuration, see relay/config.example.yaml. The other options are for a try without one, on this machine only." placeholder:"FILE" complete:"file"`
	Check  bool   `help:"Say what is wrong with the configuration, or what would be used, and end."`

	Listen      string           `help:"Loopback address for browsers." default:"127.0.0.1:8080"`
	TServer     []string         `name:"tserver" help:"T-Server's tlink address, primary first." placeholder:"HOST:PORT"`
	CommDN      string           `name:"comm-dn" help:"The Communication DN." default:"${commdn}"`
	Application string           `help:"Name of the relay's application." default:"commdn"`
	AppDBID     int32            `name:"app-dbid" help:"DBID of the relay's application; OCS must be connected to it." default:"${app}"`
	OCS         []int32          `name:"ocs" help:"DBIDs of all OCS on the CommDN; without it the first answer settles a request." placeholder:"DBID"`
	Campaign    map[int32]string `help:"A campaign that clients may name; once for each." mapsep:"none" placeholder:"DBID=NAME"`
	Group       map[int32]string `help:"A group that clients may name; once for each." mapsep:"none" placeholder:"DBID=NAME"`
}

// Run runs the relay until the command is ended.
func (c *relayRunCmd) Run(e *env, parsed *kong.Context) error {
	usage := func(format string, args ...any) error {
		return &exitError{exitUsage, fmt.Errorf("commdn: relay: "+format+"; see commdn relay run --help", args...)}
	}
	if c.Config == "" {
		switch {
		case c.Check:
			return usage("--check checks a configuration; give it with --config")
		case len(c.TServer) == 0:
			return usage("give --config FILE, or --tserver HOST:PORT for a try on this machine")
		}
		return c.try(e)
	}
	for _, p := range parsed.Path {
		if p.Flag != nil && p.Flag.Name != "config" && p.Flag.Name != "check" {
			return usage("--%s does not go with --config; the configuration says it", p.Flag.Name)
		}
	}
	file, err := filepath.Abs(c.Config)
	if err != nil {
		return err
	}
	if c.Check {
		err := daemon.Check(file, e.stdout)
		if errors.Is(err, daemon.ErrSilent) {
			err = &exitError{exitInvalid, fmt.Errorf("%s: %w", file, err)}
		}
		return err
	}
	d, err := daemon.New(daemon.Options{File: file, Files: e.files, Version: product(), Log: e.stderr})
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Run(e.ctx, func(url string) { fmt.Fprintf(e.stdout, "commdn relay: %s\n", url) })
}

// try runs a relay by flags alone.
func (c *relayRunCmd) try(e *env) error {
	names := directory.Directory{}
	for _, id := range slices.Sorted(maps.Keys(c.Campaign)) {
		names.Campaigns = append(names.Campaigns, directory.Campaign{DBID: commdn.DBID(id), Name: c.Campaign[id]})
	}
	for _, id := range slices.Sorted(maps.Keys(c.Group)) {
		names.Groups = append(names.Groups, directory.Group{DBID: commdn.DBID(id), Name: c.Group[id]})
	}
	return serve(e, c.Listen, relay.Options{
		Log: e.log(),
		Links: []relay.Link{{
			TServer: link(c.TServer, c.CommDN, c.Application), AppDBID: commdn.DBID(c.AppDBID), OCS: dbids(c.OCS),
		}},
		Settings: relay.Settings{Directory: directory.New(names)},
	}, "relay")
}

// serve runs a relay for this machine until the command is ended.
func serve(e *env, listen string, o relay.Options, what string) error {
	l, err := web.Listen(listen, false)
	if err != nil {
		return err
	}
	defer l.Close()
	// Only this machine can connect, and a file of numbers is to go fast.
	o.Limits = relay.Limits{PerAddress: 20_000, Rate: 20_000, Burst: 20_000, AddressRate: 1_000_000, AddressBurst: 1_000_000}
	srv, err := relay.New(e.downloads(o))
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "commdn %s: http://%s/\n", what, l.Addr())
	return srv.Serve(e.ctx, l)
}

// downloads puts what a browser downloads, and the version, into the options.
func (e *env) downloads(o relay.Options) relay.Options {
	o.Files, o.Version = e.files, product()
	return o
}

func link(servers []string, commDN, application string) tserver.Options {
	return tserver.Options{
		Driver: tlink.Driver{}, Servers: servers, CommDN: commDN, Application: application,
	}
}

func dbids(numbers []int32) []commdn.DBID {
	ids := make([]commdn.DBID, len(numbers))
	for i, n := range numbers {
		ids[i] = commdn.DBID(n)
	}
	return ids
}
