package client

import (
	"cmp"
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// call is a request under way. Whoever takes it out of the table settles it.
type call struct {
	number  uint32
	request commdn.Request
	message []byte      // the request frame
	sent    bool        // on the present connection or an earlier one
	timer   *time.Timer // runs from sending on
	answers []commdn.Message
	err     error
	done    chan struct{}
}

// table holds the calls under way; Client.mu guards it.
type table struct {
	calls  map[uint32]*call
	unsent []*call // those of calls that have to be written, in the order of Do
	last   uint32  // the number given last
	open   bool    // there is a welcomed connection
	ended  error   // set once no call may begin any more
}

func (t *table) all() []*call {
	calls := make([]*call, 0, len(t.calls))
	for _, k := range t.calls {
		calls = append(calls, k)
	}
	slices.SortFunc(calls, func(a, b *call) int { return cmp.Compare(a.number, b.number) })
	return calls
}

// start enters a request into the table and wakes whoever can send it.
func (c *Client) start(req commdn.Request) (*call, error) {
	k := &call{request: req, done: make(chan struct{})}
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
		if _, taken := c.table.calls[c.table.last]; !taken && c.table.last != 0 {
			break
		}
	}
	k.number = c.table.last
	var err error
	if k.message, err = (frame.Frame{Kind: frame.KindRequest, Number: k.number, Body: body}).Append(nil); err != nil {
		return nil, err
	}
	c.table.calls[k.number] = k
	c.table.unsent = append(c.table.unsent, k)
	nudge(c.wake)
	if !c.table.open {
		nudge(c.retry)
	}
	return k, nil
}

// nextUnsent takes the next call that has to be written and starts its clock.
func (c *Client) nextUnsent() *call {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.table.unsent) == 0 {
		return nil
	}
	k := c.table.unsent[0]
	c.table.unsent = slices.Delete(c.table.unsent, 0, 1)
	k.sent = true
	k.timer = time.AfterFunc(c.opts.AnswerTimeout, func() { c.settle(k, ErrTimeout) })
	return k
}

// settle ends a call without an answer; nothing happens if it has ended.
func (c *Client) settle(k *call, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.finish(k, &NoAnswerError{Sent: k.sent, Err: why})
}

// finish takes a call out of the table; mu is held.
func (c *Client) finish(k *call, err error) {
	if c.table.calls[k.number] != k {
		return
	}
	delete(c.table.calls, k.number)
	if i := slices.Index(c.table.unsent, k); i >= 0 {
		c.table.unsent = slices.Delete(c.table.unsent, i, i+1)
	}
	if k.timer != nil {
		k.timer.Stop()
	}
	k.err = err
	close(k.done)
}

// answered takes in a frame that belongs to a call. One whose call has ended
// is passed over: it came too late.
func (c *Client) answered(f frame.Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.table.calls[f.Number]
	if k == nil {
		return
	}
	if f.Kind == frame.KindRefusal {
		c.finish(k, frame.ReadRefusal(f.Body))
		return
	}
	m, err := commdn.Decode(f.Body)
	what := ""
	switch {
	case err != nil:
		what = err.Error()
	case !k.request.AnsweredBy(m.Type()):
		what = m.Type().String() + " does not answer " + k.request.Type().String()
	}
	if what != "" {
		c.finish(k, &NoAnswerError{Sent: k.sent, Err: &AnswerError{what}})
		return
	}
	k.answers = append(k.answers, m)
	if f.Kind == frame.KindResponse {
		c.finish(k, nil)
	}
}

// opened lets calls go out; it is called once per welcomed connection. A wish
// to dial at once is met by now, and must not outlive the connection.
func (c *Client) opened() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.table.open = true
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
	c.table.unsent = nil
	for _, k := range c.table.all() {
		if !k.request.Repeatable() {
			c.finish(k, &NoAnswerError{Sent: k.sent, Err: ErrLost})
			continue
		}
		if k.timer != nil {
			k.timer.Stop()
		}
		k.answers = nil // every OCS answers the repeated request again
		c.table.unsent = append(c.table.unsent, k)
	}
}

// nudge wakes the reader of a channel of capacity 1 without blocking.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
