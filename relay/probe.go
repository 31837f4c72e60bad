package relay

import (
	"context"
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
				asking.Go(func() { l.Question(ctx, q) })
			}
		}
		asking.Wait()
	}
}

// mostUnsure bounds the campaign groups of a link whose state is to be asked for.
const mostUnsure = 1000

// unsure holds the campaign groups of a link whose state only the type of an event
// has told.
type unsure chan *commdn.GetCampaignStatus

// note has the state of a campaign group asked for, where an event tells it by its
// type alone: an OCS that acknowledges an unload may still be at it. An event that is
// an answer to such a question begins no other one.
func (u unsure) note(e *commdn.CampaignEvent) {
	if e.HasStatus || e.Event == commdn.EvCampaignStatus || e.Campaign == 0 {
		return
	}
	q := &commdn.GetCampaignStatus{CampaignGroup: e.CampaignGroup}
	q.Target = e.Origin
	select {
	case u <- q:
	default: // the type is good enough
	}
}

// confirm asks for the states that are unsure, one after the other.
func (srv *Server) confirm(ctx context.Context, l *link.Link, u unsure) {
	for {
		select {
		case <-ctx.Done():
			return
		case q := <-u:
			if s := l.State(); s.Up && !s.Standby {
				l.Question(ctx, q)
			}
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
