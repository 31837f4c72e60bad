// Package langtest formats numbers and times for tests, without a browser.
package langtest

import (
	"strconv"
	"time"
)

// Plain is a lang.Intl without a browser: English plurals, plain digits, and ISO 8601 in
// one time zone, with a clock of 24 hours, or of 12 with Twelve.
type Plain struct {
	In     *time.Location
	Twelve bool
}

// Plural returns "one" for 1, else "other".
func (Plain) Plural(n int) string {
	if n == 1 {
		return "one"
	}
	return "other"
}

// Number returns plain digits.
func (Plain) Number(n int) string { return strconv.Itoa(n) }

// Clock returns hours, minutes and seconds.
func (p Plain) Clock(t time.Time) string { return p.format(t, "15:04:05", "3:04:05 PM") }

// Minute returns hours and minutes.
func (p Plain) Minute(t time.Time) string { return p.format(t, "15:04", "3:04 PM") }

// Moment returns date, hours and minutes.
func (p Plain) Moment(t time.Time) string {
	return p.format(t, "2006-01-02 15:04", "2006-01-02 3:04 PM")
}

func (p Plain) format(t time.Time, layout, twelve string) string {
	if p.Twelve {
		layout = twelve
	}
	return t.In(p.In).Format(layout)
}

// Field returns date, hours and minutes with a T between.
func (p Plain) Field(t time.Time) string { return t.In(p.In).Format(fieldFormat) }

// ParseField reads what Field returns.
func (p Plain) ParseField(s string) (time.Time, bool) {
	t, err := time.ParseInLocation(fieldFormat, s, p.In)
	return t, err == nil
}

// Zone names the location.
func (p Plain) Zone() string { return p.In.String() }

const fieldFormat = "2006-01-02T15:04"
