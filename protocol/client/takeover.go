package client

import (
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Earlier is a request that another Client has left in the Store: that of a page
// before a reload, or of a tab that crashed.
type Earlier struct {
	Request  commdn.Request // masked, if it ends with ErrUnbound
	Subject  string         // whose it is, see frame.Identity
	Asked    time.Time
	Window   time.Duration // from Asked on: Undo takes it back; 0: it does not, or no longer
	Accepted bool          // the relay has accepted it
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
// with ErrUnbound if nobody knows who made it; both are told once. TakeOver is called
// once.
func (c *Client) TakeOver(f func(*Earlier) (told func(Event))) {
	c.mu.Lock()
	c.keeper.earlier, c.keeper.look = f, true
	nudge(c.keeper.wake)
	c.mu.Unlock()
}

// fate is what is to become of a record that nobody owns.
type fate uint8

const (
	stays   fate = iota
	goes         // it is sent, or resumed
	unbound      // it is told that nobody knows whose it is, and ends
	late         // it is told that it has expired, and ends
	hides        // it has expired, and its person is told when they are back; it is masked meanwhile
	drops        // its person has not come back
)

// fateOf decides by whose a record is, and how old.
func (c *Client) fateOf(r *record) fate {
	c.mu.Lock()
	defer c.mu.Unlock()
	me, known := c.me()
	ours, age := r.bound && r.subject == me, c.age(r.asked)
	switch {
	case len(c.table.calls) >= c.opts.MaxPending:
	case r.relay != c.opts.Relay || r.bound && known && !ours:
		switch {
		case age >= forgetAfter:
			return drops
		case age > 0 && r.progress&expired == 0:
			return hides
		}
	case !r.bound:
		return unbound
	case r.progress&expired != 0 || age > 0 && r.progress&accepted == 0:
		if known {
			return late
		}
	default:
		return goes
	}
	return stays
}

// lookAround takes over what other clients have left in the store. again says that one
// of them still has some of it.
func (c *Client) lookAround() (again bool) {
	all, err := c.opts.Store.All()
	for key, text := range all {
		c.mu.Lock()
		held := c.keeper.held[key] != nil
		c.mu.Unlock()
		r, ok := readRecord(text)
		if held || !ok || err != nil || c.fateOf(&r) == stays {
			continue
		}
		var free func()
		if text, free, err = c.opts.Store.Own(key); free == nil {
			again = true
			continue
		}
		// What counts is what there is now: its owner may just have settled it.
		what := stays
		if r, ok = readRecord(text); ok {
			what = c.fateOf(&r)
		}
		switch what {
		case drops:
			err = c.opts.Store.Delete(key)
		case hides:
			r.request = Masked(r.request)
			r.progress |= expired
			err = c.opts.Store.Put(key, r.pack())
		case goes, unbound, late:
			c.takeOver(key, &r, what, text, free)
			continue
		}
		free()
	}
	if err != nil {
		c.unkept(err)
	}
	return again
}

// takeOver makes a record a call of this client.
func (c *Client) takeOver(key string, r *record, what fate, stored string, free func()) {
	k := &call{
		key: key, request: r.request, decode: commdn.DecodePersonAnswer, asked: r.asked, kept: true, bound: r.bound, subject: r.subject,
		progress: r.progress, toldKept: true, inStore: true, stored: stored, free: free, done: make(chan struct{}),
	}
	if what == unbound {
		r.request = Masked(r.request)
	}
	if r.window > 0 {
		k.until = r.asked.Add(r.window)
		if r.progress&unwanted != 0 {
			k.undo = undoWanted
		}
	}
	k.told = c.keeper.earlier(&Earlier{r.request, r.subject, r.asked, r.window, r.progress&accepted != 0, func() ([]commdn.Message, error) {
		<-k.done
		return k.answers, k.outcome()
	}})
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.enter(frame.KindRequest, k)
	switch {
	case err != nil:
		c.table.calls = append(c.table.calls, k) // where finish finds it
	case c.table.ended != nil:
		err = c.table.ended
	case what == unbound:
		err = ErrUnbound
	case what == late:
		err = ErrExpired
	}
	if err != nil {
		c.finish(k, &NoAnswerError{Sent: k.sent(), Err: err})
		return
	}
	c.dropUnsent(k)
}
