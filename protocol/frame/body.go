package frame

import (
	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// Keys of hello, welcome, limits and link.
const (
	keyAgent   = "agent"
	keyRelay   = "relay"
	keySession = "session"
	keyPing    = "ping_seconds"
	keyMax     = "max_requests"
	keyByID    = "cancel_by_customer"
	keyVanity  = "vanity"
	keyResume  = "resume"
	keyNumber  = "number"
	keyOCS     = "ocs"
	keyLink    = "link"
	keyState   = "state"
	keySince   = "since"
	keyReason  = "reason"
)

// Hello is what a client says first, within the relay's time for it.
type Hello struct {
	Agent  string   // name and version of the client, for the relay's log
	Token  string   // says who the client is; up to MaxToken bytes, empty: nobody. A secret, not to be logged
	Resume []Resume // requests of an earlier connection, as many as fit a frame
}

// Resume names a request whose outcome the client has not heard, because the
// connection that it went out on has ended. The relay tells all that it knows of
// it under this number, or refuses with RefusedUnknownKey.
type Resume struct {
	Key    string // of the request, see ValidKey
	Number uint32 // on the new connection, 1 or above
}

// Body gives the list of the frame.
func (h Hello) Body() tkvlist.List {
	l := tkvlist.List{{Key: keyAgent, Value: tkvlist.String(h.Agent)}}
	if h.Token != "" {
		l.Add(keyToken, tkvlist.String(h.Token))
	}
	for _, r := range h.Resume {
		l.Add(keyResume, tkvlist.Nested(tkvlist.List{
			{Key: keyKey, Value: tkvlist.String(r.Key)},
			{Key: keyNumber, Value: tkvlist.Int(int32(r.Number))},
		}))
	}
	return l
}

// ReadHello reads the list of a hello. It passes over unknown keys, and over a
// Resume without a valid key or number.
func ReadHello(l tkvlist.List) Hello {
	h := Hello{}
	h.Agent, _ = l.Text(keyAgent)
	h.Token, _ = l.Text(keyToken)
	for _, p := range l {
		if p.Key != keyResume {
			continue
		}
		one, _ := p.Value.List()
		key, _ := one.Text(keyKey)
		number, _ := one.Int(keyNumber)
		if ValidKey(key) && number != 0 {
			h.Resume = append(h.Resume, Resume{key, uint32(number)})
		}
	}
	return h
}

// Welcome is the relay's answer to hello; requests may be sent from then on.
type Welcome struct {
	Relay   string // name and version of the relay
	Session string // names the session in the relay's log
	Limits
	OCS  []commdn.DBID // the OCS known to be on the CommDN; empty when the relay was not told
	Link Link          // the relay's link to T-Server as it is now
}

// Body gives the list of the frame.
func (w Welcome) Body() tkvlist.List {
	l := tkvlist.List{
		{Key: keyRelay, Value: tkvlist.String(w.Relay)},
		{Key: keySession, Value: tkvlist.String(w.Session)},
	}
	l = append(l, w.Limits.Body()...)
	l.Add(keyLink, tkvlist.Nested(w.Link.Body()))
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
	w.Limits = ReadLimits(l)
	link, _ := l.List(keyLink)
	w.Link = ReadLink(link)
	for _, p := range l {
		if n, ok := p.Value.Int(); ok && p.Key == keyOCS {
			w.OCS = append(w.OCS, commdn.DBID(n))
		}
	}
	return w
}

// Limits are what the relay asks of a client. A reload may change them.
type Limits struct {
	PingSeconds int // how often the client has to send a ping; 0: not told
	MaxRequests int // how many requests the client may have in flight; the relay refuses more. 0: not told
	// CancelByCustomer says that the relay passes on a CancelRecord with a customer
	// id alone; it refuses one otherwise.
	CancelByCustomer bool
	// Vanity says that the relay takes letters for the digits of their keys, as in
	// 1-800-FLOWERS, over one link at least; it refuses them otherwise.
	Vanity     bool
	UndoMillis int // the longest window in which a request can be undone; the relay shortens a longer one. 0: there is none
}

// Body gives the list of the frame.
func (m Limits) Body() tkvlist.List {
	byID, vanity := int32(0), int32(0)
	if m.CancelByCustomer {
		byID = 1
	}
	if m.Vanity {
		vanity = 1
	}
	l := tkvlist.List{
		{Key: keyPing, Value: tkvlist.Int(int32(m.PingSeconds))},
		{Key: keyMax, Value: tkvlist.Int(int32(m.MaxRequests))},
		{Key: keyByID, Value: tkvlist.Int(byID)},
		{Key: keyVanity, Value: tkvlist.Int(vanity)},
	}
	if m.UndoMillis > 0 {
		l.Add(keyUndo, tkvlist.Int(int32(m.UndoMillis)))
	}
	return l
}

// ReadLimits reads the list of limits, or of a welcome.
func ReadLimits(l tkvlist.List) Limits {
	ping, _ := l.Int(keyPing)
	requests, _ := l.Int(keyMax)
	byID, _ := l.Int(keyByID)
	vanity, _ := l.Int(keyVanity)
	undo, _ := l.Int(keyUndo)
	return Limits{
		PingSeconds: int(ping), MaxRequests: int(requests), CancelByCustomer: byID == 1, Vanity: vanity == 1, UndoMillis: int(max(undo, 0)),
	}
}

// The states of a link in its body.
const (
	stateUp      = "up"
	stateStandby = "standby"
	stateDown    = "down"
)

// Link is the state of the relay's link to T-Server.
type Link struct {
	Up      bool   // the relay takes requests for OCS
	Standby bool   // of a link that is Up: another relay sends on it for this one
	Since   int64  // Unix seconds
	Reason  string // why it is down; empty when up
}

// maxReason is how many bytes of a link's reason go out: it may have the words of
// a T-Server in it, and has to fit a welcome.
const maxReason = 1000

// Body gives the list of the frame. Since goes as an unsigned 32-bit number,
// good until 2106. A Reason over 1,000 bytes is cut, and ends with "…".
func (k Link) Body() tkvlist.List {
	state := stateDown
	switch {
	case k.Up && k.Standby:
		state = stateStandby
	case k.Up:
		state = stateUp
	}
	l := tkvlist.List{
		{Key: keyState, Value: tkvlist.String(state)},
		{Key: keySince, Value: tkvlist.Int(int32(uint32(k.Since)))},
	}
	if k.Reason != "" {
		l.Add(keyReason, tkvlist.String(cutText(k.Reason, maxReason)))
	}
	return l
}

// ReadLink reads the list of a link frame. Any state but "up" and "standby" is
// down.
func ReadLink(l tkvlist.List) Link {
	k := Link{}
	state, _ := l.Text(keyState)
	k.Standby = state == stateStandby
	k.Up = k.Standby || state == stateUp
	since, _ := l.Int(keySince)
	k.Since = int64(uint32(since))
	k.Reason, _ = l.Text(keyReason)
	return k
}
