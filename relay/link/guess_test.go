package link_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/link"
)

// A refusal without a name is held until the acknowledgements of an OCS that says whom
// decide whose it is, for a quarter of the answer timeout at most. What was guessed is
// corrected by an acknowledgement that comes later still.
func TestGuessIsCorrected(t *testing.T) {
	named := func(code commdn.ErrorCode) tkvlist.List {
		return (&commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: code, Phone: "5550001"}).UserData()
	}
	for name, test := range map[string]struct {
		comes       tkvlist.List
		echoes      bool
		after       time.Duration // from the refusal to the acknowledgement of the first one
		first, late string
	}{
		"decided in time":             {processed("5550001"), true, 700 * time.Millisecond, "done", ""},
		"guessed, and corrected":      {processed("5550001"), true, 4 * time.Second, "refused 10", "done"},
		"nobody knows that it echoes": {processed("5550001"), false, 700 * time.Millisecond, "refused 10", "done"},
		"a refusal of its own":        {named(99), true, 4 * time.Second, "refused 10", "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			tell(t, oneOCS, nil, func(s *story) {
				if test.echoes {
					s.ask("before", &commdn.DoNotCall{Phone: "8880003"})
					s.say(processed("8880003"))
					s.want("before", "done")
				}
				late := make(chan link.Answer, 4)
				done := make(chan string, 1)
				s.done["first"] = done
				go func() {
					var answer *link.Answer
					refusal := s.r.Ask(context.Background(), link.Call{Request: &commdn.DoNotCall{Phone: "5550001"}, Late: func(a link.Answer) { late <- a }, Answer: func(a link.Answer, _ bool) { answer = &a }})
					got := outcomeOf(answer, refusal)
					if got == "refused" {
						got += " 10"
					}
					done <- got
				}()
				s.say(<-s.r.wire.sent)
				s.ask("second", &commdn.DoNotCall{Phone: "7770002"})
				began := time.Now()
				s.say(fault(101, 10)) // of the second one
				time.Sleep(test.after)
				s.say(test.comes)
				s.want("first", test.first)
				s.want("second", "refused 10")
				if took := time.Since(began); took != test.after {
					t.Errorf("it took %v, want %v", took, test.after)
				}
				synctest.Wait()
				told := ""
				if len(late) > 0 {
					a := <-late
					told = outcomeOf(&a, nil)
					if !a.Corrects {
						t.Errorf("late, and no correction: %+v", a)
					}
				}
				if told != test.late {
					t.Errorf("told late of %q, want %q", told, test.late)
				}
				if n := s.passed[link.PassedUnasked]; n != 0 {
					t.Errorf("%d answers without a request: %s", n, s.r.log)
				}
			})
		})
	}
}

// News of a campaign group correct no refusal that was guessed: they may be the doing of
// somebody else.
func TestNewsCorrectNoGuess(t *testing.T) {
	tell(t, oneOCS, nil, func(s *story) {
		other := inGroup
		other.Campaign = 1002
		s.ask("a", startOf(dialing))
		s.ask("b", (*commdn.StartDialing)(&other))
		s.say(fault(101, 10))
		s.want("a", "refused 10")
		s.say(startedAs(commdn.EvCampaignStatus, 0, dialing))
		s.say(startedAs(commdn.EvCampaignStatus, 101, dialing))
		s.want("b", "unknown")
		if n := s.passed[link.PassedLate]; n != 0 {
			t.Errorf("%d answers are late: %s", n, s.r.log)
		}
	})
}
