package link_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/link"
	"commdn/relay/tserver"
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

// once is a T-Server to which one attempt leads.
type once struct {
	*wire
	opened bool
}

func (o *once) Open(ctx context.Context, c tserver.ConnOptions) (tserver.Conn, error) {
	if o.opened {
		return nil, errors.New("closed") // as the end of the connection says
	}
	o.opened = true
	return o.wire.Open(ctx, c)
}

// A state that was not taken in, as somebody panicked, is told again at the next attempt
// to connect, although nothing has changed.
func TestStatePanics(t *testing.T) {
	r := &rig{wire: newWire(), log: &logged{}, states: make(chan frame.Link, 64)}
	down := 0
	var err error
	r.Link, err = link.New(link.Options{
		Name: "a", AppDBID: 101, OCS: []commdn.DBID{201}, AnswerTimeout: patience, Log: slog.New(slog.NewTextHandler(r.log, nil)),
		TServer: tserver.Options{
			Driver: &once{wire: r.wire}, Servers: []string{"x"}, CommDN: "CommDN_1", Application: "commdn",
			MinBackoff: time.Millisecond, MaxBackoff: 20 * time.Millisecond,
		},
		OnEvent: func(*commdn.CampaignEvent) uint64 { return 0 }, OnUserEvent: func() {},
		OnState: func(k frame.Link) {
			if !k.Up {
				if down++; down == 1 {
					panic("a mistake")
				}
			}
			r.states <- k
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.Start()
	if k := <-r.states; !k.Up {
		t.Fatalf("told %+v", k)
	}
	r.wire.Close()
	select {
	case k := <-r.states:
		if k.Up || !strings.Contains(r.log.String(), "a mistake") {
			t.Errorf("told %+v\n%s", k, r.log)
		}
	case <-time.After(patience):
		t.Errorf("not told again\n%s", r.log)
	}
}
