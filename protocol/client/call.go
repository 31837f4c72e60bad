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
	key     string // the same whenever it is sent
	request commdn.Request
	decode  decodeFunc  // of the answers
	message []byte      // the frame: a request, or a preview of one
	onWire  bool        // on the present connection: sent or resumed
	resumed bool        // the relay has been asked what became of it
	timer   *time.Timer // runs from sending on, until the relay says that it holds the request
	told    func(Event) // may be nil
	answers []commdn.Message
	late    []commdn.Message // answers, and those that came after the relay had given it up
	forms   frame.Forms      // answer a preview
	holds   bool             // it was asked for with a window; see Hold
	until   time.Time        // which ends then; zero: it is over
	undo    undoState
	undone  *frame.Refusal // it was taken back, and ends with this; see takeBack
	err     error
	done    chan struct{}

	// Of a call that Options.Store keeps.
	kept     bool
	asked    time.Time // when it was made, on whatever page
	bound    bool      // subject is known, and it goes out for nobody else
	subject  string
	progress progress // sent: on the present connection or an earlier one
	dirty    bool     // its record may have to change
	saving   bool     // its record changes now
	stuck    bool     // the last time that failed
	over     bool     // it has ended
	leave    bool     // but its record stays, for the next client
	toldKept bool
	inStore  bool   // its record is in the store, or may be in a moment
	stored   string // the record in the store; keep's goroutine alone uses it
	free     func() // gives the key back; likewise
}

func (k *call) sent() bool { return k.progress&sent != 0 }

// advance notes how far a call has come; mu is held.
func (c *Client) advance(k *call, by progress) {
	if k.progress&by == 0 {
		k.progress |= by
		c.touch(k)
	}
}

type decodeFunc func(tkvlist.List) (commdn.Message, error)

// table holds the calls under way; Client.mu guards it.
type table struct {
	calls []*call // in the order of Do; at most Options.MaxPending
	last  uint32  // the number given last
	open  bool    // there is a welcomed connection
	known bool    // the relay has said once whom it takes the client for
	// identified says that it has on the present connection.
	identified bool
	limits     frame.Limits // of the relay, as last heard
	ended      error        // set once no call may begin any more

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

// start enters a request into the table and wakes whoever can send it. An empty key
// means a new one; with a window Undo can take it back.
func (c *Client) start(kind frame.Kind, key string, req commdn.Request, window time.Duration, decode decodeFunc, told func(Event)) (*call, error) {
	if key == "" {
		key = c.newKey()
	}
	k := &call{key: key, request: req, decode: decode, told: told, done: make(chan struct{}), kept: kept(kind, req), asked: time.Now()}
	if window > 0 {
		k.until = k.asked.Add(window)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.table.ended != nil:
		return nil, &NoAnswerError{Err: c.table.ended}
	case !c.table.open && !req.Repeatable():
		return nil, &NoAnswerError{Err: ErrNotConnected}
	case len(c.table.calls) >= c.opts.MaxPending:
		return nil, ErrBusy
	}
	if err := c.enter(kind, k); err != nil {
		return nil, err
	}
	if !c.table.open {
		nudge(c.retry)
	}
	return k, nil
}

// enter gives a call a number and a place in the table; mu is held.
func (c *Client) enter(kind frame.Kind, k *call) (err error) {
	for {
		c.table.last++
		if c.table.last != 0 && c.table.find(c.table.last) == nil {
			break
		}
	}
	k.number = c.table.last
	// A relay without a window refuses to hear of one.
	k.holds = !k.until.IsZero() && !(c.table.open && c.table.limits.UndoMillis == 0)
	body := frame.Request{Key: k.key, Data: k.request.UserData()}
	if k.holds {
		k.undo = max(k.undo, undoable)
		body.Undo = 1 // undoIn writes it
	} else if k.undo < undoWanted {
		k.undo, k.until = 0, time.Time{}
	}
	if k.message, err = pack(kind, k.number, body.Body()); err != nil {
		return err
	}
	c.bind(k)
	c.table.calls = append(c.table.calls, k)
	c.touch(k)
	nudge(c.wake)
	return nil
}

// nextUnsent takes the next undo, or the next call, that has to be written and starts
// the clock of that. It gives no call while the relay has as many as it takes: it would
// refuse more.
func (c *Client) nextUnsent() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	onWire := 0
	for _, k := range c.table.calls {
		if k.onWire {
			onWire++
			if k.undo == undoWanted {
				k.undo = undoAsked
				message, _ := pack(frame.KindUndo, k.number, frame.Request{Key: k.key}.Body()) // a key always fits
				return message
			}
		}
	}
	if most := c.table.limits.MaxRequests; most > 0 && onWire >= most {
		return nil
	}
	for _, k := range c.table.calls {
		if k.onWire || k.undone != nil || !c.mine(k) {
			continue
		}
		if k.holds {
			k.undoIn()
			c.touch(k)
		}
		if k.undo >= undoWanted && !c.again(k) { // it may have gone out before
			c.finish(k, &NoAnswerError{Sent: true, Err: ErrLost})
			return nil // finish wakes the writer again
		}
		c.advance(k, sent)
		c.wait(k)
		return k.message
	}
	return nil
}

