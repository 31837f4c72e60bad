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

// A request for another dialing is answered by a status with a goal that OCS has
// adjusted, and not by one that tells how it was before.
func TestAdjustedGoalByStatus(t *testing.T) {
	running := func(to commdn.DBID, goal int32) tkvlist.List {
		d := dialing
		d.Goal = goal
		return (&commdn.CampaignEvent{
			Address: commdn.Address{Origin: 201, Target: to}, Event: commdn.EvCampaignStatus, CampaignGroup: inGroup.CampaignGroup,
			Dialing: d, HasStatus: true, Status: commdn.StatusRunning,
		}).UserData()
	}
	const before, asked, adjusted = 30, 60, 50
	refused := (&commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: commdn.ErrorCampaignNotStarted}).UserData()
	for name, test := range map[string]struct {
		before, comes []tkvlist.List
		goal          int32  // of the answer
		want          string // as in TestRules
	}{
		"what was asked":                         {[]tkvlist.List{running(0, before)}, []tkvlist.List{running(101, asked)}, asked, "done"},
		"a goal that OCS adjusted":               {[]tkvlist.List{running(0, before)}, []tkvlist.List{running(101, adjusted)}, adjusted, "done"},
		"the goal before, then the adjusted one": {[]tkvlist.List{running(0, before)}, []tkvlist.List{running(0, before), running(101, adjusted)}, adjusted, "done"},
		"the goal before, and nothing more":      {[]tkvlist.List{running(0, before)}, []tkvlist.List{running(101, before)}, 0, "unknown"},
		"another goal, and before is not known":  {nil, []tkvlist.List{running(101, adjusted)}, adjusted, "done"},
		"the same, as news":                      {nil, []tkvlist.List{running(0, adjusted)}, 0, "unknown"},
		"the same, and then the refusal":         {nil, []tkvlist.List{running(101, adjusted), refused}, 0, "refused"},
		"an adjusted goal, and the refusal":      {[]tkvlist.List{running(0, before)}, []tkvlist.List{running(0, adjusted), refused}, 0, "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRigWith(t, nil, 10*time.Second)
				for _, l := range test.before {
					r.wire.come <- l
				}
				synctest.Wait()
				change := inGroup
				change.Goal = asked
				var answer *link.Answer
				done := make(chan string)
				go func() {
					refusal := r.Ask(context.Background(), link.Call{Request: (*commdn.SetDialingMode)(&change), Answer: func(a link.Answer, _ bool) { answer = &a }})
					done <- outcomeOf(answer, refusal)
				}()
				<-r.wire.sent
				for _, l := range test.comes {
					r.wire.come <- l
				}
				if got := <-done; got != test.want {
					t.Fatalf("got %s, want %s", got, test.want)
				}
				if test.goal != 0 {
					if e, ok := answer.Message.(*commdn.CampaignEvent); !ok || e.Goal != test.goal {
						t.Errorf("answered %v", answer.Message)
					}
				}
				r.Close()
			})
		})
	}
}
