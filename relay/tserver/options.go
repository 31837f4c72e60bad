package tserver

import (
	"log/slog"
	"strconv"
	"strings"
	"time"

	"commdn/protocol/tkvlist"
)

// Times of Options that are zero.
const (
	DefaultKeepAliveIdle    = 4 * time.Second
	DefaultKeepAliveTimeout = 4 * time.Second
	DefaultMinBackoff       = 250 * time.Millisecond
	DefaultMaxBackoff       = 5 * time.Second // an agent waits
)

// Options say what a Link is. OnUserEvent and OnState are called one after the
// other, in order, by one goroutine: the one that also reads what T-Server
// sends. So neither may block for long, and neither may wait for SendUserEvent
// (nobody would read the EventACK) or Close.
type Options struct {
	Driver      Driver   // how to reach the servers
	Servers     []string // primary, then backup; tried in turn
	CommDN      string   // number of the Communication DN
	Application string   // name of the application in the Configuration Database
	// Monitor registers the CommDN for monitoring only: all events come, and
	// SendUserEvent gets T-Server's refusal, an *Error.
	Monitor bool

	// OnUserEvent gets the user data of every event on the CommDN, the link's
	// own among them. nil: events are dropped.
	OnUserEvent func(tkvlist.List)
	// OnState is called at every change and after every failed attempt to
	// connect; last of all, down with ErrClosed, before Close returns. May be
	// nil.
	OnState func(State)

	Log *slog.Logger // nil: no log

	// KeepAlive finds out that a T-Server is dead which has not closed the
	// connection. The link then goes on to the next server.
	KeepAlive KeepAlive

	// Before an attempt to connect the link waits for a random part of a time
	// that doubles from MinBackoff to MaxBackoff with every round through
	// Servers ("full jitter"), and starts small again when a connection has
	// lasted for MaxBackoff. Zero means the default. It does not wait when it
	// leaves a server that has lost its switch for the next one, unless it has
	// been through all of them.
	MinBackoff, MaxBackoff time.Duration
}

// KeepAlive says how a T-Server that falls silent is found dead. While anything
// comes from it nothing is asked.
type KeepAlive struct {
	// Idle is how long nothing may come before T-Server is asked for a sign of
	// life. Zero means DefaultKeepAliveIdle; below zero it is never asked.
	Idle time.Duration
	// Timeout is how long it then has for any answer, a refusal included, before
	// the connection is given up. Zero means DefaultKeepAliveTimeout.
	Timeout time.Duration
}

// maxName is the length of a DN or application name, in bytes, that
// Configuration Server takes.
const maxName = 255

func (o *Options) complete() error {
	if o.Driver == nil {
		return &OptionError{"Driver", "is missing"}
	}
	if len(o.Servers) == 0 {
		return &OptionError{"Servers", "is empty; give the address of the primary T-Server, and of the backup where there is one"}
	}
	for i, s := range o.Servers {
		if strings.TrimSpace(s) == "" {
			return &OptionError{"Servers", "has no address at position " + strconv.Itoa(i+1)}
		}
	}
	for _, name := range []struct{ option, value string }{{"CommDN", o.CommDN}, {"Application", o.Application}} {
		if name.value == "" {
			return &OptionError{name.option, "is empty"}
		}
		if len(name.value) > maxName {
			return &OptionError{name.option, "has " + strconv.Itoa(len(name.value)) + " bytes; at most " + strconv.Itoa(maxName) + " are possible"}
		}
	}
	if o.KeepAlive.Timeout < 0 {
		return &OptionError{"KeepAlive", "has a Timeout of " + o.KeepAlive.Timeout.String() + "; give one above 0"}
	}
	if o.KeepAlive.Idle == 0 {
		o.KeepAlive.Idle = DefaultKeepAliveIdle
	}
	if o.KeepAlive.Timeout == 0 {
		o.KeepAlive.Timeout = DefaultKeepAliveTimeout
	}
	if o.MinBackoff < 0 || o.MaxBackoff < 0 {
		return &OptionError{"MinBackoff or MaxBackoff", "is negative"}
	}
	if o.MinBackoff == 0 {
		o.MinBackoff = DefaultMinBackoff
	}
	if o.MaxBackoff == 0 {
		o.MaxBackoff = max(DefaultMaxBackoff, o.MinBackoff)
	}
	if o.MinBackoff > o.MaxBackoff {
		return &OptionError{"MinBackoff", "of " + o.MinBackoff.String() + " is above MaxBackoff of " + o.MaxBackoff.String()}
	}
	if o.OnUserEvent == nil {
		o.OnUserEvent = func(tkvlist.List) {}
	}
	if o.OnState == nil {
		o.OnState = func(State) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}
