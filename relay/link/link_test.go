package link_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/link"
)

// Requests about the same number go one after the other, and the second one is
// told that it waits.
func TestOneAfterTheOther(t *testing.T) {
	r := newRig(t, nil)
	first := r.ask(&commdn.DoNotCall{Phone: "1"}, func() { t.Error("the first one waits") })
	<-r.wire.sent
	waits := make(chan struct{}, 8)
	second := r.ask(&commdn.DoNotCall{Phone: "1"}, func() { waits <- struct{}{} })
	<-waits
	other := r.ask(&commdn.DoNotCall{Phone: "2"}, nil)
	<-r.wire.sent
	r.wire.come <- processed("2")
	r.wire.come <- processed("1")
	for _, done := range []<-chan *frame.Refusal{first, other} {
		if refusal := <-done; refusal != nil {
			t.Error(refusal)
		}
	}
	<-r.wire.sent
	r.wire.come <- processed("1")
	if refusal := <-second; refusal != nil {
		t.Error(refusal)
	}
	if len(waits) != 0 || r.InFlight() != 0 {
		t.Errorf("told %d times more that it waits; %d subjects are held", len(waits), r.InFlight())
	}
}

// A mistake in what an event causes costs that event alone.
func TestReaderPanics(t *testing.T) {
	var once sync.Once
	told := make(chan struct{}, 8)
	r := newRig(t, func(*commdn.CampaignEvent) uint64 {
		once.Do(func() { panic("a mistake") })
		told <- struct{}{}
		return 1
	})
	r.wire.come <- running().UserData()
	r.wire.come <- running().UserData()
	<-told
	if !strings.Contains(r.log.String(), "a mistake") || !r.State().Up {
		t.Errorf("up %v, log %s", r.State().Up, r.log)
	}
}

// Where another relay sends, events come and requests are refused; the link is
// there all the same.
func TestStandby(t *testing.T) {
	r := newRig(t, nil)
	r.SetSender(link.Another, "")
	if k := <-r.states; !k.Up || !k.Standby {
		t.Errorf("state %+v", k)
	}
	if refusal := <-r.ask(&commdn.DoNotCall{Phone: "1"}, nil); refusal == nil || refusal.Code != frame.RefusedLinkDown {
		t.Errorf("refusal %v", refusal)
	}
	r.wire.come <- running().UserData()
	if e := <-r.events; e.Status != commdn.StatusRunning {
		t.Errorf("event %+v", e)
	}
	r.SetSender(link.Another, "") // nothing changes
	r.SetSender(link.Self, "")
	if k := <-r.states; !k.Up || k.Standby {
		t.Errorf("state %+v", k)
	}
	done := r.ask(&commdn.DoNotCall{Phone: "1"}, nil)
	<-r.wire.sent
	r.wire.come <- processed("1")
	if refusal := <-done; refusal != nil {
		t.Error(refusal)
	}
}

// Where another relay sends, the link counts as up whether or not this one's own is;
// where nobody does, it is down and says why.
func TestSender(t *testing.T) {
	r := newRig(t, nil)
	r.SetSender(link.Nobody, "no lease")
	if k := <-r.states; k.Up || k.Standby || k.Reason != "no lease" || k.Since == 0 {
		t.Errorf("state %+v", k)
	}
	if up, _ := r.Connected(); !up {
		t.Error("the link to T-Server is not connected")
	}
	refusal := <-r.ask(&commdn.DoNotCall{Phone: "1"}, nil)
	if refusal == nil || refusal.Code != frame.RefusedLinkDown || !strings.Contains(refusal.Message, "none holds the lease") {
		t.Errorf("refusal %v", refusal)
	}
	r.SetSender(link.Another, "")
	if k := <-r.states; !k.Up || !k.Standby {
		t.Errorf("state %+v", k)
	}
	_ = r.wire.Close()
	for late := time.After(patience); ; {
		if up, reason := r.Connected(); !up && reason != "" {
			break
		}
		select {
		case <-late:
			t.Fatal("T-Server's link does not go down")
		case <-time.After(time.Millisecond):
		}
	}
	if k := r.State(); !k.Up || !k.Standby {
		t.Errorf("without T-Server: %+v", k)
	}
	r.SetSender(link.Self, "")
	for k := range r.states { // it may come up for a moment
		if !k.Up && k.Reason != "" {
			break
		}
	}
}

