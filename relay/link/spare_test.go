package link_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/link"
)

// A status that may as well be news settles a request when its time is over and nothing
// better came.
func TestStatusInTheEnd(t *testing.T) {
	status := func(to commdn.DBID, of commdn.CampaignGroup, change func(*commdn.CampaignEvent)) tkvlist.List {
		e := &commdn.CampaignEvent{Address: commdn.Address{Origin: 201, Target: to}, Event: commdn.EvCampaignStatus, CampaignGroup: of, HasStatus: true, Status: commdn.StatusRunning}
		if change != nil {
			change(e)
		}
		return e.UserData()
	}
	loadedItems := func(e *commdn.CampaignEvent) {
		e.HasStatus, e.Sequence = false, &commdn.Sequence{Items: []commdn.SequenceItem{{Campaign: 1003, HasStatus: true, Status: 4}, {Campaign: 1004, HasStatus: true, Status: 4}}}
	}
	another := func(e *commdn.CampaignEvent) { e.Dialing = goal70 }
	predicts := func(e *commdn.CampaignEvent) { e.Dialing = predict }
	setMode := func(c commdn.Control) func() commdn.Request {
		return func() commdn.Request { return (*commdn.SetDialingMode)(&c) }
	}
	starts := func(after time.Duration) func() commdn.Request {
		return func() commdn.Request {
			c, plan := ofSequence, *sequence
			plan.Start = time.Now().Add(after).Unix()
			c.Sequence = &plan
			return (*commdn.StartDialing)(&c)
		}
	}
	question := func() commdn.Request {
		return &commdn.GetCampaignStatus{Address: toOCS, CampaignGroup: ofSequence.CampaignGroup, Sequence: ofSequence.Sequence}
	}
	one, all := inGroup.CampaignGroup, ofSequence.CampaignGroup
	item := commdn.CampaignGroup{Campaign: 1003, Group: 501}
	toNobody := (&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201}, Phone: "5550001"}).UserData()
	for name, test := range map[string]struct {
		before []tkvlist.List
		req    func() commdn.Request
		comes  []tkvlist.List
		want   string
	}{
		"the mode of a campaign, nothing of how it dials": {nil, setMode(inGroup), []tkvlist.List{status(101, one, nil)}, "done"},
		"the same, though it was known how it dials":      {[]tkvlist.List{status(0, one, another)}, setMode(inGroup), []tkvlist.List{status(101, one, nil)}, "done"},
		"the same, as news":                               {nil, setMode(inGroup), []tkvlist.List{status(0, one, nil)}, "unknown"},
		"the same, and then the refusal":                  {nil, setMode(inGroup), []tkvlist.List{status(101, one, nil), fault(101, 6)}, "refused 6"},
		"the same, and it does not run":                   {nil, setMode(inGroup), []tkvlist.List{status(101, one, func(e *commdn.CampaignEvent) { e.Status = 4 })}, "unknown"},
		"the mode of a sequence, nothing of how it dials": {nil, setMode(ofSequence), []tkvlist.List{status(101, all, nil)}, "done"},
		"a goal that OCS adjusted, from an unknown one":   {nil, setMode(inGroup), []tkvlist.List{status(101, one, another)}, "done"},
		"another mode": {nil, setMode(inGroup), []tkvlist.List{status(101, one, predicts)}, "unknown"},
		"a sequence that starts later, its items loaded":             {nil, starts(time.Hour), []tkvlist.List{status(101, all, loadedItems)}, "done"},
		"the same, in another mode":                                  {nil, starts(time.Hour), []tkvlist.List{status(101, all, func(e *commdn.CampaignEvent) { loadedItems(e); e.Dialing = predict })}, "unknown"},
		"a sequence that starts later, as news":                      {nil, starts(time.Hour), []tkvlist.List{status(0, all, loadedItems)}, "unknown"},
		"a sequence that starts now, its items loaded":               {nil, starts(-time.Hour), []tkvlist.List{status(101, all, loadedItems)}, "unknown"},
		"a sequence as its item, of an OCS that never says for whom": {[]tkvlist.List{toNobody}, question, []tkvlist.List{status(0, item, nil)}, "done"},
		"the same, of one that does":                                 {nil, question, []tkvlist.List{status(0, item, nil)}, "unknown"},
		"the same, of a campaign that is no item":                    {[]tkvlist.List{toNobody}, question, []tkvlist.List{status(0, one, nil)}, "unknown"},
		"a sequence as its item, and then the refusal":               {[]tkvlist.List{toNobody}, question, []tkvlist.List{status(0, item, nil), fault(0, 13)}, "refused 13"},
	} {
		t.Run(name, func(t *testing.T) {
			tell(t, oneOCS, nil, func(s *story) {
				for _, l := range test.before {
					s.say(l)
				}
				began := time.Now()
				s.ask("a", test.req())
				for _, l := range test.comes {
					s.say(l)
				}
				s.want("a", test.want)
				if took, quick := time.Since(began), strings.HasPrefix(test.want, "refused"); quick != (took < time.Second) {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
	tell(t, oneOCS, nil, func(s *story) { // a rival may have done it
		s.ask("a", setMode(inGroup)())
		c := inGroup
		c.Address = commdn.Address{Origin: 102, Target: 201}
		s.say((*commdn.SetDialingMode)(&c).UserData())
		s.say(status(101, one, nil))
		s.want("a", "unknown")
	})
}

// A status of the group alone becomes news of what was asked for, with its number, once
// it counts.
func TestStatusOfTheGroupInTheEnd(t *testing.T) {
	tell(t, oneOCS, nil, func(s *story) {
		c := inGroup
		done := make(chan link.Answer, 1)
		go func() {
			var answer link.Answer
			if refusal := s.r.Ask(context.Background(), link.Call{Request: (*commdn.SetDialingMode)(&c), Answer: func(a link.Answer, _ bool) { answer = a }}); refusal != nil {
				t.Error(refusal)
			}
			done <- answer
		}()
		s.say(<-s.r.wire.sent)
		s.say((&commdn.CampaignEvent{Address: commdn.Address{Origin: 201, Target: 101}, Event: commdn.EvCampaignStatus,
			CampaignGroup: commdn.CampaignGroup{Group: 501}, NoCampaign: true, HasStatus: true, Status: commdn.StatusRunning}).UserData())
		a := <-done
		if e, ok := a.Message.(*commdn.CampaignEvent); !ok || e.CampaignGroup != inGroup.CampaignGroup || !e.Named() || a.Seq != 1 {
			t.Errorf("answered %+v", a)
		}
	})
}
