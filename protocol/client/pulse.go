package client

import (
	"sync"
	"time"
)

// Times of a pulse.
const (
	pulseAfter = 3 * time.Second // without any frame after a request
	pulseLimit = 5 * time.Second // without any frame after the ping, besides what the relay's interval gives
)

// pulse asks a connection for a sign of life when a request has had none for pulseAfter:
// a network that died tells nobody, and the interval of pings is many times longer.
type pulse struct {
	client *Client
	ping   chan struct{} // write a ping now
	silent func()        // the ping had no answer either

	mu       sync.Mutex
	ended    bool
	timer    *time.Timer // since the first request after the last frame; nil: there was none
	checking bool
}

func newPulse(c *Client, silent func()) *pulse {
	return &pulse{client: c, ping: make(chan struct{}, 1), silent: silent}
}

// asked notes that a request went out.
func (p *pulse) asked() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer == nil && !p.ended {
		p.timer = time.AfterFunc(pulseAfter, p.check)
	}
}

// check pings, tells of it, and waits for a sign of life.
func (p *pulse) check() {
	p.mu.Lock()
	if p.timer == nil || p.ended {
		p.mu.Unlock()
		return
	}
	p.checking = true
	p.timer = time.AfterFunc(pulseLimit, p.silent)
	p.mu.Unlock()
	nudge(p.ping)
	p.tell()
}

// heard notes a frame of any kind.
func (p *pulse) heard() {
	p.mu.Lock()
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	was := p.checking
	p.checking = false
	p.mu.Unlock()
	if was {
		p.tell()
	}
}

// end stops the pulse with its connection.
func (p *pulse) end() {
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	p.heard()
}

// tell tells whether the connection is being checked.
func (p *pulse) tell() {
	p.client.setStatus(func(s *Status) {
		p.mu.Lock()
		defer p.mu.Unlock()
		s.Checking = p.checking
	})
}
