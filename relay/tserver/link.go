package tserver

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/internal/changes"
)

// State says whether the link can send UserEvents now.
type State struct {
	Up     bool      // connected, CommDN registered, T-Server's link to the switch up
	Since  time.Time // when Up last changed
	Server string    // the server in use, or the last one tried; empty during the first attempt
	Err    error     // why it is down; nil while up and during the first attempt
}

// Link is a standing registration on a CommDN. It reconnects until Close. Its methods are
// safe for concurrent use.
type Link struct {
	o      Options
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}

	failures changes.Failures // by server

	mu      sync.Mutex
	started bool // run has been started
	conn    Conn // nil without a connection
	state   State
}

// New makes a Link that is down until Start. The error is an *OptionError.
func New(o Options) (*Link, error) {
	o.Servers = slices.Clone(o.Servers)
	if err := o.complete(); err != nil {
		return nil, err
	}
	l := &Link{o: o, done: make(chan struct{}), state: State{Since: time.Now()}}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l, nil
}

// Start makes the link connect in the background, and returns at once. The link calls
// nothing in Options before that. A second Start, and one after Close, do nothing.
func (l *Link) Start() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.started || l.ctx.Err() != nil {
		return
	}
	l.started = true
	go l.run()
}

// State returns the current state.
func (l *Link) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

// SendUserEvent distributes userData on the CommDN and returns at EventACK, as
// Conn.SendUserEvent does. While the link is down it fails at once with an error that is
// ErrLinkDown, with the reason in its text.
func (l *Link) SendUserEvent(ctx context.Context, userData tkvlist.List) error {
	l.mu.Lock()
	conn, state := l.conn, l.state
	l.mu.Unlock()
	if state.Up {
		return conn.SendUserEvent(ctx, userData)
	}
	if state.Err == nil {
		return fmt.Errorf("%w: not connected yet", ErrLinkDown)
	}
	// The reason goes in as text: an EventError that refused the registration must not
	// look like a refusal of this event.
	return fmt.Errorf("%w: %v", ErrLinkDown, state.Err)
}

// Close ends the connection. After it returns the link calls neither OnState nor
// OnUserEvent. It may be called more than once; the error is always nil.
func (l *Link) Close() error {
	l.mu.Lock()
	l.cancel()
	started := l.started
	l.mu.Unlock()
	if started {
		<-l.done
	}
	return nil
}

func (l *Link) run() {
	defer close(l.done)
	round := len(l.o.Servers)
	for n, failed := 0, 0; ; n++ {
		server := l.o.Servers[n%round]
		lasted, left, err := l.serve(server)
		if l.ctx.Err() != nil {
			_ = l.set(State{Server: server, Err: ErrClosed}, nil)
			return
		}
		if lasted >= l.o.MaxBackoff {
			failed = 0
		}
		wait := l.o.backoff(failed / round)
		if left && failed < round {
			wait = 0
		}
		failed++
		_ = l.set(State{Server: server, Err: err}, nil) // who missed it is told again after the next attempt
		l.o.Log.Log(l.ctx, l.failures.Level(server, err), "T-Server link is down", "server", server, "err", err, "retry_in", wait)
		select {
		case <-l.ctx.Done():
		case <-time.After(wait):
		}
	}
}

// serve uses one server until the connection ends, or until the server loses its switch
// and there is another server, which may have become the primary.
func (l *Link) serve(server string) (lasted time.Duration, left bool, err error) {
	defer func() {
		// A bug in a driver costs the connection, never the process.
		if p := recover(); p != nil {
			l.o.Log.Error("the driver failed", "server", server, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: the driver failed: %v", ErrLinkDown, p)
		}
	}()
	conn, err := l.o.Driver.Open(l.ctx, ConnOptions{
		Server: server, CommDN: l.o.CommDN, Application: l.o.Application, Monitor: l.o.Monitor,
		KeepAlive: l.o.KeepAlive, Log: l.o.Log, Fence: l.o.Fence,
	})
	if err != nil {
		return 0, false, err
	}
	defer conn.Close()
	defer context.AfterFunc(l.ctx, func() { conn.Close() })()
	start := time.Now()
	l.failures.Over(server)
	if err := l.set(State{Up: true, Server: server}, conn); err != nil {
		return time.Since(start), false, err
	}
	l.o.Log.Info("T-Server link is up", "server", server, "comm_dn", l.o.CommDN)
	var why error // why the link closed the connection
	err = conn.Run(Handler{
		UserEvent: l.o.OnUserEvent,
		Error:     l.o.OnError,
		Link: func(up bool, reason error) {
			switch {
			case why != nil: // already on its way when the connection was closed
			case len(l.o.Servers) > 1 && errors.Is(reason, ErrNoSwitch):
				why, left = reason, true
				conn.Close()
			default:
				if why = l.set(State{Up: up, Server: server, Err: reason}, conn); why != nil {
					conn.Close()
				} else {
					l.o.Log.Info("T-Server link changed", "server", server, "up", up, "reason", reason)
				}
			}
		},
	})
	if why != nil {
		err = why
	}
	return time.Since(start), left, err
}

// set keeps a state and tells OnState. Only run's goroutine calls it, so that OnState
// sees the changes in order. The log tells of a state after it: who reads there that the
// link is up finds it up. A panic of OnState is reported and becomes the error: while
// there is a connection it costs that, never the process.
func (l *Link) set(s State, conn Conn) (err error) {
	l.mu.Lock()
	s.Since = l.state.Since
	if s.Up != l.state.Up {
		s.Since = time.Now()
	}
	l.state, l.conn = s, conn
	l.mu.Unlock()
	defer func() {
		if p := recover(); p != nil {
			l.o.Log.Error("a state of the link was not handled", "server", s.Server, "up", s.Up, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: its state was not handled: %v", ErrLinkDown, p)
		}
	}()
	l.o.OnState(s)
	return nil
}

// backoff returns a random time up to MinBackoff doubled round times, and never more than
// MaxBackoff.
func (o *Options) backoff(round int) time.Duration {
	ceiling := o.MinBackoff
	for ; round > 0 && ceiling < o.MaxBackoff; round-- {
		ceiling *= 2
	}
	return rand.N(min(ceiling, o.MaxBackoff)) + 1
}
