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
	Sender        Sender        // until SetSender says who sends
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
	// OnTServer says that this relay's own link to T-Server has come up or gone down,
	// whoever sends. It is called before OnState. May be nil.
	OnTServer func(up bool)
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
	// Owed says of a late answer that another OCS which was asked has not answered yet.
	Owed bool
	// Corrects says of a late answer that it takes the place of a refusal which was told
	// before, and was that of another request.
	Corrects bool
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

	turning sync.Mutex // over one change of the state
	up      bool       // of the link to T-Server; guarded by turning
	untold  bool       // OnState has panicked, and is told again; guarded by turning

	mu     sync.Mutex
	state  frame.Link
	sender Sender
	idle   string               // why nobody sends
	told   map[commdn.DBID]bool // applications that are not believed, and are logged
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
	if o.OnTServer == nil {
		o.OnTServer = func(bool) {}
	}
	l := &Link{o: o, log: o.Log.With("link", o.Name), told: make(map[commdn.DBID]bool), sequences: make(map[commdn.DBID]bool)}
	l.sender, l.idle = o.Sender, "it is not known yet which relay sends"
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
