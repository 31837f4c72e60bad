package commdn

import (
	"strconv"

	"commdn/protocol/tkvlist"
)

// CampaignGroup is a campaign on a group, which is what requests load, start
// and stop. Campaign 0 stands for a campaign sequence.
type CampaignGroup struct {
	Campaign DBID // GSW_CM_AttrCampaignID
	Group    DBID // GSW_CM_AttrGroupID
}

// String gives CAMPAIGN/GROUP, for example 12/7.
func (c CampaignGroup) String() string {
	return strconv.Itoa(int(c.Campaign)) + "/" + strconv.Itoa(int(c.Group))
}

// Subjects gives the campaign group.
func (c CampaignGroup) Subjects() []Subject {
	return []Subject{{SubjectCampaignGroup, c.String()}}
}

// answeredBy says whether m answers a request about c: the request's own
// event, a fault that echoes nothing else and came in no other request's event
// (CM_EvCampaignStatus is anybody's), or an event that tells one of the given
// states (bit n for GroupStatus n), in which the request has come true.
// The last is what clients of OCS rely on, who may get another event first.
func (c CampaignGroup) answeredBy(m Message, own MessageType, states uint8) bool {
	switch m := m.(type) {
	case *Fault:
		return (refuses(m, own) || m.Event == EvCampaignStatus) && (m.Campaign == 0 || m.Campaign == c.Campaign) && (m.Group == 0 || m.Group == c.Group) &&
			m.Phone == "" && m.CustomerID == ""
	case *CampaignEvent:
		state, known := m.told()
		return m.CampaignGroup == c && (m.Event == own || known && states>>uint32(state)&1 != 0)
	}
	return false
}

// Dialing says how a campaign is dialed. In a request all of it is mandatory,
// for a sequence too ("Communication Structure").
type Dialing struct {
	Mode       DialMode   // GSW_CM_AttrDialMode
	OptimizeBy OptimizeBy // GSW_CM_AttrOptimizeBy
	Goal       int32      // GSW_CM_AttrOptimizeGoal: 0 to 100 percent; for OptimizeWaitTime seconds, 0 or more
}

// dialing fails for what the vendor does not list, or a goal out of range.
func (p *problem) dialing(dl Dialing, mode, by, goal string) {
	if !dl.Mode.Known() {
		p.fail(mode, "is "+dl.Mode.String()+", which is no dialing mode; give 1 to 5, 8, 9 or 11")
	}
	if !dl.OptimizeBy.Known() {
		p.fail(by, "is "+dl.OptimizeBy.String()+", which is no optimization method; give 1, 2 or 3")
	}
	if dl.OptimizeBy == OptimizeWaitTime {
		p.atLeast(0, goal, int64(dl.Goal))
	} else if dl.Goal < 0 || dl.Goal > 100 {
		p.fail(goal, "is "+strconv.Itoa(int(dl.Goal))+"; give 0 to 100 percent")
	}
}

// AutoCompletion is GSW_AUTO_COMPLETION: whether OCS stops and unloads the
// campaign group by itself once all records are done. It is one more than the
// value that is sent, so that the zero value is that of a key that is absent.
type AutoCompletion int8

// The values of AutoCompletion.
const (
	AutoCompletionUnset AutoCompletion = 0 // not sent
	AutoCompletionOff   AutoCompletion = 1 // sent as 0
	AutoCompletionOn    AutoCompletion = 2 // sent as 1
)

// autoCompletion reads it among the user data, where the vendor's page has it,
// or in the properties, where logs have it.
func (d *decoder) autoCompletion() AutoCompletion {
	v, ok := d.anywhere(KeyAutoCompletion)
	if !ok {
		return AutoCompletionUnset
	}
	n, isInt := ReadInt(v)
	switch {
	case d.lenient && isInt && n == 0:
		return AutoCompletionOff
	case d.lenient:
		return AutoCompletionOn
	}
	if n, isInt = v.Int(); !isInt {
		d.wrong(KeyAutoCompletion, v, "an integer")
	} else if n < 0 || n > 1 {
		d.fail(KeyAutoCompletion, "is "+strconv.Itoa(int(n))+" instead of 0 or 1")
	}
	return AutoCompletion(n&1 + 1)
}

