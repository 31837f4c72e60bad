package ocs

import (
	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// control is any request about a campaign or a sequence, with what it has of
// these.
type control struct {
	kind     commdn.MessageType
	from     commdn.DBID
	id       commdn.CampaignGroup
	dialing  commdn.Dialing
	auto     commdn.AutoCompletion
	sequence *commdn.Sequence // not nil where id has no campaign
}

// campaignControl serves a request about a campaign or a sequence. The response
// is nil where it comes later.
func (s *OCS) campaignControl(back commdn.Address, userData tkvlist.List, r commdn.Request) (commdn.Message, *refusal) {
	if err := r.Validate(); err != nil {
		return nil, malformed(userData, err)
	}
	c := control{kind: r.Type(), from: r.Addr().Origin}
	switch m := r.(type) {
	case *commdn.LoadCampaign:
		c.id, c.dialing, c.auto, c.sequence = m.CampaignGroup, m.Dialing, m.AutoCompletion, m.Sequence
	case *commdn.StartDialing:
		c.id, c.dialing, c.auto, c.sequence = m.CampaignGroup, m.Dialing, m.AutoCompletion, m.Sequence
	case *commdn.SetDialingMode:
		c.id, c.dialing, c.auto, c.sequence = m.CampaignGroup, m.Dialing, m.AutoCompletion, m.Sequence
	case *commdn.UnloadCampaign:
		c.id, c.sequence = m.CampaignGroup, m.Sequence
	case *commdn.ForceUnloadCampaign:
		c.id, c.sequence = m.CampaignGroup, m.Sequence
	case *commdn.StopDialing:
		c.id, c.sequence = m.CampaignGroup, m.Sequence
	case *commdn.GetCampaignStatus:
		c.id, c.sequence = m.CampaignGroup, m.Sequence
	}
	serve := s.engine.control
	if c.id.Campaign == 0 {
		serve = s.engine.controlSequence
	}
	event, no := serve(c)
	if no != nil || event == nil {
		return nil, no
	}
	event.Address = back
	return event, nil
}

// acknowledgement gives the event that answers the request. Forcing to unload
// has no documented one.
func (c control) acknowledgement() commdn.MessageType {
	switch c.kind {
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
