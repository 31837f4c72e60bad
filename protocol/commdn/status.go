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
// CM_EvCampaignStatus. It may hold numbers that the vendor does not list. Of what
// OCS leaves out the fields are zero.
type CampaignEvent struct {
	Address
	Event MessageType // one of the six
	CampaignGroup
	NoCampaign     bool        // OCS names neither campaign nor sequence: it may be any of the group
	Dialing                    // all zero is not written
	Status         GroupStatus // GSW_CM_AttrGroupCampStatus, if HasStatus; see State
	HasStatus      bool
	AutoCompletion AutoCompletion
	Sequence       *Sequence // nil where OCS tells none
}

// Type is Event.
func (m *CampaignEvent) Type() MessageType { return m.Event }

// Named says whether the event names one campaign group or sequence.
func (m *CampaignEvent) Named() bool { return !m.NoCampaign && m.Group != 0 }

// Subjects gives the campaign group, if it is named.
func (m *CampaignEvent) Subjects() []Subject {
	if !m.Named() {
		return nil
	}
	return m.CampaignGroup.Subjects()
}

// State gives how far the campaign group or sequence is; ok is false where the
// event does not tell. Where OCS gives no GSW_CM_AttrGroupCampStatus, which the
// vendor's table has for CM_EvCampaignStatus alone, it is that of the items of a
// sequence, else what the type of the event says.
func (m *CampaignEvent) State() (s GroupStatus, ok bool) {
	if s, ok = m.told(); ok || m.HasStatus {
		return s, ok
	}
	switch m.Event {
	case EvCampaignUnloaded:
		return StatusNotLoaded, true
	case EvCampaignLoaded, EvDialingStopped:
		return StatusActive, true
	case EvDialingStarted, EvDialingModeChanged:
		return StatusRunning, true
	}
	return 0, false
}

// told is State without what only the type of the event says.
func (m *CampaignEvent) told() (s GroupStatus, ok bool) {
	if m.HasStatus {
		return m.Status, m.Status >= 0 // -1 is unknown to OCS itself
	}
	return m.Sequence.state()
}

// state is that of the item which is furthest from not loaded.
func (s *Sequence) state() (state GroupStatus, ok bool) {
	if s == nil {
		return 0, false
	}
	furthest := -1
	for i := range s.Items {
		it := &s.Items[i]
		if far := distance(it.Status); it.HasStatus && far > furthest {
			furthest, state, ok = far, it.Status, true
		}
	}
	return state, ok
}

// distance orders states: what dials comes before what is being unloaded, and
// that before what is only loaded. A state that the vendor does not list tells
// nothing.
func distance(s GroupStatus) int {
	switch s {
	case StatusRunning:
		return 5
	case StatusWaitingUnload, StatusUnloadInProgress:
		return 4
	case StatusActive:
		return 3
	case StatusInActive:
		return 2
	case StatusNotLoaded:
		return 1
	}
	return -1
}

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
	c := campaign{
		typ: m.Event, Address: m.Address, CampaignGroup: m.CampaignGroup, unnamed: m.NoCampaign,
		auto: m.AutoCompletion, sequence: m.Sequence,
	}
	if m.Dialing != (Dialing{}) {
		c.dialing = &m.Dialing
	}
	if m.HasStatus {
		c.status = &m.Status
	}
	return c
}

// decodeCampaignEvent fails for an event that names nobody.
func decodeCampaignEvent(d *decoder) *CampaignEvent {
	m := &CampaignEvent{Address: d.address(), Event: d.msg}
	schedule := d.echo(KeyCampaignSchedule, isSchedule)
	named := false
	if m.CampaignGroup, named = d.campaignGroup(); !named && len(schedule) == 0 {
		m.NoCampaign = true
		if m.Group == 0 {
			d.fail(KeyCampaignID, "is missing, and so are "+KeyGroupID+" and "+KeyCampaignSchedule)
		}
	}
	m.Dialing = d.dialing()
	status, ok := d.mayInt(d.list, KeyGroupCampStatus)
	m.Status, m.HasStatus = GroupStatus(status), ok
	m.AutoCompletion = d.autoCompletion()
	if len(schedule) > 0 {
		m.Sequence = &Sequence{}
		d.sequence(m.Sequence, schedule)
	}
	return m
}

// campaignGroup reads campaign and group of an event, which may be absent; named
// says whether the campaign is there.
func (d *decoder) campaignGroup() (c CampaignGroup, named bool) {
	campaign, named := d.mayInt(d.list, KeyCampaignID)
	return CampaignGroup{DBID(campaign), DBID(d.int(d.list, KeyGroupID))}, named
}
