// Package link is one link of the relay to a T-Server: it says whether the link
// is up, sends requests to OCS, and finds for each answer the request that it
// belongs to.
package link

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
	"commdn/relay/internal/charsets"
	"commdn/relay/tserver"
)

// Options say what a Link is.
type Options struct {
	Name    string
	TServer tserver.Options // OnUserEvent and OnState are the link's own
	AppDBID commdn.DBID     // of the relay's application; it goes into every request
	// OCS are all on the CommDN; a request for all of them is settled when each
	// has answered. Empty: by the first answer.
	OCS           []commdn.DBID
	AnswerTimeout time.Duration // for OCS to answer
	Log           *slog.Logger

	// Backups are the DBIDs of the OCS that stand in for those of OCS, by the
	// DBID of these.
	Backups map[commdn.DBID]commdn.DBID
	// Charset is the encoding of strings on the CommDN, by its WHATWG name;
	// empty: UTF-8.
	Charset string

	// OnEvent gets every event about a campaign that is for this application or
	// for everybody, and gives it a number, see Answer. OnState says that State
	// has changed. OnUserEvent counts what comes. The goroutine that reads from
	// T-Server calls them in order, so none may block.
	OnEvent     func(*commdn.CampaignEvent) uint64
	OnState     func(frame.Link)
	OnUserEvent func()
	// OnPassedOver counts what is passed over, by one of the reasons PassedX;
	// OnWait counts requests that wait as OCS does not say whom its answers are
	// about. Both may be nil.
	OnPassedOver func(reason string)
	OnWait       func()
}

// Answer is what one OCS answered.
type Answer struct {
	commdn.Message
	// Seq is the number that OnEvent gave it: other events about the campaign
	// group with a smaller one came before. 0: it is not about a campaign.
	Seq uint64
}

// Link is one link. Several goroutines may use it.
type Link struct {
	o       Options
	log     *slog.Logger
	tserver *tserver.Link
	exchanges
	resync  resync
	pairs   *pairs
	charset charsets.Charset

	handling sync.Mutex // over events and answers, which come from the reader and from timers
	ended    bool       // guarded by handling
	health   *health
	twins    twins

	mu      sync.Mutex
	state   frame.Link
	standby bool
	told    map[commdn.DBID]bool // applications that are not believed, and are logged
	// sequences are the groups of which a sequence was told or asked: what names
	// neither campaign nor sequence is of it there.
	sequences map[commdn.DBID]bool
}

// New makes a Link that is down until Start. The error is a
// *tserver.OptionError.
func New(o Options) (*Link, error) {
	if o.OnPassedOver == nil {
		o.OnPassedOver = func(string) {}
	}
	if o.OnWait == nil {
		o.OnWait = func() {}
	}
	l := &Link{o: o, log: o.Log.With("link", o.Name), told: make(map[commdn.DBID]bool), sequences: make(map[commdn.DBID]bool)}
	l.state = frame.Link{Since: time.Now().Unix(), Reason: "not connected yet"}
	l.exchanges = newExchanges(o.AppDBID, o.OCS, o.AnswerTimeout, o.OnWait)
	l.pairs = newPairs(o.Backups, func(primary, active commdn.DBID) {
		l.log.Warn("another OCS of a pair answers now", "ocs", primary, "active", active)
	})
	var err error
	if l.charset, err = charsets.New(o.Charset); err != nil {
		return nil, &tserver.OptionError{Option: "charset", What: err.Error()}
	}
	l.health, l.twins.log = newHealth(o.OCS, l.log), l.log
	t := o.TServer
	t.OnUserEvent, t.OnState = l.userEvent, l.changed
	if t.Log == nil {
		t.Log = l.log
	}
	if l.tserver, err = tserver.New(t); err != nil {
		return nil, err
	}
	return l, nil
}

// Start connects in the background.
func (l *Link) Start() { l.tserver.Start() }

// Close ends the link. When it returns, nothing of Options is called any more,
// and no question of Resync is in flight.
func (l *Link) Close() {
	_ = l.tserver.Close()
	l.resync.close()
	l.handling.Lock()
	defer l.handling.Unlock()
	l.ended = true
}

// Name gives the link's name.
func (l *Link) Name() string { return l.o.Name }

