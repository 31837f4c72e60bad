package langtest

import (
	"testing"
	"time"

	"commdn/components/lang"
)

var _ lang.Intl = Plain{}

func TestPlain(t *testing.T) {
	zone := time.FixedZone("UTC+2", 2*3600)
	p, twelve := Plain{In: zone}, Plain{In: zone, Twelve: true}
	at := time.Date(2026, 3, 4, 22, 5, 9, 0, time.UTC)
	for _, c := range [][2]string{
		{p.Clock(at), "00:05:09"}, {p.Moment(at), "2026-03-05 00:05"}, {p.Field(at), "2026-03-05T00:05"}, {p.Zone(), "UTC+2"},
		{p.Minute(at), "00:05"}, {twelve.Clock(at), "12:05:09 AM"}, {twelve.Minute(at), "12:05 AM"}, {twelve.Moment(at), "2026-03-05 12:05 AM"},
		{p.Number(1234567), "1234567"}, {p.Plural(1), "one"}, {p.Plural(0), "other"},
	} {
		if c[0] != c[1] {
			t.Errorf("%q, want %q", c[0], c[1])
		}
	}
	if back, ok := p.ParseField(p.Field(at)); !ok || !back.Equal(at.Truncate(time.Minute)) {
		t.Errorf("reads %v %v", back, ok)
	}
	if _, ok := p.ParseField("tomorrow"); ok {
		t.Error("takes nonsense for a time")
	}
}
