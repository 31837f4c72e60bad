// Package ocs is a simulated Outbound Contact Server as far as a CommDN shows
// it: it takes requests of applications that are connected to it and answers,
// keeps a Do Not Call list in memory, loads campaigns and campaign sequences,
// and dials their calling lists on a clock. README.md of package sim says which
// of its rules are documented and which inferred.
package ocs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/sim/scenario"
	"commdn/relay/tserver"
)

// maxQueue is how many requests may wait to be served, and how many
// notifications to be sent; those beyond are lost, as on an OCS that is too
// busy.
const maxQueue = 4096

// A simulator is expected back at once after its T-Server was restarted.
const (
	minBackoff = 20 * time.Millisecond
	maxBackoff = time.Second
)

// answerWithin bounds the wait for T-Server's acknowledgement of an answer.
const answerWithin = 10 * time.Second

// OCS is a running OCS. Its methods may be called by several goroutines.
type OCS struct {
	o         Options
	name      string
	connected []commdn.DBID
	commDNs   []*commDN
	queue     chan *request
	engine    *engine
	ready     chan struct{}
	ctx       context.Context
	cancel    context.CancelFunc
	stopped   chan struct{}

	mu       sync.Mutex
	lastDue  time.Time     // of the requests so far
	reset    chan struct{} // closed by the next Reset
	awaiting int           // CommDNs that were never registered
}

// commDN is a CommDN that OCS works with.
type commDN struct {
	number string
	tenant commdn.DBID
	link   *tserver.Link
	up     bool // was registered once
}

// Start makes an OCS, which connects in the background and stays connected
// until Close.
func Start(o Options) (*OCS, error) {
	application, err := o.complete()
	if err != nil {
		return nil, err
	}
	s := &OCS{
		o: o, name: application.ClientName(), connected: o.Scenario.Connected(o.DBID),
		queue: make(chan *request, maxQueue), ready: make(chan struct{}), stopped: make(chan struct{}),
		reset: make(chan struct{}),
	}
	own, err := newManner(o.DBID, application.OCS.Habits)
	if err != nil {
		return nil, fmt.Errorf("sim/ocs: OCS %d: %w", o.DBID, err)
	}
	s.engine = newEngine(&s.o, application, s.connected, own)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	monitored := o.Scenario.Monitored(o.DBID)
	s.awaiting = len(monitored)
	if s.awaiting == 0 {
		close(s.ready)
	}
	for _, dn := range monitored {
		if err := s.open(dn); err != nil {
			s.cancel()
			s.closeLinks()
			return nil, fmt.Errorf("sim/ocs: %w", err)
		}
	}
	go s.serve()
	return s, nil
}

// open makes a standing registration on one CommDN.
func (s *OCS) open(dn scenario.CommDN) error {
	d := &commDN{number: dn.Number, tenant: s.o.Scenario.TenantOf(dn.Tenant)}
	link, err := tserver.New(tserver.Options{
		Driver: s.o.Driver, Servers: s.o.Servers, CommDN: d.number, Application: s.name,
		OnUserEvent: func(l tkvlist.List) { s.take(d, l) },
		OnState:     func(state tserver.State) { s.state(d, state) },
		MinBackoff:  minBackoff, MaxBackoff: maxBackoff, Log: s.o.Log,
	})
	if err != nil {
		return err
	}
	d.link = link // before it calls back
	link.Start()
	s.commDNs = append(s.commDNs, d)
	return nil
}

func (s *OCS) closeLinks() {
	for _, d := range s.commDNs {
		d.link.Close()
	}
}

// DBID gives the DBID of the application.
func (s *OCS) DBID() commdn.DBID { return s.o.DBID }

// Name gives the name of the application, and of its clients at T-Server.
func (s *OCS) Name() string { return s.name }

// Connected gives the applications that are served, by DBID.
func (s *OCS) Connected() []commdn.DBID { return append([]commdn.DBID(nil), s.connected...) }

// Ready is closed once OCS has been registered on every CommDN that it works
// with.
func (s *OCS) Ready() <-chan struct{} { return s.ready }

// CommDNState is a CommDN that an OCS works with.
type CommDNState struct {
	Number string
	Up     bool
	Err    error // why it is not up; nil before the first attempt ended
}

// CommDNs gives the CommDNs that OCS works with, in the order of the scenario.
func (s *OCS) CommDNs() []CommDNState {
	all := make([]CommDNState, len(s.commDNs))
	for i, d := range s.commDNs {
		state := d.link.State()
		all[i] = CommDNState{d.number, state.Up, state.Err}
	}
	return all
}

// Close disconnects; requests that still wait are not answered. It may be
// called more than once.
func (s *OCS) Close() error {
	s.closeLinks()
	s.cancel()
	<-s.stopped
	s.engine.close()
	return nil
}

func (s *OCS) state(d *commDN, state tserver.State) {
	if !state.Up {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.up {
		return
	}
	d.up = true
	if s.awaiting--; s.awaiting == 0 {
		close(s.ready)
	}
}
