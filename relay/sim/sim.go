// Package sim is a Genesys installation in one process, as far as a CommDN
// shows it: a T-Server and one or more OCS that talk over TCP. The relay's
// demo and every test have it at the other end. README.md lists its rules,
// documented and inferred.
package sim

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/ocs"
	"commdn/relay/sim/tserver"
)

// Defaults of Options: what the demo has.
const (
	DefaultCommDN                  = "CommDN_1"
	DefaultOCS         commdn.DBID = 201 // the OCS's application
	DefaultApplication commdn.DBID = 101 // the application that is connected to it, the relay
)

// Entry is one entry of a Do Not Call list.
type Entry = ocs.Entry

// Event is one UserEvent that T-Server distributed.
type Event = tserver.Event

// Options say what is simulated. The zero value is an installation with the
// defaults above.
type Options struct {
	Addr        string // host:port of T-Server; empty is any free port of the loopback
	CommDN      string // empty means DefaultCommDN
	MaxUserData int    // see tserver.Options

	// OCS are the servers on the CommDN, each with a DBID of its own. Start
	// fills in Servers and CommDN, and Configuration, Clock and Log where there
	// is none. None means one with DefaultOCS and DefaultApplication connected.
	OCS []ocs.Options

	// Configuration has the campaigns of all OCS that have none of their own;
	// empty means DefaultConfiguration. Each OCS dials for itself.
	Configuration ocs.Configuration
	Clock         ocs.Clock // nil means the machine's time

	Log *slog.Logger // nil: no log
}

// startWithin is how long the OCS may take to register.
const startWithin = 10 * time.Second

// Sim is a running simulation. Its methods may be called by several
// goroutines.
type Sim struct {
	commDN  string
	tserver *tserver.Server
	ocs     []*ocs.OCS
}

// Start starts T-Server and every OCS, and returns when all are registered on
// the CommDN.
func Start(o Options) (*Sim, error) {
	if o.CommDN == "" {
		o.CommDN = DefaultCommDN
	}
	if len(o.OCS) == 0 {
		o.OCS = []ocs.Options{{DBID: DefaultOCS, Connected: []commdn.DBID{DefaultApplication}}}
	}
	if empty(o.Configuration) {
		o.Configuration = DefaultConfiguration()
	}
	server, err := tserver.Start(tserver.Options{
		Addr: o.Addr, CommDNs: []string{o.CommDN}, MaxUserData: o.MaxUserData, Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	s := &Sim{commDN: o.CommDN, tserver: server}
	if err := s.startOCS(o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Sim) startOCS(o Options) error {
	taken := make(map[commdn.DBID]bool)
	for _, options := range o.OCS {
		if taken[options.DBID] {
			return fmt.Errorf("sim: two OCS have the DBID %d; give each its own", options.DBID)
		}
		taken[options.DBID] = true
		options.Servers, options.CommDN = []string{s.Addr()}, o.CommDN
		if empty(options.Configuration) {
			options.Configuration = o.Configuration
		}
		if options.Clock == nil {
			options.Clock = o.Clock
		}
		if options.Log == nil {
			options.Log = o.Log
		}
		started, err := ocs.Start(options)
		if err != nil {
			return err
		}
		s.ocs = append(s.ocs, started)
	}
	late := time.After(startWithin)
	for _, started := range s.ocs {
		select {
		case <-started.Ready():
		case <-late:
			return fmt.Errorf("sim: OCS %d did not register within %s: %v", started.DBID(), startWithin, started.State().Err)
		}
	}
	return nil
}

func empty(c ocs.Configuration) bool {
	return len(c.Campaigns)+len(c.Groups)+len(c.CampaignGroups) == 0
}

// Addr gives the address of T-Server, for a tserver.Link with tlink.Driver.
func (s *Sim) Addr() string { return s.tserver.Addr() }

// CommDN gives the number of the Communication DN.
func (s *Sim) CommDN() string { return s.commDN }

// DNC gives the Do Not Call lists of all OCS as one, oldest entry first; an
// entry that several have counts from the oldest. It is never nil.
func (s *Sim) DNC() []Entry {
	lists := make([][]Entry, len(s.ocs))
	for i, o := range s.ocs {
		lists[i] = o.List()
	}
	return ocs.Merge(lists...)
}

// TServer gives the T-Server, to take its link to the switch away for one.
func (s *Sim) TServer() *tserver.Server { return s.tserver }

// OCS gives the servers on the CommDN in the order of Options.OCS.
func (s *Sim) OCS() []*ocs.OCS { return append([]*ocs.OCS(nil), s.ocs...) }

// Subscribe gives every UserEvent from now on, as tserver.Server.Subscribe
// does.
func (s *Sim) Subscribe(buffer int) (events <-chan Event, cancel func()) {
	return s.tserver.Subscribe(buffer)
}

// Close stops everything and returns when nothing of it runs any more. It may
// be called more than once.
func (s *Sim) Close() error {
	var errs []error
	for _, o := range s.ocs {
		errs = append(errs, o.Close())
	}
	return errors.Join(append(errs, s.tserver.Close())...)
}
