package relay

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/campaigns"
	"commdn/relay/habits/habitstest"
	"commdn/relay/internal/natstest"
	"commdn/relay/lease"
	"commdn/relay/sim"
)

// A do-not-call that the relay which stands by accepts is sent once, by the other one.
// The session hears the outcome, and so does whoever resumes it at either relay.
func TestClusterAnswerFindsTheSession(t *testing.T) {
	t.Parallel()
	_, first, second := pair(t, connectedOCS(201))
	c := second.sessionOf(supervisorToken)
	key := newKey()
	c.send(frame.Frame{Kind: frame.KindRequest, Number: 1, Body: frame.Request{Key: key, Data: dnc("5550100001")}.Body()})
	if f := c.next(); f.Kind != frame.KindAccepted {
		t.Fatalf("got %v", f.Kind)
	}
	if _, ok := c.outcome(1).(*commdn.DoNotCallProcessed); !ok || !listed(first.sim, "5550100001") {
		t.Error("the number is not on the list")
	}
	for _, r := range []*rig{first, second} {
		again := r.resume(supervisorToken, frame.Resume{Key: key, Number: 7})
		if _, ok := again.outcome(7).(*commdn.DoNotCallProcessed); !ok {
			t.Error("the outcome is not that of before")
		}
	}
	if answer, body := second.get("/readyz"); answer.StatusCode != http.StatusOK {
		t.Errorf("readyz of who stands by: %d %s", answer.StatusCode, body)
	}
	st := second.srv.Status().Links[0]
	if !st.Standby || !st.Connected || st.Lease == nil || st.Lease.Holder != "first" || st.Lease.Term == 0 {
		t.Errorf("status %+v lease %+v", st, st.Lease)
	}
}

// Campaign control by way of the relay that stands by is sent once, in the name of the
// one that sends, and its session hears the answer.
func TestClusterControlThroughStandby(t *testing.T) {
	t.Parallel()
	_, first, second := pair(t, silentOCS(201))
	h := first.hand("OCS_by_hand")
	c := second.sessionOf(supervisorToken)
	for n := range uint32(3) {
		c.request(n+1, (&commdn.StopDialing{CampaignGroup: autumn}).UserData())
		req := h.any()
		if _, ok := req.(*commdn.StopDialing); !ok || req.Addr().Origin != application || req.Addr().Target != 201 {
			t.Fatalf("on the CommDN is %+v", req)
		}
		h.send(status(application, commdn.StatusActive).UserData())
		if e, ok := c.outcome(n + 1).(*commdn.CampaignEvent); !ok || e.Status != commdn.StatusActive {
			t.Errorf("answered by %+v", e)
		}
	}
	select {
	case req := <-h.requests:
		t.Errorf("on the CommDN is %v once more", req.Type())
	default:
	}
}

// What OCS says to the relay that sends is known to all: to sessions that watch, and in
// the history, also of a relay that starts later. When another one takes over, there is a
// gap in it.
func TestClusterStatusIsShared(t *testing.T) {
	t.Parallel()
	nats, first, second := pair(t, silentOCS(201))
	h := first.hand("OCS_by_hand")
	watcher := second.sessionOf(supervisorToken)
	watcher.send(frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true}.Body()})
	watcher.ping()
	for _, s := range []commdn.GroupStatus{commdn.StatusActive, commdn.StatusRunning} {
		h.send(status(application, s).UserData())
		watcher.told(s)
	}
	third := newRelay(t, first.sim.Addr(), among(t, nats, "third", secondApplication))
	third.standsBy()
	past := func(r *rig) (all []commdn.GroupStatus) {
		for _, p := range r.srv.cache.Snapshot(true).Past {
			for _, c := range p.Changes {
				all = append(all, c.Status)
			}
		}
		return all
	}
	want := []commdn.GroupStatus{commdn.StatusActive, commdn.StatusRunning}
	for _, r := range []*rig{first, second, third} {
		r.until("the history", func() bool { return slices.Equal(past(r), want) })
		u := r.srv.cache.Find(campaigns.Key{Link: "tserver", OCS: 201, CampaignGroup: autumn}, time.Hour)
		if u == nil || u.Event.Status != commdn.StatusRunning {
			t.Errorf("the last status is %+v", u)
		}
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	want = append(want, frame.StatusUnknown)
	for _, r := range []*rig{second, third} {
		r.until("the gap", func() bool { return slices.Equal(past(r), want) })
	}
	r := second
	r.until("one of the others sends", func() bool {
		for _, r = range []*rig{second, third} {
			if s := r.srv.linkState(); s.Up && !s.Standby {
				return true
			}
		}
		return false
	})
	h.send(status(secondApplication, commdn.StatusActive).UserData())
	want = append(want, commdn.StatusActive)
	for _, r := range []*rig{second, third} {
		r.until("the news after it", func() bool { return slices.Equal(past(r), want) })
	}
}

