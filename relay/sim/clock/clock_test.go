package clock_test

import (
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"commdn/relay/internal/leak"
	"commdn/relay/sim/clock"
)

func TestMain(m *testing.M) { leak.Main(m) }

var midnight = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)

// patience bounds every wait; none is expected to last that long.
const patience = 30 * time.Second

// heard gives the next value of a channel.
func heard[T any](t *testing.T, from <-chan T) (value T) {
	t.Helper()
	select {
	case value = <-from:
	case <-time.After(patience):
		t.Fatal("nothing happens")
	}
	return value
}

// shows says what the clock shows, as seconds and parts of them since midnight.
func shows(c *clock.Clock) string { return c.Now().Sub(midnight).String() }

func TestStandingStill(t *testing.T) {
	c := clock.New(midnight, 0)
	var got []string
	note := func(what string) func() {
		return func() { got = append(got, shows(c)+" "+what) }
	}
	c.AfterFunc(3*time.Second, note("third"))
	c.AfterFunc(time.Second, func() {
		note("first")()
		c.AfterFunc(time.Second, note("second, made by the first"))
		c.AfterFunc(time.Hour, note("too late"))
	})
	c.AfterFunc(3*time.Second, note("third too, made later"))
	stop := c.AfterFunc(2*time.Second, note("stopped"))
	stop()
	stop()
	c.AfterFunc(-time.Second, note("at once"))
	var stopLater func()
	c.AfterFunc(time.Second, func() { stopLater() })
	stopLater = c.AfterFunc(4*time.Second, note("stopped on the way"))
	if len(got) != 0 {
		t.Errorf("without Advance: %q", got)
	}
	c.Advance(10 * time.Second)
	want := []string{"0s at once", "1s first", "2s second, made by the first", "3s third", "3s third too, made later"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := shows(c); got != "10s" || c.Speed() != 0 {
		t.Errorf("shows %s at speed %v", got, c.Speed())
	}
	c.Advance(0)
	if got := shows(c); got != "10s" {
		t.Errorf("Advance(0): %s", got)
	}
}

// An alarm that is made while the clock is moved is rung on the way if it is due
// by the end, however many there are.
func TestAlarmsThatMakeAlarms(t *testing.T) {
	c := clock.New(midnight, 0)
	var n int
	var again func()
	again = func() {
		n++
		c.AfterFunc(time.Second, again)
	}
	again()
	c.Advance(time.Hour)
	if n != 3601 {
		t.Errorf("%d times in an hour", n)
	}
}

// A clock that goes is as fast as it is told, no alarm is early, and one that is
// stopped does not ring.
func TestSpeeds(t *testing.T) {
	for _, speed := range []float64{0.5, 1, 60, clock.MaxSpeed} {
		t.Run(strconv.FormatFloat(speed, 'g', -1, 64), func(t *testing.T) {
			began := time.Now()
			c := clock.New(midnight, speed)
			rang := make(chan time.Duration, 1)
			d := time.Duration(20 * float64(time.Millisecond) * speed)
			c.AfterFunc(d/2, func() { t.Error("a stopped alarm rings") })() // stopped at once
			c.AfterFunc(d, func() { rang <- c.Now().Sub(midnight) })
			if at := heard(t, rang); at < d {
				t.Errorf("an alarm for %s rings at %s", d, at)
			}
			if passed := time.Since(began); passed < 20*time.Millisecond {
				t.Errorf("it took %s only", passed)
			}
			// The clock has begun after began, and so has not shown more.
			if shown, most := c.Now().Sub(midnight), time.Duration(float64(time.Since(began))*speed); shown > most {
				t.Errorf("it shows %s, where %s are possible", shown, most)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	for speed, want := range map[float64]float64{-1: 0, 0: 0, 2: 2, clock.MaxSpeed + 1: clock.MaxSpeed} {
		if got := clock.New(midnight, speed).Speed(); got != want {
			t.Errorf("New: speed %v is taken as %v, want %v", speed, got, want)
		}
		c := clock.New(midnight, 1)
		c.SetSpeed(speed)
		if got := c.Speed(); got != want {
			t.Errorf("SetSpeed: speed %v is taken as %v, want %v", speed, got, want)
		}
		c.Reset(midnight, speed)
		if got := c.Speed(); got != want {
			t.Errorf("Reset: speed %v is taken as %v, want %v", speed, got, want)
		}
	}
	before := time.Now()
	c := clock.New(time.Time{}, 0)
	if now := c.Now(); now.Before(before) || now.After(time.Now()) {
		t.Errorf("without a start it shows %s", now)
	}
}

// Alarms that wait go with the new speed.
func TestSetSpeed(t *testing.T) {
	c := clock.New(midnight, 0)
	rang := make(chan time.Duration, 1)
	c.AfterFunc(100*time.Second, func() { rang <- c.Now().Sub(midnight) })
	c.SetSpeed(1)
	before := c.Now()
	c.SetSpeed(clock.MaxSpeed)
	if now := c.Now(); now.Before(before) {
		t.Errorf("it goes back, from %s to %s", before, now)
	}
	if at := heard(t, rang); at < 100*time.Second {
		t.Errorf("rings at %s", at)
	}
	c.AfterFunc(time.Hour, func() { rang <- c.Now().Sub(midnight) })
	c.SetSpeed(0)
	still := c.Now()
	if got := c.Now(); got != still {
		t.Errorf("at speed 0 it shows %s, then %s", still, got)
	}
	c.Advance(time.Hour)
	if at := heard(t, rang); at < time.Hour {
		t.Errorf("rings at %s", at)
	}
}

// A clock that goes can be moved as well: what is due on the way is done when
// Advance returns, at its own time, and the rest comes by itself.
func TestAdvanceWhileRunning(t *testing.T) {
	c := clock.New(midnight, 1)
	began := c.Now()
	var on []time.Time
	c.AfterFunc(time.Hour, func() { on = append(on, c.Now()) })
	c.AfterFunc(2*time.Hour, func() { on = append(on, c.Now()) })
	later := make(chan time.Time, 1)
	c.AfterFunc(3*time.Hour+50*time.Millisecond, func() { later <- c.Now() })
	c.Advance(3 * time.Hour)
	if now := c.Now(); now.Before(began.Add(3 * time.Hour)) {
		t.Errorf("it shows %s after 3 hours from %s", now, began)
	}
	if len(on) != 2 || on[1].Sub(on[0]) < time.Hour || on[0].Before(began.Add(time.Hour)) || on[1].After(c.Now()) {
		t.Errorf("rang at %v", on)
	}
	if at := heard(t, later); at.Before(began.Add(3*time.Hour + 50*time.Millisecond)) {
		t.Errorf("the rest rings at %s", at)
	}
}

// SetSpeed during an Advance counts when that is over.
func TestSetSpeedDuringAdvance(t *testing.T) {
	c := clock.New(midnight, 0)
	rang := make(chan time.Duration, 1)
	c.AfterFunc(time.Minute, func() {
		c.SetSpeed(clock.MaxSpeed)
		if got := shows(c); got != "1m0s" {
			t.Errorf("during the Advance it shows %s", got)
		}
	})
	c.AfterFunc(2*time.Hour, func() { rang <- c.Now().Sub(midnight) })
	c.Advance(time.Hour)
	if at := heard(t, rang); at < 2*time.Hour {
		t.Errorf("rings at %s", at)
	}
}

// Reset shows the start again; alarms keep their times.
func TestReset(t *testing.T) {
	c := clock.New(midnight, 0)
	var rang int
	c.Advance(time.Hour)
	c.AfterFunc(time.Minute, func() { rang++ }) // at 1:01
	c.Reset(midnight, 0)
	if got := shows(c); got != "0s" {
		t.Errorf("shows %s", got)
	}
	c.Advance(time.Hour)
	if rang != 0 {
		t.Error("the alarm rings early")
	}
	c.Advance(time.Minute)
	if rang != 1 {
		t.Errorf("the alarm has rung %d times", rang)
	}
	done := make(chan time.Time, 1)
	c.AfterFunc(time.Hour, func() { done <- c.Now() }) // at 2:01
	c.Reset(midnight.Add(2*time.Hour), clock.MaxSpeed)
	if at := heard(t, done); at.Before(midnight.Add(2*time.Hour + time.Minute)) {
		t.Errorf("rings at %s", at)
	}
	before := time.Now()
	c.Reset(time.Time{}, 0)
	if now := c.Now(); now.Before(before) || now.After(time.Now()) {
		t.Errorf("without a start it shows %s", now)
	}
}

// Everything at once: each alarm that is not stopped rings, once and not early, and the
// clock never goes back.
func TestConcurrency(t *testing.T) {
	c := clock.New(midnight, clock.MaxSpeed)
	const alarms = 200
	var all sync.WaitGroup
	rings := make(chan int, 4*alarms)
	for g := range 4 {
		all.Go(func() {
			for i := range alarms {
				d := time.Duration(i%50) * time.Second
				due := c.Now().Add(d)
				stop := c.AfterFunc(d, func() {
					if now := c.Now(); now.Before(due) {
						t.Errorf("an alarm for %s rings at %s", due, now)
					}
					rings <- g*alarms + i
				})
				if i%10 == 0 {
					stop()
				}
			}
		})
	}
	all.Go(func() {
		before := c.Now()
		for i := range 200 {
			c.SetSpeed(float64(i % 3 * 1000))
			now := c.Now()
			if now.Before(before) {
				t.Errorf("it goes back, from %s to %s", before, now)
			}
			before = now
		}
	})
	all.Go(func() {
		for range 50 {
			c.Advance(time.Second)
		}
	})
	all.Wait()
	c.SetSpeed(0)
	c.Advance(time.Hour)
	seen := make(map[int]bool)
	for left := 4 * alarms * 9 / 10; left > 0; {
		n := heard(t, rings)
		if seen[n] {
			t.Fatalf("alarm %d rings twice", n)
		}
		seen[n] = true
		if n%alarms%10 != 0 { // one that was stopped may have rung before
			left--
		}
	}
}
