package scenario

import (
	"errors"
	"fmt"
	"slices"

	"commdn/relay/habits"
)

// As gives the scenario with every OCS in the habits h; s stays as it is. Where
// T-Server would refuse what they make of an answer, it takes the largest.
func (s *Scenario) As(h habits.Habits) *Scenario {
	as := *s
	as.Applications = slices.Clone(s.Applications)
	for i, a := range as.Applications {
		if a.Type == OutboundContactServer {
			as.Applications[i].OCS.Habits = h
		}
	}
	if h.BigAnswers {
		as.TServer.MaxUserData = MaxUserData
	}
	return &as
}

// CheckHabits says what is wrong with habits for an OCS of the scenario: joined
// *habits.Errors, or nil.
func (s *Scenario) CheckHabits(h habits.Habits) error {
	var errs []error
	for _, e := range s.habitProblems(h) {
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}

func (s *Scenario) habitProblems(h habits.Habits) []*habits.Error {
	all := h.Problems()
	if least := MinBigUserData; h.BigAnswers && s.TServer.MaxUserData < least {
		all = append(all, &habits.Error{Name: "big_answers", What: fmt.Sprintf("needs a tserver.max_user_data of %d to %d, or T-Server takes no such answer", least, MaxUserData)})
	}
	return all
}
