package link

import (
	"sync"
	"time"

	"commdn/relay/tserver"
)

// Complaints are the errors that T-Server reported and that answer no request. A
// bridge reports in this way an event that it had to drop, so that an answer of OCS
// may be missing.
type Complaints struct {
	Count   uint64    `json:"count"`
	Last    time.Time `json:"last"`    // when the last one came
	Code    int32     `json:"code"`    // of the last one, see tserver.Error
	Message string    `json:"message"` // of the last one
}

type complaints struct {
	mu   sync.Mutex
	seen Complaints
}

// complained takes in an error that answers no request.
func (l *Link) complained(e *tserver.Error) {
	if w := l.watch.Load(); w != nil && w.Complaint != nil {
		w.Complaint(e)
	}
	c := &l.complaints
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = Complaints{Count: c.seen.Count + 1, Last: time.Now().UTC(), Code: e.Code, Message: e.Message}
}

// Complaints tells of the errors that answered no request since the link was made.
func (l *Link) Complaints() Complaints {
	l.complaints.mu.Lock()
	defer l.complaints.mu.Unlock()
	return l.complaints.seen
}
