package commdn

import (
	"strconv"

	"commdn/protocol/tkvlist"
)

// Fault is OCS's refusal of a request: CM_EvError, or an acknowledgement with an
// error, see DecodeEvent. It is an error too, so that a caller finds it with
// errors.As.
type Fault struct {
	Address
	// Event is the type of the acknowledgement that carries the error; 0: it is a
	// CM_EvError. An error in CM_EvDoNotCallProcessed refuses a do-not-call alone.
	Event         MessageType
	Code          ErrorCode // GSW_CM_AttrError; ErrorNo where OCS gives no number
	Message       string    // GSW_CM_AttrErrorMessage; OCS's own words, may be empty
	CampaignGroup           // as far as OCS echoes the request, as all below; not written where both are 0
	Phone         string
	CustomerID    string
}

// Error names the code as the vendor does, its number, and OCS's own words
// where there are some, else what the code means.
func (m *Fault) Error() string {
	s := "OCS " + strconv.Itoa(int(m.Origin)) + " refused"
	if m.Code != ErrorNo {
		s += ": " + m.Code.String() + " (" + strconv.Itoa(int(m.Code)) + ")"
	} else if m.Message == "" {
		return s + " and does not say why"
	}
	if m.Message != "" {
		return s + ": " + m.Message
	}
	if t := m.Code.Text(); t != "" && m.Code != ErrorNo {
		return s + ": " + t
	}
	return s
}

// Type is CM_EvError: a refusal, whatever it came in.
func (*Fault) Type() MessageType { return EvError }

// refuses says whether m is a refusal that can be that of a request which is
// acknowledged by an event of the type own.
func refuses(m Message, own MessageType) bool {
	fault, ok := m.(*Fault)
	return ok && (fault.Event == 0 || fault.Event == own)
}

// Subjects gives the phone, the customer and the campaign group that OCS
// echoed; often none. A campaign without its group is no subject.
func (m *Fault) Subjects() []Subject {
	s := subjects(m.Phone, m.CustomerID)
	if m.Group != 0 {
		s = append(s, m.CampaignGroup.Subjects()...)
	}
	return s
}

// UserData gives the refusal as a CM_EvError, whatever it came in, so that nobody who
// reads it can take an acknowledgement whose error has no number for a success.
func (m *Fault) UserData() tkvlist.List {
	l := make(tkvlist.List, 0, 8)
	addInt(&l, KeyMessageType, int32(EvError))
	if m.CampaignGroup != (CampaignGroup{}) {
		addInt(&l, KeyCampaignID, int32(m.Campaign))
		addInt(&l, KeyGroupID, int32(m.Group))
	}
	addInt(&l, KeyError, int32(m.Code))
	l.Add(KeyErrorMessage, tkvlist.String(m.Message))
	addInt(&l, KeyOriginAppID, int32(m.Origin))
	addInt(&l, KeyTargetAppID, int32(m.Target))
	if inner := person(m.Phone, m.CustomerID, ""); len(inner) > 0 {
		l.Add(KeyProperties, nested(KeyDoNotCall, inner))
	}
	return l
}

// Trace gives one line. In OCS's own words, too, phones and customer ids are
// masked unless reveal is set.
func (m *Fault) Trace(reveal bool) string {
	message := m.Message
	if !reveal {
		message = maskIn(message, m.Phone, m.CustomerID)
	}
	event := EvError
	if m.Event != 0 {
		event = m.Event
	}
	s := trace(event, m.Address, m.Phone, m.CustomerID, "", reveal)
	if m.CampaignGroup != (CampaignGroup{}) {
		s += " campaign " + m.CampaignGroup.String()
	}
	return s + " " + m.Code.String() + " (" + strconv.Itoa(int(m.Code)) + ") " + strconv.Quote(message)
}

// decodeFault reads a refusal. An error that is no number is among its words.
func decodeFault(d *decoder) *Fault {
	m := &Fault{Address: d.address()}
	if d.msg != EvError {
		m.Event = d.msg
	}
	code, _ := d.anywhere(KeyError)
	n, isInt := ReadInt(code)
	words, _ := d.anywhere(KeyErrorMessage)
	m.Code, m.Message = ErrorCode(n), asText(words)
	if !isInt && m.Message == "" {
		m.Message = asText(code)
	}
	m.CampaignGroup, _ = d.campaignGroup()
	m.Phone, m.CustomerID, _ = d.person(d.personEcho(KeyDoNotCall))
	return m
}
