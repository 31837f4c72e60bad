package link_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/link"
	"commdn/relay/tserver"
)

// story is an order of events: what is asked, what comes, and what is said of it.
type story struct {
	t    *testing.T
	r    *rig
	done map[string]chan string

	passed map[string]int // what was passed over, by reason; read it after say
}

// tell plays a story on a link to these OCS, with ten seconds for an answer.
func tell(t *testing.T, ocs []commdn.DBID, backups map[commdn.DBID]commdn.DBID, play func(s *story)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, wire: newWire(), log: &logged{}, states: make(chan frame.Link, 64)}
		passed := map[string]int{}
		var err error
		r.Link, err = link.New(link.Options{
			Name: "a", TServer: tserver.Options{Driver: r.wire, Servers: []string{"x"}, CommDN: "CommDN_1", Application: "commdn"},
			AppDBID: 101, OCS: ocs, Backups: backups, AnswerTimeout: 10 * time.Second, Log: slog.New(slog.NewTextHandler(r.log, nil)),
			OnEvent: func(*commdn.CampaignEvent) uint64 { return 1 }, OnState: func(k frame.Link) { r.states <- k }, OnUserEvent: func() {},
			OnPassedOver: func(reason string) { passed[reason]++ },
		})
		if err != nil {
			t.Fatal(err)
		}
		r.Start()
		<-r.states
		play(&story{t, r, map[string]chan string{}, passed})
		r.Close()
	})
}

// ask asks, and gives the request back to the CommDN, as T-Server does.
func (s *story) ask(name string, req commdn.Request) {
	done := make(chan string, 1)
	s.done[name] = done
	go func() {
		var answer *link.Answer
		refusal := s.r.Ask(context.Background(), link.Call{Request: req, Answer: func(a link.Answer, _ bool) { answer = &a }})
		got := outcomeOf(answer, refusal)
		if got == "refused" {
			got += fmt.Sprintf(" %d", answer.Message.(*commdn.Fault).Code)
		}
		done <- got
	}()
	s.say(<-s.r.wire.sent)
}

func (s *story) say(l tkvlist.List) {
	s.r.wire.come <- l
	synctest.Wait()
}

func (s *story) want(name, want string) {
	s.t.Helper()
	if got := <-s.done[name]; got != want {
		s.t.Errorf("%s: %s, want %s", name, got, want)
	}
}

var oneOCS = []commdn.DBID{201}

func TestOrderDuplicate(t *testing.T) { // an answer twice, another request in flight
	tell(t, oneOCS, nil, func(s *story) {
		s.ask("p1", &commdn.DoNotCall{Phone: "5550001"})
		s.ask("p2", &commdn.DoNotCall{Phone: "7770002"})
		s.say(processed("5550001"))
		s.say(processed("5550001"))
		s.say((&commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: 10, Phone: "7770002"}).UserData())
		s.want("p1", "done")
		s.want("p2", "refused 10")
	})
}

func TestOrderVeryLate(t *testing.T) { // an answer later than twice the timeout
	tell(t, oneOCS, nil, func(s *story) {
		s.ask("p1", &commdn.DoNotCall{Phone: "5550001"})
		time.Sleep(25 * time.Second)
		s.ask("p2", &commdn.DoNotCall{Phone: "7770002"})
		s.say(processed("5550001"))
		s.say((&commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: 10, Phone: "7770002"}).UserData())
		s.want("p1", "unknown")
		s.want("p2", "refused 10")
	})
}

func startOf(mode commdn.Dialing) *commdn.StartDialing {
	c := inGroup
	c.Dialing = mode
	return (*commdn.StartDialing)(&c)
}

func startedAs(kind commdn.MessageType, to commdn.DBID, d commdn.Dialing) tkvlist.List {
	return (&commdn.CampaignEvent{Address: commdn.Address{Origin: 201, Target: to}, Event: kind, Dialing: d, HasStatus: true,
		Status: commdn.StatusRunning, CampaignGroup: inGroup.CampaignGroup}).UserData()
}

func fault(to commdn.DBID, code commdn.ErrorCode) tkvlist.List {
	return (&commdn.Fault{Address: commdn.Address{Origin: 201, Target: to}, Code: code}).UserData()
}

var predict = commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 70}
var goal70 = commdn.Dialing{Mode: dialing.Mode, OptimizeBy: dialing.OptimizeBy, Goal: 70}

func TestOrderLateStart(t *testing.T) { // our own earlier start's answer comes late
	tell(t, oneOCS, nil, func(s *story) {
		s.ask("a", startOf(dialing))
		time.Sleep(10100 * time.Millisecond)
		s.ask("b", startOf(predict))
		s.say(startedAs(commdn.EvDialingStarted, 101, dialing))
		time.Sleep(time.Second)
		s.say(fault(101, 7))
		s.want("a", "unknown")
		s.want("b", "refused 7")
	})
}

func TestOrderProofOverwritten(t *testing.T) {
	tell(t, oneOCS, nil, func(s *story) {
		s.ask("a", startOf(dialing))
		s.say(startedAs(commdn.EvCampaignStatus, 101, dialing))
		s.say(startedAs(commdn.EvCampaignStatus, 101, predict)) // somebody changed the mode in the console
		s.want("a", "done")
	})
}

