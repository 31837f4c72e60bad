package numbers

import (
	"errors"
	"slices"

	"commdn/protocol/number"
)

// specific are the forms that mean the same whoever wrote the number, in the
// order in which they are proposed. Digits and AsGiven cover a list only as long
// as the desktop writes numbers as the list does, so they come last.
var specific = []string{National, E164, "00{country}{national}", "{country}{national}", "{national}"}

// Survey finds out in which forms a list holds its numbers. It keeps counts, and
// no number.
type Survey struct {
	site *Site
	// Rows is how many texts were added, and Wrong how many of them are no number;
	// First is the row of the first one of each kind.
	Rows, Wrong int
	First       map[number.Kind]Wrong

	held map[string]*Held // by the forms that fit, joined
}

// Wrong is a kind of texts that are no numbers.
type Wrong struct {
	Count, Row int // Row is that of the first
	Err        *number.Error
}

// Held are the numbers that a list holds in one way.
type Held struct {
	Forms []string // all that give them as they stand in the list
	Count int
	Row   int // of the first
}

// Proposed is a form that a list needs.
type Proposed struct {
	Rule  string
	Count int // of numbers that the forms before it do not cover
	Row   int // of the first of them
}

// NewSurvey begins a survey of a list whose numbers without a country code are of
// region, which may be empty. The error is a *RuleError.
func NewSurvey(region string) (*Survey, error) {
	send := append(slices.Clone(specific), Digits, AsGiven)
	if region == "" {
		send = slices.DeleteFunc(send, func(rule string) bool { return rule == National || rule == "{national}" })
	}
	site, err := New(Rules{Region: region, Send: send})
	if err != nil {
		return nil, err
	}
	return &Survey{site: site, First: make(map[number.Kind]Wrong), held: make(map[string]*Held)}, nil
}

// Add takes in a number of the list, as it stands there.
func (s *Survey) Add(row int, text string) {
	s.Rows++
	n, err := s.site.Read(text)
	if e, is := errors.AsType[*number.Error](err); is {
		s.Wrong++
		w := s.First[e.Kind]
		if w.Count++; w.Count == 1 {
			w.Row, w.Err = row, e
		}
		s.First[e.Kind] = w
		return
	}
	var forms []string
	key := ""
	made, _ := s.site.outcomes(n)
	for _, o := range made {
		if o.Text == text {
			forms = append(forms, o.Rule)
			key += o.Rule + " "
		}
	}
	h := s.held[key]
	if h == nil {
		h = &Held{Forms: forms, Row: row}
		s.held[key] = h
	}
	h.Count++
}

// Proposal gives the forms that cover the list, and the numbers that no form
// gives as they stand there: those with armour or invisible characters.
func (s *Survey) Proposal() (send []Proposed, uncovered Held) {
	var left []*Held
	for _, h := range s.held {
		left = append(left, h)
	}
	for _, rules := range [][]string{specific, {Digits}, {AsGiven}} {
		for {
			best := Proposed{}
			for _, rule := range rules {
				p := Proposed{Rule: rule}
				for _, h := range left {
					if slices.Contains(h.Forms, rule) {
						if p.Count += h.Count; p.Row == 0 || h.Row < p.Row {
							p.Row = h.Row
						}
					}
				}
				if p.Count > best.Count {
					best = p
				}
			}
			if best.Count == 0 {
				break
			}
			send = append(send, best)
			left = slices.DeleteFunc(left, func(h *Held) bool { return slices.Contains(h.Forms, best.Rule) })
		}
	}
	for _, h := range left {
		if uncovered.Count += h.Count; uncovered.Row == 0 || h.Row < uncovered.Row {
			uncovered.Row = h.Row
		}
	}
	return send, uncovered
}
