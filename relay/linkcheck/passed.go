package linkcheck

import (
	"sync"

	"commdn/relay/config"
	"commdn/relay/tserver"
)

// passed is what has passed over a link since a request of the check.
type passed struct {
	observer *observer

	mu        sync.Mutex
	acked     int            // UserEvents that T-Server has taken, since begin
	lost      error          // why the link was lost first, since begin; nil: it was not
	complaint *tserver.Error // the first that answers no request, since begin; nil: there was none
}

func newPassed(l config.Link) *passed { return &passed{observer: newObserver(l.AppDBID, l.Charset)} }

// begin forgets what was before a request.
func (p *passed) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.acked, p.lost, p.complaint = 0, nil, nil
}

// since gives how many UserEvents T-Server has taken since begin, and why the
// link was lost; nil: it was not.
func (p *passed) since() (acked int, lost error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.acked, p.lost
}

// complained gives the first error since begin that answers no request; nil: there
// was none.
func (p *passed) complained() *tserver.Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.complaint
}

func (p *passed) complaining(e *tserver.Error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.complaint == nil {
		p.complaint = e
	}
}

func (p *passed) taken() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.acked++
}

func (p *passed) losing(reason error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lost == nil {
		p.lost = reason
	}
}
