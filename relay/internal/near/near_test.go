package near

import (
	"slices"
	"testing"
)

func TestNames(t *testing.T) {
	have := []string{"Autumn", "Autumn 2026", "Winter", "Autumn", "Übermorgen", "win-back"}
	for _, c := range []struct {
		want string
		most int
		near []string
	}{
		{"autum", 3, []string{"Autumn", "Autumn 2026"}},
		{"Autunm", 3, []string{"Autumn"}},
		{"autum", 1, []string{"Autumn"}},
		{"AUTUMN", 3, []string{"Autumn", "Autumn 2026"}},
		{"win", 3, []string{"Winter", "win-back"}},
		{"2026", 3, []string{"Autumn 2026"}},
		{"ubermorgen", 3, []string{"Übermorgen"}},
		{"Spring", 3, nil},
		{"", 3, nil},
		{"winter", 0, nil},
	} {
		if got := Names(c.want, have, c.most); !slices.Equal(got, c.near) {
			t.Errorf("%q: %q, want %q", c.want, got, c.near)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"goal", "gaol", 2}, {"same", "same", 0},
	} {
		if got := distance(c.a, c.b, 9); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
	if got := distance("a", "abcdef", 2); got != 3 {
		t.Errorf("beyond the limit: %d", got)
	}
}
