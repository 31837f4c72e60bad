package seqfile

import (
	"slices"
	"testing"

	"commdn/protocol/vocab"
	"commdn/relay/internal/enums"
)

// TestVocabulary: a file has the names of the browser's API, in snake_case and
// with the dialing in the item itself. Two are written otherwise.
func TestVocabulary(t *testing.T) {
	otherwise := map[string]string{vocab.Mode: "dial_mode", "sleepMinutes": "wait_minutes"}
	want := []string{enums.Snake(vocab.StopAtTime)}
	add := func(name string) {
		if key, ok := otherwise[name]; ok {
			want = append(want, key)
		} else {
			want = append(want, enums.Snake(name))
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
