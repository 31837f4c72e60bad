// Package desk is where a request lives from submission to outcome, whoever
// asked and by whichever door. The desk admits it, keeps it in a Store, has the
// links ask OCS, and tells whoever holds the Ticket what happens.
package desk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/auth"
	"commdn/relay/campaigns"
	"commdn/relay/internal/loglimit"
	"commdn/relay/internal/maskhash"
	"commdn/relay/link"
	"commdn/relay/metrics"
	"commdn/relay/numbers"
	"commdn/relay/policy"
)

// Link is what the desk needs of a link to a T-Server.
type Link interface {
	// Ask sends a request, and blocks until its last answer, or says why there
	// is none.
	Ask(ctx context.Context, c link.Call) *frame.Refusal
	// Remember says that a request may have gone out already, from an earlier process
	// or another relay: the answer that names its number or customer is nobody else's.
	Remember(commdn.Request)
}

// Options say what a Desk works with. All are needed.
type Options struct {
	View  func() *policy.View // as it is now
	Links map[string]Link     // by name
	Cache *campaigns.Cache
	// Forms gives the forms in which a phone goes over a link, one at least, or why
	// there is none; see numbers.Sites.
	Forms     func(link, phone string) ([]numbers.Form, error)
	StatusAge time.Duration // a status that is no older answers a question for it; below 0 none does
	Store     Store
	// Journal keeps do-not-call and cancel requests in place of Store; nil: Store does.
	Journal Journal
	Retry   Retry // of what is in the journal
	// Undo gives the longest window in which a request can be undone, as it is now;
	// 0: there is none.
	Undo    func() time.Duration
	Wall    func() time.Time // the clock on the wall, which may jump; nil: time.Now. The rest goes by one that does not
	Audit   Audit            // nil: there is none
	Metrics *metrics.Metrics
	Hash    maskhash.Key // of phones and customer ids in the log
	Log     *slog.Logger // every request that went out and what became of it
	Limited *slog.Logger // what a client can cause without limit: refusals at the door
}

// Desk is the one owner of requests in flight. Several goroutines may use it.
type Desk struct {
	o      Options
	ctx    context.Context // ends the tickets
	cancel context.CancelFunc

	mu      sync.Mutex
	tickets map[ID]*Ticket // in flight
	count   int            // of them, questions too
	idle    chan struct{}  // not nil: no more may begin; closed when none is in flight
	states  map[string]frame.Link
	changed chan struct{} // closed when states change
	running sync.WaitGroup

	draining chan struct{} // closed by Drain: what waits in the journal stays there
}

// Actor is who asks.
type Actor struct {
	Subject string // unique; empty where nobody authenticates
	Name    string // for people
	Grant   *auth.Grant
	Door    string // websocket
	Session string // the client's name in the log
}

// Submission is a request as it comes.
type Submission struct {
	Key    string // made by the client at the click, see frame.ValidKey
	Actor  Actor
	Source *Source
	Data   tkvlist.List // user data of a CommDN request
	// Undo is for how long the request is to be held, so that Desk.Undo can take it
	// back; the desk may shorten it. 0: not at all.
	Undo time.Duration
	// Tell, if not nil, is told every event of a new request, in order, by the
	// goroutine of the request: it must not block. It saves who submits a
	// goroutine of their own. A request that the desk has already tells it
	// nothing: its ticket does.
	Tell func(Event)
}

