package link

import (
	"hash/maphash"
	"log/slog"
	"sync"
	"time"

	"commdn/protocol/tkvlist"
)

// echoWithin is how long after a request T-Server may distribute it to the relay
// itself. What comes under the relay's DBID and was not sent by it within that
// time comes from somebody else.
const echoWithin = time.Minute

// sayTwin is how often the log tells that somebody else uses the DBID.
const sayTwin = 10 * time.Minute

// twins finds another sender on the CommDN with this relay's own DBID: OCS answers
// to the DBID, so that each takes the other's answers for its own.
type twins struct {
	log  *slog.Logger
	seed maphash.Seed

	mu    sync.Mutex
	sent  map[uint64][]time.Time // by what was sent: when, oldest first
	swept time.Time
	seen  uint64    // UserEvents of the other one
	last  time.Time // of seen
	said  time.Time
}

func newTwins(log *slog.Logger) *twins {
	return &twins{log: log, seed: maphash.MakeSeed(), sent: make(map[uint64][]time.Time), swept: time.Now()}
}

func (t *twins) sum(l tkvlist.List) (uint64, bool) {
	packed, err := tkvlist.AppendPack(nil, l)
	return maphash.Bytes(t.seed, packed), err == nil
}

// sends notes what the relay is about to send.
func (t *twins) sends(l tkvlist.List) {
	sum, ok := t.sum(l)
	if !ok {
		return
	}
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent[sum] = append(t.sent[sum], now)
	if now.Sub(t.swept) < echoWithin {
		return
	}
	t.swept = now
	for sum, times := range t.sent { // T-Server need not distribute what the relay sends
		if now.Sub(times[len(times)-1]) > echoWithin {
			delete(t.sent, sum)
		}
	}
}

// echo takes a UserEvent under the relay's own DBID in: that of the relay itself,
// or of somebody else.
func (t *twins) echo(l tkvlist.List) {
	sum, ok := t.sum(l)
	if !ok {
		return
	}
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if times := t.sent[sum]; len(times) > 0 {
		if t.sent[sum] = times[1:]; len(times) == 1 {
			delete(t.sent, sum)
		}
		return
	}
	t.seen++
	t.last = now
	if now.Sub(t.said) >= sayTwin {
		t.said = now
		t.log.Warn("another sender uses the DBID of this relay's application: each may take the other's answers for its own; " +
			"give every relay an application of its own")
	}
}

// Twin says how many UserEvents another sender has distributed under the DBID of
// this relay, and when the last one came.
func (l *Link) Twin() (seen uint64, last time.Time) {
	l.twins.mu.Lock()
	defer l.twins.mu.Unlock()
	return l.twins.seen, l.twins.last
}
