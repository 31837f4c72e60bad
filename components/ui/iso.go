package ui

import "time"

// ISO formats a time for host pages and exported files: ISO 8601 in UTC to the
// millisecond, as JavaScript's toISOString does. All have one width, so that they sort as
// texts. The zero time gives an empty text.
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
