// Package client is a CommDN client over any transport that carries frames to
// a relay. The browser plugin and the command line use the same one.
//
// A Client keeps itself connected. A request has a key and a number, stands in
// a table and settles exactly once: by its answers, a refusal, a timeout, the
// caller's context, or the end of the client. A repeatable request (do-not-call,
// cancel) that finds no connection waits for the next one. One that has lost its
// connection is resumed on the next one, and sent again under its key if the
// relay does not know it. Any other request fails at once.
//
// With Options.Store a do-not-call or cancel request is kept until it is settled, also
// over the end of the client; TakeOver has the next one go on with it. It goes out for
// the person who made it, and for nobody else.
package client

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// Options says how a Client works. Dial is needed; a zero field means its
// default.
type Options struct {
	Dial  Dialer
	Agent string // name and version, told to the relay
	// Token gives the token that tells the relay who this is; nil and "" mean
	// that there is none. It is asked before each dial, where an error counts as
	// a failed dial, and again before the token expires, where it has until the
	// connection ends. It must come back when the context ends.
	Token func(ctx context.Context) (string, error)
	// Random gives 64 random bits for the keys of requests; math/rand/v2's Uint64,
	// a ChaCha8 that the runtime seeds from the system. A key has to be unique, not
	// secret: the relay looks it up among the requests of the same person only. So
	// crypto/rand, which a browser would have to download, is not needed.
	Random        func() uint64
	AnswerTimeout time.Duration // from sending or resuming to the last answer, or until the relay has accepted or queued the request; 15 s. The relay has a shorter one of its own
	DialTimeout   time.Duration // from asking for the token to the relay's welcome; 10 s
	MinBackoff    time.Duration // longest first wait before dialing again; 250 ms, doubled each time until a connection stands for MaxBackoff
	MaxBackoff    time.Duration // longest wait; 10 s
	MaxPending    int           // requests under way; 1024
	// Store keeps do-not-call and cancel requests until they are settled; nil: they
	// end with the client.
	Store   Store
	Relay   string        // names the relay in the Store: what was meant for one goes to no other
	KeepFor time.Duration // how long an unaccepted request stays in the Store; KeepFor of this package
}

func (o Options) orDefault() Options {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&o.AnswerTimeout, 15*time.Second)
	def(&o.DialTimeout, 10*time.Second)
	def(&o.MinBackoff, 250*time.Millisecond)
	def(&o.MaxBackoff, 10*time.Second)
	def(&o.KeepFor, KeepFor)
	if o.Random == nil {
		o.Random = rand.Uint64
	}
	if o.MaxPending <= 0 {
		o.MaxPending = 1024
	}
	return o
}

// Client talks to one relay. Its methods may be called from any goroutine.
type Client struct {
	opts   Options
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{} // closed when run has ended
	wake   chan struct{} // there may be something to write
	retry  chan struct{} // dial now instead of waiting

	// Of the goroutine that asks for tokens: run's, and while a connection
	// stands renew's.
	token     string            // sent last
	rejected  string            // what no relay takes: refused or expired last
	rejection *frame.CloseError // which of them; nil if none was

	telling sync.Mutex // held while watches are told of a status

	following   sync.Mutex // held while a call is told of an event
	mu          sync.Mutex
	status      Status
	watches     map[int]func(Status)
	nextWatch   int
	table       table
	campaigns   map[int]func(*commdn.CampaignEvent)
	notified    func(tkvlist.List) // takes notifications, once somebody watches
	directories map[int]func()
	late        func(Late)                 // nil: nobody wants to hear of late answers
	unanswered  map[string]*call           // what the relay gave up, by key
	histories   map[int]func(tkvlist.List) // take frames, so that a browser without a watch does not link what reads them
	keeper      keeper
	person      person
	directory   []tkvlist.List // frames; read when somebody asks, so that a browser links what it uses
	coming      []tkvlist.List // frames of one that is not complete
	told        chan struct{}  // closed with the first directory
}

