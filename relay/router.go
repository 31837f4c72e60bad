package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
)

// router sends requests to OCS and finds for each answer the request that it
// belongs to. The CommDN has no reference id: the two share a subject, so
// requests that share one go one after the other.
type router struct {
	link    func() *tserver.Link
	app     commdn.DBID
	ocs     []commdn.DBID
	timeout time.Duration
	log     *slog.Logger
	notify  func(*commdn.CampaignEvent) // is told of events about campaigns

	mu        sync.Mutex
	bySubject map[commdn.Subject]*exchange
	open      map[*exchange]struct{}
	again     chan struct{} // closed when the link comes back
	lost      int           // how often the link was lost
}

func newRouter(link func() *tserver.Link, app commdn.DBID, ocs []commdn.DBID, timeout time.Duration, log *slog.Logger, notify func(*commdn.CampaignEvent)) *router {
	return &router{
		link: link, app: app, ocs: ocs, timeout: timeout, log: log, notify: notify,
		bySubject: map[commdn.Subject]*exchange{}, open: map[*exchange]struct{}{}, again: make(chan struct{}),
	}
}

// exchange is a request under way.
type exchange struct {
	req     commdn.Request
	known   bool                // whether it is known which OCS will answer
	lost    int                 // router.lost, when it began
	answers chan commdn.Message // room for every answer that can be taken
	done    chan struct{}       // closed when the subjects are free again

	// Guarded by router.mu.
	waiting []commdn.DBID // OCS that have not answered; empty where not known
	owed    bool          // T-Server has the request, and an answer is still to come
	over    bool          // nobody waits any more
}

// ask sends req and calls answer for each answer as it comes, last being true
// for the one that settles the request. It blocks until then, or returns why
// there is no (further) answer.
//
// A request that finds no link is refused at once. One that loses it, as in a
// switchover, waits for the link that follows within its time: if it may be
// repeated it is sent again there, else only its answer can still come.
func (r *router) ask(ctx context.Context, req commdn.Request, answer func(m commdn.Message, last bool)) *frame.Refusal {
	if state := r.link().State(); !state.Up { // also for one that would wait for another
		return &frame.Refusal{Code: frame.RefusedLinkDown, Message: linkDown(state)}
	}
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	x, refusal := r.begin(ctx, req)
	if refusal != nil {
		return refusal
	}
	defer r.end(x)
	for attempt := 0; ; attempt++ {
		again := r.comesBack()
		if refusal := r.send(ctx, x, attempt); refusal != nil {
			return refusal
		}
		if !req.Repeatable() {
			again = nil
		}
		lost, refusal := r.await(ctx, x, again, answer)
		if !lost {
			return refusal
		}
	}
}

// send sends the request of x. A first attempt without a link is refused; what
// has gone out before, or may have, waits for its answer.
func (r *router) send(ctx context.Context, x *exchange, attempt int) *frame.Refusal {
	if state := r.link().State(); attempt == 0 && !state.Up {
		return &frame.Refusal{Code: frame.RefusedLinkDown, Message: linkDown(state)}
	}
	r.owe(x, true) // before it is sent: the answer may be quicker than the acknowledgement
	err := r.link().SendUserEvent(ctx, x.req.UserData())
	switch {
	case err == nil:
		return nil
	case errors.Is(err, tserver.ErrLinkDown) && (attempt > 0 || x.req.Repeatable()):
		return nil // the link that follows makes up for it
	case errors.Is(err, tserver.ErrLinkDown):
		return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "the link to T-Server was lost as the request was sent, so it may have been carried out; " + afterwards(x.req)}
	case ctx.Err() == nil:
		r.owe(x, false)
	}
	return r.refuse(ctx, x, err)
}

// await hands answers on until the request is settled; lost says that the link
// was lost, and is back, before.
func (r *router) await(ctx context.Context, x *exchange, again <-chan struct{}, answer func(m commdn.Message, last bool)) (lost bool, refusal *frame.Refusal) {
	for {
		select {
		case m := <-x.answers:
			last := r.settled(x)
			answer(m, last)
			if last {
				return false, nil
			}
		case <-again:
			return true, nil
		case <-ctx.Done():
			return false, r.refuse(ctx, x, ctx.Err())
		}
	}
}

// comesBack gives what is closed when the link comes back the next time.
func (r *router) comesBack() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.again
}

// linkBack is called whenever the link has come up.
func (r *router) linkBack() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.again)
	r.again = make(chan struct{})
}

