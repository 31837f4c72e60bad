// Package sim is a Genesys installation in one process, as far as a CommDN
// shows it: a T-Server, or a pair of them, and one or more OCS that talk over
// TCP. A scenario says what it is made of and what goes wrong in it. The relay's
// demo and every test have it at the other end. README.md lists its rules,
// documented and inferred.
package sim

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"commdn/relay/habits"
	"commdn/relay/sim/clock"
	"commdn/relay/sim/faults"
	"commdn/relay/sim/ocs"
	"commdn/relay/sim/scenario"
	"commdn/relay/sim/tserver"
)

// Entry is one entry of a Do Not Call list.
type Entry = ocs.Entry

// Event is one UserEvent that T-Server distributed.
type Event = tserver.Event

// Options say what is simulated, and where.
type Options struct {
	// Scenario must not be changed any more; nil means the shipped one "demo".
	Scenario *scenario.Scenario
	// Addr and BackupAddr are host:port of T-Server and of its backup; empty is
	// any free port of the loopback.
	Addr, BackupAddr string
	As               *habits.Habits // how every OCS words what it says; nil: as the scenario has it
	OnDial           func(ocs.Dial) // see ocs.Options
	Log              *slog.Logger   // nil: no log
}

// startWithin bounds the time that the OCS take to register.
const startWithin = 10 * time.Second

// Sim is a running simulation. Its methods may be called by several
// goroutines.
type Sim struct {
	scenario *scenario.Scenario
	clock    *clock.Clock
	faults   *faults.Set
	tservers []*tserver.Server // the primary of the start, and its backup
	ocs      []*ocs.OCS
	reset    sync.Mutex
}

