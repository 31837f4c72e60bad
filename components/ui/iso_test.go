package ui

import (
	"testing"
	"time"
)

func TestISO(t *testing.T) {
	at := time.Date(2026, 11, 22, 17, 4, 5, 0, time.FixedZone("", 3600))
	for _, c := range []struct{ got, want string }{
		{ISO(at), "2026-11-22T16:04:05.000Z"},
		{ISO(at.Add(120*time.Millisecond + 345*time.Microsecond)), "2026-11-22T16:04:05.120Z"},
		{ISO(time.Time{}), ""},
		{ISOSeconds(at.Unix()), "2026-11-22T16:04:05.000Z"},
		{ISOSeconds(0), ""},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
