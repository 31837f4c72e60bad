package ocs

import (
	"context"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/sim/faults"
)

// request is a message that this OCS has to serve.
type request struct {
	commdn.Address
	dn       *commDN
	userData tkvlist.List
	due      time.Time // by the machine's time
	effect   faults.Effect
	gone     <-chan struct{} // closed by a reset: nobody answers it then
}

// reorderWithin is how long a request waits for the next one, after which it is
// to be served.
const reorderWithin = time.Second

// take is OnUserEvent of the link to d.
func (s *OCS) take(d *commDN, userData tkvlist.List) {
	m := s.engine.manner.Load()
	userData = m.charset.In(userData)
	address, ok := s.concerned(userData)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &request{Address: address, dn: d, userData: userData, effect: s.o.Faults.Request(s.summary(userData)), gone: s.reset}
	if r.effect.Silence {
		return
	}
	if wait := r.effect.Delay + time.Duration(m.AnswerAfter)*time.Millisecond; wait > 0 {
		r.due = time.Now().Add(wait)
	}
	if r.due.Before(s.lastDue) {
		r.due = s.lastDue // the order stays
	}
	s.lastDue = r.due
	select {
	case s.queue <- r:
	default:
		s.o.Log.Warn("sim OCS is too busy, request lost", "origin", int(address.Origin))
	}
}

// summary gives what decides which faults happen.
func (s *OCS) summary(userData tkvlist.List) faults.Request {
	kind, _ := userData.Int(commdn.KeyMessageType)
	campaign, _ := userData.Int(commdn.KeyCampaignID)
	r := faults.Request{OCS: s.o.DBID, Type: commdn.MessageType(kind), Campaign: commdn.DBID(campaign)}
	if properties, ok := userData.List(commdn.KeyProperties); ok {
		for _, key := range []string{commdn.KeyDoNotCall, commdn.KeyCancelRecord} {
			if about, ok := properties.List(key); ok {
				r.Phone, _ = about.Text(commdn.KeyPhone)
			}
		}
	}
	return r
}

// serve answers requests in the order in which they came, and tells what happens
// between them.
func (s *OCS) serve() {
	defer close(s.stopped)
	var held *request // until another one was served
	late := time.NewTimer(reorderWithin)
	late.Stop()
	serveHeld := func() {
		if held != nil {
			s.serveOne(held)
			held = nil
		}
	}
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-s.engine.wake:
			s.tell(s.engine.tidings())
		case <-late.C:
			serveHeld()
		case r := <-s.queue:
			if !s.waitFor(r) {
				return
			}
			if r.effect.Reorder && held == nil {
				held = r
				late.Reset(reorderWithin)
				continue
			}
			late.Stop()
			s.serveOne(r)
			serveHeld()
		}
	}
}

func (s *OCS) serveOne(r *request) {
	select {
	case <-r.gone:
		return
	default:
	}
	before, answer, a, after := s.handle(r)
	s.tell(before)
	if s.engine.manner.Load().Acknowledgement == "after_status" {
		s.tell(after)
		after = nil
	}
	if answer != nil && !r.effect.Drop {
		s.send(r.dn, answer, a)
		if r.effect.Duplicate {
			s.send(r.dn, answer, a)
		}
	}
	s.tell(after)
}

// waitFor waits until r is due or gone and says whether OCS still runs.
func (s *OCS) waitFor(r *request) bool {
	wait := time.Until(r.due)
	if wait <= 0 {
		return true
	}
	over := time.NewTimer(wait)
	defer over.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return false
		case <-s.engine.wake:
			s.tell(s.engine.tidings())
		case <-over.C:
			return true
		case <-r.gone:
			return true
		}
	}
}

// forgetRequests drops the requests that wait.
func (s *OCS) forgetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.reset)
	s.reset, s.lastDue = make(chan struct{}), time.Time{}
}

// tell distributes notices in their order: an answer on the CommDN of its request,
// anything else on every CommDN of the tenant.
func (s *OCS) tell(notices []told) {
	for _, n := range notices {
		for _, d := range s.commDNs {
			if n.tenant == d.tenant && (n.dn == nil || n.dn == d) {
				s.send(d, n.userData, asked{})
			}
		}
	}
}

// send distributes an event, the answer to what was asked or news, in the manner
// of this OCS. One that cannot be sent is lost, as it is on a real CommDN.
func (s *OCS) send(d *commDN, userData tkvlist.List, a asked) {
	ctx, cancel := context.WithTimeout(s.ctx, answerWithin)
	defer cancel()
	if err := d.link.SendUserEvent(ctx, s.engine.manner.Load().say(userData, a)); err != nil {
		s.o.Log.Warn("sim OCS could not send", "comm_dn", d.number, "err", err)
	}
}
