package ui

import "time"

// ISO gives a time as host pages get it: ISO 8601, in UTC, to the millisecond as
// JavaScript has it, without zeros at its end; empty for none.
func ISO(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano)
}

// ISOSeconds is ISO of Unix seconds; 0 is none.
func ISOSeconds(seconds int64) string {
	if seconds == 0 {
		return ""
	}
	return ISO(time.Unix(seconds, 0))
}
