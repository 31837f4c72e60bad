package relay

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/fronttest"
	"commdn/relay/habits/habitstest"
	"commdn/relay/sim"
)

func TestTServerRestarts(t *testing.T) {
	t.Parallel()
	front := fronttest.New(t)
	start := func() *sim.Sim {
		t.Helper()
		s, err := sim.Start(sim.Options{Scenario: installation(connectedOCS(201)), As: habitstest.As(t)})
		if err != nil {
			t.Fatal(err)
		}
		front.Use(s.Addr())
		return s
	}
	s := start()
	r := newRelay(t, front.Addr(), nil)
	r.waitLink(true)
	c := r.session()
	c.put(1, "5550100001")
	if answer, body := r.get("/readyz"); answer.StatusCode != http.StatusOK {
		t.Errorf("readyz: %d %s", answer.StatusCode, body)
	}

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	f := c.next()
	front.Use("")
	down := frame.ReadLink(f.Body)
	if f.Kind != frame.KindLink || down.Up || down.Reason == "" || down.Since == 0 {
		t.Fatalf("after T-Server ended: %v %v", f.Kind, f.Body)
	}
	c.request(2, dnc("5550100002"))
	c.refused(2, frame.RefusedLinkDown, "no link to T-Server since "+time.Unix(down.Since, 0).UTC().Format(time.RFC3339))
	if strings.Contains(down.Reason, "127.0.0.1") || strings.Contains(down.Reason, "tlink") {
		t.Errorf("a person is told %q", down.Reason)
	}
	r.readyz(false, "no link to T-Server", "since")

	s = start()
	defer s.Close()
	r.waitLink(true)
	c.put(3, "5550100003")
	if got := s.DNC(); len(got) != 1 || got[0].Phone != "5550100003" {
		t.Errorf("list %v", got)
	}
}

// The link to the switch may go while T-Server stays.
func TestSwitchGone(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), nil)
	c := r.session()
	r.sim.TServers()[0].SetLink(false)
	if f := c.next(); f.Kind != frame.KindLink || frame.ReadLink(f.Body).Up {
		t.Fatalf("got %v %v", f.Kind, f.Body)
	}
	c.request(1, dnc("5550100001"))
	c.refused(1, frame.RefusedLinkDown, "no link to T-Server since ")
	r.sim.TServers()[0].SetLink(true)
	if f := c.next(); f.Kind != frame.KindLink || !frame.ReadLink(f.Body).Up {
		t.Fatalf("got %v %v", f.Kind, f.Body)
	}
}

// A relay whose T-Server never was there says so, once and not at every
// attempt to connect.
func TestNeverConnected(t *testing.T) {
	t.Parallel()
	text := newLogText()
	r := newRelay(t, "127.0.0.1:1", func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(text, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	text.wait(t, "T-Server link is down")
	c := r.session()
	c.request(1, dnc("5550100001"))
	c.refused(1, frame.RefusedLinkDown, "no link to T-Server since ")
	text.wait(t, "connection refused")
	before := text.count("T-Server link is down")
	text.waitCount(t, "T-Server link is down", before+5)
	if n := text.count(`level=WARN msg="T-Server link is down"`); n != 1 {
		t.Errorf("%d warnings about one failure: %s", n, text)
	}
	c.send(frame.Frame{Kind: frame.KindPing, Number: 1})
	for links := 0; ; links++ {
		if f := c.next(); f.Kind == frame.KindPong {
			if links > 1 {
				t.Errorf("%d link frames for attempts that all fail the same way", links)
			}
			return
		}
	}
}

func TestEventRefused(t *testing.T) {
	t.Parallel()
	sc := installation(connectedOCS(201))
	sc.TServer.MaxUserData = 40
	s, err := sim.Start(sim.Options{Scenario: sc, As: habitstest.As(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r := newRelay(t, s.Addr(), nil)
	r.waitLink(true)
	c := r.session()
	c.request(1, dnc("5550100001"))
	c.refused(1, frame.RefusedTServer, "RequestDistributeUserEvent refused with error 53", "40 bytes")
}
