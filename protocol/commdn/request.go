package commdn

import "commdn/protocol/tkvlist"

// Control holds what a request about a campaign group or a sequence says,
// whichever of the seven it is. Unload, force unload, stop and get status say
// no Dialing, AutoCompletion and Priority: these are zero then.
type Control struct {
	Address
	CampaignGroup
	Dialing
	AutoCompletion AutoCompletion
	Sequence       *Sequence
	Priority       *DialingPriority
}

// ControlOf gives what a request about a campaign group or a sequence says, and
// false for any other. Sequence and Priority are those of the request, no
// copies.
func ControlOf(req Request) (Control, bool) {
	var m *plain
	switch req := req.(type) {
	case *LoadCampaign:
		return Control(*req), true
	case *StartDialing:
		return Control(*req), true
	case *SetDialingMode:
		return Control(*req), true
	case *UnloadCampaign:
		m = (*plain)(req)
	case *ForceUnloadCampaign:
		m = (*plain)(req)
	case *StopDialing:
		m = (*plain)(req)
	case *GetCampaignStatus:
		m = (*plain)(req)
	default:
		return Control{}, false
	}
	return Control{Address: m.Address, CampaignGroup: m.CampaignGroup, Sequence: m.Sequence}, true
}

// Request makes the request of type t that says what c does, as far as it can
// say it; nil where t is none of the seven.
func (c Control) Request(t MessageType) Request {
	m := plain{c.Address, c.CampaignGroup, c.Sequence}
	switch t {
	case ReqLoadCampaign:
		return (*LoadCampaign)(&c)
	case ReqStartDialing:
		return (*StartDialing)(&c)
	case ReqSetDialingMode:
		return (*SetDialingMode)(&c)
	case ReqUnloadCampaign:
		return (*UnloadCampaign)(&m)
	case ReqForceUnloadCampaign:
		return (*ForceUnloadCampaign)(&m)
	case ReqStopDialing:
		return (*StopDialing)(&m)
	case ReqGetCampaignStatus:
		return (*GetCampaignStatus)(&m)
	}
	return nil
}

// Clone gives a copy of a request, whose address and other fields can be set
// without a change to the first. Sequence and Priority are the same in both.
func Clone(req Request) Request {
	switch m := req.(type) {
	case *DoNotCall:
		c := *m
		return &c
	case *CancelRecord:
		c := *m
		return &c
	}
	c, _ := ControlOf(req)
	return c.Request(req.Type())
}

func (m *Control) campaign(t MessageType) campaign {
	return campaign{
		typ: t, Address: m.Address, CampaignGroup: m.CampaignGroup, dialing: &m.Dialing,
		auto: m.AutoCompletion, sequence: m.Sequence, priority: m.Priority,
	}
}

func (m *Control) userData(t MessageType) tkvlist.List {
	c := m.campaign(t)
	return c.userData()
}

func (m *Control) validate(t MessageType) error {
	c := m.campaign(t)
	return c.validate()
}

func (m *Control) trace(t MessageType) string {
	c := m.campaign(t)
	return c.trace()
}

func decodeDialed(d *decoder) *Control {
	m := &Control{Address: d.address()}
	props, _ := d.inner(d.list, KeyProperties)
	schedule, hasSchedule := d.inner(props, KeyCampaignSchedule)
	priority, hasPriority := d.inner(props, KeyDialingPriority)
	m.CampaignGroup = d.requestGroup(hasSchedule)
	m.Dialing = d.dialing()
	m.AutoCompletion = d.autoCompletion()
	if !hasSchedule && !hasPriority {
		return m
	}
	room := new(struct { // one piece of memory for both
		Sequence
		priorities
	})
	if hasSchedule {
		m.Sequence = &room.Sequence
		d.exactSequence(m.Sequence, schedule)
	}
	if hasPriority {
		m.Priority = &room.DialingPriority
		d.priority(&room.priorities, priority)
	}
	return m
}

// plain has the fields of the requests that only name a campaign group:
// unload, force unload, stop and get status.
type plain struct {
	Address
	CampaignGroup
	Sequence *Sequence
}

func (m *plain) campaign(t MessageType) campaign {
	return campaign{typ: t, Address: m.Address, CampaignGroup: m.CampaignGroup, sequence: m.Sequence}
}

func (m *plain) userData(t MessageType) tkvlist.List {
	c := m.campaign(t)
	return c.userData()
}

func (m *plain) validate(t MessageType) error {
	c := m.campaign(t)
	return c.validate()
}

func (m *plain) trace(t MessageType) string {
	c := m.campaign(t)
	return c.trace()
}

func decodePlain(d *decoder) *plain {
	m := &plain{Address: d.address()}
	props, _ := d.inner(d.list, KeyProperties)
	schedule, ok := d.inner(props, KeyCampaignSchedule)
	m.CampaignGroup = d.requestGroup(ok)
	if ok {
		m.Sequence = &Sequence{}
		d.exactSequence(m.Sequence, schedule)
	}
	return m
}

// requestGroup reads campaign and group of a request. With a sequence the
// campaign may be absent ("CampaignDBID or Properties"). That 0 needs a sequence
// is Validate's matter.
func (d *decoder) requestGroup(hasSchedule bool) CampaignGroup {
	campaign, ok := d.mayInt(d.list, KeyCampaignID)
	if !ok && !hasSchedule {
		d.fail(KeyCampaignID, "is missing, and so is "+KeyCampaignSchedule)
	}
	return CampaignGroup{DBID(campaign), DBID(d.int(d.list, KeyGroupID))}
}

// dialing reads how a campaign is dialed, all of which a request has to say.
func (d *decoder) dialing() Dialing {
	return Dialing{DialMode(d.int(d.list, KeyDialMode)), OptimizeBy(d.int(d.list, KeyOptimizeBy)), d.int(d.list, KeyOptimizeGoal)}
}
