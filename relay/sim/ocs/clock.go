package ocs

import (
	"sync"
	"time"
)

// Clock is the time that an OCS lives in: dialing, unloading, sequences, delays
// and the times of Do Not Call entries go by it.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f once when d has passed, from a goroutine of the clock's
	// choice, which f does not hold up. stop prevents a call that has not begun
	// and may be called more than once.
	AfterFunc(d time.Duration, f func()) (stop func())
}

// realClock is the machine's time.
type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) AfterFunc(d time.Duration, f func()) (stop func()) {
	timer := time.AfterFunc(d, f)
	return func() { timer.Stop() }
}

// VirtualClock is a Clock that stands still but for Advance, so that hours of
// dialing take milliseconds and come out the same every time. Several OCS may
// share one. Its methods may be called by several goroutines.
type VirtualClock struct {
	advancing sync.Mutex // held over a whole Advance

	mu     sync.Mutex
	now    time.Time
	alarms []*alarm // in the order in which they were made
}

type alarm struct {
	due time.Time
	f   func()
}

// NewVirtualClock makes a clock that shows now.
func NewVirtualClock(now time.Time) *VirtualClock { return &VirtualClock{now: now} }

// Now gives the time that the clock shows.
func (c *VirtualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc calls f from within the Advance that reaches its time; for a d of 0
// or less that is the next one.
func (c *VirtualClock) AfterFunc(d time.Duration, f func()) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := &alarm{c.now.Add(max(d, 0)), f}
	c.alarms = append(c.alarms, a)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.remove(a)
	}
}

// Advance moves the time on by d, which is not negative. All that falls due on
// the way, and what comes of it in that time, has been done when it returns: in
// the order of time, each with the clock showing its own. A function that
// AfterFunc calls must not call Advance.
func (c *VirtualClock) Advance(d time.Duration) {
	c.advancing.Lock()
	defer c.advancing.Unlock()
	end := c.Now().Add(d)
	for {
		f := c.next(end)
		if f == nil {
			return
		}
		f()
	}
}

// next takes out the first alarm that is due until end and moves the time to
// it, or to end where there is none.
func (c *VirtualClock) next(end time.Time) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	var first *alarm
	for _, a := range c.alarms {
		if !a.due.After(end) && (first == nil || a.due.Before(first.due)) {
			first = a
		}
	}
	if first == nil {
		c.now = end
		return nil
	}
	c.now = first.due
	c.remove(first)
	return first.f
}

// remove is called with c.mu held.
func (c *VirtualClock) remove(gone *alarm) {
	for i, a := range c.alarms {
		if a == gone {
			c.alarms = append(c.alarms[:i], c.alarms[i+1:]...)
			return
		}
	}
}
