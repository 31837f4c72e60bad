package tserver

import (
	"errors"
	"strconv"
)

// States of a Link that SendUserEvent or State.Err may give.
var (
	// ErrLinkDown says that there is no way to T-Server now, or that it was
	// lost before T-Server answered: the event may or may not have gone out.
	ErrLinkDown = errors.New("tserver: link is down")
	// ErrNoSwitch says that T-Server has no link to its switch, because it is
	// lost or because this T-Server is the backup of a pair.
	ErrNoSwitch = errors.New("T-Server has no link to its switch")
	// ErrSilent says that a connection is lost because T-Server has given no
	// sign of life for KeepAlive.Idle and Timeout.
	ErrSilent = errors.New("no sign of life from T-Server")
	// ErrClosed is the reason once Close has been called.
	ErrClosed = errors.New("tserver: link was closed")
)

// Error codes of T-Library that matter for a CommDN, with the names of its
// public header tliberr.h.
const (
	CodeNotRegistered = 41 // TERR_NOT_REGISTERED: the client has not registered the DN, or for monitoring only
	CodeUnsupported   = 51 // TERR_UNSUP_OPER: unsupported operation
	CodeInvalidAttr   = 53 // TERR_INVALID_ATTR: invalid attribute value
	CodeNoSwitch      = 54 // TERR_NO_SWITCH: no connection to the switch
	CodeNotConfigured = 59 // TERR_NOT_CONFIGURED: the DN is not in the configuration
)

// Error is T-Server's refusal of a request: EventError.
type Error struct {
	Request string // the request in T-Library's words, RequestDistributeUserEvent for one
	Code    int32  // AttributeErrorCode
	Message string // AttributeErrorMessage; may be empty
}

// Error names the request, the code and T-Server's own words.
func (e *Error) Error() string {
	s := "tserver: " + e.Request + " refused with error " + strconv.Itoa(int(e.Code))
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

// OptionError says that a field of Options cannot be used.
type OptionError struct {
	Option string // name of the field
	What   string // what is wrong and what is expected
}

// Error gives one line: tserver: option OPTION WHAT.
func (e *OptionError) Error() string { return "tserver: option " + e.Option + " " + e.What }
