package ocs

import (
	"slices"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// asker is who sent a request; the zero value is the vendor's own console.
type asker struct {
	application commdn.DBID
	dn          *commDN // that it came on
}

// control is any request about a campaign or a sequence.
type control struct {
	commdn.Control // Sequence is not nil where there is no campaign
	kind           commdn.MessageType
	from           asker
	tenant         commdn.DBID
}

// campaignControl serves a request about a campaign or a sequence of the tenant
// of a CommDN. The response is nil where it comes later.
func (s *OCS) campaignControl(back commdn.Address, dn *commDN, userData tkvlist.List, r commdn.Request) (commdn.Message, *refusal) {
	if err := r.Validate(); err != nil {
		return nil, malformed(userData, err)
	}
	event, no := s.engine.serve(newControl(asker{back.Target, dn}, dn.tenant, r))
	if no != nil || event == nil {
		return nil, no
	}
	event.Address = back
	return event, nil
}

// newControl reads a valid request about a campaign or a sequence.
func newControl(from asker, tenant commdn.DBID, r commdn.Request) control {
	c, _ := commdn.ControlOf(r)
	return control{c, r.Type(), from, tenant}
}

// serve serves a request about a campaign or a sequence.
func (e *engine) serve(c control) (*commdn.CampaignEvent, *refusal) {
	if c.kind == commdn.ReqSetDialingMode && e.manner.Load().AdjustGoal {
		c.adjust()
	}
	if c.Campaign == 0 {
		return e.controlSequence(c)
	}
	return e.control(c)
}

// adjust sets goals that OCS can keep, as the habit adjust_goal has it. The
// request stays as it is.
func (c *control) adjust() {
	goal := func(g int32) int32 { return max(g-1, 1) }
	c.Goal = goal(c.Goal)
	if c.Sequence == nil {
		return
	}
	plan := *c.Sequence
	plan.Items = slices.Clone(plan.Items)
	for i := range plan.Items {
		plan.Items[i].Goal = goal(plan.Items[i].Goal)
	}
	c.Sequence = &plan
}

// acknowledgement gives the event that answers a request. The vendor documents
// none for forcing to unload.
func acknowledgement(request commdn.MessageType) commdn.MessageType {
	switch request {
	case commdn.ReqDoNotCall:
		return commdn.EvDoNotCallProcessed
	case commdn.ReqCancelRecord:
		return commdn.EvRecordCanceled
	case commdn.ReqLoadCampaign:
		return commdn.EvCampaignLoaded
	case commdn.ReqUnloadCampaign, commdn.ReqForceUnloadCampaign:
		return commdn.EvCampaignUnloaded
	case commdn.ReqStartDialing:
		return commdn.EvDialingStarted
	case commdn.ReqStopDialing:
		return commdn.EvDialingStopped
	case commdn.ReqSetDialingMode:
		return commdn.EvDialingModeChanged
	}
	return commdn.EvCampaignStatus
}
