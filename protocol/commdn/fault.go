package commdn

import (
	"strconv"

	"commdn/protocol/tkvlist"
)

// Fault is OCS's refusal of a request: CM_EvError, or an acknowledgement whose
// GSW_CM_AttrError is not 0. It is an error too, so that a caller finds it with
// errors.As.
type Fault struct {
	Address
	Code       ErrorCode // GSW_CM_AttrError
	Message    string    // GSW_CM_AttrErrorMessage; OCS's own words, may be empty
	Phone      string    // as far as OCS echoes the request
	CustomerID string
}

// Error names the code as the vendor does, its number, and OCS's own words
// where there are some, else what the code means.
func (m *Fault) Error() string {
	s := "OCS " + strconv.Itoa(int(m.Origin)) + " refused: " + m.Code.String() + " (" + strconv.Itoa(int(m.Code)) + ")"
	if m.Message != "" {
		return s + ": " + m.Message
	}
	if t := m.Code.Text(); t != "" {
		return s + ": " + t
	}
	return s
}

// Type is CM_EvError.
func (*Fault) Type() MessageType { return EvError }

// Subjects gives the phone and the customer that OCS echoed; often none.
func (m *Fault) Subjects() []Subject { return subjects(m.Phone, m.CustomerID) }

// UserData gives the refusal as OCS sends it.
func (m *Fault) UserData() tkvlist.List {
	l := tkvlist.List{
		{Key: KeyMessageType, Value: tkvlist.Int(int32(EvError))},
		{Key: KeyError, Value: tkvlist.Int(int32(m.Code))},
		{Key: KeyErrorMessage, Value: tkvlist.String(m.Message)},
		{Key: KeyOriginAppID, Value: tkvlist.Int(int32(m.Origin))},
		{Key: KeyTargetAppID, Value: tkvlist.Int(int32(m.Target))},
	}
	if inner := person(m.Phone, m.CustomerID, ""); len(inner) > 0 {
		l.Add(KeyProperties, tkvlist.Nested(tkvlist.List{{Key: KeyDoNotCall, Value: tkvlist.Nested(inner)}}))
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
	return trace(EvError, m.Address, m.Phone, m.CustomerID, "", reveal) +
		" " + m.Code.String() + " (" + strconv.Itoa(int(m.Code)) + ") " + strconv.Quote(message)
}

func decodeFault(d *decoder) *Fault {
	m := &Fault{Address: d.address(), Code: ErrorCode(d.int(KeyError)), Message: d.text(KeyErrorMessage)}
	if in := d.echo(KeyDoNotCall); in != nil {
		m.Phone, m.CustomerID = in.text(KeyPhone), in.text(KeyCustomerID)
		if d.err == nil {
			d.err = in.err
		}
	}
	return m
}
