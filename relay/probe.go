package relay

import (
	"context"
	"runtime/debug"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/link"
)

// probeEvery is how often the relay looks for an OCS that did not answer.
const probeEvery = 5 * time.Second

// probes are the goroutines that ask OCS which did not answer.
type probes struct {
	cancel  []context.CancelFunc
	running sync.WaitGroup
}

func (p *probes) begin(f func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = append(p.cancel, cancel)
	p.running.Go(func() { f(ctx) })
}

func (p *probes) end() {
	for _, cancel := range p.cancel {
		cancel()
	}
	p.running.Wait()
}

// probe asks an OCS that left the last request unanswered for the status of one
// campaign group, until it says something: so a second request need not fail for
// the relay to know that OCS is silent, and none need be made for it to know that
// OCS is back. Where the directory has no campaign group there is nothing to ask
// for, and the next request of somebody tells.
func (srv *Server) probe(ctx context.Context, l *link.Link) {
	tick := time.NewTicker(srv.opts.probeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !l.State().Up || l.State().Standby {
			continue
		}
		var asking sync.WaitGroup
		for _, h := range l.Health() {
			if q := srv.question(l.Name(), h.OCS); h.Doubtful && q != nil {
				asking.Go(func() { srv.guarded(l, func() { l.Question(ctx, q) }) })
			}
		}
		asking.Wait()
	}
}

// guarded runs what asks a question. A mistake in it costs the question, never the
// process.
func (srv *Server) guarded(l *link.Link, ask func()) {
	defer func() {
		if p := recover(); p != nil {
			srv.log.Error("a question of the relay failed", "link", l.Name(), "panic", p, "stack", string(debug.Stack()))
		}
	}()
	ask()
}

// mostUnsure bounds the campaign groups of a link whose state is to be asked for.
const mostUnsure = 1000

// unsure holds the campaign groups of a link whose state only the type of an event
// has told.
type unsure chan question

// question is asked by the relay itself.
type question struct {
	*commdn.GetCampaignStatus
	tried int
}

// note has the state of a campaign group asked for, where an event tells it by its
// type alone: an OCS that acknowledges an unload may still be at it. An event that is
// an answer to such a question begins no other one.
func (u unsure) note(e *commdn.CampaignEvent) {
	if e.HasStatus || e.Event == commdn.EvCampaignStatus || e.Campaign == 0 && (e.Sequence == nil || e.Event != commdn.EvCampaignUnloaded) {
		return
	}
	q := &commdn.GetCampaignStatus{CampaignGroup: e.CampaignGroup, Sequence: e.Sequence}
	q.Target = e.Origin
	u.put(question{q, 0})
}

func (u unsure) put(q question) {
	select {
	case u <- q:
	default: // what is known is good enough
	}
}

// An OCS that has the state of a sequence in its items alone does not tell when the
// sequence is gone: it is asked as often, in such a distance, until it says that it
// has none.
const (
	unloadAsked = 5 * time.Second
	unloadTries = 60
)

// confirm asks for the states that are unsure, one after the other.
func (srv *Server) confirm(ctx context.Context, l *link.Link, u unsure) {
	for {
		select {
		case <-ctx.Done():
			return
		case q := <-u:
			if s := l.State(); s.Up && !s.Standby {
				srv.guarded(l, func() { srv.confirmOne(ctx, l, u, q) })
			}
		}
	}
}

// confirmOne asks for the state of one campaign group or sequence.
func (srv *Server) confirmOne(ctx context.Context, l *link.Link, u unsure, q question) {
	m, _, _ := l.Question(ctx, q.GetCampaignStatus)
	if q.Sequence == nil {
		return
	}
	switch m := m.(type) {
	case *commdn.Fault:
		if m.Code == commdn.ErrorCampaignScheduleNotFound {
			l.Conclude(&commdn.CampaignEvent{
				Address: m.Address, Event: commdn.EvCampaignStatus, CampaignGroup: q.CampaignGroup, HasStatus: true, Status: commdn.StatusNotLoaded,
			})
		}
	case *commdn.CampaignEvent:
		if s, _ := m.State(); (s == commdn.StatusWaitingUnload || s == commdn.StatusUnloadInProgress) && q.tried < unloadTries {
			q.tried++
			time.AfterFunc(unloadAsked, func() { u.put(q) })
		}
	}
}

// question gives one that an OCS can be asked; nil: there is none.
func (srv *Server) question(name string, ocs commdn.DBID) *commdn.GetCampaignStatus {
	for _, q := range srv.set.Load().conn.View.Questions(name) {
		if ocs == 0 || q.Target == ocs {
			return q
		}
	}
	return nil
}