// wait starts the clock of a call that the relay is to tell of; mu is held.
func (c *Client) wait(k *call) {
	k.onWire = true
	k.timer = time.AfterFunc(c.opts.AnswerTimeout, func() { c.settle(k, ErrTimeout) })
}

// recall takes back what the relay was to tell of a call; mu is held.
func (k *call) recall() {
	k.stop()
	k.onWire, k.resumed = false, false
	if k.undo == undoAsked {
		k.undo = undoWanted
	}
	k.answers = nil // the relay tells all of them again, or every OCS answers again
}

func (k *call) stop() {
	if k.timer != nil {
		k.timer.Stop()
	}
}

// settle ends a call without an answer; nothing happens if it has ended.
func (c *Client) settle(k *call, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.finish(k, &NoAnswerError{Sent: k.sent(), Err: why})
}

// finish takes a call out of the table; mu is held.
func (c *Client) finish(k *call, err error) {
	i := slices.Index(c.table.calls, k)
	if i < 0 {
		return
	}
	c.table.calls = slices.Delete(c.table.calls, i, i+1)
	nudge(c.wake) // there may be room for another one
	k.stop()
	k.err = err
	k.over, k.leave = true, k.leave || c.table.ended != nil
	if none, ok := err.(*NoAnswerError); ok {
		none.Kept = k.leave && k.toldKept
	}
	c.touch(k)
	close(k.done)
}

// heard takes in a frame that belongs to a call. It passes over one whose call
// has ended: it came too late. Only the reader calls it, so that a call's events
// keep their order.
func (c *Client) heard(f frame.Frame) {
	told, e := c.take(f)
	if told != nil {
		c.tell(told, e)
	}
}

// tell tells of an event. The reader's come in order; that a call is kept comes from
// another goroutine, in between.
func (c *Client) tell(told func(Event), e Event) {
	c.following.Lock()
	defer c.following.Unlock()
	told(e)
}

// take gives the event to tell the caller of, and to whom; nil where there is
// nothing to tell.
func (c *Client) take(f frame.Frame) (told func(Event), e Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.table.find(f.Number)
	if k == nil {
		return nil, Event{}
	}
	switch f.Kind {
	case frame.KindForms:
		k.forms = frame.ReadForms(f.Body)
		c.finish(k, nil)
		return nil, Event{}
	case frame.KindHeld:
		k.stop()
		if frame.ReadHeld(f.Body).Left > 0 {
			return nil, Event{}
		}
		k.undo, k.until = 0, time.Time{}
		c.touch(k)
		return k.told, Event{Kind: Released}
	case frame.KindAccepted:
		k.stop()
		c.advance(k, accepted)
		return k.told, Event{Kind: Accepted}
	case frame.KindQueued:
		k.stop()
		return k.told, Event{Kind: Queued, Queued: frame.ReadQueued(f.Body)}
	}
	outcome := frame.ReadOutcome(f.Body) // an answer looks the same
	if f.Kind == frame.KindOutcome && outcome.Refusal != nil {
		c.refused(k, outcome.Refusal)
		return nil, Event{}
	}
	m := c.answered(k, outcome.Data)
	if m == nil {
		return nil, Event{}
	}
	if f.Kind == frame.KindOutcome {
		c.finish(k, nil)
	}
	return k.told, Event{Kind: Answered, Answer: m}
}