// Newer questions take the place of older ones, and none is left when the link
// is closed.
func TestResync(t *testing.T) {
	r := newRig(t, nil)
	questions := func(n int) (all []*commdn.GetCampaignStatus) {
		for i := range n {
			all = append(all, &commdn.GetCampaignStatus{
				Address: commdn.Address{Origin: 101, Target: 201}, CampaignGroup: commdn.CampaignGroup{Campaign: commdn.DBID(i + 1), Group: 501},
			})
		}
		return all
	}
	r.Resync(questions(100))
	for range 2 {
		<-r.wire.sent
	}
	r.Resync(questions(1))
	r.Resync(nil)
	for late := time.Now().Add(patience); r.InFlight() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("%d questions do not end", r.InFlight())
		}
	}
	r.Resync(questions(3))
	<-r.wire.sent
	r.Close()
	r.Resync(questions(3))
	if n := r.InFlight(); n != 0 {
		t.Errorf("%d questions after Close", n)
	}
}

// What comes from the relay's own application is its echo, whatever it says, and
// what is for another application is not for this one.
func TestForeignEvents(t *testing.T) {
	r := newRig(t, nil)
	for _, addr := range []commdn.Address{{Origin: 999}, {Origin: 999}, {Origin: -5}, {Origin: 101, Target: 101}, {Origin: 201, Target: 999}} {
		e := running()
		e.Address = addr
		r.wire.come <- e.UserData()
	}
	r.wire.come <- running().UserData()
	if e := <-r.events; e.Origin != 201 || e.Target != 0 {
		t.Errorf("told of an event of %d for %d", e.Origin, e.Target)
	}
	if len(r.events) != 0 {
		t.Errorf("told of %d events more", len(r.events))
	}
	if told := strings.Count(r.log.String(), "no OCS of this link"); told != 3 { // 999 once
		t.Errorf("logged %d times, want once for each application: %s", told, r.log)
	}
}

// A question that OCS leaves unanswered is asked again: after a switchover OCS
// may come back later than the relay. There is an end to it.
func TestResyncAsksAgain(t *testing.T) {
	r := newRigWith(t, nil, 20*time.Millisecond)
	r.Resync([]*commdn.GetCampaignStatus{{Address: commdn.Address{Origin: 101, Target: 201}, CampaignGroup: running().CampaignGroup}})
	<-r.wire.sent
	<-r.wire.sent
	e := running()
	e.Target = 101
	r.wire.come <- e.UserData()
	r.Resync([]*commdn.GetCampaignStatus{{Address: commdn.Address{Origin: 101, Target: 201}, CampaignGroup: commdn.CampaignGroup{Campaign: 9, Group: 9}}})
	for range 3 {
		<-r.wire.sent
	}
	for late := time.Now().Add(patience); !strings.Contains(r.log.String(), "OCS does not answer"); time.Sleep(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("log: %s", r.log)
		}
	}
	if len(r.wire.sent) != 0 || strings.Count(r.log.String(), "OCS does not answer") != 1 {
		t.Errorf("%d questions more, log: %s", len(r.wire.sent), r.log)
	}
}

// An OCS that owes an answer to a request that was given up may still answer it.
// Two refusals without an echo are those of the two requests, in their order; one
// alone is that of the request that somebody waits for.
func TestOwedByOneOfTwo(t *testing.T) {
	for _, refusals := range []int{1, 2} {
		r := newRigOf(t, []commdn.DBID{201, 202}, nil, 300*time.Millisecond)
		late := make(chan link.Answer, 1)
		first := make(chan *frame.Refusal, 1)
		go func() {
			first <- r.Ask(context.Background(), link.Call{Request: &commdn.DoNotCall{Phone: "1"}, Late: func(a link.Answer) { late <- a }})
		}()
		<-r.wire.sent
		r.wire.come <- processed("1")
		if refusal := <-first; refusal == nil || refusal.Code != frame.RefusedNoAnswer || !strings.Contains(refusal.Message, "202") || strings.Contains(refusal.Message, "201") {
			t.Fatalf("refusal %v, want 202 to be silent", refusal)
		}
		second := make(chan link.Answer, 1)
		go func() {
			r.Ask(context.Background(), link.Call{
				Request: &commdn.DoNotCall{Address: commdn.Address{Target: 202}, Phone: "2"}, Answer: func(a link.Answer, _ bool) { second <- a },
			})
		}()
		<-r.wire.sent
		for n := range refusals {
			r.wire.come <- (&commdn.Fault{Address: commdn.Address{Origin: 202, Target: 101}, Code: commdn.ErrorCode(100 + n)}).UserData()
		}
		if a := <-second; a.Message.(*commdn.Fault).Code != commdn.ErrorCode(99+refusals) {
			t.Errorf("%d refusals: the second request got %v", refusals, a.Message)
		}
		if refusals == 2 {
			if a := <-late; a.Message.(*commdn.Fault).Code != 100 {
				t.Errorf("late came %v", a.Message)
			}
		}
	}
}
