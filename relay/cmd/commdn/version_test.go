package main

import (
	"runtime/debug"
	"testing"
)

func TestOrigin(t *testing.T) {
	said := func(pairs ...string) (settings []debug.BuildSetting) {
		for i := 0; i < len(pairs); i += 2 {
			settings = append(settings, debug.BuildSetting{Key: pairs[i], Value: pairs[i+1]})
		}
		return settings
	}
	const commit, at = "0123456789abcdef0123456789abcdef01234567", "2026-11-28T16:00:00Z"
	for name, c := range map[string]struct {
		settings []debug.BuildSetting
		want     string
	}{
		"no git":  {said("GOOS", "linux"), ""},
		"clean":   {said("vcs.revision", commit, "vcs.time", at, "vcs.modified", "false"), " (0123456789, 2026-11-28T16:00:00Z)"},
		"changed": {said("vcs.revision", commit, "vcs.time", at, "vcs.modified", "true"), " (0123456789, changed, 2026-11-28T16:00:00Z)"},
		"no time": {said("vcs.revision", "abc"), " (abc, no time)"},
	} {
		if got := originOf(c.settings); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
