package link

import (
	"log/slog"
	"sync"
	"time"

	"commdn/protocol/commdn"
)

// sayTwin is how often the log tells that somebody else uses the DBID.
const sayTwin = 10 * time.Minute

// twins counts what another sender distributes on the CommDN under this relay's own
// DBID: OCS answers to the DBID, so that each may take the other's answers for its
// own.
type twins struct {
	log *slog.Logger

	mu   sync.Mutex
	seen uint64    // UserEvents of the other one
	last time.Time // of seen
	said time.Time
}

// spoke notes a request of the other one.
func (t *twins) spoke(req commdn.Request) {
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen++
	t.last = now
	if now.Sub(t.said) >= sayTwin {
		t.said = now
		t.log.Warn("another sender uses the DBID of this relay's application: each may take the other's answers for its own; "+
			"give every relay an application of its own", "request", req.Type().String())
	}
}

// Twin says how many UserEvents another sender has distributed under the DBID of
// this relay, and when the last one came.
func (l *Link) Twin() (seen uint64, last time.Time) {
	l.twins.mu.Lock()
	defer l.twins.mu.Unlock()
	return l.twins.seen, l.twins.last
}