// Without NATS nobody sends: the holder stops before its lease is over, and says so.
// When NATS is back, one of them does, and nothing is lost.
func TestClusterWithoutNATS(t *testing.T) {
	t.Parallel()
	nats, first, second := pair(t, connectedOCS(201))
	c := first.sessionOf(supervisorToken)
	c.request(1, dnc("5550100001"))
	c.outcome(1)
	nats.Stop()
	for _, r := range []*rig{first, second} {
		r.until("nobody sends", func() bool { return !r.srv.linkState().Up })
		if s := r.srv.shared["tserver"].State(); s.Sender != lease.Nobody {
			t.Errorf("the lease is %+v", s)
		}
		if up, reason := r.srv.links[0].Connected(); !up {
			t.Errorf("the link to T-Server is lost: %s", reason)
		}
	}
	for f := c.next(); ; f = c.next() { // of the link
		if f.Kind == frame.KindLink && !frame.ReadLink(f.Body).Up {
			break
		}
	}
	c.request(2, (&commdn.StopDialing{CampaignGroup: autumn}).UserData())
	c.refused(2, frame.RefusedLinkDown, "lease")
	nats.Again()
	r := first
	r.until("one sends", func() bool {
		for _, r = range []*rig{first, second} {
			if s := r.srv.linkState(); s.Up && !s.Standby {
				return true
			}
		}
		return false
	})
	again := r.sessionOf(supervisorToken)
	again.send(frame.Frame{Kind: frame.KindRequest, Number: 1, Body: frame.Request{Key: newKey(), Data: dnc("5550100002")}.Body()})
	again.outcome(1)
	if !listed(first.sim, "5550100002") {
		t.Error("the number is not on the list")
	}
}

// A relay that ends gives its lease back: the other one sends at once, and who was
// connected to the first one finds their request there.
func TestClusterHandover(t *testing.T) {
	t.Parallel()
	_, first, second := pair(t, silentOCS(201))
	h := first.hand("OCS_by_hand")
	c := first.sessionOf(supervisorToken)
	key := newKey()
	c.send(frame.Frame{Kind: frame.KindRequest, Number: 1, Body: frame.Request{Key: key, Data: dnc("5550100001")}.Body()})
	if f := c.next(); f.Kind != frame.KindAccepted {
		t.Fatalf("got %v", f.Kind)
	}
	if req := h.request(); req.Origin != application {
		t.Errorf("sent by %d", req.Origin)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	second.sends()
	if req := h.request(); req.Origin != secondApplication {
		t.Errorf("sent again by %d", req.Origin)
	}
	h.send((&commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: secondApplication}, Phone: "5550100001"}).UserData())
	after := second.resume(supervisorToken, frame.Resume{Key: key, Number: 9})
	after.outcome(9)
	if log := first.log.String(); !strings.Contains(log, "draining") {
		t.Error("the first one did not drain")
	}
}

// A relay whose machine was suspended writes nothing to T-Server, although it has not
// noticed yet that its lease is over, and cannot: NATS says nothing.
func TestClusterFence(t *testing.T) {
	t.Parallel()
	wire := natstest.NewWire(t, natstest.Start(t).URL())
	var suspended atomic.Int64
	now := func() time.Duration { return lease.Clock() + time.Duration(suspended.Load()) }
	r := newRig(t, several(silentOCS(201)), amongAt(t, wire.URL(), "first", application, now))
	r.sends()
	h := r.hand("OCS_by_hand")
	c := r.sessionOf(supervisorToken)
	c.request(1, (&commdn.StopDialing{CampaignGroup: autumn}).UserData())
	h.any()
	h.send(status(application, commdn.StatusActive).UserData())
	c.outcome(1)
	wire.Cut(true)
	suspended.Store(int64(time.Hour))
	c.request(2, (&commdn.StopDialing{CampaignGroup: autumn}).UserData())
	for f := c.next(); ; f = c.next() { // the link may go down before
		if f.Kind == frame.KindOutcome {
			if o := frame.ReadOutcome(f.Body); f.Number != 2 || o.Refusal == nil || o.Refusal.Code != frame.RefusedLinkDown {
				t.Errorf("%d: %+v", f.Number, o)
			}
			break
		}
	}
	select {
	case req := <-h.requests:
		t.Errorf("%v was sent", req.Type())
	case <-time.After(100 * time.Millisecond):
	}
	wire.Cut(false)
}

// Two sites, of which each relay reaches one: a number that goes to both is carried out by
// the relay that sends on the first, which has the other one send its part.
func TestClusterSplitLinks(t *testing.T) {
	t.Parallel()
	nats := natstest.Start(t)
	var sites [2]*sim.Sim
	for i, id := range []commdn.DBID{201, 202} {
		s, err := sim.Start(sim.Options{Scenario: several(connectedOCS(id)), As: habitstest.As(t)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		sites[i] = s
	}
	const nowhere = "127.0.0.1:1"
	start := func(name string, app commdn.DBID, addresses [2]string) *rig {
		return newRelay(t, addresses[0], func(o *Options) {
			o.Links[0].Name, o.Links[0].OCS = "alpha", []commdn.DBID{201}
			among(t, nats, name, app)(o)
			o.Links = append(o.Links, Link{
				Name: "beta", TServer: tserverAt(addresses[1], o.Links[0].TServer.Application), AppDBID: app, OCS: []commdn.DBID{202},
			})
		})
	}
	first := start("first", application, [2]string{sites[0].Addr(), nowhere})
	second := start("second", secondApplication, [2]string{nowhere, sites[1].Addr()})
	for _, r := range []*rig{first, second} {
		r.until("both links are sent on", func() bool { return r.srv.linkState().Up })
	}
	for i, r := range []*rig{first, second} {
		c := r.sessionOf(supervisorToken)
		phone := []string{"5550100001", "5550100002"}[i]
		c.request(1, dnc(phone))
		c.outcome(1)
		if !listed(sites[0], phone) || !listed(sites[1], phone) {
			t.Errorf("%s: at the first site %v, at the second %v", phone, listed(sites[0], phone), listed(sites[1], phone))
		}
	}
}
