// Package live keeps the directory as Configuration Server has it: a bridge
// pushes it over a connection that the relay keeps open. The last good one stays
// on disk, so that a relay can start without its bridge. README.md describes
// what goes over the connection.
package live

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"sync"
	"time"

	"commdn/relay/directory"
	"commdn/relay/internal/changes"
)

// Times of Options that are zero.
const (
	DefaultSilence    = 30 * time.Second
	DefaultMinBackoff = 250 * time.Millisecond
	DefaultMaxBackoff = 30 * time.Second
)

// Options say where the directory comes from and where it goes.
type Options struct {
	Address string      // of the bridge: HOST:PORT, or unix:/path
	TLS     *tls.Config // for HOST:PORT; nil: none
	Cache   string      // file that keeps the last good directory; empty: none

	// Have is the directory in use when Open is called, for one that First gave;
	// nil: none.
	Have *directory.Directory
	// Apply takes over a directory that holds other objects than the one in use.
	// An error refuses it: the one in use stays so, and on disk. One goroutine
	// calls it, which also reads from the bridge; it must not call Close.
	Apply func(*directory.Directory) error

	Log *slog.Logger // nil: no log

	// Silence is how long nothing may come from the bridge, which gives a sign of
	// life every 10 s. Zero means DefaultSilence.
	Silence time.Duration
	// Before an attempt to connect the client waits for a random part of a time
	// that doubles from MinBackoff to MaxBackoff. Zero means the default.
	MinBackoff, MaxBackoff time.Duration
}

func (o *Options) complete() error {
	if o.Address == "" {
		return errors.New("live: option Address is empty; give that of a bridge")
	}
	if o.Silence <= 0 {
		o.Silence = DefaultSilence
	}
	if o.MinBackoff <= 0 {
		o.MinBackoff = DefaultMinBackoff
	}
	if o.MaxBackoff <= 0 {
		o.MaxBackoff = max(DefaultMaxBackoff, o.MinBackoff)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// State is what is known of bridge and directory: for status, and for metrics,
// which read it when they are asked for.
type State struct {
	Connected bool
	Since     time.Time // when Connected last changed
	Err       error     // why it is not connected; nil while it is, and before the first attempt ended

	// Configuration is what the bridge says is wrong with Configuration Server;
	// empty: nothing.
	Configuration string

	Received time.Time         // when the bridge last sent a directory; zero: never
	Sequence uint64            // the bridge's number for that one
	Counts   []directory.Count // of the directory in use; nil: there is none
	Applied  uint64            // directories that Apply has taken over
	Refused  uint64            // directories that could not be read, or that Apply refused
	Refusal  error             // why the last directory was refused; nil: it was not
	CacheErr error             // why Cache could not be written; nil: it could
}

// Client keeps a connection to a bridge, for ever until Close. Its methods may
// be called by several goroutines.
type Client struct {
	failures changes.Failures // to connect
	o        Options
	cancel   context.CancelFunc
	done     chan struct{}

	mu     sync.Mutex
	state  State
	in     *directory.Directory // in use
	cached bool                 // what Cache holds came over this client; its goroutine's alone
}

// Open makes a Client, which connects in the background, and returns at once.
func Open(o Options) (*Client, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if o.Apply == nil {
		return nil, errors.New("live: option Apply is missing")
	}
	c := &Client{o: o, done: make(chan struct{}), in: o.Have, state: State{Since: time.Now()}}
	if c.in != nil {
		c.state.Counts = c.in.Counts()
	}
	var ctx context.Context
	ctx, c.cancel = context.WithCancel(context.Background())
	go c.run(ctx)
	return c, nil
}

// Directory gives the one in use; nil: there is none yet.
func (c *Client) Directory() *directory.Directory {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.in
}

// State gives the present state.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Close ends the connection, and returns when Apply will not be called any
// more. It may be called more than once.
func (c *Client) Close() {
	c.cancel()
	<-c.done
}
