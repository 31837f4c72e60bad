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
	h.send(status(101, commdn.StatusWaitingUnload).UserData())
	if e := watching.toldAtLast(commdn.StatusWaitingUnload); e.CampaignGroup != autumn {
		t.Errorf("told %v", e)
	}
}

// An OCS that has the state of a sequence in its items alone is asked until it has
// none: then the sequence is not loaded.
func TestUnloadedSequence(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, nil)
	a, watching := r.session(), r.session()
	watching.subscribe()
	of := commdn.CampaignGroup{Group: autumn.Group}
	plan := &commdn.Sequence{Items: []commdn.SequenceItem{{
		Campaign: autumn.Campaign, Dialing: commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
	}}}
	a.request(1, (&commdn.UnloadCampaign{Address: commdn.Address{Target: 201}, CampaignGroup: of, Sequence: plan}).UserData())
	if req := h.any(); req.Type() != commdn.ReqUnloadCampaign {
		t.Fatalf("asked %v", req.Type())
	}
	waiting := &commdn.Sequence{Items: []commdn.SequenceItem{{Campaign: autumn.Campaign, Status: commdn.StatusWaitingUnload, HasStatus: true}}}
	h.send((&commdn.CampaignEvent{Address: fromOCS, Event: commdn.EvCampaignUnloaded, CampaignGroup: of, Sequence: waiting}).UserData())
	a.next()
	q, ok := h.any().(*commdn.GetCampaignStatus)
	if !ok || q.CampaignGroup != of || q.Sequence == nil {
		t.Fatalf("asked %+v", q)
	}
	h.send((&commdn.Fault{Address: fromOCS, Code: commdn.ErrorCampaignScheduleNotFound}).UserData())
	if e := watching.toldAtLast(commdn.StatusNotLoaded); e.CampaignGroup != of {
		t.Errorf("told %v", e)
	}
}
