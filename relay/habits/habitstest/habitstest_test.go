package habitstest_test

import (
	"testing"

	"commdn/relay/habits"
	"commdn/relay/habits/habitstest"
)

func TestAs(t *testing.T) {
	strange, _ := habits.Preset(habits.Strange)
	for name, want := range map[string]*habits.Habits{"": nil, "plain": {}, "strange": &strange} {
		t.Setenv(habitstest.Variable, name)
		got := habitstest.As(t)
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("%q: %+v, want %+v", name, got, want)
		}
	}
}
