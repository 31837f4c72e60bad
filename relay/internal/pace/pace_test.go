package pace

import (
	"testing"
	"time"
)

// A pause follows a slice of work, for everybody; who comes after a rest need not
// wait.
func TestPauses(t *testing.T) {
	t.Parallel()
	var p Pacer
	start := time.Now()
	for _, c := range []struct {
		after, want time.Duration
		why         string
	}{
		{0, 0, "the first"},
		{slice - 1, 0, "within the slice"},
		{slice, pause, "the slice is over"},
		{slice + pause/4, pause - pause/4, "another one in the pause"},
		{slice + pause, 0, "the next slice"},
		{2*slice + pause - 1, 0, "within the next slice"},
		{2*slice + pause, pause, "the next slice is over"},
		{3*slice + 3*pause, 0, "after a rest"},
		{4*slice + 3*pause, pause, "the slice that began after the rest is over"},
	} {
		if got := p.wait(start.Add(c.after)); got != c.want {
			t.Errorf("%s: waits for %s, want %s", c.why, got, c.want)
		}
	}
}

// A pacer may have slices of its own.
func TestSlice(t *testing.T) {
	t.Parallel()
	p := Pacer{Slice: 5 * slice}
	start := time.Now()
	p.wait(start)
	if got := p.wait(start.Add(5*slice - 1)); got != 0 {
		t.Errorf("waits for %s within its slice", got)
	}
	if got := p.wait(start.Add(5 * slice)); got != pause {
		t.Errorf("waits for %s after its slice, want %s", got, pause)
	}
}
