package relay

import (
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
)

func event(of commdn.CampaignGroup, s commdn.GroupStatus) *commdn.CampaignEvent {
	e := status(0, s)
	e.CampaignGroup = of
	return e
}

func (c *peer) subscribe() {
	c.t.Helper()
	c.send(frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true}.Body()})
}

// What somebody may not watch they are not told of, neither at once nor later.
func TestNotificationsAreNarrowed(t *testing.T) {
	t.Parallel()
	r, h, p := rightsRig(t, auth.Rule{Role: auth.Supervisor, Values: []string{"lead-autumn"}, Campaigns: []string{"Autumn"}})
	all := r.sessionOf(of(p, "ann", "supervisor", "lead-autumn", "agent"))
	agent := r.sessionOf(of(p, "ben", "agent"))
	h.send(event(winterNorth, commdn.StatusActive).UserData())
	h.send(event(autumnNorth, commdn.StatusActive).UserData())
	r.until("the status is known", func() bool { return r.srv.cache.Len() == 2 })
	for _, c := range []*peer{all, agent} {
		c.subscribe()
	}
	if e := all.told(commdn.StatusActive); e.CampaignGroup != autumnNorth {
		t.Errorf("told of %v", e.CampaignGroup)
	}
	h.send(event(winterNorth, commdn.StatusRunning).UserData())
	h.send(event(autumnNorth, commdn.StatusRunning).UserData())
	if e := all.told(commdn.StatusRunning); e.CampaignGroup != autumnNorth {
		t.Errorf("told of %v", e.CampaignGroup)
	}
	all.ping()
	agent.ping()
}
