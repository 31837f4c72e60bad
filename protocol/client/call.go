package client

import (
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// call is a request under way. Whoever takes it out of the table settles it.
type call struct {
	number  uint32
	key     string // the same on every connection
	request commdn.Request
	decode  decodeFunc  // of the answers
	message []byte      // the request frame
	sent    bool        // on the present connection or an earlier one
	onWire  bool        // on the present connection
	timer   *time.Timer // runs from sending on
	tell    func(Event) // nil: nobody wants to know
	answers []commdn.Message
	err     error
	done    chan struct{}
}

type decodeFunc func(tkvlist.List) (commdn.Message, error)

// table holds the calls under way; Client.mu guards it.
type table struct {
	calls  []*call // in the order of Do; at most Options.MaxPending
	last   uint32  // the number given last
	open   bool    // there is a welcomed connection
	window int     // how many calls the relay takes at once; 0 is any number
	ended  error   // set once no call may begin any more

	subscribed frame.Subscribe // what the relay was told on this connection
	again      bool            // it has to be told again, for a watch that began since
}

// find gives the call with this number, or nil.
func (t *table) find(number uint32) *call {
	for _, k := range t.calls {
		if k.number == number {
			return k
		}
	}
	return nil
}

// start enters a request into the table and wakes whoever can send it.
func (c *Client) start(req commdn.Request, decode decodeFunc, tell func(Event)) (*call, error) {
	k := &call{key: c.newKey(), request: req, decode: decode, tell: tell, done: make(chan struct{})}
	body, repeatable := req.UserData(), req.Repeatable()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.table.ended != nil:
		return nil, &NoAnswerError{Err: c.table.ended}
	case !c.table.open && !repeatable:
		return nil, &NoAnswerError{Err: ErrNotConnected}
	case len(c.table.calls) >= c.opts.MaxPending:
		return nil, ErrBusy
	}
	for {
		c.table.last++
		if c.table.last != 0 && c.table.find(c.table.last) == nil {
			break
		}
	}
	k.number = c.table.last
	var err error
	if k.message, err = (frame.Frame{Kind: frame.KindRequest, Number: k.number, Body: frame.Request{Key: k.key, Data: body}.Body()}).Append(nil); err != nil {
		return nil, err
	}
	c.table.calls = append(c.table.calls, k)
	nudge(c.wake)
	if !c.table.open {
		nudge(c.retry)
	}
	return k, nil
}

// nextUnsent takes the next call that has to be written and starts its clock.
// It gives none while the relay has as many as it takes: it would refuse more.
func (c *Client) nextUnsent() *call {
	c.mu.Lock()
	defer c.mu.Unlock()
	onWire := 0
	for _, k := range c.table.calls {
		if k.onWire {
			onWire++
		}
	}
	if c.table.window > 0 && onWire >= c.table.window {
		return nil
	}
	for _, k := range c.table.calls {
		if k.onWire {
			continue
		}
		c.wired(k)
		return k
	}
	return nil
}

// wired says that the relay has a call, or is about to, and starts its clock; mu
// is held.
func (c *Client) wired(k *call) {
	k.sent, k.onWire = true, true
	k.timer = time.AfterFunc(c.opts.AnswerTimeout, func() { c.settle(k, ErrTimeout) })
}

// newKey makes the key of a request: 128 bits that nobody else has. They need
// not be a secret where people sign in, as a key counts for its person alone;
// where nobody does, ChaCha8 with the system's seed is not to be guessed either.
// crypto/rand would be a tenth of what a browser downloads.
func (c *Client) newKey() string {
	key := make([]byte, 0, 32)
	for range 2 {
		bits := c.opts.Random()
		for range 16 {
			key = append(key, "0123456789abcdef"[bits&15])
			bits >>= 4
		}
	}
	return string(key)
}