// linkLost is called whenever the link has gone down.
func (r *router) linkLost() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost++
}

// begin claims the subjects of req, waiting for requests that hold them.
func (r *router) begin(ctx context.Context, req commdn.Request) (*exchange, *frame.Refusal) {
	x := &exchange{req: req, done: make(chan struct{})}
	if target := req.Addr().Target; target != 0 {
		x.waiting = []commdn.DBID{target}
	} else {
		x.waiting = slices.Clone(r.ocs)
	}
	x.known = len(x.waiting) > 0
	x.answers = make(chan commdn.Message, max(1, len(x.waiting)))
	for {
		holder := r.claim(x)
		if holder == nil {
			return x, nil
		}
		select {
		case <-holder.done:
		case <-ctx.Done():
			return nil, &frame.Refusal{Code: frame.RefusedBusy, Message: "another request about the same number or customer is still waiting for OCS; try again"}
		}
	}
}

func (r *router) claim(x *exchange) (holder *exchange) {
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

func (r *router) owe(x *exchange, owed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x.owed = owed
}

// end frees the subjects of x. If OCS still owes an answer, x stays known for
// as long as an answer may take: one that comes late and echoes nothing must
// not be taken for that of another request.
func (r *router) end(x *exchange) {
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
func (r *router) settled(x *exchange) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !x.known || len(x.waiting) == 0 && len(x.answers) == 0
}

// refuse says why an exchange ends without its (last) answer.
func (r *router) refuse(ctx context.Context, x *exchange, err error) *frame.Refusal {
	var refused *tserver.Error
	switch {
	case errors.Is(err, tserver.ErrLinkDown):
		return &frame.Refusal{Code: frame.RefusedLinkDown, Message: linkDown(r.link().State())}
	case errors.As(err, &refused):
		return &frame.Refusal{Code: frame.RefusedTServer, Message: refused.Error()}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		r.mu.Lock()
		silent, lost := dbids(x.waiting), r.lost > x.lost
		r.mu.Unlock()
		if lost {
			return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: fmt.Sprintf(
				"the link to T-Server was lost before OCS%s answered, so the request may have been carried out; %s", silent, afterwards(x.req))}
		}
		return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: fmt.Sprintf(
			"OCS%s did not answer within %v; if this is always so, check that application %d is in the Connections of OCS, and that OCS uses this CommDN",
			silent, r.timeout, r.app)}
	}
	return &frame.Refusal{Code: frame.RefusedTServer, Message: err.Error()}
}

// afterwards says what to do about a request of which nobody knows.
func afterwards(req commdn.Request) string {
	if req.Repeatable() {
		return "ask again, once more does no harm"
	}
	return "ask for the status"
}

func dbids(ids []commdn.DBID) string {
	var b strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&b, " %d", id)
	}
	return b.String()
}

func linkDown(s tserver.State) string {
	reason := "not connected yet"
	if s.Err != nil {
		reason = s.Err.Error()
	}
	return fmt.Sprintf("no link to T-Server since %s: %s", s.Since.UTC().Format(time.RFC3339), reason)
}

// userEvent takes in whatever is distributed on the CommDN: answers, but also
// our own requests, those of others, and OCS's reports to Stat Server.
func (r *router) userEvent(userData tkvlist.List) {
	m, err := commdn.Decode(userData)
	var field *commdn.FieldError
	if errors.As(err, &field) {
		r.log.Warn("UserEvent not understood", "error", err)
	}
	if err != nil {
		return
	}
	event, isEvent := m.(*commdn.CampaignEvent)
	to := m.Addr()
	if to.Origin == r.app || to.Target != r.app && !(isEvent && to.Target == 0) {
		return
	}
	delivered := r.deliver(m)
	if isEvent { // an answer to one is news to others
		r.notify(event)
	} else if !delivered {
		r.log.Warn("answer without a request, or too late for it", "message", commdn.Trace(m, false))
	}
}

// deliver hands an answer to its exchange; it never blocks.
func (r *router) deliver(m commdn.Message) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.find(m)
	if x == nil {
		return false
	}
	if x.known {
		i := slices.Index(x.waiting, m.Addr().Origin)
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
	case x.answers <- m:
		return true
	default:
		return false // nobody knew how many would answer, and the first one settled it
	}
}

// find looks for the exchange that m answers: one with a common subject, and
// rather one that somebody waits for. An answer that echoes nothing belongs to
// the only exchange that can be meant; where there are several it belongs to
// none, and they time out.
func (r *router) find(m commdn.Message) *exchange {
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