// refused ends a call, but for one that the relay does not know and that may be
// sent again; mu is held.
func (c *Client) refused(k *call, r *frame.Refusal) {
	if r.Code == frame.RefusedUnknownKey && k.progress&accepted != 0 && c.opts.Store != nil && c.age(k.asked) > 0 {
		// The relay has carried it out, and forgotten it since.
		c.finish(k, &NoAnswerError{Sent: true, Err: ErrExpired})
		return
	}
	if r.Code == frame.RefusedUndone {
		c.takeBack(k, r)
		return
	}
	if r.Code != frame.RefusedUnknownKey || !k.resumed {
		c.finish(k, r)
		c.remember(k, r)
		return
	}
	k.recall()
	nudge(c.wake)
}

// answered reads an answer and gives it; what is none ends the call. mu is held.
func (c *Client) answered(k *call, data tkvlist.List) commdn.Message {
	m, err := k.decode(data)
	what := ""
	switch {
	case err != nil:
		what = err.Error()
	case !k.request.AnsweredBy(m):
		what = m.Type().String() + " does not answer " + k.request.Type().String()
	}
	if what != "" {
		c.finish(k, &NoAnswerError{Sent: k.sent(), Err: &AnswerError{what}})
		return nil
	}
	k.answers = append(k.answers, m)
	return m
}

// resumable gives the calls that went out on an earlier connection. While there
// is none, all of them are repeatable.
func (c *Client) resumable() []*call {
	c.mu.Lock()
	defer c.mu.Unlock()
	var sent []*call
	for _, k := range c.table.calls {
		if k.sent() && k.undone == nil {
			sent = append(sent, k)
		}
	}
	return sent
}

// opened lets calls go out and waits for those that hello resumed; it is called
// once per welcomed connection. A wish to dial at once is met by now, and must
// not outlive the connection.
func (c *Client) opened(l frame.Limits, resumed []*call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.table.open, c.table.identified, c.table.limits, c.table.subscribed = true, false, l, frame.Subscribe{}
	c.coming = nil
	for _, k := range resumed {
		if slices.Contains(c.table.calls, k) { // nobody has given it up meanwhile
			k.resumed = true
			c.wait(k)
		}
	}
	select {
	case <-c.retry:
	default:
	}
}

// limited takes in the relay's limits, which a reload has changed.
func (c *Client) limited(l frame.Limits) {
	c.mu.Lock()
	c.table.limits = l
	nudge(c.wake)
	changed := c.status.CancelByCustomer != l.CancelByCustomer || c.status.Vanity != l.Vanity || c.status.Undo != windowOf(l)
	c.mu.Unlock()
	if changed {
		c.setStatus(func(s *Status) { s.CancelByCustomer, s.Vanity, s.Undo = l.CancelByCustomer, l.Vanity, windowOf(l) })
	}
}

// pingEvery gives how often the relay wants a ping.
func (c *Client) pingEvery() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := c.table.limits.PingSeconds; n > 0 {
		return time.Duration(n) * time.Second
	}
	return defaultPing
}

// lost puts repeatable calls back to be resumed or sent, and settles the others.
func (c *Client) lost() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.table.open = false
	nudge(c.keeper.wake)
	for _, k := range slices.Clone(c.table.calls) {
		if !k.request.Repeatable() {
			c.finish(k, &NoAnswerError{Sent: k.sent(), Err: ErrLost})
			continue
		}
		k.recall()
	}
}

// nudge wakes the reader of a channel of capacity 1 without blocking.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
