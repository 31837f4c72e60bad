package tserver

import (
	"log/slog"
	"strconv"
	"strings"
	"time"

	"commdn/protocol/tkvlist"
)

// Defaults of zero times in Options.
const (
	DefaultKeepAliveIdle    = 4 * time.Second
	DefaultKeepAliveTimeout = 4 * time.Second
	DefaultMinBackoff       = 250 * time.Millisecond
	DefaultMaxBackoff       = 5 * time.Second // an agent waits
)

// Options configure a Link. One goroutine calls OnUserEvent and OnState, one at a time
// and in order, and also reads from T-Server. So neither may block for long, and neither
// may wait for SendUserEvent (nobody would read the EventACK) or Close.
type Options struct {
	Driver      Driver   // how to reach the servers
	Servers     []string // primary, then backup; tried in turn
	CommDN      string   // number of the Communication DN
	Application string   // name of the application in the Configuration Database
	// Monitor registers the CommDN for monitoring only: all events arrive, and
	// SendUserEvent gets T-Server's refusal, an *Error.
	Monitor bool

	// OnUserEvent gets the user data of every event on the CommDN, including the link's
	// own. nil drops the events.
	OnUserEvent func(tkvlist.List)
	// OnState gets every change and every failed attempt to connect, and at last, before
	// Close returns, down with ErrClosed. A panic in it ends the connection where there
	// is one. May be nil.
	OnState func(State)
	// OnError gets every EventError that answers no request, see Handler. May be nil.
	OnError func(*Error)

	Log *slog.Logger // nil: no log

	// Fence is asked before each UserEvent is written; nil: each may be.
	Fence Fence

	// KeepAlive detects a dead T-Server that has not closed the connection. The link then
	// goes on to the next server.
	KeepAlive KeepAlive

	// Before an attempt the link waits for a random part of a time that doubles from
	// MinBackoff to MaxBackoff with every round through Servers ("full jitter"), and
	// starts small again after a connection that lasted for MaxBackoff. Zero means the
	// default. There is no wait when the link leaves a server without a switch for the
	// next one, unless it has been through all of them.
	MinBackoff, MaxBackoff time.Duration
}

// KeepAlive says how to detect a silent T-Server. As long as anything arrives the link
// asks nothing.
type KeepAlive struct {
	// Idle is how long nothing may arrive before the link asks T-Server for a sign of
	// life. Zero means DefaultKeepAliveIdle; below zero it never asks.
	Idle time.Duration
	// Timeout is how long T-Server then has for any answer, a refusal included, before
	// the link gives up the connection. Zero means DefaultKeepAliveTimeout.
	Timeout time.Duration
}

// maxName is Configuration Server's limit for the name of a DN or application, in bytes.
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
