package link

import (
	"time"

	"commdn/protocol/frame"
	"commdn/relay/tserver"
)

// Sender says who sends on a link that several relays have.
type Sender uint8

// Who sends. The zero value is that of a relay that is alone.
const (
	Self    Sender = iota
	Another        // another relay does, and this one stands by
	Nobody         // nobody does, or nobody knows who does
)

// State says whether requests can be sent now, by this relay or another one.
func (l *Link) State() frame.Link {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state
}

// Server gives the address of the T-Server in use, or the last one tried; empty
// before the first attempt ended.
func (l *Link) Server() string { return l.tserver.State().Server }

// Connected says whether this relay's own link to T-Server is up, whoever sends, and if
// not, why.
func (l *Link) Connected() (up bool, reason string) {
	s := l.tserver.State()
	if s.Err != nil {
		reason = s.Err.Error()
	}
	return s.Up, reason
}

// SetSender says who sends on this link; why tells of Nobody. While another relay does,
// the link counts as up, whether or not this relay's own one is. Events come all the
// same; a request is refused.
func (l *Link) SetSender(s Sender, why string) {
	l.mu.Lock()
	l.sender, l.idle = s, why
	l.mu.Unlock()
	l.changed(l.tserver.State())
}

// changed takes a state of T-Server in, or that the sender is another one. One more
// attempt that failed for the same reason changes nothing.
func (l *Link) changed(s tserver.State) {
	if w := l.watch.Load(); w != nil {
		w.State(s)
	}
	l.turning.Lock()
	defer l.turning.Unlock()
	s = l.tserver.State() // the newest: two may come at the same time
	if s.Up != l.up {
		l.up = s.Up
		if s.Up {
			l.cameBack()
		} else {
			l.wentDown()
		}
		l.o.OnTServer(s.Up)
	}
	l.mu.Lock()
	before := l.state
	k := l.now(s)
	l.state = k
	l.mu.Unlock()
	if k == before && !l.untold {
		return
	}
	if !k.Up || k.Standby {
		l.resync.stop()
	}
	l.untold = true
	l.o.OnState(k)
	l.untold = false
}

// now gives the state of the link. It is called with l.mu held.
func (l *Link) now(s tserver.State) frame.Link {
	k := frame.Link{Up: s.Up, Since: s.Since.Unix()}
	switch {
	case l.sender == Another:
		k.Up, k.Standby = true, true
	case l.sender == Nobody && s.Up:
		k.Up, k.Reason = false, l.idle
	case s.Up:
	case s.Err != nil:
		k.Reason = s.Err.Error()
	default:
		k.Reason = l.state.Reason
	}
	if k.Up != s.Up { // since then, and not since T-Server's link is as it is
		k.Since = l.state.Since
		if k.Up != l.state.Up {
			k.Since = time.Now().Unix()
		}
	}
	return k
}

// down says why nothing can be sent by this relay now; nil: it can.
func (l *Link) down() *frame.Refusal {
	l.mu.Lock()
	s, sender := l.state, l.sender
	l.mu.Unlock()
	since := time.Unix(s.Since, 0).UTC().Format(time.RFC3339)
	switch {
	case s.Standby:
		return &frame.Refusal{Code: frame.RefusedLinkDown, Message: "this relay stands by: another one sends on the link to T-Server"}
	case s.Up:
		return nil
	case sender == Nobody && l.tserver.State().Up:
		return &frame.Refusal{Code: frame.RefusedLinkDown, Message: "no relay may send to T-Server since " + since + ": none holds the lease of the link"}
	}
	// The reason is in the log and in the status: it may name hosts.
	return &frame.Refusal{Code: frame.RefusedLinkDown, Message: "no link to T-Server since " + since}
}
