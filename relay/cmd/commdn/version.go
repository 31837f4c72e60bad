package main

import (
	"cmp"
	"fmt"
	"runtime/debug"
)

// version is set by the linker.
var version = "dev"

type versionCmd struct{}

func (versionCmd) Run(e *env) error {
	_, err := fmt.Fprintln(e.stdout, "commdn", version+origin())
	return err
}

// product is what the relay says of itself: to clients, in its status and as a metric.
func product() string { return "commdn/" + version + origin() }

// origin gives the commit that the binary was built from, and the commit's time,
// in parentheses; nothing where Go did not find them.
func origin() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return originOf(build.Settings)
}

func originOf(settings []debug.BuildSetting) string {
	said := map[string]string{}
	for _, s := range settings {
		said[s.Key] = s.Value
	}
	commit := said["vcs.revision"]
	if commit == "" {
		return ""
	}
	changed := ""
	if said["vcs.modified"] == "true" {
		changed = ", changed"
	}
	return fmt.Sprintf(" (%.10s%s, %s)", commit, changed, cmp.Or(said["vcs.time"], "no time"))
}
