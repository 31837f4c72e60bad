package seqfile

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"commdn/protocol/vocab"
)

// TestVocabulary: a file has the names of the browser's API, in snake_case and
// with the dialing in the item itself. Two are written otherwise.
func TestVocabulary(t *testing.T) {
	otherwise := map[string]string{vocab.Mode: "dial_mode", "sleepMinutes": "wait_minutes"}
	want := []string{snake(vocab.StopAtTime)}
	add := func(name string) {
		if key, ok := otherwise[name]; ok {
			want = append(want, key)
		} else {
			want = append(want, snake(name))
		}
	}
	for _, f := range vocab.DialingFields {
		add(f.Name)
	}
	for _, f := range vocab.ItemFields {
		add(f.Name)
	}
	got := slices.Clone(itemKeys)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("an item has %v, want %v", got, want)
	}
	if got, want := sequenceKeys, []string{vocab.Description, vocab.Group, vocab.Start, vocab.Items}; !slices.Equal(got, want) {
		t.Errorf("a sequence has %v, want %v", got, want)
	}
}

// snake writes optimizeBy as optimize_by.
func snake(name string) string {
	return strings.ToLower(regexp.MustCompile("[A-Z]").ReplaceAllString(name, "_$0"))
}
