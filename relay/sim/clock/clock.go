// Package clock is the time of a simulation. It runs at the speed of the machine's
// time, faster, slower, or only on request, so that a day of dialing takes
// milliseconds and is the same every time.
package clock

import (
	"slices"
	"sync"
	"time"
)

// MaxSpeed bounds the speed of a clock.
const MaxSpeed = 10_000

// The clock waits for this much of the machine's time at most, and multiplies no
// more with the speed: the product would overflow.
const renew = time.Hour

// Clock is a clock that several simulated servers share. Its methods may be
// called by several goroutines.
type Clock struct {
	advancing sync.Mutex // held over a whole Advance

	mu     sync.Mutex
	speed  float64
	shown  time.Time // at mark
	mark   time.Time // machine's time
	held   bool      // Advance moves the clock by itself
	alarms []*alarm  // in the order in which they were made
}

type alarm struct {
	due   time.Time
	f     func()
	timer *time.Timer // nil while the clock stands still or is held
}

// New makes a clock that shows start, or the machine's time for a zero start,
// and goes speed times as fast as the machine's: 1 is as fast, 0 stands still.
// A speed out of 0 to MaxSpeed is taken as the bound.
func New(start time.Time, speed float64) *Clock {
	now := time.Now()
	if start.IsZero() {
		start = now
	}
	return &Clock{shown: start, mark: now, speed: bounded(speed)}
}

func bounded(speed float64) float64 { return min(max(speed, 0), MaxSpeed) }

// Now gives the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if c.held || c.speed == 0 {
		return c.shown
	}
	passed := time.Since(c.mark)
	for ; passed > renew; passed -= renew {
		c.shown, c.mark = c.shown.Add(c.times(renew)), c.mark.Add(renew)
	}
	return c.shown.Add(c.times(passed))
}

// times gives what the clock makes of a time that passed, at most renew.
func (c *Clock) times(passed time.Duration) time.Duration {
	return time.Duration(float64(passed) * c.speed)
}

// Speed gives how many times as fast as the machine's time the clock goes.
func (c *Clock) Speed() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.speed
}

// SetSpeed changes the speed from now on, bounded as in New.
func (c *Clock) SetSpeed(speed float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown, c.mark = c.now(), time.Now()
	c.disarm()
	c.speed = bounded(speed)
	c.arm(c.alarms...)
}

// Reset makes the clock show start and go at speed, as New does. Alarms keep
// their times.
func (c *Clock) Reset(start time.Time, speed float64) {
	c.advancing.Lock()
	defer c.advancing.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mark = time.Now()
	if start.IsZero() {
		start = c.mark
	}
	c.disarm()
	c.shown, c.speed = start, bounded(speed)
	c.arm(c.alarms...)
}

// AfterFunc calls f once when d has passed on the clock, from a goroutine of
// its own or from within Advance, where the clock shows the time of the call.
// stop prevents a call that has not begun and may be called more than once.
func (c *Clock) AfterFunc(d time.Duration, f func()) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := &alarm{due: c.now().Add(max(d, 0)), f: f}
	c.alarms = append(c.alarms, a)
	c.arm(a)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.remove(a)
	}
}

// Advance moves the clock on by d, which is not negative. When it returns, all
// that fell due in that time was done, with what came of it: in the order of time,
// each call with its own time on the clock. A function that AfterFunc calls must
// not call Advance.
func (c *Clock) Advance(d time.Duration) {
	c.advancing.Lock()
	defer c.advancing.Unlock()
	c.mu.Lock()
	c.shown, c.held = c.now(), true
	end := c.shown.Add(d)
	c.disarm()
	c.mu.Unlock()
	for {
		f := c.next(end)
		if f == nil {
			return
		}
		f()
	}
}

// next removes the first alarm that is due by end and moves the clock to it.
// Without such an alarm it moves the clock to end and lets it run again.
func (c *Clock) next(end time.Time) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	var first *alarm
	for _, a := range c.alarms {
		if !a.due.After(end) && (first == nil || a.due.Before(first.due)) {
			first = a
		}
	}
	if first == nil {
		c.shown, c.mark, c.held = end, time.Now(), false
		c.arm(c.alarms...)
		return nil
	}
	if first.due.After(c.shown) {
		c.shown = first.due
	}
	c.remove(first)
	return first.f
}

// The methods below are called with c.mu held.

// arm sets the timers of alarms if the clock goes by itself.
func (c *Clock) arm(alarms ...*alarm) {
	if c.held || c.speed == 0 {
		return
	}
	now := c.now()
	for _, a := range alarms {
		// A little late rather than early: the clock must show the time by then.
		wait := min(float64(a.due.Sub(now))/c.speed, float64(renew))
		a.timer = time.AfterFunc(time.Duration(wait)+time.Microsecond, func() { c.ring(a) })
	}
}

func (c *Clock) disarm() {
	for _, a := range c.alarms {
		if a.timer != nil {
			a.timer.Stop()
			a.timer = nil
		}
	}
}

// remove says whether the alarm was still there.
func (c *Clock) remove(gone *alarm) bool {
	i := slices.Index(c.alarms, gone)
	if i < 0 {
		return false
	}
	if gone.timer != nil {
		gone.timer.Stop()
	}
	c.alarms = slices.Delete(c.alarms, i, i+1)
	return true
}

// ring is what a timer calls, without c.mu. The timer may have been set again in
// the meantime.
func (c *Clock) ring(a *alarm) {
	c.mu.Lock()
	mine := a.timer != nil
	if mine && c.now().Before(a.due) {
		a.timer.Stop()
		c.arm(a)
		mine = false
	}
	mine = mine && c.remove(a)
	c.mu.Unlock()
	if mine {
		a.f()
	}
}
