package link_test

import (
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// Requests to an OCS whose acknowledgements name nobody go one after the other, of
// people and of campaigns each for itself; none waits for longer than a fifth of the
// answer timeout.
func TestApart(t *testing.T) {
	load := func(campaign commdn.DBID) commdn.Request {
		return &commdn.LoadCampaign{Address: toOCS, CampaignGroup: commdn.CampaignGroup{Campaign: campaign, Group: 501}, Dialing: dialing}
	}
	loaded := func(campaign commdn.DBID, named bool) tkvlist.List {
		return (&commdn.CampaignEvent{Address: commdn.Address{Origin: 201, Target: 101}, Event: commdn.EvCampaignLoaded,
			CampaignGroup: commdn.CampaignGroup{Campaign: campaign, Group: 501}, NoCampaign: !named}).UserData()
	}
	for name, test := range map[string]struct {
		ask         func(n int) commdn.Request
		bare, named func(n int) tkvlist.List
	}{
		"people": {
			func(n int) commdn.Request {
				return &commdn.DoNotCall{Phone: []string{"5550001", "7770002", "8880003"}[n]}
			},
			func(int) tkvlist.List { return processed("") },
			func(n int) tkvlist.List { return processed([]string{"5550001", "7770002", "8880003"}[n]) },
		},
		"campaigns": {
			func(n int) commdn.Request { return load(commdn.DBID(1001 + n)) },
			func(int) tkvlist.List { return loaded(0, false) },
			func(n int) tkvlist.List { return loaded(commdn.DBID(1001+n), true) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			tell(t, oneOCS, nil, func(s *story) {
				s.ask("first", test.ask(0))
				s.say(test.bare(0))
				s.want("first", "done")
				s.ask("second", test.ask(1)) // and is not answered

				began := time.Now()
				third := s.r.ask(test.ask(2), nil)
				synctest.Wait()
				if len(s.r.wire.sent) != 0 {
					t.Error("two requests are under way that OCS could confuse")
				}
				s.say(<-s.r.wire.sent)
				if waited := time.Since(began); waited != 2*time.Second {
					t.Errorf("it waited %v, want a fifth of the answer timeout", waited)
				}
				s.say(test.named(2)) // and OCS says whom again
				if refusal := <-third; refusal != nil {
					t.Error(refusal)
				}
				s.want("second", "unknown")

				s.ask("a", test.ask(0))
				s.ask("b", test.ask(1))
				s.say(test.named(1))
				s.say(test.named(0))
				s.want("a", "done")
				s.want("b", "done")
			})
		})
	}
}

// A refusal that comes a little after the news counts: a status may be the effect of
// what somebody else did.
func TestRefusalAfterNews(t *testing.T) {
	for after, want := range map[time.Duration]string{30 * time.Millisecond: "refused 7", time.Second: "done"} {
		tell(t, oneOCS, nil, func(s *story) {
			s.ask("a", startOf(dialing))
			s.say(startedAs(commdn.EvCampaignStatus, 0, dialing))
			time.Sleep(after)
			s.say(fault(101, 7))
			s.want("a", want)
		})
	}
}