// State says whether requests can be sent now.
func (l *Link) State() frame.Link {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

// Server gives the address of the T-Server in use, or the last one tried; empty
// before the first attempt ended.
func (l *Link) Server() string { return l.tserver.State().Server }

// SetStandby says whether another relay sends on this link. Events come all the
// same; a request is refused.
func (l *Link) SetStandby(on bool) {
	l.mu.Lock()
	l.standby = on
	l.mu.Unlock()
	l.changed(l.tserver.State())
}

// changed takes a state of T-Server in. One more attempt that failed for the
// same reason changes nothing.
func (l *Link) changed(s tserver.State) {
	k := frame.Link{Up: s.Up, Since: s.Since.Unix()}
	l.mu.Lock()
	before := l.state
	switch {
	case s.Up:
		k.Standby = l.standby
	case s.Err != nil:
		k.Reason = s.Err.Error()
	default:
		k.Reason = before.Reason
	}
	l.state = k
	l.mu.Unlock()
	if k == before {
		return
	}
	switch {
	case k.Up && !before.Up:
		l.cameBack()
	case before.Up && !k.Up:
		l.wentDown()
		l.resync.stop()
	}
	l.o.OnState(k)
}

// down says why nothing can be sent now; nil: it can.
func (l *Link) down() *frame.Refusal {
	s := l.State()
	switch {
	case s.Standby:
		return &frame.Refusal{Code: frame.RefusedLinkDown, Message: "this relay stands by: another one sends on the link to T-Server"}
	case s.Up:
		return nil
	}
	// The reason is in the log and in the status: it may name hosts.
	return &frame.Refusal{Code: frame.RefusedLinkDown, Message: "no link to T-Server since " + time.Unix(s.Since, 0).UTC().Format(time.RFC3339)}
}

// Call is one request and whom to tell of it. All but Request may be nil.
type Call struct {
	Key     string // of the request, for the log
	Request commdn.Request
	// Waits is called when an earlier request in flight holds the same subject.
	Waits func()
	// Answer is called for each answer as it comes; last marks the one that
	// settles the request.
	Answer func(a Answer, last bool)
	// Late is called for an answer that comes after Ask has given up, within one
	// more answer time. It must not block.
	Late func(a Answer)
}

// Ask sends a request. It blocks until the last answer, or returns why there is no
// (further) answer.
//
// A request that finds no link is refused at once. One that loses the link, as
// in a switchover, waits for the next one within its time: if it may be
// repeated, Ask sends it again there, else only its answer can still come.
func (l *Link) Ask(ctx context.Context, c Call) *frame.Refusal {
	return l.ask(ctx, c, &exchange{req: c.Request, key: c.Key, late: c.Late})
}

func (l *Link) ask(ctx context.Context, c Call, x *exchange) *frame.Refusal {
	if refusal := l.down(); refusal != nil { // also for one that would wait for another
		return refusal
	}
	began, waited := time.Now(), false
	waits := func() {
		if waited = true; c.Waits != nil {
			c.Waits()
		}
	}
	answer := func(a Answer, last bool) {
		if !waited { // else it is not OCS that took the time
			l.health.answered(a.Addr().Origin, time.Since(began))
		}
		if c.Answer != nil {
			c.Answer(a, last)
		}
	}
	c.Request.Addr().Origin = l.o.AppDBID
	if control, ok := commdn.ControlOf(c.Request); ok && control.Sequence != nil {
		l.sequenceIn(control.Group)
	}
	ctx, cancel := context.WithTimeout(ctx, l.o.AnswerTimeout)
	defer cancel()
	if refusal := l.begin(ctx, x, waits); refusal != nil {
		return refusal
	}
	defer l.end(x)
	for attempt := 0; ; attempt++ {
		again := l.comesBack()
		if refusal := l.send(ctx, x, attempt); refusal != nil {
			return refusal
		}
		if !x.req.Repeatable() {
			again = nil
		}
		lost, refusal := l.await(ctx, x, again, answer)
		if !lost {
			return refusal
		}
	}
}

// send sends the request of x. A first attempt without a link is refused; what
// has gone out before, or may have, waits for its answer.
func (l *Link) send(ctx context.Context, x *exchange, attempt int) *frame.Refusal {
	if refusal := l.down(); attempt == 0 && refusal != nil {
		return refusal
	}
	data, err := l.userData(x)
	if err != nil {
		return &frame.Refusal{Code: frame.RefusedInvalid, Message: err.Error()}
	}
	l.owe(x, true) // before it is sent: the answer may be quicker than the acknowledgement
	err = l.tserver.SendUserEvent(ctx, data)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, tserver.ErrLinkDown) && (attempt > 0 || x.req.Repeatable()):
		return nil // the next link makes up for it
	case errors.Is(err, tserver.ErrLinkDown):
		return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "the link to T-Server was lost as the request was sent, so it may have been carried out; " + afterwards(x.req)}
	case ctx.Err() == nil:
		l.owe(x, false)
	default:
		err = fmt.Errorf("%w: %w", errNotTaken, err)
	}
	return l.refuse(ctx, x, err)
}

// userData gives the request of x as the OCS that answers now expects it.
func (l *Link) userData(x *exchange) (tkvlist.List, error) {
	req := x.req
	if to := l.pairs.target(req.Addr().Target); to != req.Addr().Target {
		req = commdn.Clone(req)
		req.Addr().Target = to
	}
	return l.charset.Out(req.UserData())
}

// await hands answers on until the request is settled; lost says that the link
// was lost, and is back, before.
func (l *Link) await(ctx context.Context, x *exchange, again <-chan struct{}, answer func(a Answer, last bool)) (lost bool, refusal *frame.Refusal) {
	var sure <-chan time.Time
	for {
		select {
		case a := <-x.answers:
			last := l.settled(x)
			answer(a, last)
			if last {
				return false, nil
			}
		case <-x.proved: // a refusal may still follow
			if sure == nil {
				sure = time.After(surely)
			}
		case <-sure:
			if a, ok := l.certain(x); ok {
				answer(a, true)
				return false, nil
			}
			sure = time.After(surely) // the other's answer may still come
		case <-again:
			return true, nil
		case <-ctx.Done():
			if a, ok := l.lastResort(x); ok && errors.Is(ctx.Err(), context.DeadlineExceeded) {
				answer(a, true)
				return false, nil
			}
			return false, l.refuse(ctx, x, ctx.Err())
		}
	}
}

// refuse says why a request ends without its (last) answer.
func (l *Link) refuse(ctx context.Context, x *exchange, err error) *frame.Refusal {
	var refused *tserver.Error
	switch {
	case errors.Is(err, tserver.ErrLinkDown):
		if refusal := l.down(); refusal != nil {
			return refusal
		}
		return &frame.Refusal{Code: frame.RefusedLinkDown, Message: "the link to T-Server was lost and is back; ask again"}
	case errors.As(err, &refused):
		return &frame.Refusal{Code: frame.RefusedTServer, Message: refused.Error()}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		silent, lost := l.silent(x)
		if lost {
			return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: fmt.Sprintf(
				"the link to T-Server was lost before OCS%s answered, so the request may have been carried out; %s", silent, afterwards(x.req))}
		}
		return l.timedOut(ctx, x, err)
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
