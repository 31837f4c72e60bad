// Package desk is where a request lives from submission to outcome, whoever
// asked and by whichever door. The desk admits it, keeps it in a Store, has the
// links ask OCS, and tells whoever holds the Ticket what happens.
package desk

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/campaigns"
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

// New opens a desk.
func New(o Options) *Desk {
	d := &Desk{
		o: o, tickets: make(map[ID]*Ticket), states: make(map[string]frame.Link), changed: make(chan struct{}), draining: make(chan struct{}),
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}
