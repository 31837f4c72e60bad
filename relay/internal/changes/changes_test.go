package changes

import (
	"errors"
	"log/slog"
	"testing"
)

func TestFailures(t *testing.T) {
	var f Failures
	const warn, debug = slog.LevelWarn, slog.LevelDebug
	for i, x := range []struct {
		what, err string
		want      slog.Level
	}{
		{"a", "refused", warn}, {"a", "refused", debug}, {"b", "refused", warn}, {"a", "refused", debug},
		{"a", "timeout", warn}, {"a", "timeout", debug}, {"a", "refused", warn},
		{"a", "read tcp 127.0.0.1:53412->127.0.0.1:7000: reset", warn}, {"a", "read tcp 127.0.0.1:53414->127.0.0.1:7000: reset", debug},
		{"a", "read tcp [::1]:53412->[::1]:7000: reset", warn}, {"a", "read tcp [::1]:1->[::1]:7000: reset", debug}, {"a", "read tcp [::1]:1->[::1]:7001: reset", warn},
		{"b", "refused", debug}, {"b", "", debug}, {"b", "refused", warn}, {"a", "", debug},
	} {
		if x.err == "" {
			f.Over(x.what)
		} else if got := f.Level(x.what, errors.New(x.err)); got != x.want {
			t.Errorf("%d: %s, want %s", i, got, x.want)
		}
	}
}
