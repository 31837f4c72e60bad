package relay

import (
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Where OCS acknowledges without a state, the relay asks what has become of the
// campaign group, and tells everybody: an unload may take its time.
func TestUnsureState(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, nil)
	a, watching := r.session(), r.session()
	watching.subscribe()
	a.request(1, (&commdn.UnloadCampaign{CampaignGroup: autumn}).UserData())
	if req := h.any(); req.Type() != commdn.ReqUnloadCampaign {
		t.Fatalf("asked %v", req.Type())
	}
	ack := &commdn.CampaignEvent{Address: fromOCS, Event: commdn.EvCampaignUnloaded, CampaignGroup: autumn}
	h.send(ack.UserData())
	if m := a.message(a.next(), frame.KindOutcome, 1); m.Type() != commdn.EvCampaignUnloaded {
		t.Errorf("answered with %v", m.Type())
	}
	q, ok := h.any().(*commdn.GetCampaignStatus)
	if !ok || q.CampaignGroup != autumn {
		t.Fatalf("asked %v", q)
	}
	watching.next() // of the acknowledgement
	h.send(status(101, commdn.StatusWaitingUnload).UserData())
	if e := watching.told(commdn.StatusWaitingUnload); e.CampaignGroup != autumn {
		t.Errorf("told %v", e)
	}
}
