package frame

import (
	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// Keys of the bodies that are not user data.
const (
	keyAgent   = "agent"
	keyRelay   = "relay"
	keySession = "session"
	keyPing    = "ping_seconds"
	keyMax     = "max_requests"
	keyOCS     = "ocs"
	keyLink    = "link"
	keyState   = "state"
	keySince   = "since"
	keyReason  = "reason"
	keyCode    = "code"
	keyMessage = "message"
)

// Hello is what a client says first, within the relay's time for it.
type Hello struct {
	Agent string // name and version of the client, for the relay's log
	Token string // says who the client is; up to MaxToken bytes, empty: nobody. A secret, not to be logged
}

// Body gives the list of the frame.
func (h Hello) Body() tkvlist.List {
	l := tkvlist.List{{Key: keyAgent, Value: tkvlist.String(h.Agent)}}
	if h.Token != "" {
		l.Add(keyToken, tkvlist.String(h.Token))
	}
	return l
}

// ReadHello reads the list of a hello. Unknown keys are passed over.
func ReadHello(l tkvlist.List) Hello {
	h := Hello{}
	h.Agent, _ = l.Text(keyAgent)
	h.Token, _ = l.Text(keyToken)
	return h
}

// Welcome is the relay's answer to hello; requests may be sent from then on.
type Welcome struct {
	Relay       string        // name and version of the relay
	Session     string        // names the session in the relay's log
	PingSeconds int           // how often the client has to send a ping
	MaxRequests int           // how many requests the client may have under way; the relay refuses more. 0: not told
	OCS         []commdn.DBID // the OCS known to be on the CommDN; empty when the relay was not told
	Link        Link          // the relay's link to T-Server as it is now
}

// Body gives the list of the frame.
func (w Welcome) Body() tkvlist.List {
	l := tkvlist.List{
		{Key: keyRelay, Value: tkvlist.String(w.Relay)},
		{Key: keySession, Value: tkvlist.String(w.Session)},
		{Key: keyPing, Value: tkvlist.Int(int32(w.PingSeconds))},
		{Key: keyMax, Value: tkvlist.Int(int32(w.MaxRequests))},
		{Key: keyLink, Value: tkvlist.Nested(w.Link.Body())},
	}
	for _, id := range w.OCS {
		l.Add(keyOCS, tkvlist.Int(int32(id)))
	}
	return l
}

// ReadWelcome reads the list of a welcome. Unknown keys are passed over.
func ReadWelcome(l tkvlist.List) Welcome {
	w := Welcome{}
	w.Relay, _ = l.Text(keyRelay)
	w.Session, _ = l.Text(keySession)
	n, _ := l.Int(keyPing)
	w.PingSeconds = int(n)
	n, _ = l.Int(keyMax)
	w.MaxRequests = int(n)
	link, _ := l.List(keyLink)
	w.Link = ReadLink(link)
	for _, p := range l {
		if n, ok := p.Value.Int(); ok && p.Key == keyOCS {
			w.OCS = append(w.OCS, commdn.DBID(n))
		}
	}
	return w
}

// Link is the state of the relay's link to T-Server.
type Link struct {
	Up     bool
	Since  int64  // Unix seconds
	Reason string // why it is down; empty when up
}

// Body gives the list of the frame. Since goes as an unsigned 32-bit number,
// good until 2106.
func (k Link) Body() tkvlist.List {
	state := "down"
	if k.Up {
		state = "up"
	}
	l := tkvlist.List{
		{Key: keyState, Value: tkvlist.String(state)},
		{Key: keySince, Value: tkvlist.Int(int32(uint32(k.Since)))},
	}
	if k.Reason != "" {
		l.Add(keyReason, tkvlist.String(k.Reason))
	}
	return l
}

// ReadLink reads the list of a link frame. Any state but "up" is down.
func ReadLink(l tkvlist.List) Link {
	k := Link{}
	state, _ := l.Text(keyState)
	k.Up = state == "up"
	since, _ := l.Int(keySince)
	k.Since = int64(uint32(since))
	k.Reason, _ = l.Text(keyReason)
	return k
}

// RefusalCode says why the relay, not OCS, refused a request.
type RefusalCode int32

// The refusals. Retry says in each case whether the same request may succeed
// later without a change.
const (
	RefusedInvalid     RefusalCode = 1 // the request is wrong; the message names the key
	RefusedUnsupported RefusalCode = 2 // the relay does not pass on this message type
	RefusedLinkDown    RefusalCode = 3 // no link to T-Server
	RefusedNoAnswer    RefusalCode = 4 // OCS did not answer in time
	RefusedBusy        RefusalCode = 5 // too many requests of this session are under way
	RefusedTServer     RefusalCode = 6 // T-Server refused the UserEvent (EventError)
	RefusedForbidden   RefusalCode = 7 // the session lacks a right; the message names it
	RefusedRateLimited RefusalCode = 8 // too many requests in too short a time
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
	}
	return "refusal"
}

// Retry says whether the same request may succeed later.
func (c RefusalCode) Retry() bool {
	return c == RefusedLinkDown || c == RefusedNoAnswer || c == RefusedBusy || c == RefusedTServer || c == RefusedRateLimited
}

// Refusal is the relay's refusal of a request. It is an error too.
type Refusal struct {
	Code    RefusalCode
	Message string // what, where and what to do, for people
}

// Error gives the message.
func (r *Refusal) Error() string { return "relay: " + r.Message }

// Body gives the list of the frame.
func (r *Refusal) Body() tkvlist.List {
	return tkvlist.List{
		{Key: keyCode, Value: tkvlist.Int(int32(r.Code))},
		{Key: keyMessage, Value: tkvlist.String(r.Message)},
	}
}

// ReadRefusal reads the list of a refusal.
func ReadRefusal(l tkvlist.List) *Refusal {
	r := &Refusal{}
	n, _ := l.Int(keyCode)
	r.Code = RefusalCode(n)
	r.Message, _ = l.Text(keyMessage)
	return r
}
