// Package ocs is a simulated Outbound Contact Server as far as a CommDN shows
// it: it takes requests of applications that are connected to it and answers,
// keeps a Do Not Call list in memory, loads campaigns and campaign sequences,
// and dials their calling lists on a Clock. README.md of package sim says which
// of its rules are documented and which inferred.
package ocs

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
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
	o       Options
	link    *tserver.Link
	queue   chan request
	list    list
	engine  *engine
	ready   chan struct{}
	setUp   sync.Once
	ctx     context.Context
	cancel  context.CancelFunc
	stopped chan struct{}
}

// request is a message that this OCS has to serve.
type request struct {
	commdn.Address
	userData tkvlist.List
	due      time.Time
}

// Start makes an OCS, which connects in the background and stays connected
// until Close.
func Start(o Options) (*OCS, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	s := &OCS{
		o: o, queue: make(chan request, maxQueue),
		ready: make(chan struct{}), stopped: make(chan struct{}),
	}
	s.engine = newEngine(&s.o, &s.list)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	var err error
	if s.link, err = tserver.Open(tserver.Options{
		Driver: o.Driver, Servers: o.Servers, CommDN: o.CommDN,
		Application: "OCS_" + strconv.Itoa(int(o.DBID)),
		OnUserEvent: s.take, OnState: s.state, Log: o.Log,
		MinBackoff: minBackoff, MaxBackoff: maxBackoff,
	}); err != nil {
		s.cancel()
		return nil, fmt.Errorf("sim/ocs: %w", err)
	}
	go s.serve()
	return s, nil
}

// DBID gives the DBID of the application.
func (s *OCS) DBID() commdn.DBID { return s.o.DBID }

// Ready is closed once OCS has been registered on the CommDN.
func (s *OCS) Ready() <-chan struct{} { return s.ready }

// State gives the state of the link to T-Server.
func (s *OCS) State() tserver.State { return s.link.State() }

// List gives a copy of the Do Not Call list, oldest entry first.
func (s *OCS) List() []Entry { return s.list.entries() }

// Close disconnects; requests that still wait are not answered. It may be
// called more than once.
func (s *OCS) Close() error {
	s.link.Close()
	s.cancel()
	<-s.stopped
	s.engine.close()
	return nil
}

func (s *OCS) state(state tserver.State) {
	if state.Up {
		s.setUp.Do(func() { close(s.ready) })
	}
}

// take is the link's OnUserEvent.
func (s *OCS) take(userData tkvlist.List) {
	address, ok := s.concerned(userData)
	if !ok {
		return
	}
	select {
	case s.queue <- request{address, userData, s.o.Clock.Now().Add(s.o.Delay)}:
	default:
		s.o.Log.Warn("sim OCS is too busy, request lost", "origin", int(address.Origin))
	}
}

// serve answers requests in the order in which they came, and tells of what
// happens between them.
func (s *OCS) serve() {
	defer close(s.stopped)
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.engine.wake:
			s.send(s.tidings())
		case r := <-s.queue:
			if !s.waitUntil(r.due) {
				return
			}
			s.send(s.handle(r))
		}
	}
}

func (s *OCS) waitUntil(due time.Time) bool {
	wait := due.Sub(s.o.Clock.Now())
	if wait <= 0 {
		return true
	}
	over := make(chan struct{})
	stop := s.o.Clock.AfterFunc(wait, func() { close(over) })
	defer stop()
	for {
		select {
		case <-s.ctx.Done():
			return false
		case <-s.engine.wake:
			s.send(s.tidings())
		case <-over:
			return true
		}
	}
}

// send distributes events in their order. One that cannot be sent is lost, as
// it is on a real CommDN.
func (s *OCS) send(events []tkvlist.List) {
	for _, userData := range events {
		ctx, cancel := context.WithTimeout(s.ctx, answerWithin)
		if err := s.link.SendUserEvent(ctx, userData); err != nil {
			s.o.Log.Warn("sim OCS could not answer", "err", err)
		}
		cancel()
	}
}