// campaign is what the messages about campaigns have among them, for the
// functions that treat all alike.
type campaign struct {
	typ MessageType
	Address
	CampaignGroup
	unnamed  bool         // the campaign is not written
	dialing  *Dialing     // nil: not written
	status   *GroupStatus // nil: not written
	auto     AutoCompletion
	sequence *Sequence
	priority *DialingPriority
}

// userData builds the list in the order of the vendor's table.
func (c *campaign) userData() tkvlist.List {
	l := make(tkvlist.List, 0, 11)
	addInt(&l, KeyMessageType, int32(c.typ))
	if c.dialing != nil {
		addInt(&l, KeyDialMode, int32(c.dialing.Mode))
		addInt(&l, KeyOptimizeBy, int32(c.dialing.OptimizeBy))
		addInt(&l, KeyOptimizeGoal, c.dialing.Goal)
	}
	if c.status != nil {
		addInt(&l, KeyGroupCampStatus, int32(*c.status))
	}
	if !c.unnamed {
		addInt(&l, KeyCampaignID, int32(c.Campaign))
	}
	addInt(&l, KeyGroupID, int32(c.Group))
	addInt(&l, KeyOriginAppID, int32(c.Origin))
	addInt(&l, KeyTargetAppID, int32(c.Target))
	if c.sequence != nil || c.priority != nil {
		props := make(tkvlist.List, 0, 2)
		if c.sequence != nil {
			props.Add(KeyCampaignSchedule, tkvlist.Nested(c.sequence.list()))
		}
		if c.priority != nil {
			props.Add(KeyDialingPriority, tkvlist.Nested(c.priority.list()))
		}
		l.Add(KeyProperties, tkvlist.Nested(props))
	}
	if c.auto != AutoCompletionUnset {
		addInt(&l, KeyAutoCompletion, int32(c.auto)-1)
	}
	return l
}

// validate gives a *FieldError for the first field of a request that is wrong.
func (c *campaign) validate() error {
	p := problem{msg: c.typ}
	p.atLeast(0, KeyCampaignID, int64(c.Campaign))
	p.atLeast(1, KeyGroupID, int64(c.Group))
	switch {
	case c.Campaign == 0 && c.sequence == nil:
		p.fail(KeyCampaignID, "is 0, which stands for a sequence, and "+KeyCampaignSchedule+" is missing; give one of them")
	case c.Campaign != 0 && c.sequence != nil:
		p.fail(KeyCampaignSchedule, "is there, and so is a campaign; give 0 as "+KeyCampaignID+" with a sequence")
	}
	if c.dialing != nil {
		p.dialing(*c.dialing, KeyDialMode, KeyOptimizeBy, KeyOptimizeGoal)
	}
	if c.auto < AutoCompletionUnset || c.auto > AutoCompletionOn {
		p.fail(KeyAutoCompletion, "would be "+strconv.Itoa(int(c.auto)-1)+"; give AutoCompletionOff or AutoCompletionOn")
	}
	p.sequence(c.sequence)
	p.stops(c.sequence)
	p.priority(c.priority)
	return p.err
}

// trace gives one line; nothing in it is about a customer.
func (c *campaign) trace() string {
	s := trace(c.typ, c.Address, "", "", "", true) + " campaign " + c.CampaignGroup.String()
	if c.dialing != nil {
		s += " " + c.dialing.Mode.String() + " " + c.dialing.OptimizeBy.String() + " " + strconv.Itoa(int(c.dialing.Goal))
	}
	if c.status != nil {
		s += " " + c.status.String()
	}
	switch c.auto {
	case AutoCompletionOff:
		s += " auto-completion off"
	case AutoCompletionOn:
		s += " auto-completion on"
	}
	if c.sequence != nil {
		s += " sequence " + quote(c.sequence.Description) + " of " + strconv.Itoa(len(c.sequence.Items))
	}
	if c.priority != nil {
		s += " with priorities"
	}
	return s
}