// resume gives what hello says of calls that went out on an earlier connection,
// as many as fit into room bytes; the others are sent again under their keys,
// which comes to the same.
func (c *Client) resume(room int) []frame.Resume {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []frame.Resume
	for _, k := range c.table.calls {
		if room -= frame.ResumeLen; room < 0 {
			break
		}
		if k.sent {
			all = append(all, frame.Resume{Key: k.key, Number: k.number})
		}
	}
	return all
}

// settle ends a call without an answer; nothing happens if it has ended.
func (c *Client) settle(k *call, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.finish(k, &NoAnswerError{Sent: k.sent, Err: why})
}

// finish takes a call out of the table; mu is held.
func (c *Client) finish(k *call, err error) {
	i := slices.Index(c.table.calls, k)
	if i < 0 {
		return
	}
	c.table.calls = slices.Delete(c.table.calls, i, i+1)
	nudge(c.wake) // there may be room for another one
	if k.timer != nil {
		k.timer.Stop()
	}
	k.err = err
	close(k.done)
}

// answered takes in a frame that belongs to a call. One whose call has ended is
// passed over: it came too late.
func (c *Client) answered(f frame.Frame) {
	if k, e := c.take(f); k != nil && k.tell != nil {
		k.tell(e)
	}
}

// take gives the call of a frame and the event that it is, if its caller is to
// be told of one.
func (c *Client) take(f frame.Frame) (*call, Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.table.find(f.Number)
	if k == nil {
		return nil, Event{}
	}
	switch f.Kind {
	case frame.KindAccepted:
		return k, Event{Kind: Accepted}
	case frame.KindQueued:
		return k, Event{Kind: Queued, Queued: frame.ReadQueued(f.Body)}
	case frame.KindAnswer:
		if m := c.answer(k, frame.ReadAnswer(f.Body).Data); m != nil {
			return k, Event{Kind: Answered, Answer: m}
		}
		return nil, Event{}
	}
	o := frame.ReadOutcome(f.Body)
	switch {
	case o.Refusal != nil && o.Refusal.Code == frame.RefusedUnknownKey && k.request.Repeatable():
		c.unwired(k) // the relay has lost it: it goes out again
		nudge(c.wake)
	case o.Refusal != nil:
		c.finish(k, o.Refusal)
	case c.answer(k, o.Data) != nil:
		c.finish(k, nil)
	}
	return nil, Event{}
}

// answer takes in what OCS answered to a call, or ends the call where it cannot
// be used; mu is held.
func (c *Client) answer(k *call, data tkvlist.List) commdn.Message {
	m, err := k.decode(data)
	what := ""
	switch {
	case err != nil:
		what = err.Error()
	case !k.request.AnsweredBy(m):
		what = m.Type().String() + " does not answer " + k.request.Type().String()
	}
	if what != "" {
		c.finish(k, &NoAnswerError{Sent: k.sent, Err: &AnswerError{what}})
		return nil
	}
	k.answers = append(k.answers, m)
	return m
}

// opened lets calls go out; it is called once per welcomed connection. A wish
// to dial at once is met by now, and must not outlive the connection.
func (c *Client) opened(window int, resumed []frame.Resume) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.table.open, c.table.window, c.table.subscribed = true, window, frame.Subscribe{}
	for _, r := range resumed {
		if k := c.table.find(r.Number); k != nil {
			c.wired(k)
		}
	}
	c.coming = nil
	select {
	case <-c.retry:
	default:
	}
}

// lost puts repeatable calls back to be sent again and settles the others.
func (c *Client) lost() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.table.open = false
	for _, k := range slices.Clone(c.table.calls) {
		if !k.request.Repeatable() {
			c.finish(k, &NoAnswerError{Sent: k.sent, Err: ErrLost})
			continue
		}
		c.unwired(k)
	}
}

// unwired says that the relay does not have a call; mu is held. What it told
// before it tells again.
func (c *Client) unwired(k *call) {
	if k.timer != nil {
		k.timer.Stop()
	}
	k.onWire, k.answers = false, nil
}

// limited takes over how many calls the relay takes at once.
func (c *Client) limited(window int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.table.window = window
	nudge(c.wake)
}

// nudge wakes the reader of a channel of capacity 1 without blocking.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
