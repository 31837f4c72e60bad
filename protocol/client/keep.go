package client

import (
	"errors"
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// keepEvery is how often a Client looks for requests that have expired, for those that
// another one left when it died, and tries again what its Store has refused.
const keepEvery = time.Minute

// keeper is what a Client has for its Store; Client.mu guards it.
type keeper struct {
	held    map[string]*call // by key: their records are in the store, or may be
	dirty   []*call          // their records are to be written or deleted
	look    bool             // look for requests of others
	earlier func(Earlier) func(Event)
	wake    chan struct{} // capacity 1
	done    chan struct{} // closed when keep has ended
}

// Earlier is a request that another Client has left in the Store: that of a page
// before a reload, or of a tab that crashed.
type Earlier struct {
	Request  commdn.Request // masked, if nobody knows whose it is
	Subject  string         // whose it is, see frame.Identity
	Asked    time.Time
	Sent     bool // it may have reached the relay
	Accepted bool // the relay has accepted it
	// Wait blocks until the request is settled, and returns what Do would. It is
	// called once.
	Wait func() ([]commdn.Message, error)
}

// TakeOver takes over the requests that other Clients have left in Options.Store, now
// and whenever there may be some. It calls f with each, from the client's own goroutine:
// f must not block and must not call Do or Close. What f returns is told the events of
// the request, as Follow tells them; nil is told nothing.
//
// A request goes out when the relay has said that this client is the person who made it.
// Until then Wait blocks; it fails with ErrOtherPerson if that is somebody else, and the
// request stays where it is. It fails with ErrExpired if it was kept for too long, and
// with ErrUnbound if nobody knows who made it. TakeOver is called once.
func (c *Client) TakeOver(f func(Earlier) (told func(Event))) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keeper.earlier, c.keeper.look = f, true
	nudge(c.keeper.wake)
}

// keep writes requests into the store and takes over those of others, until run has
// ended. What the client leaves unsettled stays there for the next one.
func (c *Client) keep() {
	defer close(c.keeper.done)
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		c.writeDown()
		select {
		case <-c.keeper.wake:
		case <-tick.C:
			c.expire()
		case <-c.done:
			c.writeDown()
			c.letGo()
			return
		}
		c.mu.Lock()
		look := c.keeper.look && c.keeper.earlier != nil
		c.keeper.look = false
		c.mu.Unlock()
		if look {
			c.lookAround()
		}
	}
}

// touch notes that the record of a call may have to change; mu is held.
func (c *Client) touch(k *call) {
	if !k.kept || c.opts.Store == nil || k.dirty {
		return
	}
	k.dirty = true
	c.keeper.dirty = append(c.keeper.dirty, k)
	nudge(c.keeper.wake)
}

// writeDown brings the store up to date. It stops at the first failure: the rest is tried
// again later.
func (c *Client) writeDown() {
	for {
		c.mu.Lock()
		if len(c.keeper.dirty) == 0 {
			c.mu.Unlock()
			return
		}
		k := c.keeper.dirty[0]
		c.keeper.dirty = c.keeper.dirty[1:]
		k.dirty = false
		want := record{c.opts.Relay, k.subject, k.bound, k.asked, k.sent, k.accepted, false, k.request}
		over, leave := k.over, k.leave
		c.keeper.held[k.key] = k
		c.mu.Unlock()

		put, err := c.save(k, want, over && !leave)
		c.mu.Lock()
		switch {
		case err != nil && !k.dirty:
			k.dirty = true
			c.keeper.dirty = append(c.keeper.dirty, k)
		case err == nil && over:
			delete(c.keeper.held, k.key)
		}
		told := k.told
		if over || k.over || !k.inStore || k.toldKept || err != nil {
			told = nil
		}
		k.toldKept = k.toldKept || told != nil
		c.mu.Unlock()
		if err == nil && over && k.free != nil {
			k.free()
			k.free = nil
		}
		if told != nil {
			told(Event{Kind: Kept})
		}
		if put || err != nil {
			c.unkept(err)
		}
		if err != nil {
			return
		}
	}
}

// save puts the record of a call into the store, or deletes it. put says that it is new
// there. Only keep's goroutine calls it.
func (c *Client) save(k *call, want record, gone bool) (put bool, err error) {
	store := c.opts.Store
	if gone {
		if k.inStore {
			err = store.Delete(k.key)
			k.inStore = err != nil
		}
		return false, err
	}
	if k.inStore && k.stored == want {
		return false, nil
	}
	b, err := want.pack()
	if err == nil && k.free == nil {
		if k.free, err = store.Own(k.key); err == nil && k.free == nil {
			err = errors.New("client: another page has the key of a new request")
		}
	}
	if err == nil {
		err = store.Put(k.key, b)
	}
	if err != nil {
		return false, err
	}
	k.inStore, k.stored = true, want
	return true, nil
}

// unkept notes why requests are not kept; nil: they are. Whoever watches the status
// hears of it once.
func (c *Client) unkept(err error) {
	c.mu.Lock()
	before := c.status.Unkept
	c.mu.Unlock()
	if (err == nil) != (before == nil) {
		c.setStatus(func(s *Status) { s.Unkept = err })
	}
}

// letGo gives what the client holds to the next one.
func (c *Client) letGo() {
	c.mu.Lock()
	held := c.keeper.held
	c.keeper.held = nil
	c.mu.Unlock()
	for _, k := range held {
		if k.free != nil {
			k.free()
			k.free = nil
		}
	}
}

// expire gives up the requests that have waited for too long, and looks for others.
func (c *Client) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range slices.Clone(c.table.calls) {
		if k.kept && !k.onWire && !k.accepted && c.old(k.asked) {
			c.finish(k, &NoAnswerError{Sent: k.sent, Err: ErrExpired})
		}
	}
	c.keeper.look = true
}

// old says whether a request is not to be sent any more.
func (c *Client) old(asked time.Time) bool { return time.Since(asked) > c.opts.KeepFor }

// me gives whom the relay takes this client for, and whether it has said so. Where there
// is no source of tokens, everybody is the same nobody. mu is held.
func (c *Client) me() (subject string, known bool) {
	if c.opts.Token == nil {
		return "", true
	}
	return c.status.Identity.Subject, c.table.known
}

// bind says whose a new call is, if that is known; mu is held.
func (c *Client) bind(k *call) {
	if k.kept && !k.bound {
		k.subject, k.bound = c.me()
	}
}

// mine says whether a call may go out on the present connection; mu is held.
func (c *Client) mine(k *call) bool {
	subject, _ := c.me()
	return !k.bound || k.subject == subject && (c.table.identified || c.opts.Token == nil)
}

// identified takes in whom the relay takes this client for. Requests of somebody else
// are not sent; they stay in the store.
func (c *Client) identified(i frame.Identity) {
	c.setStatus(func(s *Status) {
		s.Identity = i
		c.table.known, c.table.identified = true, true // mu is held
		for _, k := range slices.Clone(c.table.calls) {
			if c.bind(k); !c.mine(k) {
				k.leave = true
				c.finish(k, &NoAnswerError{Sent: k.sent, Err: ErrOtherPerson})
			}
			c.touch(k)
		}
		c.keeper.look = true
		nudge(c.keeper.wake)
		nudge(c.wake)
	})
}
