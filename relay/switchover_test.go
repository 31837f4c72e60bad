package relay

import (
	"errors"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/habits/habitstest"
	"commdn/relay/sim"
	"commdn/relay/tserver"
)

// pairRig is a relay on a pair of T-Servers, with an OCS played by the test, and
// every request on the CommDN, whichever T-Server distributes it.
func pairRig(t *testing.T, change func(*Options)) (*rig, *hand, <-chan commdn.Request) {
	t.Helper()
	sc := installation(silentOCS(201))
	sc.TServer.Backup = true
	s, err := sim.Start(sim.Options{Scenario: sc, As: habitstest.As(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	r := newRelay(t, s.Addr(), func(o *Options) {
		o.Links[0].TServer.Servers = []string{s.Addr(), s.BackupAddr()}
		o.Links[0].OCS = []commdn.DBID{201}
		if change != nil {
			change(o)
		}
	})
	r.sim = s
	r.waitLink(true)
	events, stop := s.Subscribe(1024)
	requests := make(chan commdn.Request, 1024)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for e := range events {
			if req, err := commdn.DecodeRequest(e.UserData); err == nil {
				requests <- req
			}
		}
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
	return r, r.hand("OCS_by_hand"), requests
}

// sendWhenUp sends as soon as the link of the hand is back.
func (h *hand) sendWhenUp(userData tkvlist.List) {
	h.t.Helper()
	for late := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		err := h.link.SendUserEvent(h.t.Context(), userData)
		if err == nil {
			return
		}
		if !errors.Is(err, tserver.ErrLinkDown) || time.Now().After(late) {
			h.t.Fatal(err)
		}
	}
}

func nextRequest(t *testing.T, requests <-chan commdn.Request) commdn.Request {
	t.Helper()
	select {
	case req := <-requests:
		return req
	case <-time.After(patience):
		t.Fatal("no request on the CommDN")
		return nil
	}
}

// switchOver lets the pair change places and waits until the relay has followed.
func (r *rig) switchOver(c *peer) {
	r.t.Helper()
	if err := r.sim.TServers()[0].Switchover(); err != nil {
		r.t.Fatal(err)
	}
	for _, up := range []bool{false, true} {
		if f := c.next(); f.Kind != frame.KindLink || frame.ReadLink(f.Body).Up != up {
			r.t.Fatalf("got %v %v, want link %v", f.Kind, f.Body, up)
		}
	}
}

func TestSwitchoverRepeatsNumbers(t *testing.T) {
	t.Parallel()
	r, h, requests := pairRig(t, func(o *Options) { o.AnswerTimeout = 2 * patience })
	c := r.session()
	c.request(1, dnc("5550104477"))
	c.request(2, (&commdn.CancelRecord{Phone: "5550104478"}).UserData())
	c.request(3, (&commdn.StopDialing{CampaignGroup: autumn}).UserData())
	for range 3 {
		nextRequest(t, requests)
	}
	for range 2 { // there and back again
		r.switchOver(c)
		again := map[commdn.MessageType]bool{}
		for range 2 {
			again[nextRequest(t, requests).Type()] = true
		}
		if len(again) != 2 || again[commdn.ReqStopDialing] {
			t.Errorf("sent again: %v", again)
		}
	}
	// The answer to what was sent once is as good as ever.
	h.sendWhenUp(status(101, commdn.StatusActive).UserData())
	c.message(c.next(), frame.KindOutcome, 3)
	h.sendWhenUp(processed("5550104477"))
	c.message(c.next(), frame.KindOutcome, 1)
	h.sendWhenUp(processed("5550104477")) // the answer to what was sent again
	h.sendWhenUp((&commdn.RecordCanceled{Address: fromOCS, Phone: "5550104478"}).UserData())
	c.message(c.next(), frame.KindOutcome, 2)
	c.ping()
	select {
	case req := <-requests:
		t.Errorf("one more request: %s", commdn.Trace(req, true))
	default:
	}
}

// A campaign request whose answer may be lost with the link is not repeated, and
// says so.
func TestSwitchoverWithoutAnswer(t *testing.T) {
	t.Parallel()
	r, _, requests := pairRig(t, func(o *Options) { o.AnswerTimeout = 2 * time.Second })
	c := r.session()
	c.request(1, (&commdn.StopDialing{CampaignGroup: autumn}).UserData())
	nextRequest(t, requests)
	r.switchOver(c)
	c.refused(1, frame.RefusedNoAnswer, "the link to T-Server was lost", "may have been carried out", "ask for the status")
	if len(requests) > 0 {
		t.Error("it was sent again")
	}
	c.ping()
}

// While the link is down new requests are refused at once, also those that would
// have to wait for one under way; that one waits for the link.
func TestRequestsWhileDown(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, func(o *Options) { o.AnswerTimeout = 2 * patience })
	events, stop := r.sim.Subscribe(64)
	defer stop()
	c := r.session()
	c.request(1, dnc("5550104477"))
	h.request()
	<-events
	r.sim.TServers()[0].SetLink(false)
	if f := c.next(); f.Kind != frame.KindLink || frame.ReadLink(f.Body).Up {
		t.Fatalf("got %v %v", f.Kind, f.Body)
	}
	for n, body := range []tkvlist.List{
		dnc("5550104478"), dnc("5550104477"), (&commdn.StopDialing{CampaignGroup: autumn}).UserData(),
	} {
		c.request(uint32(n)+2, body)
		c.refused(uint32(n)+2, frame.RefusedLinkDown, "no link to T-Server since ")
	}
	r.sim.TServers()[0].SetLink(true)
	if f := c.next(); f.Kind != frame.KindLink || !frame.ReadLink(f.Body).Up {
		t.Fatalf("got %v %v", f.Kind, f.Body)
	}
	for e := range events {
		if req, err := commdn.DecodeRequest(e.UserData); err == nil {
			if again, ok := req.(*commdn.DoNotCall); !ok || again.Phone != "5550104477" {
				t.Errorf("after the link came back: %s", commdn.Trace(req, true))
			}
			break
		}
	}
	h.sendWhenUp(processed("5550104477"))
	c.message(c.next(), frame.KindOutcome, 1)
	c.ping()
}
