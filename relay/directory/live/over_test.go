package live

import (
	"context"
	"testing"
	"time"
)

// TestOver: the error of a dial that ran into the deadline does not hide the reason of
// the attempts before, not even in the moment before ctx notices its end.
func TestOver(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name string
		ctx  context.Context
		want bool
	}{
		{"no deadline", t.Context(), false},
		{"ended", ended, true},
		{"deadline to come", late{t.Context(), time.Now().Add(time.Hour)}, false},
		{"deadline past, not noticed yet", late{t.Context(), time.Now()}, true},
	} {
		if got := over(test.ctx); got != test.want {
			t.Errorf("%s: %t", test.name, got)
		}
	}
}

// late is a context whose timer has not fired.
type late struct {
	context.Context
	by time.Time
}

func (l late) Deadline() (time.Time, bool) { return l.by, true }
