package numbers

import (
	"slices"
	"testing"

	"commdn/protocol/number"
)

func TestSurvey(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		region    string
		list      []string
		want      []Proposed
		uncovered Held
		wrong     int
	}{
		"all in one form":    {"ES", []string{"600111222", "600111223"}, []Proposed{{National, 2, 2}}, Held{}, 0},
		"mixed":              {"ES", []string{"0034600111222", "600111223", "600111224", "+34600111225", "34600111226"}, []Proposed{{National, 2, 3}, {E164, 1, 5}, {"00{country}{national}", 1, 2}, {"{country}{national}", 1, 6}}, Held{}, 0},
		"trunk prefix":       {"GB", []string{"02079460958", "2079460959"}, []Proposed{{National, 1, 2}, {"{national}", 1, 3}}, Held{}, 0},
		"no region":          {"", []string{"600111222", "+34600111222"}, []Proposed{{E164, 1, 3}, {Digits, 1, 2}}, Held{}, 0},
		"short numbers":      {"ES", []string{"600111222", "112"}, []Proposed{{National, 1, 2}, {Digits, 1, 3}}, Held{}, 0},
		"punctuation":        {"US", []string{"(555) 010-4477", "5550104478"}, []Proposed{{National, 1, 3}, {AsGiven, 1, 2}}, Held{}, 0},
		"armour and damage":  {"ES", []string{`="600111222"`, "6E+08", "5.5E+09", "", "x"}, nil, Held{Count: 1, Row: 2}, 4},
		"of another country": {"ES", []string{"+33612345678", "0033612345678"}, []Proposed{{E164, 1, 2}, {"00{country}{national}", 1, 3}}, Held{}, 0},
	} {
		s, err := NewSurvey(c.region)
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range c.list {
			s.Add(i+2, text)
		}
		send, uncovered := s.Proposal()
		if !slices.Equal(send, c.want) || uncovered.Count != c.uncovered.Count || uncovered.Row != c.uncovered.Row || s.Wrong != c.wrong || s.Rows != len(c.list) {
			t.Errorf("%s: %+v, %+v, %d wrong of %d", name, send, uncovered, s.Wrong, s.Rows)
		}
		if c.wrong > 0 {
			if w := s.First[number.Damaged]; w.Count != 2 || w.Row != 3 || w.Err == nil {
				t.Errorf("%s: damaged %+v", name, w)
			}
		}
	}
	if _, err := NewSurvey("Spain"); err == nil {
		t.Error("an unknown region is no error")
	}
}
