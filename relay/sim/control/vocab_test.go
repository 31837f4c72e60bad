package control

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"commdn/protocol/vocab"
)

// keys gives the keys of a type in JSON.
func keys(t reflect.Type) (all []string) {
	for i := range t.NumField() {
		key, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		all = append(all, key)
	}
	return all
}

// TestVocabulary: what the browser's API and this one both tell has the same
// names.
func TestVocabulary(t *testing.T) {
	dialing, item := []string{}, []string{vocab.Dialing, vocab.StopAtTime, vocab.Status}
	for _, f := range vocab.DialingFields {
		dialing = append(dialing, f.Name)
	}
	for _, f := range vocab.ItemFields {
		item = append(item, f.Name)
	}
	for _, c := range []struct {
		of    any
		names []string
		own   []string // that the browser's API does not have
	}{
		{Dialing{}, dialing, nil},
		{SequenceItem{}, item, []string{"campaign_name"}},
		{Sequence{}, []string{vocab.Description, vocab.Start, vocab.Items}, nil},
		{Control{}, []string{vocab.Campaign, vocab.Group, vocab.Dialing, vocab.AutoCompletion}, []string{"do"}},
	} {
		want := slices.Clone(c.own)
		for _, name := range c.names {
			want = append(want, snake(name))
		}
		got := keys(reflect.TypeOf(c.of))
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%T has %v, want %v", c.of, got, want)
		}
	}
	group := keys(reflect.TypeFor[CampaignGroup]())
	for _, name := range []string{vocab.Campaign, vocab.Group, vocab.Status, vocab.Dialing, vocab.AutoCompletion, vocab.Sequence} {
		if !slices.Contains(group, snake(name)) {
			t.Errorf("a campaign group has no %s, but %v", snake(name), group)
		}
	}
}

// snake writes optimizeBy as optimize_by.
func snake(name string) string {
	return strings.ToLower(regexp.MustCompile("[A-Z]").ReplaceAllString(name, "_$0"))
}
