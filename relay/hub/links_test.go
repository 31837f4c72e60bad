package hub_test

import (
	"testing"

	"commdn/protocol/frame"
	"commdn/relay/hub"
)

// All links as one are down since the first of them is, and up since the last.
func TestLinksAsOne(t *testing.T) {
	up := func(since int64) frame.Link { return frame.Link{Up: true, Since: since} }
	down := func(since int64) frame.Link { return frame.Link{Since: since, Reason: "gone"} }
	for name, c := range map[string]struct {
		links []frame.Link
		want  frame.Link
	}{
		"one":                   {[]frame.Link{up(5)}, up(5)},
		"all up":                {[]frame.Link{up(5), up(9), up(7)}, up(9)},
		"one down for long":     {[]frame.Link{down(3), up(9)}, frame.Link{Since: 3, Reason: "a: gone"}},
		"one down since lately": {[]frame.Link{up(3), down(9)}, frame.Link{Since: 9, Reason: "b: gone"}},
		"one stands by":         {[]frame.Link{up(5), {Up: true, Standby: true, Since: 4}}, frame.Link{Up: true, Standby: true, Since: 5}},
		"standby and down":      {[]frame.Link{{Up: true, Standby: true, Since: 4}, down(9)}, frame.Link{Since: 9, Reason: "b: gone"}},
		"both down":             {[]frame.Link{down(8), down(6)}, frame.Link{Since: 6, Reason: "a: gone; b: gone"}},
	} {
		if got := links(c.links...).Together(); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// links are called a, b, c ...
func links(states ...frame.Link) (all hub.Links) {
	for i, k := range states {
		all = append(all, hub.LinkState{Name: string(rune('a' + i)), Link: k})
	}
	return all
}

// Somebody hears of the links that they have to do with, and no address.
func TestLinksForSomebody(t *testing.T) {
	all := links(
		frame.Link{Up: true, Since: 5},
		frame.Link{Since: 7, Reason: "dial tcp 10.0.0.7:7000: connection refused"},
		frame.Link{Since: 8, Reason: "dial tcp 10.0.0.8:7000: connection refused"},
	)
	for mine, want := range map[string]frame.Link{
		"a":  {Up: true, Since: 5},
		"b":  {Since: 7, Reason: "the link is down"},
		"ab": {Since: 7, Reason: "b: the link is down"},
		"bc": {Since: 7, Reason: "b: the link is down; c: the link is down"},
		"":   {Reason: "no link is for you"},
	} {
		got := all.For(func(name string) bool {
			for _, r := range mine {
				if name == string(r) {
					return true
				}
			}
			return false
		})
		if got != want {
			t.Errorf("%q: %+v, want %+v", mine, got, want)
		}
	}
}
