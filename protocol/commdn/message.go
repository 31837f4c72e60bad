// Package commdn is the Communication DN API of Genesys Outbound Contact: the
// messages that go as user data of UserEvents over a CommDN, what they must
// hold, and what an answer belongs to. It does no input or output.
//
// The constants carry the vendor's names and numbers. Each family of messages
// has a file of its own (load.go, unload.go, dialing.go, status.go, cancel.go,
// donotcall.go, fault.go); a message is a struct with plain fields, encoded by
// UserData and read by Decode. Numbers that the vendor does not list survive
// both, and Validate refuses them in a request.
package commdn

import (
	"errors"

	"commdn/protocol/tkvlist"
)

// DBID numbers an object of the Configuration Database: an application, a
// campaign, a group.
type DBID int32

// Address says which application a message is from and for.
type Address struct {
	Origin DBID // GSW_CM_AttrOriginAppID
	Target DBID // GSW_CM_AttrTargetAppID; 0 in a do-not-call or cancel request is every OCS on the CommDN
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
	// It does not look at the address: CheckAddress does.
	Validate() error
	// Repeatable says whether sending the request once more than needed does
	// no harm, so that it may be sent again after a lost connection.
	Repeatable() bool
	// AnsweredBy says whether m can answer the request. Where OCS echoes what
	// its answer is about, the addresses and Subjects have to agree as well.
	AnsweredBy(m Message) bool
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
	SubjectPhone         SubjectKind = 1 // ID is GSW_PHONE
	SubjectCustomer      SubjectKind = 2 // ID is GSW_CUSTOMER_ID
	SubjectCampaignGroup SubjectKind = 3 // ID is CAMPAIGN/GROUP, as 12/7; the campaign of a sequence is 0
)

// ErrNotCommDN says that user data is no message of this API: it has no
// GSW_CM_MessageType. OCS reports to Stat Server over the same DN in such
// events; a client ignores them.
var ErrNotCommDN = errors.New("commdn: user data without " + KeyMessageType)

// FieldError says that a message lacks a key or holds a wrong value.
type FieldError struct {
	Message MessageType // 0 where it could not be read
	Key     string      // the vendor's key, one inside several like lists behind the list's: scheduleItem-2/dialMode
	What    string      // what is wrong and what is expected
}

// Error gives one line: commdn: MESSAGE: KEY: WHAT.
func (e *FieldError) Error() string {
	if e.Message == 0 {
		return "commdn: " + e.Key + ": " + e.What
	}
	return "commdn: " + e.Message.String() + ": " + e.Key + ": " + e.What
}

// UnknownTypeError says that GSW_CM_MessageType names a message that this
// package does not read.
type UnknownTypeError struct{ Type MessageType }

// Error names the type's number.
func (e *UnknownTypeError) Error() string {
	return "commdn: message type " + e.Type.String() + " is not supported"
}

// NotApplicableError says that GSW_CM_MessageType names a message that the
// vendor lists but does not use on the CommDN. It is an *UnknownTypeError too,
// for errors.As: this package reads neither.
type NotApplicableError struct{ Type MessageType }

// Error gives the vendor's name of the type.
func (e *NotApplicableError) Error() string {
	return "commdn: " + e.Type.String() + " is not used on the CommDN"
}

// Unwrap gives the *UnknownTypeError.
func (e *NotApplicableError) Unwrap() error { return &UnknownTypeError{e.Type} }

// CheckAddress gives a *FieldError when r is not from an application, or not
// to one. Target 0, every OCS on the CommDN, is possible for a do-not-call and
// a cancel request only ("Mandatory Attributes").
func CheckAddress(r Request) error {
	a, t := r.Addr(), r.Type()
	p := problem{msg: t}
	p.atLeast(1, KeyOriginAppID, int64(a.Origin))
	least := int64(1)
	if t.AboutPerson() {
		least = 0
	}
	p.atLeast(least, KeyTargetAppID, int64(a.Target))
	return p.err
}
