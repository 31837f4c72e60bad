package client

import (
	"errors"
	"slices"
	"time"
)

// keepEvery is how often a Client looks for requests that have expired, for those that
// another one left when it died, and tries again what its Store has refused.
const keepEvery = time.Minute

// keepAfter is how long a record may wait while there is a connection: most requests
// end before, and their clicks need not share the page's thread with the store.
const keepAfter = 100 * time.Millisecond

var errOwned = errors.New("client: another page has the key of a new request")

// keeper is what a Client has for its Store; Client.mu guards it.
type keeper struct {
	held    map[string]*call // by key: their records are in the store, or may be
	dirty   []*call          // their records are to be written or deleted
	due     bool             // wake comes by itself
	look    bool             // look for requests of others
	earlier func(*Earlier) func(Event)
	wake    chan struct{} // capacity 1
	done    chan struct{} // closed when keep has ended
}

// keep writes requests into the store and takes over those of others, until run has
// ended. What the client leaves unsettled stays there for the next one.
func (c *Client) keep() {
	defer close(c.keeper.done)
	tick := time.NewTicker(keepEvery)
	for ended := false; !ended; {
		select {
		case <-c.keeper.wake:
		case <-tick.C:
			c.expire()
		case <-c.done:
			ended = true
		}
		c.learn()
		err := c.writeDown()
		c.mu.Lock()
		look := c.keeper.look && c.keeper.earlier != nil && !ended
		c.keeper.look = c.keeper.look && !look
		c.mu.Unlock()
		if look && err == nil {
			every := keepEvery
			if c.lookAround() { // it may die any moment
				every /= 30
			}
			tick.Reset(every)
		}
	}
	tick.Stop()
	for _, k := range c.keeper.held { // nobody else looks at it any more
		k.letGo()
	}
}

func (k *call) letGo() {
	if k.free != nil {
		k.free()
		k.free = nil
	}
}

// touch notes that the record of a call may have to change; mu is held.
func (c *Client) touch(k *call) {
	if k.kept && c.opts.Store != nil && !k.dirty {
		k.dirty = true
		c.keeper.dirty = append(c.keeper.dirty, k)
		c.keeper.held[k.key] = k
		c.keepSoon(keepAfter)
	}
}

// keepSoon has the dirty records written: at once while there is no connection, and
// after a while where there is one; mu is held.
func (c *Client) keepSoon(after time.Duration) {
	switch {
	case !c.table.open:
		nudge(c.keeper.wake)
	case !c.keeper.due:
		c.keeper.due = true
		time.AfterFunc(after, func() { nudge(c.keeper.wake) })
	}
}

// early gives how long the record of a call may still wait; mu is held.
func (c *Client) early(k *call) time.Duration {
	age := time.Since(k.asked)
	if k.over || k.undo >= undoWanted || !c.table.open || age < 0 { // else the clock was set back
		return 0
	}
	return keepAfter - age
}

// Tidy reports whether a Client that opens the Store now finds there what this one says:
// nothing that is settled here, and what was undone as such. If not, Tidy has that
// written, so ask again soon. Nobody can wait for what the Store refuses.
func (c *Client) Tidy() bool {
	select {
	case <-c.keeper.done:
		return true
	default:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range c.keeper.held {
		behind := k.over && !k.leave || k.undone != nil || k.undo >= undoWanted && (k.dirty || k.saving)
		if behind && !k.stuck {
			nudge(c.keeper.wake)
			return false
		}
	}
	return true
}

// writeDown brings the store up to date with what has changed before. It stops at the
// first failure: the rest is tried again later.
func (c *Client) writeDown() error {
	c.mu.Lock()
	count := len(c.keeper.dirty)
	c.keeper.due = false
	c.mu.Unlock()
	for range count {
		c.mu.Lock()
		k := c.keeper.dirty[0]
		if after := c.early(k); after > 0 {
			c.keeper.dirty = append(c.keeper.dirty[1:], k)
			c.keepSoon(after)
			c.mu.Unlock()
			continue
		}
		want := record{c.opts.Relay, k.subject, k.bound, k.asked, 0, k.progress, k.request}
		if !k.until.IsZero() {
			want.window = k.until.Sub(k.asked)
		}
		if k.undo >= undoWanted {
			want.progress |= unwanted
		}
		over, gone := k.over, k.over && !k.leave || !k.over && k.undone != nil
		k.inStore = k.inStore || !over && !gone
		c.keeper.dirty = c.keeper.dirty[1:]
		k.dirty, k.saving = false, true
		c.mu.Unlock()

		put, err := c.save(k, want, over, gone)
		if put || err != nil {
			c.unkept(err)
		}
		c.mu.Lock()
		k.inStore = k.stored != ""
		k.saving, k.stuck = false, err != nil
		if k.undone != nil && (!k.inStore || err != nil && k.sent()) { // the relay knows of one that was sent
			c.finish(k, k.undone)
		}
		if err != nil {
			if !k.dirty { // else it has changed meanwhile
				k.dirty = true
				c.keeper.dirty = append(c.keeper.dirty, k)
			}
			c.mu.Unlock()
			return err
		}
		if k.over && !k.dirty {
			delete(c.keeper.held, k.key)
			k.letGo()
		}
		told := k.told
		if k.over || k.toldKept || !want.bound { // nobody sends one that is not bound
			told = nil
		}
		k.toldKept = k.toldKept || put && want.bound
		c.mu.Unlock()
		if told != nil {
			c.tell(told, Event{Kind: Kept})
		}
	}
	return nil
}

// save puts the record of a call into the store, or deletes it if it is gone. put says
// that it is new there. Only keep's goroutine calls it.
func (c *Client) save(k *call, want record, over, gone bool) (put bool, err error) {
	store := c.opts.Store
	switch {
	case (over || gone) && k.stored == "": // nobody was told that it is kept
		return false, nil
	case gone:
		if err = store.Delete(k.key); err == nil {
			k.stored = ""
		}
		return false, err
	}
	text := want.pack()
	if k.stored == text {
		return false, nil
	}
	if k.free == nil {
		if _, k.free, err = store.Own(k.key); err == nil && k.free == nil {
			err = errOwned
		}
	}
	if err == nil {
		err = store.Put(k.key, text)
	}
	if err != nil {
		return false, err
	}
	k.stored = text
	return true, nil
}

// unkept notes why requests are not kept; nil: they are. Whoever watches the status
// hears of it once.
func (c *Client) unkept(err error) {
	if (err == nil) != (c.Status().Unkept == nil) {
		c.setStatus(func(s *Status) { s.Unkept = err })
	}
}

// expire gives up the requests that have waited for too long, and has the client look
// for others.
func (c *Client) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range slices.Clone(c.table.calls) {
		if k.kept && !k.onWire && k.progress&accepted == 0 && c.age(k.asked) > 0 {
			c.finish(k, &NoAnswerError{Sent: k.sent(), Err: ErrExpired})
		}
	}
	c.keeper.look = true
}

// age gives how many times KeepFor a request is old.
func (c *Client) age(asked time.Time) int { return int(time.Since(asked) / c.opts.KeepFor) }