func TestOrderMaskInt(t *testing.T) {
	tell(t, oneOCS, nil, func(s *story) {
		s.say(tkvlist.List{{Key: commdn.KeyMessageType, Value: tkvlist.Int(24)}, {Key: commdn.KeyOriginAppID, Value: tkvlist.Int(201)},
			{Key: "phone", Value: tkvlist.Int(600111222)}, {Key: "GSW_CONTACT_INFO", Value: tkvlist.Int(600111223)}, {Key: "x", Value: tkvlist.String("600111224")}})
		s.say((&commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: 10, Message: "bad phone 600111225", Phone: "600111226"}).UserData())
		for _, n := range []string{"600111222", "600111223", "600111224", "600111225", "600111226"} {
			if strings.Contains(s.r.log.String(), n) {
				t.Error(n, "is in the log")
			}
		}
	})
}

// chained is an acknowledgement that begins with another phone of the chain.
func chained(other, phone string) tkvlist.List {
	return tkvlist.List{{Key: commdn.KeyMessageType, Value: tkvlist.Int(33)}, {Key: commdn.KeyOriginAppID, Value: tkvlist.Int(201)}, {Key: commdn.KeyTargetAppID, Value: tkvlist.Int(101)},
		{Key: commdn.KeyProperties, Value: tkvlist.Nested(tkvlist.List{{Key: commdn.KeyDoNotCall, Value: tkvlist.Nested(tkvlist.List{pairOf(commdn.KeyPhone, other), pairOf(commdn.KeyPhone, phone)})}})}}
}

func TestOrderChain(t *testing.T) { // another phone of the chain first, two requests in flight
	tell(t, oneOCS, nil, func(s *story) {
		s.ask("p1", &commdn.DoNotCall{Phone: "5550001"})
		s.ask("p2", &commdn.DoNotCall{Phone: "7770002"})
		s.say(chained("5559999", "7770002"))
		s.say(chained("5558888", "5550001"))
		s.want("p1", "done")
		s.want("p2", "done")
	})
	tell(t, oneOCS, nil, func(s *story) { // a chain, phone by phone
		s.ask("p1", &commdn.DoNotCall{Phone: "5550001"})
		s.say(chained("5550002", "5550001"))
		s.want("p1", "done")
		s.ask("p2", &commdn.DoNotCall{Phone: "5550002"})
		s.say(chained("5550001", "5550002"))
		s.want("p2", "done")
	})
}

func TestOrderQuestion(t *testing.T) { // the relay's own question is silent; a bare refusal of a do-not-call
	tell(t, oneOCS, nil, func(s *story) {
		s.r.Resync([]*commdn.GetCampaignStatus{{Address: commdn.Address{Origin: 101, Target: 201}, CampaignGroup: running().CampaignGroup}})
		s.r.wire.come <- <-s.r.wire.sent
		s.ask("p1", &commdn.DoNotCall{Phone: "5550001"})
		s.say(fault(101, 10))
		s.want("p1", "refused 10")
	})
}

// The acknowledgement of a sequence names the campaign of its item, and nobody.
func TestOrderSequenceAsItem(t *testing.T) {
	tell(t, oneOCS, nil, func(s *story) {
		c := ofSequence
		s.ask("a", (*commdn.StartDialing)(&c))
		e := &commdn.CampaignEvent{
			Address: commdn.Address{Origin: 201}, Event: commdn.EvDialingStarted, Dialing: dialing, HasStatus: true, Status: commdn.StatusRunning,
			CampaignGroup: commdn.CampaignGroup{Campaign: 1003, Group: 501},
		}
		s.say(e.UserData())
		s.want("a", "done")
	})
}

// What another application was granted before is no candidate for what comes for
// nobody by name.
func TestOrderGrantedBefore(t *testing.T) {
	tell(t, oneOCS, nil, func(s *story) {
		o := *startOf(goal70)
		o.Address = commdn.Address{Origin: 102, Target: 201}
		s.say(o.UserData())
		s.say(startedAs(commdn.EvDialingStarted, 102, goal70))
		s.ask("a", startOf(goal70))
		o = *startOf(dialing)
		o.Address = commdn.Address{Origin: 102, Target: 201}
		s.say(o.UserData())
		s.say(startedAs(commdn.EvDialingStarted, 0, goal70))
		s.say(fault(0, 7))
		s.want("a", "done")
	})
}

// What a status has settled is not answered once more by news.
func TestOrderNewsAreNotLate(t *testing.T) {
	tell(t, oneOCS, nil, func(s *story) {
		s.ask("a", startOf(dialing))
		s.say(startedAs(commdn.EvCampaignStatus, 101, dialing))
		s.want("a", "done")
		s.say(startedAs(commdn.EvCampaignStatus, 0, predict)) // the mode has changed
		if strings.Contains(s.r.log.String(), "too late") {
			t.Errorf("log: %s", s.r.log)
		}
		s.say(fault(101, 7))
		if !strings.Contains(s.r.log.String(), "too late") {
			t.Error("the refusal is not told")
		}
	})
}
