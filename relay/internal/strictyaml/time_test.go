package strictyaml

import "testing"

func TestParseTime(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"2026-11-23T09:00:00+01:00": true, "2026-11-23T09:00:00Z": true, "2026-11-23T09:00:00.75Z": true, "2026-11-23T09:00:00-23:59": true,
		"2026-11-23T09:00:00+24:01": false, "2026-11-23T09:00:00+01:60": false, "2026-11-23T09:00:60Z": false, "2026-11-23T09:60:00Z": false,
		"2026-11-23T09:00:00,75Z": false, "2026-11-23T9:00:00Z": false, "2026-11-23T24:00:00Z": false, "2026-02-29T09:00:00Z": false,
		"2026-11-23T09:00:00": false, "2026-11-23": false, "2026-11-23 09:00:00Z": false, "2026-11-23t09:00:00z": false, "": false,
	} {
		if got, err := ParseTime(s); (err == nil) != want {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
}
