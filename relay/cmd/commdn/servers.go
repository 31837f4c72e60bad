package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay"
	"commdn/relay/sim"
	"commdn/relay/sim/control"
	"commdn/relay/sim/scenario"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

type relayCmd struct {
	Listen      string           `help:"Loopback address for browsers." default:"127.0.0.1:8080"`
	TServer     []string         `name:"tserver" help:"T-Server's tlink address, primary first." placeholder:"HOST:PORT" required:""`
	CommDN      string           `name:"comm-dn" help:"The Communication DN." default:"${commdn}"`
	Application string           `help:"Name of the relay's application." default:"commdn"`
	AppDBID     int32            `name:"app-dbid" help:"DBID of the relay's application; OCS must be connected to it." default:"${app}"`
	OCS         []int32          `name:"ocs" help:"DBIDs of all OCS on the CommDN; without it the first answer settles a request." placeholder:"DBID"`
	Campaign    map[int32]string `help:"A campaign that clients may name; once for each." mapsep:"none" placeholder:"DBID=NAME"`
	Group       map[int32]string `help:"A group that clients may name; once for each." mapsep:"none" placeholder:"DBID=NAME"`
}

func (c *relayCmd) Run(e *env) error {
	return serve(e, c.Listen, relay.Options{
		Link:      link(c.TServer, c.CommDN, c.Application),
		AppDBID:   commdn.DBID(c.AppDBID),
		OCS:       dbids(c.OCS),
		Directory: frame.Directory{Campaigns: objects(c.Campaign), Groups: objects(c.Group)},
	}, "relay")
}

// objects gives what the flags name, in the order of DBIDs.
func objects(names map[int32]string) []frame.Named {
	var all []frame.Named
	for _, id := range slices.Sorted(maps.Keys(names)) {
		all = append(all, frame.Named{DBID: commdn.DBID(id), Name: names[id]})
	}
	return all
}

// serve runs a relay until the command is ended.
func serve(e *env, listen string, o relay.Options, what string) error {
	l, err := relay.Listen(listen)
	if err != nil {
		return err
	}
	defer l.Close()
	o.Files, o.Version, o.Log = e.files, "commdn/"+version, e.log()
	if _, err := fs.Stat(e.files, "commdn.js"); err != nil {
		o.Log.Warn("this binary was built without what a browser downloads, and serves no pages; build it with ./build.sh build")
	}
	srv, err := relay.New(o)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "commdn %s: http://%s/\n", what, l.Addr())
	return srv.Serve(e.ctx, l)
}

func link(servers []string, commDN, application string) tserver.Options {
	return tserver.Options{
		Driver: tlink.Driver{}, Servers: servers, CommDN: commDN, Application: application,
		MaxBackoff: 5 * time.Second, // an agent waits
	}
}

func dbids(numbers []int32) []commdn.DBID {
	ids := make([]commdn.DBID, len(numbers))
	for i, n := range numbers {
		ids[i] = commdn.DBID(n)
	}
	return ids
}

type demoCmd struct {
	Listen   string `help:"Loopback address for browsers." default:"127.0.0.1:8080"`
	Scenario string `help:"Name of a scenario that comes with the program, or a file." default:"demo" placeholder:"NAME|FILE" complete:"file"`
}

func (c *demoCmd) Run(e *env) error {
	scene, err := scenario.Load(c.Scenario)
	if err != nil {
		return err
	}
	application, servers, err := relayIn(scene)
	if err != nil {
		return fmt.Errorf("demo: scenario %s: %w", scene.Name, err)
	}
	s, err := sim.Start(sim.Options{Scenario: scene, Log: e.log()})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	tservers := []string{s.Addr()}
	if backup := s.BackupAddr(); backup != "" {
		tservers = append(tservers, backup)
	}
	view := http.StripPrefix("/sim", control.Handler(control.Options{Sim: s, Version: "commdn/" + version, Log: e.log()}))
	routes := make(map[string]http.Handler)
	// The relay serves files for GET at /: a pattern for all methods would
	// conflict with that.
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		routes[method+" /sim/"] = view
	}
	return serve(e, c.Listen, relay.Options{
		Link:      link(tservers, s.CommDN(), application.Name),
		AppDBID:   application.DBID,
		OCS:       servers,
		Directory: directory(scene),
		Routes:    routes,
	}, "demo")
}

// relayIn gives the application of a scenario that the relay is, and the OCS
// that answer it on the first CommDN. Where none does, all that work with the
// CommDN are given: their silence is what is to be seen then.
func relayIn(s *scenario.Scenario) (scenario.Application, []commdn.DBID, error) {
	at := slices.IndexFunc(s.Applications, func(a scenario.Application) bool {
		return !a.Disabled && a.Type != scenario.OutboundContactServer
	})
	dn := slices.IndexFunc(s.CommDNs, func(dn scenario.CommDN) bool { return !dn.Disabled })
	if at < 0 || dn < 0 {
		return scenario.Application{}, nil, errors.New("the relay needs an application of the type third-party-server or third-party-application, and a CommDN; one of them is missing or disabled")
	}
	application := s.Applications[at]
	if application.Name == "" {
		application.Name = "commdn"
	}
	var serving, all []commdn.DBID
	for _, server := range s.Servers() {
		if !slices.ContainsFunc(s.Monitored(server.DBID), func(m scenario.CommDN) bool { return m.Number == s.CommDNs[dn].Number }) {
			continue
		}
		all = append(all, server.DBID)
		if slices.Contains(s.Connected(server.DBID), application.DBID) {
			serving = append(serving, server.DBID)
		}
	}
	if serving == nil {
		serving = all
	}
	return application, serving, nil
}

// directory gives the names of a scenario.
func directory(s *scenario.Scenario) (d frame.Directory) {
	for _, o := range s.Campaigns {
		d.Campaigns = append(d.Campaigns, frame.Named{DBID: o.DBID, Name: o.Name})
	}
	for _, o := range s.Groups {
		d.Groups = append(d.Groups, frame.Named{DBID: o.DBID, Name: o.Name})
	}
	return d
}
