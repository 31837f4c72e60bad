package hub

import (
	"slices"
	"strings"

	"commdn/protocol/frame"
)

// LinkState is how one link is. Its Reason is for those who run the relay: it may
// name hosts.
type LinkState struct {
	Name string
	frame.Link
}

// Links are the states of all links, in the order of the configuration.
type Links []LinkState

func (all Links) equal(other Links) bool { return slices.Equal(all, other) }

// Together gives the links as one: up since the last one is, down since the first
// one is, standby while it is up and one of them is. Where there are several,
// reasons have the names of their links in front.
func (all Links) Together() frame.Link {
	one := frame.Link{Up: true}
	var reasons []string
	for _, k := range all {
		switch {
		case k.Up && one.Up:
			one.Since = max(one.Since, k.Since)
			one.Standby = one.Standby || k.Standby
		case !k.Up && one.Up:
			one.Up, one.Since = false, k.Since
		case !k.Up:
			one.Since = min(one.Since, k.Since)
		}
		if k.Up {
			continue
		}
		if len(all) > 1 {
			k.Reason = k.Name + ": " + k.Reason
		}
		reasons = append(reasons, k.Reason)
	}
	one.Standby = one.Standby && one.Up
	one.Reason = strings.Join(reasons, "; ")
	return one
}

// For gives the links that somebody has to do with, as they may be told: without
// the addresses that reasons name.
func (all Links) For(mine func(name string) bool) frame.Link {
	var told Links
	for _, k := range all {
		if !mine(k.Name) {
			continue
		}
		if !k.Up {
			k.Reason = "the link is down"
		}
		told = append(told, k)
	}
	if told == nil {
		return frame.Link{Reason: "no link is for you"}
	}
	return told.Together()
}