// New opens a desk.
func New(o Options) *Desk {
	d := &Desk{
		o: o, tickets: make(map[ID]*Ticket), states: make(map[string]frame.Link), changed: make(chan struct{}), draining: make(chan struct{}),
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// Submit takes a request in. A key that the desk has already for this person is
// the same request: it is not sent again, and the ticket tells everything from
// the beginning. A refusal means that nothing was sent and nothing is kept. ctx
// bounds the time of the store alone; the request goes on after it. begun says
// that the request is a new one, of which Submission.Tell is told.
func (d *Desk) Submit(ctx context.Context, s Submission) (t *Ticket, begun bool, refusal *frame.Refusal) {
	if refusal = s.Source.enter(); refusal == nil {
		t, begun, refusal = d.take(ctx, s)
		if !begun {
			s.Source.leave()
		}
	}
	if refusal != nil {
		var req commdn.Request
		if refusal.Code != frame.RefusedRateLimited { // else there may be many, and none was looked at
			req, _ = decode(s.Data)
		}
		d.refused(d.o.Limited, s.Actor, s.Source, loglimit.Foreign(s.Key), req, refusal, 0)
		d.denied(s, req, refusal)
	}
	return t, begun, refusal
}

// take does the work of Submit; begun says that the ticket is a new one, with a
// goroutine of its own.
func (d *Desk) take(ctx context.Context, s Submission) (t *Ticket, begun bool, refusal *frame.Refusal) {
	if !frame.ValidKey(s.Key) {
		return nil, false, invalid(errors.New("key: a request needs one of 1 to 64 visible ASCII characters, which its click made"))
	}
	id := ID{s.Actor.Subject, s.Key}
	req, refusal := decode(s.Data)
	if refusal != nil {
		return nil, false, refusal
	}
	if t, refusal := d.same(ctx, id, s.Data); t != nil || refusal != nil {
		return t, false, refusal
	}
	links, err := d.o.View().Route(s.Actor.Grant, req)
	if err != nil {
		return nil, false, unrouted(err)
	}
	if u := d.cached(links, req); u != nil {
		d.known(s.Actor, s.Source, s.Key, req)
		return settledTicket(id, req, Event{Answer: u.Event, Packed: u.Data(), Of: u.Key(), Seq: u.Seq}), false, nil
	}
	window, refusal := d.window(s.Undo, req)
	if refusal != nil {
		return nil, false, refusal
	}
	t = newTicket(id, req, s.Data, s.Source, s.Tell)
	if window > 0 {
		t.heldFor(window)
	}
	t.links = links
	d.leaves(t, s.Actor)
	parts, refusal := d.jobParts(t, links) // what is accepted must be such as can be sent
	if refusal != nil {
		return nil, false, refusal
	}
	_, journaled := d.store(req)
	if journaled {
		t.inJournal()
	}
	switch mine, refusal := d.begin(t); {
	case refusal != nil && journaled: // the journal may have it all the same
		t, refusal = d.refusedAtTheDoor(ctx, t, refusal)
		return t, false, refusal
	case refusal != nil:
		return nil, false, refusal
	case !mine: // another submission was quicker
		return d.take(ctx, s)
	}
	defer close(t.taken)
	known, refusal := d.keep(ctx, t, s, links)
	switch {
	case known != nil || refusal != nil:
		return d.not(ctx, t, known, refusal)
	case journaled:
		go d.journaled(t, s.Actor, links)
	default:
		go d.run(t, s.Actor, parts)
	}
	return t, true, nil
}

// refusedAtTheDoor refuses a request that cannot begin, unless the journal has it since
// an earlier submission.
func (d *Desk) refusedAtTheDoor(ctx context.Context, t *Ticket, why *frame.Refusal) (*Ticket, *frame.Refusal) {
	known, err := d.o.Journal.Find(ctx, t.id)
	switch {
	case err != nil:
		return nil, unsure(fmt.Errorf("%w: %w", ErrUnsure, err))
	case known == nil:
		return nil, why
	}
	return d.recorded(ctx, known, t.data, t.req)
}

// unsure is the refusal of a request of which nobody knows whether it is kept.
func unsure(err error) *frame.Refusal {
	return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: err.Error() + "; ask again, once more does no harm"}
}

// not ends a ticket that was not begun after all: the request is refused, or known.
func (d *Desk) not(ctx context.Context, t *Ticket, known *Record, refusal *frame.Refusal) (*Ticket, bool, *frame.Refusal) {
	d.end(t)
	select {
	case j := <-t.jobs: // the journal has it, although Put did not say so
		d.do(j)
	default:
	}
	if known == nil {
		return nil, false, refusal
	}
	t, refusal = d.recorded(ctx, known, t.data, t.req)
	return t, false, refusal
}

// keep puts a request into the store. known is what the store had already.
func (d *Desk) keep(ctx context.Context, t *Ticket, s Submission, links []string) (known *Record, refusal *frame.Refusal) {
	if !kept(t.req) {
		return nil, nil
	}
	store, _ := d.store(t.req)
	e := Entry{
		ID: t.id, Name: s.Actor.Name, Door: s.Actor.Door, From: s.Source.Address(), Data: s.Data, Links: links, At: t.started,
	}
	if t.undo != nil {
		e.NotBefore = d.wall().Add(time.Until(t.until))
	}
	known, err := store.Put(ctx, e)
	switch {
	case errors.Is(err, ErrUnsure):
		return nil, unsure(err)
	case err != nil:
		return nil, &frame.Refusal{Code: frame.RefusedBusy, Message: "the request could not be kept: " + err.Error()}
	case known == nil && store.Durable():
		t.trail.acceptedNow()
		t.tell(Event{Kind: Accepted})
	}
	if known == nil {
		t.tellWindow(s.Undo)
	}
	return known, nil
}

// kept says whether the store keeps a request; a question is only asked again.
func kept(req commdn.Request) bool { return req.Type() != commdn.ReqGetCampaignStatus }

// Find gives the request with a key of a person; nil: the desk has none.
func (d *Desk) Find(ctx context.Context, subject, key string) *Ticket {
	id := ID{subject, key}
	t, err := d.inFlight(ctx, id)
	if t != nil || err != nil {
		return t
	}
	r, err := d.o.Store.Find(ctx, id)
	if r == nil && err == nil && d.o.Journal != nil {
		r, err = d.o.Journal.Find(ctx, id)
	}
	if err != nil {
		d.o.Log.Error("the store does not answer", "error", err)
		return nil
	}
	if r == nil {
		return nil
	}
	req, refusal := decode(r.Data)
	if refusal != nil {
		return nil
	}
	t, _ = d.recorded(ctx, r, r.Data, req)
	return t
}

// same gives the ticket of a request in flight.
func (d *Desk) same(ctx context.Context, id ID, data tkvlist.List) (*Ticket, *frame.Refusal) {
	t, err := d.inFlight(ctx, id)
	switch {
	case err != nil:
		return nil, &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "another submission of the same request is not taken in yet; ask again, once more does no harm"}
	case t != nil && !tkvlist.Equal(t.data, data):
		return nil, otherRequest()
	}
	return t, nil // nil: Put says whether the store has it
}

