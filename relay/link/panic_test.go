package link_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/link"
)

// A mistake in what a held answer causes costs that answer alone: a timer hands it
// on, and nobody above it would recover.
func TestHeldAnswerPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRigWith(t, nil, 10*time.Second)
		late := make(chan struct{}, 8)
		given := make(chan struct{}, 2)
		for _, phone := range []string{"1", "2"} {
			go func() {
				r.Ask(context.Background(), link.Call{Request: &commdn.DoNotCall{Phone: phone}, Late: func(link.Answer) {
					late <- struct{}{}
					panic("a mistake")
				}})
				given <- struct{}{}
			}()
			<-r.wire.sent
		}
		<-given
		<-given
		r.wire.come <- (&commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: 10}).UserData() // of one of them
		<-late
		synctest.Wait()
		if !strings.Contains(r.log.String(), "a held answer was not handled") || !strings.Contains(r.log.String(), "a mistake") {
			t.Errorf("log: %s", r.log)
		}
		done := r.ask(&commdn.DoNotCall{Phone: "3"}, nil)
		<-r.wire.sent
		r.wire.come <- processed("3")
		if refusal := <-done; refusal != nil {
			t.Error(refusal)
		}
		r.Close()
	})
}

// A question of the relay that panics costs that question: the next one is asked.
func TestQuestionPanics(t *testing.T) {
	r := newRig(t, nil)
	r.Resync([]*commdn.GetCampaignStatus{nil, {CampaignGroup: commdn.CampaignGroup{Campaign: 1001, Group: 501}}}) // nil is a mistake of ours
	<-r.wire.sent
	r.wire.come <- running().UserData()
	<-r.events
	r.Close()
	if !strings.Contains(r.log.String(), "a question for a status failed") {
		t.Errorf("log: %s", r.log)
	}
}
