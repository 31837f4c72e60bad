package link_test

import (
	"testing"
	"time"

	"commdn/protocol/commdn"
)

func TestOrderTarget0Rival(t *testing.T) { // two relays, target 0; ours is first
	for _, group := range []bool{false, true} {
		tell(t, oneOCS, nil, func(s *story) {
			s.ask("a", startOf(dialing))
			o := *startOf(predict)
			o.Address = commdn.Address{Origin: 102, Target: 201}
			s.say(o.UserData())
			s.say(startedAs(commdn.EvDialingStarted, 0, dialing))
			f := &commdn.Fault{Address: commdn.Address{Origin: 201}, Code: 7}
			if group {
				f.Group = 501
			}
			s.say(f.UserData())
			s.want("a", "done")
		})
	}
}

func TestOrderTarget0RivalSecond(t *testing.T) { // ours is second
	for _, group := range []bool{false, true} {
		tell(t, oneOCS, nil, func(s *story) {
			o := *startOf(predict)
			o.Address = commdn.Address{Origin: 102, Target: 201}
			s.say(o.UserData())
			s.ask("a", startOf(dialing))
			s.say(startedAs(commdn.EvDialingStarted, 0, predict))
			f := &commdn.Fault{Address: commdn.Address{Origin: 201}, Code: 7}
			if group {
				f.Group = 501
			}
			s.say(f.UserData())
			s.want("a", "refused 7")
		})
	}
}

func TestOrderTarget0RivalDNC(t *testing.T) { // the other's no-echo answer first
	tell(t, oneOCS, nil, func(s *story) {
		o := &commdn.DoNotCall{Address: commdn.Address{Origin: 102, Target: 201}, Phone: "7770002"}
		s.say(o.UserData())
		s.ask("a", &commdn.DoNotCall{Address: toOCS, Phone: "5550001"})
		s.say((&commdn.Fault{Address: commdn.Address{Origin: 201}, Code: 10}).UserData())
		s.say((&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201}}).UserData())
		s.want("a", "done")
	})
}

var aPair = map[commdn.DBID]commdn.DBID{201: 202}

func TestOrderPairTwinDNC(t *testing.T) { // after a takeover, another client of another application; target 0
	for _, to := range []commdn.DBID{201, 202} {
		tell(t, oneOCS, aPair, func(s *story) {
			s.say((&commdn.CampaignEvent{Address: commdn.Address{Origin: 202}, Event: commdn.EvCampaignStatus, CampaignGroup: inGroup.CampaignGroup}).UserData())
			s.ask("a", &commdn.DoNotCall{Address: toOCS, Phone: "5550001"})
			s.say((&commdn.DoNotCall{Address: commdn.Address{Origin: 102, Target: to}, Phone: "7770002"}).UserData())
			s.say((&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 202}, Phone: "7770002"}).UserData())
			s.say((&commdn.Fault{Address: commdn.Address{Origin: 202}, Code: 10, Phone: "5550001"}).UserData())
			s.want("a", "refused 10")
		})
	}
}

func TestOrderPairTwinStart(t *testing.T) { // after a takeover, another client of our application with another goal
	for _, to := range []commdn.DBID{201, 202} {
		tell(t, oneOCS, aPair, func(s *story) {
			s.say((&commdn.CampaignEvent{Address: commdn.Address{Origin: 202}, Event: commdn.EvCampaignStatus, CampaignGroup: inGroup.CampaignGroup}).UserData())
			o := *startOf(goal70)
			o.Address = commdn.Address{Origin: 101, Target: to}
			s.say(o.UserData())
			s.ask("a", startOf(dialing))
			e := &commdn.CampaignEvent{Address: commdn.Address{Origin: 202, Target: 101}, Event: commdn.EvDialingStarted, Dialing: goal70, HasStatus: true,
				Status: commdn.StatusRunning, CampaignGroup: inGroup.CampaignGroup}
			s.say(e.UserData())
			s.say((&commdn.Fault{Address: commdn.Address{Origin: 202, Target: 101}, Code: 7}).UserData())
			s.want("a", "refused 7")
		})
	}
}

func TestOrderTwinIdentical(t *testing.T) { // two relays of one DBID ask the very same; OCS starts one and refuses one
	tell(t, oneOCS, nil, func(s *story) {
		s.ask("a", startOf(dialing))
		o := *startOf(dialing)
		o.Address = commdn.Address{Origin: 101, Target: 201}
		s.say(o.UserData())
		s.say(startedAs(commdn.EvDialingStarted, 101, dialing))
		s.say(fault(101, 7))
		s.want("a", "done")
	})
	tell(t, oneOCS, nil, func(s *story) {
		o := *startOf(dialing)
		o.Address = commdn.Address{Origin: 101, Target: 201}
		s.say(o.UserData())
		s.ask("a", startOf(dialing))
		s.say(startedAs(commdn.EvDialingStarted, 101, dialing))
		s.say(fault(101, 7))
		s.want("a", "refused 7")
	})
}

// Two relays of one application; OCS acknowledges by a status, and refuses the other
// one.
func TestOrderTwinGranted(t *testing.T) {
	tell(t, oneOCS, nil, func(s *story) {
		s.ask("a", startOf(dialing))
		o := *startOf(goal70)
		o.Address = commdn.Address{Origin: 101, Target: 201}
		s.say(o.UserData())
		s.say(startedAs(commdn.EvCampaignStatus, 101, dialing))
		s.say(startedAs(commdn.EvCampaignStatus, 101, dialing))
		s.say(fault(101, 7))
		s.want("a", "done")
	})
}

// What OCS refuses another application is no reason to wait any longer.
func TestOrderRivalRefused(t *testing.T) {
	tell(t, oneOCS, nil, func(s *story) {
		began := time.Now()
		s.ask("a", startOf(dialing))
		o := *startOf(goal70)
		o.Address = commdn.Address{Origin: 102, Target: 201}
		s.say(o.UserData())
		s.say(startedAs(commdn.EvCampaignStatus, 101, dialing))
		time.Sleep(100 * time.Millisecond)
		s.say(fault(102, 7))
		s.want("a", "done")
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// Two relays of one application: a status is that of the other one's request, and the
// refusal of ours takes its time.
func TestOrderTwinStatusAck(t *testing.T) {
	tell(t, oneOCS, nil, func(s *story) {
		o := *startOf(goal70)
		o.Address = commdn.Address{Origin: 101, Target: 201}
		s.say(o.UserData())
		s.ask("a", startOf(dialing))
		s.say(startedAs(commdn.EvCampaignStatus, 101, goal70)) // acknowledges the other's
		s.say(startedAs(commdn.EvCampaignStatus, 101, goal70)) // news
		time.Sleep(200 * time.Millisecond)
		s.say(fault(101, 7))
		s.want("a", "refused 7")
	})
}
