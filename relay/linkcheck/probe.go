package linkcheck

import (
	"context"
	"fmt"
	"sync"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
)

// attempt is what came of a connection to a server.
type attempt struct {
	server string
	err    error // nil: the CommDN is registered
}

// probe is a driver that keeps what comes of each attempt, with the errors of
// the driver that it uses.
type probe struct {
	tserver.Driver
	passed *passed
	within time.Duration // for Open
	round  int           // servers

	mu      sync.Mutex
	tried   []attempt
	settled chan struct{} // closed when the link is up, or every server has been tried
	once    sync.Once
	up      bool
}

func newProbe(d tserver.Driver, o *passed, within time.Duration, servers int) *probe {
	return &probe{Driver: d, passed: o, within: within, round: servers, settled: make(chan struct{})}
}

// Open is that of tserver.Driver.
func (p *probe) Open(ctx context.Context, o tserver.ConnOptions) (tserver.Conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.within, fmt.Errorf("nothing more within %s: %w", p.within, context.DeadlineExceeded))
	defer cancel()
	conn, err := p.Driver.Open(ctx, o)
	p.mu.Lock()
	all := len(p.tried) >= p.round
	if !all {
		p.tried = append(p.tried, attempt{o.Server, err})
		all = len(p.tried) == p.round
	}
	p.mu.Unlock()
	if err != nil {
		if all {
			p.once.Do(func() { close(p.settled) })
		}
		return nil, err
	}
	return &probed{conn, p}, nil
}

// state takes in that the link is up, or not.
func (p *probe) state(up bool) {
	p.mu.Lock()
	p.up = up
	p.mu.Unlock()
	if up {
		p.once.Do(func() { close(p.settled) })
	}
}

// wait says whether the link came up before every server had been tried.
func (p *probe) wait(ctx context.Context) bool {
	select {
	case <-p.settled:
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.up
}

func (p *probe) attempts() []attempt {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]attempt(nil), p.tried...)
}

// probed is a connection of a probe.
type probed struct {
	tserver.Conn
	p *probe
}

// Run is that of tserver.Conn.
func (c *probed) Run(h tserver.Handler) error {
	come := h.UserEvent
	h.UserEvent = func(l tkvlist.List) {
		c.p.passed.observer.userEvent(l)
		come(l)
	}
	told := h.Link
	h.Link = func(up bool, reason error) {
		if !up {
			c.p.passed.losing(reason)
		}
		told(up, reason)
	}
	complained := h.Error
	h.Error = func(e *tserver.Error) {
		c.p.passed.complaining(e)
		if complained != nil {
			complained(e)
		}
	}
	err := c.Conn.Run(h)
	c.p.passed.losing(err)
	return err
}

// SendUserEvent is that of tserver.Conn.
func (c *probed) SendUserEvent(ctx context.Context, userData tkvlist.List) error {
	err := c.Conn.SendUserEvent(ctx, userData)
	if err == nil {
		c.p.passed.taken()
	}
	return err
}
