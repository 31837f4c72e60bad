package seqfile

import (
	"strings"
	"testing"
	"time"
)

func TestLocalTimes(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"2026-11-23 09:00 Europe/Madrid":          "2026-11-23T08:00:00Z",
		"2026-07-23T09:00:30 Europe/Madrid":       "2026-07-23T07:00:30Z",
		"2026-11-23 09:00 UTC":                    "2026-11-23T09:00:00Z",
		"2026-11-23 09:00 America/Port-au-Prince": "2026-11-23T14:00:00Z",
		"2026-11-23T09:00:00.5+05:30":             "2026-11-23T03:30:00.5Z",
		"2026-10-25 01:59 Europe/Madrid":          "2026-10-24T23:59:00Z",
		"2026-10-25 03:00 Europe/Madrid":          "2026-10-25T02:00:00Z",
		"2026-10-25 02:30 Europe/Madrid":          "is there twice in Europe/Madrid, as clocks are put back; give it with an offset: 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00",
		"2026-03-29 02:30 Europe/Madrid":          "does not exist in Europe/Madrid: clocks are put forward over it; give another time",
		"2026-11-23 09:00 Europe/Madird":          "names the zone Europe/Madird, which is not known; give one of the IANA database, such as Europe/Madrid",
		"2026-11-23 09:00 Local":                  "names the zone of whatever machine reads the file",
		"2026-02-30 09:00 Europe/Madrid":          "is no time; there is no such day, hour or minute",
		"2026-11-23 24:00 Europe/Madrid":          "is no time; there is no such day, hour or minute",
		"2026-11-23 9:00 Europe/Madrid":           "is no time; give RFC 3339 with an offset",
		"2026-11-23 09:00":                        "is no time; give RFC 3339 with an offset",
		"2026-11-23 09:00 ../../../etc/passwd":    "is no time; give RFC 3339 with an offset",
		"2026-11-23T09:00:00+24:01":               "is no time; give RFC 3339 with an offset",
		"2026-11-23T09:00:00,75Z":                 "is no time; give RFC 3339 with an offset",
		"1969-11-23 09:00 Europe/Madrid":          "is outside of what a sequence can tell, 1970 to 2106",
	} {
		got, err := Parse("a.yaml", []byte("start: "+s+"\n"+item))
		if strings.HasPrefix(want, "20") {
			if err != nil || got.Start.UTC().Format(time.RFC3339Nano) != want {
				t.Errorf("%s: %+v, %v, want %s", s, got, err, want)
			}
		} else if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", s, err, want)
		}
	}
}
