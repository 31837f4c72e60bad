package link

import (
	"context"
	"slices"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// exchanges are the requests in flight on one link. The CommDN has no reference
// id: an answer and its request share a subject, so requests that share one go
// one after the other.
type exchanges struct {
	app     commdn.DBID
	ocs     []commdn.DBID // by the DBID of the primary; empty: not known
	timeout time.Duration

	mu        sync.Mutex
	bySubject map[commdn.Subject]*exchange
	open      map[*exchange]struct{} // those of others, and those that were given up, too
	held      []*heldAnswer
	guessed   map[*exchange]struct{} // those with a guess
	lately    lately
	bare      map[family]bool                         // OCS acknowledges without saying whom
	toNobody  bool                                    // OCS's last answer said not for which application it is
	order     uint64                                  // of what was last sent
	strangers int                                     // of open: requests of others
	doubles   int                                     // of these: in the name of our application
	dialing   map[commdn.CampaignGroup]commdn.Dialing // that OCS told last
	gone      map[*exchange]struct{}                  // settled before T-Server has given them back
	again     chan struct{}                           // closed when the link comes back
	lost      int                                     // how often the link was lost
	waited    func()                                  // a request waits for an OCS that says nothing of whom
}

func newExchanges(app commdn.DBID, ocs []commdn.DBID, timeout time.Duration, waited func()) exchanges {
	return exchanges{
		app: app, ocs: ocs, timeout: timeout, waited: waited,
		bySubject: map[commdn.Subject]*exchange{}, open: map[*exchange]struct{}{}, bare: map[family]bool{}, gone: map[*exchange]struct{}{}, guessed: map[*exchange]struct{}{}, dialing: map[commdn.CampaignGroup]commdn.Dialing{}, again: make(chan struct{}),
	}
}

// exchange is a request in flight.
type exchange struct {
	req        commdn.Request
	known      bool               // whether it is known which OCS will answer
	lost       int                // exchanges.lost, when it began
	answers    chan Answer        // room for every answer that can be taken
	done       chan struct{}      // closed when the subjects are free again
	key        string             // for the log
	began      time.Time          // when somebody asked
	late       func(Answer)       // told of answers that come after the end; may be nil
	giveUp     context.CancelFunc // not nil: a question of the relay itself, which goes before nobody
	held       []commdn.Subject   // that it holds
	foreign    bool               // of another client of the CommDN: nobody here waits for its answer
	sameOrigin bool               // foreign, and in the name of our application

	before commdn.Dialing // how the campaign group dialed, as far as known, when the request went out

	// Guarded by exchanges.mu.
	sent    uint64        // the order in which the requests reached the CommDN
	data    tkvlist.List  // as it went out, but for the charset
	out     int           // how often it went out and has not come back from T-Server
	waiting []commdn.DBID // OCS that have not answered; empty where not known
	owed    bool          // T-Server has the request, and an answer is still to come
	over    bool          // nobody waits any more
	ended   time.Time     // when nobody waited any more; set where an answer is owed
	reached *Answer       // an event that says the goal is reached, but may be another's doing
	guess   *guess        // the answer that was taken for its own; nil: none was
	spare   []Answer      // one of an OCS at most, see isSpare
	proved  chan struct{} // has something once reached is set; nil: that cannot be
}

// background says whether nobody but the relay waits.
func (x *exchange) background() bool { return x.giveUp != nil }

// live says whether somebody waits for an answer that can still come.
func (x *exchange) live() bool { return !x.foreign && !x.over }

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

// begin claims the subjects of x, waiting for requests that hold them; waits is
// called once if there is one.
func (r *exchanges) begin(ctx context.Context, x *exchange, waits func()) *frame.Refusal {
	x.done = make(chan struct{})
	if _, control := commdn.ControlOf(x.req); control {
		x.proved = make(chan struct{}, 1)
	}
	if target := x.req.Addr().Target; target != 0 {
		x.waiting = []commdn.DBID{target}
	} else {
		x.waiting = slices.Clone(r.ocs)
	}
	x.known = len(x.waiting) > 0
	x.answers = make(chan Answer, max(1, len(x.waiting)))
	var apart <-chan time.Time
	for patient := true; ; {
		holder, confused := r.claim(x, patient)
		if holder == nil {
			return nil
		}
		var over <-chan time.Time
		if confused {
			r.waited()
			if apart == nil {
				apart = time.After(r.timeout / waitApart)
			}
			over = apart
		} else if waits != nil {
			waits()
			waits = nil
		}
		select {
		case <-holder.done:
		case <-over:
			patient = false
		case <-ctx.Done():
			return &frame.Refusal{Code: frame.RefusedBusy, Message: "another request about the same number or customer is still waiting for OCS; try again"}
		}
	}
}

// waitApart is the part of the answer timeout that a request waits for another
// one with which an OCS that says nothing of whom could confuse it.
const waitApart = 5

// claim takes the subjects of x, or gives the request that holds one. patient: x
// also waits for a request whose answer could be taken for its own; confused says
// that it is such a one.
func (r *exchanges) claim(x *exchange, patient bool) (holder *exchange, confused bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	subjects := x.req.Subjects()
	x.held = subjects
	for _, s := range subjects {
		if holder := r.bySubject[s]; holder != nil {
			if holder.background() && !x.background() {
				holder.giveUp() // a person asks
			}
			return holder, false
		}
	}
	if f := familyOf(x.req); r.bare[f] {
		token := f.token()
		if holder := r.bySubject[token]; holder != nil && patient {
			return holder, true
		} else if holder == nil {
			x.held = append(x.held, token)
		}
	}
	for _, s := range x.held {
		r.bySubject[s] = x
	}
	r.open[x], x.lost = struct{}{}, r.lost
	r.lately.add(x.req, subjects, x.began)
	return nil, false
}

// goes notes that the request of x goes out.
func (r *exchanges) goes(x *exchange, data tkvlist.List) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.order++
	x.sent, x.data, x.owed = r.order, data, true
	x.out++
	x.before = r.dialingOf(x.req)
}

// stays notes that T-Server did not take the request of x.
func (r *exchanges) stays(x *exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x.owed = false
	x.out--
}

// end frees the subjects of x. If OCS still owes an answer, x stays known for
// as long as an answer may take: one that comes late is told to who asked, and
// is not taken for that of another request.
func (r *exchanges) end(x *exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range x.held {
		delete(r.bySubject, s)
	}
	close(x.done)
	x.over = true
	if x.out > 0 {
		r.unseen(x)
	}
	if !x.owed {
		delete(r.open, x)
		return
	}
	x.ended = time.Now()
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

// owes says whether an OCS has not answered x yet.
func (r *exchanges) owes(x *exchange) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return x.owed
}

// quiet waits until no person's request is in flight, or wait is over.
func (r *exchanges) quiet(ctx context.Context, wait time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		x := r.persons()
		if x == nil {
			return
		}
		select {
		case <-x.done:
		case <-ctx.Done():
			return
		}
	}
}

func (r *exchanges) persons() *exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	for x := range r.open {
		if x.live() && !x.background() {
			return x
		}
	}
	return nil
}
