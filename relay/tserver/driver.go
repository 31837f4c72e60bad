// Package tserver is what the relay needs from a T-Server: a Link that is registered on a
// CommDN, sends UserEvents there and delivers those of others. It reconnects by itself,
// to primary and backup in turn.
//
// A Driver knows the protocol; package tlink has one.
package tserver

import (
	"context"
	"log/slog"
	"time"

	"commdn/protocol/tkvlist"
)

// Driver knows how to reach a T-Server. It must be safe for concurrent use.
type Driver interface {
	// Open connects to one server, registers the client and the CommDN, and returns when
	// events of the DN can arrive. It must have its own time limit; ctx only ends it
	// earlier. A refusal of T-Server is an *Error. If T-Server reports that it has no
	// link to its switch, as a backup does, Open fails at once with an error that is
	// ErrNoSwitch.
	Open(ctx context.Context, o ConnOptions) (Conn, error)
}

// ConnOptions configure a Conn.
type ConnOptions struct {
	Server      string       // in the driver's form; host:port or unix:/path for tlink
	CommDN      string       // number of the Communication DN
	Application string       // name of the client application in the Configuration Database
	Monitor     bool         // register for monitoring only, see Options
	KeepAlive   KeepAlive    // an Idle of 0 or below: off; a Link has filled in the defaults
	Log         *slog.Logger // never nil when a Link calls
	Fence       Fence        // nil: nothing but the connection decides whether it may send
}

// Fence is asked before a UserEvent is written, the last time immediately before, and says
// whether it may be, and for how long the write may take. Who has written calls each leave.
// After an error, which is ErrFenced, nothing is written.
type Fence func() (left time.Duration, leave func(), err error)

// Conn is one connection to a T-Server, with the CommDN registered.
type Conn interface {
	// Run reads until the connection ends and calls the functions of h one at a time from
	// its own goroutine. It returns the reason of the end, never nil: ErrSilent if
	// ConnOptions.KeepAlive found T-Server dead. By its return every SendUserEvent has
	// been settled. Call it once.
	Run(h Handler) error
	// SendUserEvent distributes userData on the CommDN and returns at EventACK: T-Server
	// has accepted it, which says nothing about its receivers. It returns an *Error at
	// EventError, an error that is ErrLinkDown if the connection ends before either, and
	// an error that is ctx's if ctx ends first: then the event may or may not have been
	// distributed. It needs a running Run and is safe for concurrent use.
	SendUserEvent(ctx context.Context, userData tkvlist.List) error
	// Close ends the connection and with it Run. It may be called at any time and more
	// than once.
	Close() error
}

// Handler receives what arrives on a Conn. UserEvent and Link may not be nil.
type Handler struct {
	// UserEvent gets the user data of an event on the CommDN, including the client's own
	// events. The callee owns the list.
	UserEvent func(userData tkvlist.List)
	// Link reports that T-Server's link to the switch, or the registration of the CommDN,
	// is lost (up false, with the reason) or back (up true, nil) while the connection
	// itself stays. Right after Open it is up. The reason is ErrNoSwitch if the link to
	// the switch is lost.
	Link func(up bool, reason error)
	// Error gets an EventError that answers no request. A bridge reports in this way an
	// event that it had to drop. The message is foreign, and has been cut. May be nil.
	Error func(*Error)
}
