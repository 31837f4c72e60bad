package link

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// exchanges are the requests in flight on one link. The CommDN has no reference
// id: an answer and its request share a subject, so requests that share one go
// one after the other.
type exchanges struct {
	app     commdn.DBID
	ocs     []commdn.DBID
	timeout time.Duration

	mu        sync.Mutex
	bySubject map[commdn.Subject]*exchange
	open      map[*exchange]struct{}
	again     chan struct{} // closed when the link comes back
	lost      int           // how often the link was lost
}

func newExchanges(app commdn.DBID, ocs []commdn.DBID, timeout time.Duration) exchanges {
	return exchanges{
		app: app, ocs: ocs, timeout: timeout,
		bySubject: map[commdn.Subject]*exchange{}, open: map[*exchange]struct{}{}, again: make(chan struct{}),
	}
}

// exchange is a request in flight.
type exchange struct {
	req     commdn.Request
	known   bool          // whether it is known which OCS will answer
	lost    int           // exchanges.lost, when it began
	answers chan Answer   // room for every answer that can be taken
	done    chan struct{} // closed when the subjects are free again

	// Guarded by exchanges.mu.
	waiting []commdn.DBID // OCS that have not answered; empty where not known
	owed    bool          // T-Server has the request, and an answer is still to come
	over    bool          // nobody waits any more
}

// comesBack gives what is closed when the link comes back the next time.
func (r *exchanges) comesBack() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.again
}

// cameBack is called whenever the link has come up.
func (r *exchanges) cameBack() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.again)
	r.again = make(chan struct{})
}

// wentDown is called whenever the link has gone down.
func (r *exchanges) wentDown() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost++
}

// InFlight says how many subjects requests hold.
func (r *exchanges) InFlight() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.bySubject)
}

// silent names the OCS that have not answered, and says whether the link was
// lost meanwhile.
func (r *exchanges) silent(x *exchange) (ocs string, lost bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return dbids(x.waiting), r.lost > x.lost
}

// begin claims the subjects of req, waiting for requests that hold them; waits is
// called once if there is one.
func (r *exchanges) begin(ctx context.Context, req commdn.Request, waits func()) (*exchange, *frame.Refusal) {
	x := &exchange{req: req, done: make(chan struct{})}
	if target := req.Addr().Target; target != 0 {
		x.waiting = []commdn.DBID{target}
	} else {
		x.waiting = slices.Clone(r.ocs)
	}
	x.known = len(x.waiting) > 0
	x.answers = make(chan Answer, max(1, len(x.waiting)))
	for {
		holder := r.claim(x)
		if holder == nil {
			return x, nil
		}
		if waits != nil {
			waits()
			waits = nil
		}
		select {
		case <-holder.done:
		case <-ctx.Done():
			return nil, &frame.Refusal{Code: frame.RefusedBusy, Message: "another request about the same number or customer is still waiting for OCS; try again"}
		}
	}
}

func (r *exchanges) claim(x *exchange) (holder *exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	subjects := x.req.Subjects()
	for _, s := range subjects {
		if holder := r.bySubject[s]; holder != nil {
			return holder
		}
	}
	for _, s := range subjects {
		r.bySubject[s] = x
	}
	r.open[x], x.lost = struct{}{}, r.lost
	return nil
}

func (r *exchanges) owe(x *exchange, owed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x.owed = owed
}

// end frees the subjects of x. If OCS still owes an answer, x stays known for
// as long as an answer may take: one that comes late and echoes nothing must
// not be taken for that of another request.
func (r *exchanges) end(x *exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range x.req.Subjects() {
		delete(r.bySubject, s)
	}
	close(x.done)
	x.over = true
	if !x.owed {
		delete(r.open, x)
		return
	}
	time.AfterFunc(r.timeout, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.open, x)
	})
}

// settled says whether every answer that x waits for has been taken in and
// handed on; where it is not known who answers, one is enough.
func (r *exchanges) settled(x *exchange) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !x.known || len(x.waiting) == 0 && len(x.answers) == 0
}

// deliver hands an answer to its exchange; it never blocks.
func (r *exchanges) deliver(a Answer) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.find(a.Message)
	if x == nil {
		return false
	}
	if x.known {
		i := slices.Index(x.waiting, a.Addr().Origin)
		if i < 0 {
			return false // not asked, or the same OCS again
		}
		x.waiting = slices.Delete(x.waiting, i, i+1)
	}
	x.owed = len(x.waiting) > 0
	if x.over {
		if !x.owed {
			delete(r.open, x)
		}
		return false
	}
	select {
	case x.answers <- a:
		return true
	default:
		return false // nobody knew how many would answer, and the first one settled it
	}
}

// find looks for the exchange that m answers: one with a common subject, and
// rather one that somebody waits for. An answer that echoes nothing belongs to
// the only exchange that can be meant; where there are several it belongs to
// none, and they time out.
func (r *exchanges) find(m commdn.Message) *exchange {
	subjects := m.Subjects()
	for _, s := range subjects {
		if x := r.bySubject[s]; x != nil && x.req.AnsweredBy(m) {
			return x
		}
	}
	var only *exchange
	for x := range r.open {
		switch {
		case !x.req.AnsweredBy(m) || x.known && !slices.Contains(x.waiting, m.Addr().Origin):
		case len(subjects) > 0 && !(x.over && shared(x.req.Subjects(), subjects)):
		case only != nil:
			return nil
		default:
			only = x
		}
	}
	return only
}

func shared(a, b []commdn.Subject) bool {
	return slices.ContainsFunc(a, func(s commdn.Subject) bool { return slices.Contains(b, s) })
}

func dbids(ids []commdn.DBID) string {
	var b strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&b, " %d", id)
	}
	return b.String()
}
