package commdn

import "commdn/protocol/tkvlist"

// dialed has the fields of the requests that say how to dial: load, start and
// set mode. They are converted to and from it, so that one function does for
// all.
type dialed struct {
	Address
	CampaignGroup
	Dialing
	AutoCompletion AutoCompletion
	Sequence       *Sequence
	Priority       *DialingPriority
}

func (m *dialed) campaign(t MessageType) campaign {
	return campaign{t, m.Address, m.CampaignGroup, &m.Dialing, nil, m.AutoCompletion, m.Sequence, m.Priority}
}

func (m *dialed) userData(t MessageType) tkvlist.List {
	c := m.campaign(t)
	return c.userData()
}

func (m *dialed) validate(t MessageType) error {
	c := m.campaign(t)
	return c.validate()
}

func (m *dialed) trace(t MessageType) string {
	c := m.campaign(t)
	return c.trace()
}

func decodeDialed(d *decoder) *dialed {
	m := &dialed{Address: d.address()}
	props, _ := d.inner(d.list, KeyProperties)
	schedule, hasSchedule := d.inner(props, KeyCampaignSchedule)
	priority, hasPriority := d.inner(props, KeyDialingPriority)
	m.CampaignGroup = d.campaignGroup(hasSchedule)
	m.Dialing = d.dialing(true)
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
		d.sequence(m.Sequence, schedule)
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
	m.CampaignGroup = d.campaignGroup(ok)
	if ok {
		m.Sequence = &Sequence{}
		d.sequence(m.Sequence, schedule)
	}
	return m
}

// campaignGroup reads campaign and group. With a sequence the campaign may be
// absent ("CampaignDBID or Properties"). That 0 needs a sequence is Validate's
// matter.
func (d *decoder) campaignGroup(hasSchedule bool) CampaignGroup {
	campaign, ok := d.mayInt(d.list, KeyCampaignID)
	if !ok && !hasSchedule {
		d.fail(KeyCampaignID, "is missing, and so is "+KeyCampaignSchedule)
	}
	return CampaignGroup{DBID(campaign), DBID(d.int(d.list, KeyGroupID))}
}

// dialing reads how a campaign is dialed.
func (d *decoder) dialing(mandatory bool) Dialing {
	read := func(key string) int32 {
		if mandatory {
			return d.int(d.list, key)
		}
		n, _ := d.mayInt(d.list, key)
		return n
	}
	return Dialing{DialMode(read(KeyDialMode)), OptimizeBy(read(KeyOptimizeBy)), read(KeyOptimizeGoal)}
}
