package live

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"commdn/relay/directory"
)

func (c *Client) run(ctx context.Context) {
	defer close(c.done)
	for failed := 0; ; failed++ {
		start := time.Now()
		err := c.serve(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(start) >= c.o.MaxBackoff {
			failed = 0
		}
		wait := c.o.backoff(failed)
		c.o.Log.Log(ctx, c.failures.Level("", err), "no connection to the bridge for the directory", "bridge", c.o.Address, "err", err, "retry_in", wait)
		c.connected(false, err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// backoff returns a random time up to MinBackoff doubled so many times, and never more
// than MaxBackoff.
func (o *Options) backoff(failed int) time.Duration {
	ceiling := o.MinBackoff
	for ; failed > 0 && ceiling < o.MaxBackoff; failed-- {
		ceiling *= 2
	}
	return rand.N(min(ceiling, o.MaxBackoff)) + 1
}

// serve uses one connection until it ends.
func (c *Client) serve(ctx context.Context) error {
	w, err := connect(ctx, &c.o)
	if err != nil {
		return err
	}
	defer w.close()
	c.failures.Over("")
	c.o.Log.Info("bridge connected for the directory", "bridge", c.o.Address)
	c.connected(true, nil)
	for {
		m, err := w.read()
		if err != nil {
			return err
		}
		switch m.kind {
		case kindAlive:
			c.keep()
		case kindError:
			c.o.Log.Warn("the bridge cannot read Configuration Server", "bridge", c.o.Address, "err", m.text)
			c.change(func(s *State) { s.Configuration = m.text })
		case kindDirectory:
			c.directory(m)
		}
	}
}

func (c *Client) connected(is bool, err error) {
	c.change(func(s *State) {
		if s.Connected != is {
			s.Connected, s.Since = is, time.Now()
		}
		s.Err = err
		if !is {
			s.Configuration = "" // nobody reports it any more
		}
	})
}

func (c *Client) change(how func(*State)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	how(&c.state)
}

// directory applies the bridge's directory if possible.
func (c *Client) directory(m message) {
	c.change(func(s *State) { s.Configuration, s.Received, s.Sequence = "", time.Now(), m.sequence })
	d, same, err := c.apply(m)
	if err != nil {
		c.o.Log.Error("directory of the bridge refused, the old one stays in use", "bridge", c.o.Address, "sequence", m.sequence, "err", err)
		c.change(func(s *State) { s.Refused++; s.Refusal = err })
		return
	}
	c.mu.Lock()
	c.state.Refusal = nil
	if !same {
		c.in, c.state.Counts = d, d.Counts()
		c.state.Applied++
	}
	c.mu.Unlock()
	c.log(m, d, same)
	if c.o.Cache != "" && !(same && c.cached) {
		c.unsaved, c.cached = m.data, true
		c.keep()
	}
}

// apply takes a directory over; same says that it is the one in use. A mistake in it costs
// the directory, never the process.
func (c *Client) apply(m message) (d *directory.Directory, same bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			c.o.Log.Error("a directory was not handled", "bridge", c.o.Address, "sequence", m.sequence, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("the relay failed while it took the directory over: %v", p)
		}
	}()
	if d, err = parse(source(c.o.Address), m.data); err != nil {
		return nil, false, err
	}
	old := c.Directory()
	if old != nil && d.Equal(old) {
		return d, true, nil
	}
	c.less(old, d)
	return d, false, c.o.Apply(d)
}

// keep writes what is not on disk yet. A disk that is full now may have room at the
// bridge's next sign of life.
func (c *Client) keep() {
	if c.unsaved == nil {
		return
	}
	err := save(c.o.Cache, c.unsaved)
	if err == nil {
		c.unsaved = nil
		c.failures.Over(c.o.Cache)
	} else if c.failures.Level(c.o.Cache, err) > slog.LevelDebug {
		c.o.Log.Error("the directory cannot be kept on disk: a relay could not start without the bridge", "err", err)
	}
	c.change(func(s *State) { s.CacheErr = err })
}

// less warns about kinds that have lost all their objects.
func (c *Client) less(old, d *directory.Directory) {
	if old == nil {
		return
	}
	before := old.Counts()
	for i, n := range d.Counts() {
		if n.N == 0 && before[i].N > 0 {
			c.o.Log.Warn("the directory has none of a kind any more; may the bridge's account still read them?",
				"bridge", c.o.Address, "kind", n.Kind, "before", before[i].N)
		}
	}
}

func (c *Client) log(m message, d *directory.Directory, same bool) {
	attributes := []any{"bridge", c.o.Address, "sequence", m.sequence, "bytes", len(m.data)}
	for _, n := range d.Counts() {
		attributes = append(attributes, n.Kind, n.N)
	}
	if same {
		c.o.Log.Info("directory of the bridge is the one in use", attributes...)
		return
	}
	c.o.Log.Info("directory of the bridge taken over", attributes...)
}
