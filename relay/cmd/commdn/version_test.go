package main

import (
	"os/exec"
	"path/filepath"
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

// A build that is told its commit says it wherever the version is said, also where
// Go does not find one.
func TestStampedVersion(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "commdn")
	build := exec.Command("go", "build", "-buildvcs=false", "-ldflags", "-X main.version=1.2.3 -X 'main.commit=0123456789, changed' -X main.made=2026-11-28T16:00:00Z", "-o", binary, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := exec.Command(binary, "version").Output()
	if want := "commdn 1.2.3 (0123456789, changed, 2026-11-28T16:00:00Z)\n"; err != nil || string(out) != want {
		t.Errorf("%q, %v, want %q", out, err, want)
	}
}