// Start starts T-Server and every OCS, and returns when all are registered on
// the CommDNs that they work with.
func Start(o Options) (*Sim, error) {
	if o.Scenario == nil {
		o.Scenario = scenario.Shipped("demo")
	}
	if o.As != nil {
		o.Scenario = o.Scenario.As(*o.As)
	}
	if err := o.Scenario.Check(); err != nil {
		return nil, err
	}
	s := &Sim{
		scenario: o.Scenario, clock: clock.New(o.Scenario.Clock.Start, speed(o.Scenario)),
		faults: faults.New(o.Scenario.Seed),
	}
	s.setFaults()
	err := s.startTServers(o)
	if err == nil {
		err = s.startOCS(o)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func speed(s *scenario.Scenario) float64 {
	if s.Clock.Speed == nil {
		return 1
	}
	return *s.Clock.Speed
}

// setFaults sets those of the scenario.
func (s *Sim) setFaults() {
	for _, f := range s.scenario.Faults {
		s.faults.Add(f)
	}
}

func (s *Sim) startTServers(o Options) error {
	var numbers []string
	for _, dn := range o.Scenario.CommDNs {
		numbers = append(numbers, dn.Number)
	}
	addresses := []string{o.Addr}
	if o.Scenario.TServer.Backup {
		addresses = append(addresses, o.BackupAddr)
	}
	for i, addr := range addresses {
		server, err := tserver.Start(tserver.Options{
			Addr: addr, CommDNs: numbers, MaxUserData: o.Scenario.TServer.MaxUserData, Backup: i > 0,
			Faults: s.faults, Now: s.clock.Now, Log: o.Log,
		})
		if err != nil {
			return err
		}
		s.tservers = append(s.tservers, server)
	}
	if len(s.tservers) > 1 {
		return tserver.Pair(s.tservers[0], s.tservers[1])
	}
	return nil
}

func (s *Sim) startOCS(o Options) error {
	var servers []string
	for _, server := range s.tservers {
		servers = append(servers, server.Addr())
	}
	for _, application := range o.Scenario.Servers() {
		started, err := ocs.Start(ocs.Options{
			Servers: servers, DBID: application.DBID, Scenario: o.Scenario,
			Clock: s.clock, Faults: s.faults, OnDial: o.OnDial, Log: o.Log,
		})
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
			return fmt.Errorf("sim: OCS %d did not register within %s: %+v", started.DBID(), startWithin, started.CommDNs())
		}
	}
	return nil
}

// Scenario gives what is simulated. The caller must not change it.
func (s *Sim) Scenario() *scenario.Scenario { return s.scenario }

// Clock gives the time of the simulation.
func (s *Sim) Clock() *clock.Clock { return s.clock }

// Addr gives the address of T-Server, for a tserver.Link with tlink.Driver.
func (s *Sim) Addr() string { return s.tservers[0].Addr() }

// BackupAddr gives the address of the T-Server that was the backup at the
// start; it is empty without one.
func (s *Sim) BackupAddr() string {
	if len(s.tservers) < 2 {
		return ""
	}
	return s.tservers[1].Addr()
}

// CommDN gives the number of the first CommDN that is enabled.
func (s *Sim) CommDN() string {
	for _, dn := range s.scenario.CommDNs {
		if !dn.Disabled {
			return dn.Number
		}
	}
	return ""
}

// TServers gives the primary of the start, then its backup if there is one.
func (s *Sim) TServers() []*tserver.Server { return append([]*tserver.Server(nil), s.tservers...) }

// OCS gives every OCS in the order of the scenario.
func (s *Sim) OCS() []*ocs.OCS { return append([]*ocs.OCS(nil), s.ocs...) }

// DNC gives the Do Not Call lists of all OCS as one, oldest entry first; an
// entry that several have counts from the oldest. It is never nil.
func (s *Sim) DNC() []Entry {
	lists := make([][]Entry, len(s.ocs))
	for i, o := range s.ocs {
		lists[i] = o.List()
	}
	return ocs.Merge(lists...)
}

// Faults gives what is set to go wrong.
func (s *Sim) Faults() *faults.Set { return s.faults }

// AddFault sets a fault, and gives its ID in Faults. A fault of T-Server with After
// 0 happens at once, to the primary, and has the ID 0.
func (s *Sim) AddFault(f scenario.Fault) (id int, err error) {
	if err := f.Check(s.scenario); err != nil {
		return 0, err
	}
	if f.OfTServer() && f.After == 0 {
		return 0, s.primary().Do(f)
	}
	return s.faults.Add(f), nil
}

func (s *Sim) primary() *tserver.Server {
	for _, server := range s.tservers {
		if !server.State().Backup {
			return server
		}
	}
	return s.tservers[0]
}

// Reset makes everything what the scenario says: calling lists, Do Not Call list,
// campaigns, habits, clock and faults. Connections stay, and the primary stays the
// primary.
func (s *Sim) Reset() {
	s.reset.Lock()
	defer s.reset.Unlock()
	s.faults.Clear()
	s.clock.Reset(s.scenario.Clock.Start, speed(s.scenario))
	for _, o := range s.ocs {
		o.Reset()
	}
	for _, server := range s.tservers {
		server.SetLink(true)
	}
	s.setFaults()
}

// Subscribe gives every UserEvent from now on, as tserver.Server.Subscribe
// does, whichever T-Server distributes it.
func (s *Sim) Subscribe(buffer int) (events <-chan Event, cancel func()) {
	first, stop := s.tservers[0].Subscribe(buffer)
	if len(s.tservers) == 1 {
		return first, stop
	}
	second, stopSecond := s.tservers[1].Subscribe(buffer)
	both := make(chan Event)
	done := make(chan struct{})
	go func() {
		defer close(both)
		for first != nil || second != nil {
			var e Event
			var ok bool
			select {
			case e, ok = <-first:
				if !ok {
					first = nil
					continue
				}
			case e, ok = <-second:
				if !ok {
					second = nil
					continue
				}
			}
			select {
			case both <- e:
			case <-done:
				return
			}
		}
	}()
	return both, sync.OnceFunc(func() {
		close(done)
		stop()
		stopSecond()
	})
}

// Close stops everything and returns when nothing of it runs any more. It may
// be called more than once.
func (s *Sim) Close() error {
	var errs []error
	for _, o := range s.ocs {
		errs = append(errs, o.Close())
	}
	for _, server := range s.tservers {
		errs = append(errs, server.Close())
	}
	return errors.Join(errs...)
}
