package link_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/link"
	"commdn/relay/tserver"
)

// pairRig has OCS 201 with the backup 202.
func pairRig(t *testing.T, change func(*link.Options)) *rig {
	t.Helper()
	r := &rig{t: t, wire: newWire(), log: &logged{}, states: make(chan frame.Link, 64), events: make(chan *commdn.CampaignEvent, 64)}
	o := link.Options{
		Name: "a", TServer: tserver.Options{Driver: r.wire, Servers: []string{"x"}, CommDN: "CommDN_1", Application: "commdn"},
		AppDBID: 101, OCS: []commdn.DBID{201}, Backups: map[commdn.DBID]commdn.DBID{201: 202}, AnswerTimeout: 200 * time.Millisecond,
		Log:     slog.New(slog.NewTextHandler(r.log, nil)),
		OnEvent: func(e *commdn.CampaignEvent) uint64 { r.events <- e; return 1 }, OnState: func(k frame.Link) { r.states <- k }, OnUserEvent: func() {},
	}
	change(&o)
	var err error
	if r.Link, err = link.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	r.Start()
	<-r.states
	return r
}

// A pair goes by the DBID of the primary, whichever of the two answers. What is
// sent goes to the one that answered last, and to the other one after silence.
func TestPair(t *testing.T) {
	r := pairRig(t, func(*link.Options) {})
	start := func() (<-chan link.Answer, <-chan *frame.Refusal) {
		got, done := make(chan link.Answer, 1), make(chan *frame.Refusal, 1)
		go func() {
			c := inGroup
			done <- r.Ask(context.Background(), link.Call{Request: (*commdn.StartDialing)(&c), Answer: func(a link.Answer, _ bool) { got <- a }})
		}()
		return got, done
	}
	sentTo := func(want int32) {
		t.Helper()
		l := <-r.wire.sent
		if to, _ := l.Int(commdn.KeyTargetAppID); to != want {
			t.Errorf("sent to %d, want %d", to, want)
		}
	}
	answer := func(from commdn.DBID) tkvlist.List {
		e := running()
		e.Event, e.Address = commdn.EvDialingStarted, commdn.Address{Origin: from, Target: 101}
		return e.UserData()
	}
	for _, from := range []commdn.DBID{201, 202, 202, 201} {
		got, done := start()
		<-r.wire.sent
		r.wire.come <- answer(from)
		if refusal := <-done; refusal != nil {
			t.Fatal(refusal)
		}
		if a := <-got; a.Addr().Origin != 201 {
			t.Errorf("answered by %d", a.Addr().Origin)
		}
		if e := <-r.events; e.Origin != 201 {
			t.Errorf("news of %d", e.Origin)
		}
		if h := r.Health()[0]; h.Active != from || h.TookOver.IsZero() != (h.Takeovers == 0) {
			t.Errorf("%d answers, and health says %+v", from, h)
		}
	}
	if h := r.Health()[0]; h.OCS != 201 || h.Takeovers != 2 || !strings.Contains(h.State(), "as 201 since") {
		t.Errorf("after two takeovers: %+v, %s", h, h.State())
	}
	if n := strings.Count(r.log.String(), "another OCS of a pair"); n != 2 {
		t.Errorf("%d takeovers are told: %s", n, r.log)
	}
	for _, want := range []int32{201, 202, 201} { // nobody answers
		_, done := start()
		sentTo(want)
		if refusal := <-done; refusal == nil || refusal.Code != frame.RefusedNoAnswer {
			t.Fatalf("refusal %v", refusal)
		}
	}
	_, done := start() // the other one was asked after the silence, and answers
	sentTo(202)
	r.wire.come <- answer(202)
	<-done
	if h := r.Health()[0]; h.Active != 202 || h.Takeovers != 3 {
		t.Errorf("a takeover after a silence: %+v", h)
	}
}

// Texts are in the site's charset on the CommDN, and nowhere else.
func TestCharset(t *testing.T) {
	r := pairRig(t, func(o *link.Options) { o.Charset = "windows-1252" })
	got, done := make(chan link.Answer, 1), make(chan *frame.Refusal, 1)
	ask := func(campaign string) {
		done <- r.Ask(context.Background(), link.Call{Request: &commdn.CancelRecord{Phone: "1", Campaign: campaign}, Answer: func(a link.Answer, _ bool) { got <- a }})
	}
	go ask("Frühling")
	l := <-r.wire.sent
	props, _ := l.List(commdn.KeyProperties)
	cancel, _ := props.List(commdn.KeyCancelRecord)
	if s, _ := cancel.Text(commdn.KeyCampaignName); s != "Fr\xfchling" {
		t.Errorf("sent %q", s)
	}
	r.wire.come <- (&commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: 3, Message: "Fr\xfchling ist nicht geladen"}).UserData()
	if a := <-got; a.Message.(*commdn.Fault).Message != "Frühling ist nicht geladen" {
		t.Errorf("answer %v", a.Message)
	}
	<-done
	go ask("春")
	if refusal := <-done; refusal == nil || refusal.Code != frame.RefusedInvalid || !strings.Contains(refusal.Message, "GSW_CAMPAIGN_NAME") {
		t.Errorf("refusal %v", refusal)
	}
	if _, err := link.New(link.Options{Charset: "latin", Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("a charset that there is not")
	}
}
