package main

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"commdn/protocol/commdn"
	"commdn/relay"
	"commdn/relay/auth"
	"commdn/relay/directory"
	"commdn/relay/sim"
	"commdn/relay/sim/control"
	"commdn/relay/sim/scenario"
)

type demoCmd struct {
	Listen   string   `help:"Loopback address for browsers." default:"127.0.0.1:8080"`
	Scenario string   `help:"Name of a scenario that comes with the program, or a file." default:"demo" placeholder:"NAME|FILE" complete:"file"`
	As       string   `help:"How every OCS words its answers: plain, strange, or a file that commdn link check has written. Not given: as the scenario has it." placeholder:"PRESET|FILE" complete:"file"`
	Origin   []string `help:"Origin of pages that may load the plugin and connect, beside the demo's own; once for each." sep:"none" placeholder:"ORIGIN"`
	Parent   []string `help:"Origin of pages that may have frame.html in a frame, beside the demo's own; once for each." sep:"none" placeholder:"ORIGIN"`
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
	as, err := habitsOf("demo", c.As)
	if err != nil {
		return err
	}
	s, err := sim.Start(sim.Options{Scenario: scene, As: as, Log: e.log()})
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
	log := e.log()
	log.Warn("development tokens: nobody proves who they are; a token is ROLE,ROLE=NAME, and none is all roles")
	return serve(e, c.Listen, relay.Options{
		Log:      log,
		Links:    []relay.Link{{TServer: link(tservers, s.CommDN(), application.Name), AppDBID: application.DBID, OCS: servers, Backups: backups(scene)}},
		Auth:     auth.NewDevelopment(),
		Settings: relay.Settings{Directory: objects(scene), Origins: c.Origin, Parents: c.Parent},
		Routes:   routes,
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

// backups gives the OCS of a scenario that stand in for others, by the DBID of these.
func backups(s *scenario.Scenario) map[commdn.DBID]commdn.DBID {
	pairs := map[commdn.DBID]commdn.DBID{}
	for _, a := range s.Servers() {
		if a.OCS.Backup != 0 {
			pairs[a.DBID] = a.OCS.Backup
		}
	}
	return pairs
}

// objects gives those of a scenario that a relay knows.
func objects(s *scenario.Scenario) *directory.Directory {
	var d directory.Directory
	for _, o := range s.Tenants {
		d.Tenants = append(d.Tenants, directory.Tenant{DBID: o.DBID, Name: o.Name})
	}
	for _, o := range s.Campaigns {
		d.Campaigns = append(d.Campaigns, directory.Campaign{DBID: o.DBID, Name: o.Name, Tenant: o.Tenant})
	}
	for _, o := range s.Groups {
		d.Groups = append(d.Groups, directory.Group{DBID: o.DBID, Name: o.Name, Tenant: o.Tenant})
	}
	for _, o := range s.CampaignGroups {
		d.CampaignGroups = append(d.CampaignGroups, directory.CampaignGroup{Campaign: o.Campaign, Group: o.Group, OCS: s.ServerOf(o)})
	}
	return directory.New(d)
}
