// Package link is one link of the relay to a T-Server: it says whether the link
// is up, sends requests to OCS, and finds for each answer the request that it
// belongs to.
package link

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
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

	handling   sync.Mutex // over events and answers, which come from the reader and from timers
	ended      bool       // guarded by handling
	health     *health
	twins      twins
	complaints complaints
	watch      atomic.Pointer[Watch]

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
	t.OnUserEvent, t.OnState, t.OnError = l.userEvent, l.changed, l.complained
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
	if w := l.watch.Load(); w != nil {
		w.State(s)
	}
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
