package main

import (
	"cmp"
	"fmt"
	"runtime/debug"

	"github.com/alecthomas/kong"
)

// What the linker sets, see build.sh. Without a commit it is the one that Go found
// in the source's repository, which it does not look for in a worktree of git.
var (
	version   = "dev"
	commit    string // in full
	committed string // the commit's time, RFC 3339
	changed   string // "true" where files had been changed since
)

type versionCmd struct{}

func (versionCmd) Run(e *env) error {
	_, err := fmt.Fprintln(e.stdout, versionLine())
	return err
}

// versionFlag is --version, which stands behind any command.
type versionFlag bool

func (versionFlag) BeforeReset(app *kong.Kong) error {
	_, err := fmt.Fprintln(app.Stdout, versionLine())
	app.Exit(0)
	return err
}

// versionLine is what commdn version and commdn --version print.
func versionLine() string { return "commdn " + version + origin() }

// product is what the relay says of itself: to clients, in its status and as a metric.
func product() string { return "commdn/" + version + origin() }

// origin gives the commit that the binary was built from, and the commit's time,
// in parentheses; nothing where Go did not find them.
func origin() string {
	if commit != "" {
		return originOf([]debug.BuildSetting{{Key: "vcs.revision", Value: commit}, {Key: "vcs.time", Value: committed}, {Key: "vcs.modified", Value: changed}})
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
