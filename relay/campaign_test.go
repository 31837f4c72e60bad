package relay

import (
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/directory"
)

var autumn = commdn.CampaignGroup{Campaign: 1001, Group: 501}

func status(target commdn.DBID, s commdn.GroupStatus) *commdn.CampaignEvent {
	return &commdn.CampaignEvent{
		Address: commdn.Address{Origin: 201, Target: target}, Event: commdn.EvCampaignStatus, CampaignGroup: autumn,
		Dialing: commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
		Status:  s, HasStatus: true,
	}
}

// told fails unless the next frame notifies of this status.
func (c *peer) told(want commdn.GroupStatus) *commdn.CampaignEvent {
	c.t.Helper()
	f := c.next()
	m, err := commdn.Decode(f.Body)
	e, ok := m.(*commdn.CampaignEvent)
	if f.Kind != frame.KindNotification || err != nil || !ok || e.Status != want {
		c.t.Fatalf("got %v %v, want to be told of %v", f.Kind, f.Body, want)
	}
	return e
}

// toldAtLast is told where other news of the campaign group may come before, or be
// replaced by it.
func (c *peer) toldAtLast(want commdn.GroupStatus) *commdn.CampaignEvent {
	c.t.Helper()
	for {
		f := c.next()
		m, err := commdn.Decode(f.Body)
		e, ok := m.(*commdn.CampaignEvent)
		if f.Kind != frame.KindNotification || err != nil || !ok {
			c.t.Fatalf("got %v %v, want to be told of %v", f.Kind, f.Body, want)
		}
		if e.Status == want {
			return e
		}
	}
}

// TestCampaignRequest: the relay fills in the only OCS there is, an event that
// says something else settles nothing, and the others hear of the answer.
func TestCampaignRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(silentOCS(201)), func(o *Options) { o.StatusAge = -1 })
	h := r.hand("OCS_by_hand")
	supervisor, watcher, agent := r.session(), r.session(), r.session()
	watcher.send(frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true}.Body()})
	watcher.ping()
	supervisor.request(1, (&commdn.StopDialing{CampaignGroup: autumn}).UserData())
	req, ok := h.any().(*commdn.StopDialing)
	if !ok || req.Addr().Target != 201 || req.Addr().Origin != 101 {
		t.Fatalf("on the CommDN is %+v", req)
	}
	h.send(status(0, commdn.StatusRunning).UserData()) // not stopped yet
	watcher.told(commdn.StatusRunning)
	h.send(status(101, commdn.StatusActive).UserData())
	watcher.told(commdn.StatusActive)
	m := supervisor.message(supervisor.next(), frame.KindOutcome, 1)
	if e, ok := m.(*commdn.CampaignEvent); !ok || e.Status != commdn.StatusActive {
		t.Errorf("answered by %s", commdn.Trace(m, true))
	}
	agent.ping() // nothing came before the pong

	watcher.send(frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{}.Body()})
	watcher.ping()
	h.send(status(0, commdn.StatusNotLoaded).UserData())
	h.send(status(102, commdn.StatusNotLoaded).UserData()) // another application's
	supervisor.request(2, (&commdn.GetCampaignStatus{CampaignGroup: autumn}).UserData())
	h.any()
	h.send(status(101, commdn.StatusNotLoaded).UserData())
	supervisor.message(supervisor.next(), frame.KindOutcome, 2)
	watcher.ping()
}

// TestCampaignTarget: with several OCS a request about a campaign names one.
func TestCampaignTarget(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(silentOCS(201), silentOCS(202)), nil)
	h := r.hand("OCS_by_hand")
	c := r.session()
	c.request(1, (&commdn.StopDialing{CampaignGroup: autumn}).UserData())
	c.refused(1, frame.RefusedInvalid, "say which OCS: 201 or 202")
	c.request(2, (&commdn.StopDialing{Address: commdn.Address{Target: 202}, CampaignGroup: autumn}).UserData())
	if req := h.any(); req.Addr().Target != 202 {
		t.Errorf("sent to %d", req.Addr().Target)
	}
	e := status(101, commdn.StatusActive)
	e.Origin = 202
	h.send(e.UserData())
	c.message(c.next(), frame.KindOutcome, 2)
}

// TestSameGroupWaits: two requests about one campaign group go one after the
// other; another group is not kept waiting.
func TestSameGroupWaits(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(silentOCS(201)), func(o *Options) { o.AnswerTimeout, o.DrainTimeout = time.Hour, unanswered })
	h := r.hand("OCS_by_hand")
	c := r.session()
	c.request(1, (&commdn.StopDialing{CampaignGroup: autumn}).UserData())
	h.any()
	c.request(2, (&commdn.UnloadCampaign{CampaignGroup: autumn}).UserData())
	c.request(3, (&commdn.StopDialing{CampaignGroup: commdn.CampaignGroup{Campaign: 1001, Group: 502}}).UserData())
	if req, ok := h.any().(*commdn.StopDialing); !ok || req.Group != 502 {
		t.Fatalf("second on the CommDN is %+v", req)
	}
	h.send(status(101, commdn.StatusActive).UserData())
	c.message(c.next(), frame.KindOutcome, 1)
	if req, ok := h.any().(*commdn.UnloadCampaign); !ok {
		t.Fatalf("after the answer came %+v", req)
	}
	h.send(status(101, commdn.StatusWaitingUnload).UserData())
	c.message(c.next(), frame.KindOutcome, 2)
}

// names is a directory of a YAML text.
func names(t *testing.T, text string) *directory.Directory {
	t.Helper()
	d, err := directory.Parse("directory.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDirectoryIsTold(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(silentOCS(201)), func(o *Options) {
		o.Settings.Directory = names(t, "campaigns: [{dbid: 1001, name: Autumn}]\ngroups: [{dbid: 501, name: North}]\n")
	})
	if d := r.session().directory; len(d.Campaigns) != 1 || d.Campaigns[0].Name != "Autumn" || len(d.Groups) != 1 || d.Groups[0].DBID != 501 {
		t.Errorf("told %+v", d)
	}
}
