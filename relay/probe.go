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

// question gives one that an OCS can be asked; nil: there is none.
func (srv *Server) question(name string, ocs commdn.DBID) *commdn.GetCampaignStatus {
	for _, q := range srv.set.Load().conn.View.Questions(name) {
		if ocs == 0 || q.Target == ocs {
			return q
		}
	}
	return nil
}
