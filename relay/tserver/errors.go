package tserver

import (
	"errors"
	"strconv"
)

// States of a Link that SendUserEvent or State.Err may return.
var (
	// ErrLinkDown means that there is no connection to T-Server, or that it ended before
	// T-Server answered: the event may or may not have gone out.
	ErrLinkDown = errors.New("tserver: link is down")
	// ErrNoSwitch means that T-Server has no link to its switch, because the link is lost
	// or because this T-Server is the backup of a pair.
	ErrNoSwitch = errors.New("T-Server has no link to its switch")
	// ErrNoTServer means that a bridge ends the connection: it has lost T-Server, stops,
	// or has no place.
	ErrNoTServer = errors.New("the bridge ends the connection")
	// ErrSilent means that the connection ended because T-Server gave no sign of life for
	// KeepAlive.Idle and Timeout.
	ErrSilent = errors.New("no sign of life from T-Server")
	// ErrFenced means that nothing was written: the Fence did not let it.
	ErrFenced = errors.New("tserver: another relay may send on this link")
	// ErrClosed is the reason after Close.
	ErrClosed = errors.New("tserver: link was closed")
)

// Error codes of T-Library that matter for a CommDN, with the names of its public header
// tliberr.h.
const (
	CodeNotRegistered = 41 // TERR_NOT_REGISTERED: the client has not registered the DN, or only for monitoring
	CodeUnsupported   = 51 // TERR_UNSUP_OPER: unsupported operation
	CodeInvalidAttr   = 53 // TERR_INVALID_ATTR: invalid attribute value
	CodeNoSwitch      = 54 // TERR_NO_SWITCH: no connection to the switch
	CodeNotConfigured = 59 // TERR_NOT_CONFIGURED: the DN is not in the configuration
)

// Error is an EventError: T-Server's refusal of a request, or a report that answers
// none.
type Error struct {
	Request string // the request in T-Library's words, such as RequestDistributeUserEvent; empty: none
	Code    int32  // AttributeErrorCode
	Message string // AttributeErrorMessage; may be empty
}

// permanent are the codes that T-Server gives the same UserEvent at every attempt, with
// why. No other code is among them: 40, 41, 42, 54, 57, 58 and 118 pass by themselves or
// with the next connection, 59, 123, 128 and 165 when somebody has corrected the
// configuration, and what is not known may pass too.
var permanent = map[int32]string{
	CodeUnsupported: "this T-Server distributes no UserEvents",
	CodeInvalidAttr: "the user data is such as T-Server or its bridge cannot take: too long, or with characters that its charset has not",
}

// Permanent says that the same request is refused at every attempt.
func (e *Error) Permanent() bool { return permanent[e.Code] != "" }

// Error names the request, the code and T-Server's own words.
func (e *Error) Error() string {
	s := "tserver: error " + strconv.Itoa(int(e.Code))
	if e.Request != "" {
		s = "tserver: " + e.Request + " refused with error " + strconv.Itoa(int(e.Code))
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

// OptionError means that a field of Options is unusable.
type OptionError struct {
	Option string // name of the field
	What   string // what is wrong and what is expected
}

// Error returns one line: tserver: option OPTION WHAT.
func (e *OptionError) Error() string { return "tserver: option " + e.Option + " " + e.What }
