package seqfile

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"time"
	_ "time/tzdata" // a container or a Windows machine may have no zones of its own

	"commdn/relay/internal/strictyaml"
)

// timeForms says how a time may be written.
const timeForms = "give RFC 3339 with an offset, 2026-11-23T09:00:00+01:00 for one, or a local time with its zone, 2026-11-23 09:00 Europe/Madrid"

// latest is the last second that 32 bits can tell.
var latest = time.Unix(math.MaxUint32, 0)

// time reads a time; want says what else could stand there.
func (r *reader) time(e entry, s, want string) time.Time {
	t, err := strictyaml.ParseTime(s)
	if m := local.FindStringSubmatch(s); err != nil && m != nil {
		if t, err = localTime(m[1], m[2], m[3]); err != nil {
			r.fail(e.line, e.key, fmt.Sprintf("%q %s", s, err))
			return t
		}
	}
	if err != nil {
		r.fail(e.line, e.key, fmt.Sprintf("%q is no time; %s", s, want))
	} else if t.Unix() <= 0 || t.After(latest) {
		r.fail(e.line, e.key, fmt.Sprintf("%q is outside of what a sequence can tell, 1970 to 2106", s))
	}
	return t
}

// local is a local time: date, time and the name of a zone.
var local = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?) ([A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*)$`)

// localTime gives the moment at which clocks in the zone show date and time. It
// fails where they never do, and where they do twice, with what is wrong as the
// end of a sentence.
func localTime(date, clock, zone string) (time.Time, error) {
	if zone == "Local" {
		return time.Time{}, errors.New("names the zone of whatever machine reads the file; give its name, such as Europe/Madrid")
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("names the zone %s, which is not known; give one of the IANA database, such as Europe/Madrid", zone)
	}
	if len(clock) == len("15:04") {
		clock += ":00"
	}
	text := date + " " + clock
	t, err := time.ParseInLocation(time.DateTime, text, loc)
	if err != nil {
		return t, errors.New("is no time; there is no such day, hour or minute")
	}
	if t.Format(time.DateTime) != text {
		return t, fmt.Errorf("does not exist in %s: clocks are put forward over it; give another time", zone)
	}
	before, after := t.ZoneBounds()
	for _, near := range []time.Time{before.Add(-time.Second), after} {
		_, own := t.Zone()
		_, other := near.Zone()
		if again := t.Add(time.Duration(own-other) * time.Second); !near.IsZero() && other != own && again.Format(time.DateTime) == text {
			both := []time.Time{t, again}
			slices.SortFunc(both, time.Time.Compare)
			return t, fmt.Errorf("is there twice in %s, as clocks are put back; give it with an offset: %s or %s", zone, both[0].Format(time.RFC3339), both[1].Format(time.RFC3339))
		}
	}
	return t, nil
}
