// Package tserver is what the relay needs of a T-Server: a Link that is
// registered on a CommDN, sends UserEvents there and hands over those that
// others send. It connects again by itself, to primary and backup in turn.
//
// How the bytes go is the business of a Driver; package tlink has one.
package tserver

import (
	"context"
	"log/slog"

	"commdn/protocol/tkvlist"
)

// Driver knows how to reach a T-Server. It must be safe for use by several
// goroutines.
type Driver interface {
	// Open connects to one server, registers the client and the CommDN, and
	// returns when events of the DN can come. It must have its own time limit;
	// ctx only ends it earlier. A refusal of T-Server is an *Error. A T-Server
	// that says that it has no link to its switch, as a backup does, is left at
	// once, with an error that is ErrNoSwitch.
	Open(ctx context.Context, o ConnOptions) (Conn, error)
}

// ConnOptions say where a Conn goes.
type ConnOptions struct {
	Server      string       // as the driver writes addresses; host:port or unix:/path for tlink
	CommDN      string       // number of the Communication DN
	Application string       // name of the client application in the Configuration Database
	Monitor     bool         // registers for monitoring only, see Options
	KeepAlive   KeepAlive    // an Idle of 0 or below: off; the defaults filled in when a Link calls
	Log         *slog.Logger // never nil when a Link calls
}

// Conn is one connection to a T-Server, with the CommDN registered.
type Conn interface {
	// Run reads until the connection ends, calls the functions of h one after
	// the other from its own goroutine, and gives the reason of the end, never
	// nil. The reason is ErrSilent when ConnOptions.KeepAlive found T-Server
	// dead. By the time Run returns, every SendUserEvent has been settled. It
	// is called once.
	Run(h Handler) error
	// SendUserEvent distributes userData on the CommDN and returns at EventACK:
	// T-Server has taken it, which says nothing about who got it. It gives an
	// *Error at EventError, an error that is ErrLinkDown when the connection
	// ends before either, and one that is ctx's when ctx ends first: then
	// the event may or may not have been distributed. It needs Run to be
	// running and may be called by several goroutines.
	SendUserEvent(ctx context.Context, userData tkvlist.List) error
	// Close ends the connection and with it Run. It may be called at any time
	// and more than once.
	Close() error
}

// Handler is told what comes over a Conn. Neither function may be nil.
type Handler struct {
	// UserEvent gets the user data of an event on the CommDN, the client's own
	// events among them. The list is the callee's.
	UserEvent func(userData tkvlist.List)
	// Link says that T-Server's link to the switch, or the registration of the
	// CommDN, is lost (up false, with the reason) or back (up true, nil) while
	// the connection itself stays. Right after Open it is up. The reason is
	// ErrNoSwitch when it is the link to the switch that is lost.
	Link func(up bool, reason error)
}
