package link

import (
	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
)

// Watch is told what passes over a link while somebody checks it. All functions are
// called on the goroutines of the link, so that none may block.
type Watch struct {
	UserEvent func(tkvlist.List)   // on the CommDN, as it came
	Taken     func()               // T-Server has taken a UserEvent of this relay
	State     func(tserver.State)  // the connection has changed
	Complaint func(*tserver.Error) // T-Server reports an error that answers no request; may be nil
}

// Watch has w told until stop is called. It is false while another one is told.
func (l *Link) Watch(w *Watch) (stop func(), ok bool) {
	if !l.watch.CompareAndSwap(nil, w) {
		return nil, false
	}
	return func() { l.watch.Store(nil) }, true
}

// Connection says how the connection to T-Server is.
func (l *Link) Connection() tserver.State { return l.tserver.State() }
