package conn

import (
	"sync"
	"time"

	"commdn/protocol/frame"
)

// A client may send so many pings, our own and those of WebSocket, in a time.
// Each costs the relay an answer, and a client needs one in a quarter of a minute.
const (
	mostPings = 200
	pingSpan  = 10 * time.Second
)

// noise counts pings. A connection has one for as long as it is idle, so it is
// small.
type noise struct {
	mu    sync.Mutex // pings of WebSocket may be answered while a frame is handled
	since time.Time
	n     int
}

// tooMuch counts one, and says whether it is one too many.
func (o *noise) tooMuch(now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if now.Sub(o.since) >= pingSpan {
		o.since, o.n = now, 0
	}
	o.n++
	return o.n > mostPings
}

// tooFast is what a connection ends with that goes on after it was told to wait.
func tooFast() error { return &frame.CloseError{Code: frame.CloseTooFast} }
