package frame

import "commdn/protocol/tkvlist"

const (
	keyCode    = "code"
	keyMessage = "message"
)

// RefusalCode says why the relay, not OCS, refused a request.
type RefusalCode int32

// The refusals. Retry says in each case whether the same request may succeed
// later without a change.
const (
	RefusedInvalid     RefusalCode = 1  // the request is wrong; the message names the key
	RefusedUnsupported RefusalCode = 2  // the relay does not pass on this message type
	RefusedLinkDown    RefusalCode = 3  // no link to T-Server
	RefusedNoAnswer    RefusalCode = 4  // OCS did not answer in time
	RefusedBusy        RefusalCode = 5  // too many requests of this session are under way
	RefusedTServer     RefusalCode = 6  // T-Server refused the UserEvent (EventError)
	RefusedForbidden   RefusalCode = 7  // the session lacks a right; the message names it
	RefusedRateLimited RefusalCode = 8  // too many requests in too short a time
	RefusedUnknownKey  RefusalCode = 9  // the relay knows nothing of the request that the client resumes
	RefusedUndone      RefusalCode = 10 // taken back in time by who asked: OCS was not told of it
)

// String gives the refusal's name, for example "no-answer".
func (c RefusalCode) String() string {
	switch c {
	case RefusedInvalid:
		return "invalid"
	case RefusedUnsupported:
		return "unsupported"
	case RefusedLinkDown:
		return "link-down"
	case RefusedNoAnswer:
		return "no-answer"
	case RefusedBusy:
		return "busy"
	case RefusedTServer:
		return "tserver"
	case RefusedForbidden:
		return "forbidden"
	case RefusedRateLimited:
		return "rate-limited"
	case RefusedUnknownKey:
		return "unknown-key"
	case RefusedUndone:
		return "undone"
	}
	return "refusal"
}

// Retry says whether the same request may succeed later.
func (c RefusalCode) Retry() bool {
	return c >= RefusedLinkDown && c <= RefusedUnknownKey && c != RefusedForbidden
}

// Refusal is the relay's refusal of a request. It is an error too.
type Refusal struct {
	Code    RefusalCode
	Message string // what, where and what to do, for people
}

// Error gives the message.
func (r *Refusal) Error() string { return "relay: " + r.Message }

// Body gives the list for an outcome.
func (r *Refusal) Body() tkvlist.List {
	return tkvlist.List{
		{Key: keyCode, Value: tkvlist.Int(int32(r.Code))},
		{Key: keyMessage, Value: tkvlist.String(r.Message)},
	}
}

// ReadRefusal reads the refusal of an outcome.
func ReadRefusal(l tkvlist.List) *Refusal {
	r := &Refusal{}
	n, _ := l.Int(keyCode)
	r.Code = RefusalCode(n)
	r.Message, _ = l.Text(keyMessage)
	return r
}
