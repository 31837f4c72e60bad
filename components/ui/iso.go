package ui

import "time"

// ISO gives a time as host pages and exported files get it: ISO 8601, in UTC, to
// the millisecond, as toISOString of a JavaScript Date writes it. All are of one
// width, so that they sort as texts. It is empty for no time.
func ISO(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}

// ISOSeconds is ISO of Unix seconds; 0 is none.
func ISOSeconds(seconds int64) string {
	if seconds == 0 {
		return ""
	}
	return ISO(time.Unix(seconds, 0))
}
