package client

import (
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// State says how the client stands to its relay.
type State uint8

// The states.
const (
	Connecting   State = iota // dialing, or waiting for the relay's welcome
	Connected                 // requests go out
	Disconnected              // waiting to dial again
	Failed                    // the relay closed with a final code, or refused the token and there is no other; the client has given up
	Closed                    // Close was called
)

// String names the state in lower case.
func (s State) String() string {
	switch s {
	case Connecting:
		return "connecting"
	case Connected:
		return "connected"
	case Disconnected:
		return "disconnected"
	case Failed:
		return "failed"
	}
	return "closed"
}

// Status is a snapshot of the client.
type Status struct {
	State State
	Since time.Time // when State began
	Err   error     // why the last connection ended or could not be made; nil when connected
	// Unkept is why Options.Store does not keep requests; nil: it does, or there is none.
	Unkept error
	// Checking says that a request has had no sign of life from the relay for some
	// seconds, and that the answer to a ping is awaited.
	Checking bool
	// From the relay's welcome; kept while disconnected.
	Relay   string        // name and version
	Session string        // the session's name in the relay's log
	OCS     []commdn.DBID // OCS known to the relay; not to be changed
	Link    frame.Link    // the relay's link to T-Server; as last heard
	// CancelByCustomer and Vanity are those of frame.Limits; as last heard.
	CancelByCustomer, Vanity bool
	Undo                     time.Duration // the longest window in which a request can be undone, as last heard; 0: there is none
	// Whom the relay takes this client for, told right after its welcome and
	// with each refresh; kept while disconnected. Roles are not to be changed.
	Identity frame.Identity
}

// Status gives the present status.
func (c *Client) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

// Watch calls f with each new status, in order, from the client's own
// goroutine: f must not block and must not call Do or Close. The status that is
// there already is not told. It returns a function that ends the watch; one
// call of f may still be under way, or about to begin, when that returns.
func (c *Client) Watch(f func(Status)) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nextWatch++
	id := c.nextWatch
	c.watches[id] = f
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.watches, id)
	}
}

// setStatus changes the status and tells the watches, one change at a time, so that they
// see one order.
func (c *Client) setStatus(change func(*Status)) {
	c.telling.Lock()
	defer c.telling.Unlock()
	c.mu.Lock()
	before := c.status.State
	change(&c.status)
	if c.status.State != before {
		c.status.Since = time.Now()
	}
	now := c.status
	watches := make([]func(Status), 0, len(c.watches))
	for _, f := range c.watches {
		watches = append(watches, f)
	}
	c.mu.Unlock()
	for _, f := range watches {
		f(now)
	}
}
