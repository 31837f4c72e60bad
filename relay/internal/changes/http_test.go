package changes

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestHTTPLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := HTTPLog(slog.New(slog.NewTextHandler(&out, nil)))
		accept := "http: Accept error: accept4: too many open files; retrying in "
		for _, x := range []struct {
			text  string
			warns bool
		}{
			{accept + "5ms", true}, {accept + "1s", false}, {"http: panic serving", true}, {accept + "1s", true}, {accept + "1s", false},
		} {
			before := strings.Count(out.String(), "level=WARN")
			l.Print(x.text)
			if warned := strings.Count(out.String(), "level=WARN") > before; warned != x.warns {
				t.Errorf("%s: a warning %v, want %v", x.text, warned, x.warns)
			}
		}
		before := strings.Count(out.String(), "level=WARN")
		for range 120 { // two minutes of attempts
			time.Sleep(time.Second)
			l.Print(accept + "1s")
		}
		if n := strings.Count(out.String(), "level=WARN") - before; n != 2 {
			t.Errorf("%d warnings in two minutes", n)
		}
	})
}
