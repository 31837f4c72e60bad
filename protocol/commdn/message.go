// Package commdn is the Communication DN API of Genesys Outbound Contact: the
// messages that go as user data of UserEvents over a CommDN, what they must
// hold, and what an answer belongs to. It does no input or output.
//
// The constants carry the vendor's names and numbers. Each family of messages
// has a file of its own (donotcall.go); a message is a struct with plain
// fields, encoded by UserData and read by Decode.
package commdn

import (
	"errors"

	"commdn/protocol/tkvlist"
)

// DBID numbers an object of the Configuration Database; here an application.
type DBID int32

// Address says which application a message is from and for.
type Address struct {
	Origin DBID // GSW_CM_AttrOriginAppID
	Target DBID // GSW_CM_AttrTargetAppID; 0 in a do-not-call request is every OCS on the CommDN
}

// Addr gives the address of the message that a is part of, to be read or set.
func (a *Address) Addr() *Address { return a }

// Message is a request, response or notification of the API.
type Message interface {
	Type() MessageType
	Addr() *Address
	// UserData gives the list that the message is on the CommDN.
	UserData() tkvlist.List
	// Subjects says what the message is about, most telling first. It is empty
	// where OCS echoed nothing.
	Subjects() []Subject
}

// Request is a message that is sent to OCS.
type Request interface {
	Message
	// Validate gives a *FieldError for the first field that OCS would refuse.
	Validate() error
	// Repeatable says whether sending the request once more than needed does
	// no harm, so that it may be sent again after a lost connection.
	Repeatable() bool
	// AnsweredBy says whether a message of type t can answer the request.
	AnsweredBy(t MessageType) bool
}

// Subject is what a message is about. The CommDN has no reference id, so an
// answer is matched to its request by a common subject, and two requests with
// a common subject must not be under way at once.
type Subject struct {
	Kind SubjectKind
	ID   string
}

// SubjectKind says what the ID of a Subject is.
type SubjectKind uint8

// The kinds of subject.
const (
	SubjectPhone    SubjectKind = 1 // ID is GSW_PHONE
	SubjectCustomer SubjectKind = 2 // ID is GSW_CUSTOMER_ID
)

// ErrNotCommDN says that user data is no message of this API: it has no
// GSW_CM_MessageType. OCS reports to Stat Server over the same DN in such
// events; a client ignores them.
var ErrNotCommDN = errors.New("commdn: user data without " + KeyMessageType)

// FieldError says that a message lacks a key or holds a wrong value.
type FieldError struct {
	Message MessageType
	Key     string // the vendor's key
	What    string // what is wrong and what is expected
}

// Error gives one line: commdn: MESSAGE: KEY: WHAT.
func (e *FieldError) Error() string {
	return "commdn: " + e.Message.String() + ": " + e.Key + ": " + e.What
}

// UnknownTypeError says that GSW_CM_MessageType names a message that this
// package does not read.
type UnknownTypeError struct{ Type MessageType }

// Error names the type's number.
func (e *UnknownTypeError) Error() string {
	return "commdn: message type " + e.Type.String() + " is not supported"
}

// Decode reads user data. Its errors are ErrNotCommDN, *UnknownTypeError and
// *FieldError. Unknown keys are passed over: OCS may add some.
func Decode(l tkvlist.List) (Message, error) {
	if _, ok := l.Get(KeyMessageType); !ok {
		return nil, ErrNotCommDN
	}
	d := decoder{list: l}
	d.msg = MessageType(d.int(KeyMessageType))
	if d.err != nil {
		return nil, d.err
	}
	var m Message
	switch d.msg {
	case ReqDoNotCall:
		m = decodeDoNotCall(&d)
	case EvDoNotCallProcessed:
		m = decodeDoNotCallProcessed(&d)
	case EvError:
		m = decodeFault(&d)
	default:
		return nil, &UnknownTypeError{d.msg}
	}
	if d.err != nil {
		return nil, d.err
	}
	return m, nil
}

// DecodeRequest reads user data that must be a request.
func DecodeRequest(l tkvlist.List) (Request, error) {
	m, err := Decode(l)
	if err != nil {
		return nil, err
	}
	if r, ok := m.(Request); ok {
		return r, nil
	}
	return nil, &FieldError{m.Type(), KeyMessageType, "is not a request"}
}
