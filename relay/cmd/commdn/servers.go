package main

import (
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay"
	"commdn/relay/sim"
	"commdn/relay/sim/ocs"
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

type simCmd struct {
	Listen   string  `help:"Loopback address of T-Server." default:"127.0.0.1:7000"`
	CommDN   string  `name:"comm-dn" help:"The Communication DN." default:"${commdn}"`
	OCS      []int32 `name:"ocs" help:"DBIDs of the OCS on it." default:"${ocs}"`
	AppDBID  []int32 `name:"app-dbid" help:"DBIDs of the applications that every OCS is connected to." default:"${app}"`
	DialRate int     `help:"How many records a second a running campaign dials; 0 is the default of ${dialrate}." default:"0" placeholder:"N"`
}

func (c *simCmd) Run(e *env) error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("sim: listen address %q: %w", c.Listen, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("sim: refusing to listen on %q: a simulated T-Server trusts everybody, so only a loopback address is safe", c.Listen)
	}
	o := simulated(c.Listen, c.CommDN, dbids(c.OCS), dbids(c.AppDBID), e.log())
	for i := range o.OCS {
		o.OCS[i].DialRate = c.DialRate
	}
	s, err := sim.Start(o)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "commdn sim: T-Server on %s, %s\n", s.Addr(), s.CommDN())
	<-e.ctx.Done()
	return s.Close()
}

// refusedPhone is a number that the simulated OCS refuses, so that people can
// see a refusal.
const refusedPhone = "5550100010"

func simulated(listen, commDN string, ids, connected []commdn.DBID, log *slog.Logger) sim.Options {
	o := sim.Options{Addr: listen, CommDN: commDN, Log: log}
	for _, id := range ids {
		o.OCS = append(o.OCS, ocs.Options{
			DBID: id, Connected: connected,
			Refuse: map[string]commdn.ErrorCode{refusedPhone: commdn.ErrorInvalidParameter},
		})
	}
	return o
}

type demoCmd struct {
	Listen string `help:"Loopback address for browsers." default:"127.0.0.1:8080"`
}

func (c *demoCmd) Run(e *env) error {
	ids, connected := []commdn.DBID{sim.DefaultOCS}, []commdn.DBID{sim.DefaultApplication}
	s, err := sim.Start(simulated("127.0.0.1:0", sim.DefaultCommDN, ids, connected, e.log()))
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	return serve(e, c.Listen, relay.Options{
		Link:      link([]string{s.Addr()}, s.CommDN(), "commdn"),
		AppDBID:   sim.DefaultApplication,
		OCS:       ids,
		Directory: directory(sim.DefaultConfiguration()),
		Routes: map[string]http.Handler{
			"GET /sim/dnc":   http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { listDNC(w, s) }),
			"GET /sim/trace": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { traceEvents(w, r, s) }),
		},
	}, "demo")
}

// directory gives the names of a simulated configuration.
func directory(c ocs.Configuration) (d frame.Directory) {
	for _, o := range c.Campaigns {
		d.Campaigns = append(d.Campaigns, frame.Named{DBID: o.DBID, Name: o.Name})
	}
	for _, o := range c.Groups {
		d.Groups = append(d.Groups, frame.Named{DBID: o.DBID, Name: o.Name})
	}
	return d
}
