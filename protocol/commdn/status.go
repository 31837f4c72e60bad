package commdn

import "commdn/protocol/tkvlist"

// GetCampaignStatus asks OCS for the state of a campaign group or a sequence:
// CM_ReqGetCampaignStatus.
type GetCampaignStatus struct {
	Address
	CampaignGroup
	Sequence *Sequence // with campaign 0, and only then
}

// Type is CM_ReqGetCampaignStatus.
func (*GetCampaignStatus) Type() MessageType { return ReqGetCampaignStatus }

// Repeatable is true: a question changes nothing.
func (*GetCampaignStatus) Repeatable() bool { return true }

// AnsweredBy is true for a CM_EvCampaignStatus of the same campaign group, and
// CM_EvError.
func (m *GetCampaignStatus) AnsweredBy(by Message) bool {
	return m.answeredBy(by, EvCampaignStatus, 0)
}

// UserData gives the request as OCS expects it.
func (m *GetCampaignStatus) UserData() tkvlist.List {
	return (*plain)(m).userData(ReqGetCampaignStatus)
}

// Validate is that of UnloadCampaign.
func (m *GetCampaignStatus) Validate() error { return (*plain)(m).validate(ReqGetCampaignStatus) }

// Trace gives one line, as that of UnloadCampaign.
func (m *GetCampaignStatus) Trace(bool) string { return (*plain)(m).trace(ReqGetCampaignStatus) }

// CampaignEvent is what OCS says of a campaign group or a sequence, as the
// answer to a request or unasked: CM_EvCampaignLoaded, CM_EvCampaignUnloaded,
// CM_EvDialingStarted, CM_EvDialingStopped, CM_EvDialingModeChanged and
// CM_EvCampaignStatus. It may hold numbers that the vendor does not list.
type CampaignEvent struct {
	Address
	Event MessageType // one of the six
	CampaignGroup
	Dialing                    // mandatory but for Unloaded and Stopped, where all zero is not written
	Status         GroupStatus // GSW_CM_AttrGroupCampStatus, if HasStatus
	HasStatus      bool        // mandatory in CM_EvCampaignStatus, unless Sequence has the states
	AutoCompletion AutoCompletion
	Sequence       *Sequence // nil where OCS tells none
}

// Type is Event.
func (m *CampaignEvent) Type() MessageType { return m.Event }

// UserData gives the event as OCS sends it.
func (m *CampaignEvent) UserData() tkvlist.List {
	c := m.campaign()
	return c.userData()
}

// Trace gives one line, for example CM_EvCampaignStatus 7→101 campaign 12/9
// CFGDMPredict CFGOMBusyFactor 80 CM_GCS_Running.
func (m *CampaignEvent) Trace(bool) string {
	c := m.campaign()
	return c.trace()
}

func (m *CampaignEvent) campaign() campaign {
	c := campaign{typ: m.Event, Address: m.Address, CampaignGroup: m.CampaignGroup, auto: m.AutoCompletion, sequence: m.Sequence}
	if tellsDialing(m.Event) || m.Dialing != (Dialing{}) {
		c.dialing = &m.Dialing
	}
	if m.HasStatus {
		c.status = &m.Status
	}
	return c
}

// tellsDialing says whether the dialing is mandatory in an event of type t.
func tellsDialing(t MessageType) bool { return t != EvCampaignUnloaded && t != EvDialingStopped }

func decodeCampaignEvent(d *decoder) *CampaignEvent {
	m := &CampaignEvent{Address: d.address(), Event: d.msg}
	schedule := d.echo(KeyCampaignSchedule, KeyItems)
	m.CampaignGroup = d.campaignGroup(len(schedule) > 0)
	m.Dialing = d.dialing(tellsDialing(d.msg))
	status, ok := d.mayInt(d.list, KeyGroupCampStatus)
	if !ok && d.msg == EvCampaignStatus && len(schedule) == 0 {
		d.fail(KeyGroupCampStatus, "is missing")
	}
	m.Status, m.HasStatus = GroupStatus(status), ok
	m.AutoCompletion = d.autoCompletion()
	if len(schedule) > 0 {
		m.Sequence = &Sequence{}
		d.sequence(m.Sequence, schedule)
	}
	return m
}