// inFlight gives the ticket of a request; nil: there is none. It waits for another
// submission of the same request until that is kept, or is not.
func (d *Desk) inFlight(ctx context.Context, id ID) (*Ticket, error) {
	for {
		d.mu.Lock()
		t := d.tickets[id]
		d.mu.Unlock()
		if t == nil || t.taken == nil {
			return t, nil
		}
		select {
		case <-t.taken:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		d.mu.Lock()
		still := d.tickets[id] == t
		d.mu.Unlock()
		if still {
			return t, nil
		}
	}
}

// recorded gives a ticket for what the store knows.
func (d *Desk) recorded(ctx context.Context, r *Record, data tkvlist.List, req commdn.Request) (*Ticket, *frame.Refusal) {
	if !tkvlist.Equal(r.Data, data) {
		return nil, otherRequest()
	}
	if _, journaled := d.store(req); journaled && r.Outcome == nil {
		return d.restore(ctx, r.Entry), nil
	}
	if r.Outcome == nil { // begun by another submission at this moment
		return nil, &frame.Refusal{Code: frame.RefusedBusy, Message: "the same request is just being taken in; ask again"}
	}
	return settledTicket(r.ID, req, Event{Answer: r.Outcome.Answer, Refusal: r.Outcome.Refusal}), nil
}

func otherRequest() *frame.Refusal {
	return &frame.Refusal{Code: frame.RefusedInvalid, Message: "the key was used for another request; each click needs a key of its own"}
}

// cached gives the status that OCS told not long ago, where that is what req
// asks for.
func (d *Desk) cached(links []string, req commdn.Request) *campaigns.Update {
	ask, ok := req.(*commdn.GetCampaignStatus)
	if !ok || ask.Campaign == 0 || d.o.StatusAge < 0 {
		return nil
	}
	return d.o.Cache.Find(campaigns.Key{Link: links[0], OCS: ask.Target, CampaignGroup: ask.CampaignGroup}, d.o.StatusAge)
}
