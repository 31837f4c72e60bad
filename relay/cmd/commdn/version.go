package main

import (
	"cmp"
	"fmt"
	"runtime/debug"
)

// These are set by the linker: build.sh knows the commit also where Go does not
// find it, as in a worktree of git or for a copy of the tree.
var (
	version = "dev"
	commit  string // "0123456789" or "0123456789, changed"; empty: what Go found
	made    string // time of the commit, or of the build where there is none
)

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
	if commit != "" {
		return fmt.Sprintf(" (%s, %s)", commit, cmp.Or(made, "no time"))
	}
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
	revision := said["vcs.revision"]
	if revision == "" {
		return ""
	}
	changed := ""
	if said["vcs.modified"] == "true" {
		changed = ", changed"
	}
	return fmt.Sprintf(" (%.10s%s, %s)", revision, changed, cmp.Or(said["vcs.time"], "no time"))
}
