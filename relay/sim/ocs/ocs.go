// Package ocs is a simulated Outbound Contact Server as far as a CommDN shows
// it: it takes requests of applications that are connected to it, keeps a Do
// Not Call list in memory and answers. README.md of package sim says which of
// its rules are documented and which inferred.
package ocs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// Options say what an OCS is. The zero values of the inferred ones are what we
// believe a real OCS does.
type Options struct {
	Servers []string // addresses of the T-Server, primary first
	CommDN  string
	DBID    commdn.DBID // of this OCS's application; 1 or more
	// Connected are the applications whose requests are served: those that
	// Configuration Server has a connection for. Nobody else gets an answer.
	Connected []commdn.DBID

	// Refuse makes requests for a phone fail: phone to the error that OCS
	// answers with.
	Refuse map[string]commdn.ErrorCode
	// Delay is how long every request waits before it is served.
	Delay time.Duration

	// EchoOnError puts phone and customer id of the request into CM_EvError
	// too. Inferred; the vendor does not say.
	EchoOnError bool
	// ResponseKey is the key inside GSW_CM_AttrProperties under which a
	// response echoes the request. Inferred; the vendor says "replaced
	// accordingly". Empty means do_not_call.
	ResponseKey string
	// RequirePhone refuses a request with a customer id alone, as the vendor's
	// table of the user event has it. Without it the vendor's note holds: at
	// least one of the two.
	RequirePhone bool

	Driver tserver.Driver // nil means tlink.Driver{}
	Log    *slog.Logger   // nil: no log
}

func (o *Options) complete() error {
	if o.DBID < 1 {
		return errors.New("sim/ocs: option DBID is " + strconv.Itoa(int(o.DBID)) + "; give the DBID of OCS's application, 1 or more")
	}
	if slices.Contains(o.Connected, o.DBID) {
		return fmt.Errorf("sim/ocs: option Connected names OCS %d itself", o.DBID)
	}
	if o.Delay < 0 {
		return errors.New("sim/ocs: option Delay is negative")
	}
	o.Connected = slices.Clone(o.Connected)
	o.Refuse = maps.Clone(o.Refuse)
	if o.ResponseKey == "" {
		o.ResponseKey = commdn.KeyDoNotCall
	}
	if o.Driver == nil {
		o.Driver = tlink.Driver{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Log = o.Log.With("ocs", int(o.DBID))
	return nil
}

// maxQueue is how many requests may wait to be served; those beyond are lost,
// as on an OCS that is too busy.
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
	case s.queue <- request{address, userData, time.Now().Add(s.o.Delay)}:
	default:
		s.o.Log.Warn("sim OCS is too busy, request lost", "origin", int(address.Origin))
	}
}

// serve answers requests in the order in which they came.
func (s *OCS) serve() {
	defer close(s.stopped)
	for {
		select {
		case <-s.ctx.Done():
			return
		case r := <-s.queue:
			if !s.waitUntil(r.due) {
				return
			}
			s.send(s.answer(r))
		}
	}
}

func (s *OCS) waitUntil(due time.Time) bool {
	wait := time.Until(due)
	if wait <= 0 {
		return true
	}
	select {
	case <-s.ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}

// send distributes an answer. One that cannot be sent is lost, as it is on a
// real CommDN.
func (s *OCS) send(userData tkvlist.List) {
	ctx, cancel := context.WithTimeout(s.ctx, answerWithin)
	defer cancel()
	if err := s.link.SendUserEvent(ctx, userData); err != nil {
		s.o.Log.Warn("sim OCS could not answer", "err", err)
	}
}