// New starts a client, which begins to connect. Close ends it. New panics
// when o.Dial is nil.
func New(o Options) *Client {
	if o.Dial == nil {
		panic("client: Options.Dial is nil")
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &Client{
		opts: o.orDefault(), ctx: ctx, cancel: cancel,
		done: make(chan struct{}), told: make(chan struct{}), wake: make(chan struct{}, 1), retry: make(chan struct{}, 1),
		status:  Status{Since: time.Now()},
		watches: map[int]func(Status){}, unanswered: map[string]*call{},
	}
	c.keeper = keeper{held: map[string]*call{}, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go c.run()
	if c.opts.Store == nil {
		close(c.keeper.done)
	} else {
		go c.keep()
	}
	return c
}

// Close ends the client: requests under way settle with ErrClosed, and stay in
// Options.Store for the next client. It waits until the client's goroutines have
// ended, and may be called more than once.
// A client that has Failed stays so.
func (c *Client) Close() {
	c.cancel()
	<-c.done
	<-c.keeper.done
}

// DoNotCall asks OCS to put a phone, a customer or both on the Do Not Call
// list. See Do for what it returns.
func (c *Client) DoNotCall(ctx context.Context, req commdn.DoNotCall) ([]commdn.Message, error) {
	return c.do(ctx, "", &req, 0, commdn.DecodePersonAnswer, nil)
}

// Do sends a request and blocks until it is settled. It returns what OCS
// answered, one message for each OCS that did. The error is nil when all
// answers are in and none is a refusal; else
//   - *commdn.FieldError: the request is wrong and was not sent;
//   - *tkvlist.SyntaxError, *tkvlist.LimitError: it cannot be packed and was not sent;
//   - *commdn.Fault: an OCS refused (the first one that did);
//   - *frame.Refusal: the relay refused;
//   - *NoAnswerError: it was given up, and says whether it had been sent;
//   - ErrBusy: MaxPending requests are under way.
//
// Origin is written by the relay, so it need not be set.
func (c *Client) Do(ctx context.Context, req commdn.Request) ([]commdn.Message, error) {
	return c.do(ctx, "", req, 0, commdn.DecodeEvent, nil)
}

// do is Follow with a decoder of what can answer req, so that a browser links
// the messages it uses.
func (c *Client) do(ctx context.Context, key string, req commdn.Request, window time.Duration, decode decodeFunc, told func(Event)) ([]commdn.Message, error) {
	k, err := c.settled(ctx, frame.KindRequest, key, req, window, decode, told)
	if k == nil {
		return nil, err
	}
	return k.answers, k.outcome()
}

// outcome gives the error of a call that has ended.
func (k *call) outcome() error {
	if k.err != nil {
		return k.err
	}
	return firstFault(k.answers)
}

// settled sends a request, or a question about it, and blocks until it is settled. The
// call is nil where it could not begin.
func (c *Client) settled(ctx context.Context, kind frame.Kind, key string, req commdn.Request, window time.Duration, decode decodeFunc, told func(Event)) (*call, error) {
	if err := req.Validate(); err != nil {
		return nil, err
	}
	if err := context.Cause(ctx); err != nil {
		return nil, &NoAnswerError{Err: err}
	}
	k, err := c.start(kind, key, req, window, decode, told)
	if err != nil {
		return nil, err
	}
	select {
	case <-k.done:
	case <-ctx.Done():
		c.settle(k, context.Cause(ctx))
		<-k.done // settled by now, by us or by somebody quicker
	}
	return k, k.err
}

// run keeps the client connected until it is closed or closed for good. The
// waits begin anew after a connection that stood for as long as the longest of
// them, so that a relay that welcomes and hangs up is not dialed in a rush. For
// the same reason only the first wait for a new token is left out.
func (c *Client) run() {
	defer close(c.done)
	hurried := false
	for attempt := 0; c.ctx.Err() == nil; attempt++ {
		c.setStatus(func(s *Status) { s.State = Connecting })
		stood, err := c.connect()
		if stood >= c.opts.MaxBackoff {
			attempt, hurried = 0, false
		}
		if c.ctx.Err() != nil {
			break
		}
		final, renew := c.verdict(err)
		if final {
			c.end(Failed, err)
			return
		}
		c.setStatus(func(s *Status) { s.State, s.Err = Disconnected, err })
		if renew && !hurried {
			hurried = true
			continue
		}
		wait := time.NewTimer(c.backoff(attempt))
		select {
		case <-wait.C:
		case <-c.retry:
		case <-c.ctx.Done():
		}
		wait.Stop()
	}
	c.end(Closed, ErrClosed)
}

// backoff gives half of the doubled minimum for certain and half by chance, so
// that the clients of a relay that restarts do not come back all at once.
func (c *Client) backoff(attempt int) time.Duration {
	d, most := c.opts.MinBackoff, c.opts.MaxBackoff
	for ; attempt > 0 && d < most; attempt-- {
		d += min(d, most-d)
	}
	d = min(d, most)
	return d/2 + rand.N(d/2+1)
}

// end settles all calls and lets none begin.
func (c *Client) end(s State, why error) {
	c.mu.Lock()
	c.table.ended = why
	calls := slices.Clone(c.table.calls)
	c.mu.Unlock()
	for _, k := range calls {
		c.settle(k, why)
	}
	c.setStatus(func(st *Status) { st.State, st.Err = s, why })
}
