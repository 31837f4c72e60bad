package main

import (
	"context"
	"sync"
	"time"
)

// pace is how fast a job asks. A relay that limits requests says only that there were
// too many, so a job slows down when it hears that, and tries a little faster from then on.
type pace struct {
	turn chan struct{} // of capacity 1: holds who waits for the next request

	mu      sync.Mutex
	gap     time.Duration // between two requests; 0: as fast as they are answered
	last    time.Time     // when the last one went out
	changed time.Time     // when gap grew last
}

const (
	firstGap   = 5 * time.Millisecond // after the first refusal
	longestGap = time.Second
	slowDown   = 1.4  // times the gap, at a refusal
	speedUp    = 0.99 // likewise, at an answer
	paceSettle = 250 * time.Millisecond
)

func newPace() *pace { return &pace{turn: make(chan struct{}, 1)} }

// wait blocks until the next request may go out, or ctx ends.
func (p *pace) wait(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	p.mu.Lock()
	due := p.last.Add(p.gap)
	p.mu.Unlock()
	if wait := time.Until(due); wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p.mu.Lock()
	p.last = time.Now()
	p.mu.Unlock()
	return nil
}

// refused says that the relay had too many requests. Those that were under way when the
// pace changed count once.
func (p *pace) refused() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); now.Sub(p.changed) >= paceSettle {
		p.gap, p.changed = min(longestGap, max(firstGap, time.Duration(float64(p.gap)*slowDown))), now
	}
}

// answered says that the relay took one.
func (p *pace) answered() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gap = time.Duration(float64(p.gap) * speedUp)
}
