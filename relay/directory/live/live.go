// Package live keeps the directory current: a bridge pushes what Configuration Server has
// over a connection that the relay keeps open. The last good directory stays on disk, so
// that a relay can start without its bridge. README.md describes the protocol.
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

// Defaults of zero times in Options.
const (
	DefaultSilence    = 30 * time.Second
	DefaultMinBackoff = 250 * time.Millisecond
	DefaultMaxBackoff = 30 * time.Second
)

// Options configure a Client.
type Options struct {
	Address string      // of the bridge: HOST:PORT, or unix:/path
	TLS     *tls.Config // for HOST:PORT; nil: none
	Cache   string      // file that keeps the last good directory; empty: none

	// Unusable says why a relay would not start with a directory; nil: it would. First
	// takes such a one of the bridge only if the one on disk is no better.
	Unusable func(*directory.Directory) error

	// Have is the directory in use when Open is called, such as that of First; nil: none.
	Have *directory.Directory
	// Apply switches to a directory with other objects than the one in use. An error
	// refuses it: the old one stays in use, and on disk. Apply runs in the goroutine that
	// also reads from the bridge; it must not call Close.
	Apply func(*directory.Directory) error

	Log *slog.Logger // nil: no log

	// Silence is how long the bridge may send nothing. It gives a sign of life every 10
	// s. Zero means DefaultSilence.
	Silence time.Duration
	// Before each attempt the client waits for a random part of a time that doubles from
	// MinBackoff to MaxBackoff. Zero means the default.
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
	if o.Unusable == nil {
		o.Unusable = func(*directory.Directory) error { return nil }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// State is the state of bridge and directory, for status and for metrics, which read it
// on each scrape.
type State struct {
	Connected bool
	Since     time.Time // when Connected last changed
	Err       error     // why it is not connected; nil while connected, and during the first attempt

	// Configuration is the bridge's report of what is wrong with Configuration Server;
	// empty: nothing.
	Configuration string

	Received time.Time         // when the bridge last sent a directory; zero: never
	Sequence uint64            // the bridge's number for that one
	Counts   []directory.Count // of the directory in use; nil: none
	Applied  uint64            // directories that Apply accepted
	Refused  uint64            // directories that were malformed, or that Apply refused
	Refusal  error             // why the last directory was refused; nil: accepted
	CacheErr error             // why writing Cache failed; nil: it did not
}

// Client keeps a connection to a bridge until Close. Its methods are safe for concurrent
// use.
type Client struct {
	failures changes.Failures // to connect
	o        Options
	cancel   context.CancelFunc
	done     chan struct{}

	mu    sync.Mutex
	state State
	in    *directory.Directory // in use

	// Only the client's goroutine uses these.
	cached  bool   // the content of Cache, or of unsaved, came through this client
	unsaved []byte // the directory in use, as long as it could not be written; nil: it is in Cache
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

// Directory returns the one in use; nil: none yet.
func (c *Client) Directory() *directory.Directory {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.in
}

// State returns the current state.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Close ends the connection. After it returns nothing calls Apply. It may be called more
// than once.
func (c *Client) Close() {
	c.cancel()
	<-c.done
}
