package client

import (
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// lookAround takes over what other clients have left in the store. Each key is owned
// before its record counts: until then its owner may settle and delete it.
func (c *Client) lookAround() {
	owned := map[string]func(){}
	all, err := c.records()
	for _, key := range byAge(all) {
		if err == nil && c.concerns(key, all[key]) {
			var free func()
			if free, err = c.opts.Store.Own(key); free != nil {
				owned[key] = free
			}
		}
	}
	if err == nil && len(owned) > 0 {
		all, err = c.records()
	}
	for _, key := range byAge(all) {
		free := owned[key]
		if err == nil && free != nil {
			if taken, failed := c.takeOne(key, all[key], free); taken {
				delete(owned, key)
			} else {
				err = failed
			}
		}
	}
	for _, free := range owned {
		free()
	}
	if err != nil {
		c.unkept(err)
	}
}

// records reads the store. It passes over what it does not understand.
func (c *Client) records() (map[string]record, error) {
	packed, err := c.opts.Store.All()
	all := make(map[string]record, len(packed))
	for key, b := range packed {
		if r, ok := readRecord(b); ok && frame.ValidKey(key) {
			all[key] = r
		}
	}
	return all, err
}

// whose says what a record is to this client.
type whose int

const (
	ours     whose = iota // of this person
	unknown               // of somebody; whom the relay takes this client for is not known yet
	nobodys               // of nobody who could be known
	anothers              // of another person, or for another relay
)

func (c *Client) whose(r *record) whose {
	c.mu.Lock()
	defer c.mu.Unlock()
	me, known := c.me()
	switch {
	case r.relay != c.opts.Relay:
		return anothers
	case !r.bound:
		return nobodys
	case !known:
		return unknown
	case r.subject == me:
		return ours
	}
	return anothers
}

// concerns says whether there is something to do about a record, if nobody owns it.
func (c *Client) concerns(key string, r record) bool {
	c.mu.Lock()
	held, full := c.keeper.held[key] != nil, len(c.table.calls) >= c.opts.MaxPending
	c.mu.Unlock()
	if held {
		return false
	}
	switch c.whose(&r) {
	case anothers:
		return c.old(r.asked) && (!r.expired || c.forgotten(r.asked))
	case unknown:
		return !full && !r.expired && !c.old(r.asked)
	}
	return !full
}

// forgotten says whether nobody will come to hear that a request has expired.
func (c *Client) forgotten(asked time.Time) bool {
	return time.Since(asked) > forgetAfter*c.opts.KeepFor
}

// takeOne acts on a record that this client owns. taken says that it keeps the ownership.
func (c *Client) takeOne(key string, r record, free func()) (taken bool, err error) {
	whose := c.whose(&r)
	switch {
	case whose == anothers && c.forgotten(r.asked):
		return false, c.opts.Store.Delete(key)
	case whose == anothers:
		// Its person is told that it has expired when they are back. Whom it was about
		// does not stay here in the clear.
		r.request, r.expired = Masked(r.request), true
		b, err := r.pack()
		if err == nil {
			err = c.opts.Store.Put(key, b)
		}
		return false, err
	}
	k := &call{
		key: key, request: r.request, decode: commdn.DecodePersonAnswer, asked: r.asked, kept: true, bound: r.bound, subject: r.subject,
		sent: r.sent, accepted: r.accepted, free: free, inStore: true, stored: r, toldKept: true, done: make(chan struct{}),
	}
	e := Earlier{Request: r.request, Subject: r.subject, Asked: r.asked, Sent: r.sent, Accepted: r.accepted, Wait: func() ([]commdn.Message, error) {
		<-k.done
		return k.answers, k.outcome()
	}}
	why := error(nil)
	switch {
	case whose == nobodys:
		e.Request, why = Masked(r.request), ErrUnbound
	case r.expired || !r.accepted && c.old(r.asked):
		why = ErrExpired
	}
	k.told = c.keeper.earlier(e)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keeper.held[key] = k
	if why == nil {
		why = c.enter(frame.KindRequest, k)
	}
	if why != nil {
		k.over, k.leave = true, c.table.ended != nil
		k.err = &NoAnswerError{Sent: k.sent, Err: why}
		close(k.done)
		c.touch(k)
	}
	return true, nil
}
