package conn

import (
	"time"

	"commdn/protocol/frame"
	"commdn/relay/desk"
)

// frame acts on one frame. Its error is fatal to the connection.
func (c *Conn) frame(f frame.Frame) error {
	switch f.Kind {
	case frame.KindPing:
		if c.noise.tooMuch(time.Now()) {
			return tooFast()
		}
		c.send(frame.Frame{Kind: frame.KindPong, Number: f.Number})
	case frame.KindRequest:
		return c.request(f)
	case frame.KindSubscribe:
		c.slowDown()
		c.subscribe(frame.ReadSubscribe(f.Body))
	case frame.KindPreview:
		c.slowDown()
		c.preview(f)
	case frame.KindUndo:
		c.slowDown()
		c.s.o.Desk.Undo(c.actor().Subject, frame.ReadRequest(f.Body).Key)
	case frame.KindRefresh:
		c.slowDown()
		return c.refresh(frame.ReadRefresh(f.Body).Token)
	case frame.KindHello:
		return &frame.CloseError{Code: frame.CloseSecondHello}
	default:
		if f.Kind.Known() {
			return &frame.CloseError{Code: frame.CloseMalformed, Reason: "a client does not send " + f.Kind.String()}
		}
		c.slowDown() // of a later version of the envelope
	}
	return nil
}

// preview tells in which forms a request would name its number.
func (c *Conn) preview(f frame.Frame) {
	texts, refusal := c.s.o.Desk.Preview(c.actor().Grant, frame.ReadRequest(f.Body).Data)
	forms := frame.Forms{Texts: texts}
	if refusal != nil {
		forms.Refusal = refusal.Message
	}
	c.send(frame.Frame{Kind: frame.KindForms, Number: f.Number, Body: forms.Body()})
}

// slowDown waits where a client asks for what costs the relay much faster than
// it may make requests. What the client sends meanwhile waits with it.
func (c *Conn) slowDown() { _ = c.source.Rate().Wait(c.ctx) }

// request hands a request to the desk. Its error is fatal to the connection.
func (c *Conn) request(f frame.Frame) error {
	if !c.begin(f.Number) { // first: a connection without requests goes when the relay shuts down
		return &frame.CloseError{Code: frame.CloseDuplicate}
	}
	r := frame.ReadRequest(f.Body)
	t, begun, refusal := c.s.o.Desk.Submit(c.ctx, desk.Submission{
		Key: r.Key, Actor: c.actor(), Source: c.source, Data: r.Data, Undo: time.Duration(r.Undo) * time.Millisecond,
		Tell: func(e desk.Event) { c.guard(func() { c.tell(f.Number, e) }) },
	})
	if refusal != nil {
		c.settle(f.Number, frame.Outcome{Refusal: refusal})
		if c.source.TooFast() {
			return tooFast()
		}
		return nil
	}
	if !begun { // settled at once, or a request that the desk has already
		c.follow(f.Number, t)
	}
	return nil
}

// resume takes up requests of an earlier connection.
func (c *Conn) resume(all []frame.Resume) error {
	actor := c.actor()
	for _, r := range all {
		if !c.begin(r.Number) {
			return &frame.CloseError{Code: frame.CloseDuplicate}
		}
		t := c.s.o.Desk.Find(c.ctx, actor.Subject, r.Key)
		if t == nil {
			c.settle(r.Number, frame.Outcome{Refusal: &frame.Refusal{
				Code: frame.RefusedUnknownKey, Message: "the relay knows nothing of this request, or no longer does",
			}})
			continue
		}
		c.follow(r.Number, t)
	}
	return nil
}

// follow tells the client what happens to a request.
func (c *Conn) follow(number uint32, t *desk.Ticket) {
	if e, done := t.Done(); done {
		c.tell(number, e)
		return
	}
	c.spawn(&c.asks, func() {
		for n := 0; ; n++ {
			e, err := t.Next(c.ctx, n)
			if err != nil { // the client asks again on its next connection
				c.release(number)
				return
			}
			c.tell(number, e)
			if e.Kind == desk.Settled || e.Kind == desk.Left {
				return
			}
		}
	})
}

// tell passes on one event of a request.
func (c *Conn) tell(number uint32, e desk.Event) {
	c.overtake(e)
	switch e.Kind {
	case desk.Accepted:
		c.send(frame.Frame{Kind: frame.KindAccepted, Number: number})
	case desk.Held: // 0 is for Released alone
		left := max(int(time.Until(e.Until)/time.Millisecond), 1)
		c.send(frame.Frame{Kind: frame.KindHeld, Number: number, Body: frame.Held{Left: left}.Body()})
	case desk.Released:
		c.send(frame.Frame{Kind: frame.KindHeld, Number: number, Body: frame.Held{}.Body()})
	case desk.Queued:
		c.send(frame.Frame{Kind: frame.KindQueued, Number: number, Body: e.Queued.Body()})
	case desk.Answer:
		if !c.send(frame.Frame{Kind: frame.KindAnswer, Number: number, Body: frame.Answer{Data: e.Answer.UserData()}.Body()}) {
			c.mark(number)
		}
	case desk.Late: // its number may be that of another request by now
		c.send(frame.Frame{Kind: frame.KindLate, Body: frame.Late{Key: e.Key, Data: e.Answer.UserData()}.Body()})
	case desk.Left: // the client asks the next relay
		c.release(number)
	case desk.Settled:
		switch {
		case e.Refusal != nil:
			c.settle(number, frame.Outcome{Refusal: e.Refusal})
		case e.Packed != nil:
			c.settlePacked(number, e.Packed)
		default:
			c.settle(number, frame.Outcome{Data: e.Answer.UserData()})
		}
	}
}

// settle tells the outcome of a request. Its number is the client's again. Where
// an answer could not be told, nobody may take the request for done.
func (c *Conn) settle(number uint32, o frame.Outcome) {
	untold := c.free(number)
	if untold || !c.send(frame.Frame{Kind: frame.KindOutcome, Number: number, Body: o.Body()}) {
		refusal := &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "OCS answered, but the relay could not pass the answer on; what it could not encode stands in its log"}
		c.send(frame.Frame{Kind: frame.KindOutcome, Number: number, Body: frame.Outcome{Refusal: refusal}.Body()})
	}
	c.ended()
}

// settlePacked is settle for an answer that is packed already, which is one that
// the goroutine that reads has at once.
func (c *Conn) settlePacked(number uint32, data []byte) {
	message, err := frame.AppendData(nil, frame.KindOutcome, number, data)
	if err != nil { // frame.MaxData forbids it
		c.unsent(frame.KindOutcome, err)
		c.mark(number)
		c.settle(number, frame.Outcome{})
		return
	}
	c.free(number)
	c.queueOwn(message)
	c.ended()
}

// mark notes that an answer to a request could not be told.
func (c *Conn) mark(number uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.numbers[number] = true
}

// begin takes the number of a request into use; false: it is in use.
func (c *Conn) begin(number uint32) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, used := c.numbers[number]; used {
		return false
	}
	if c.numbers == nil {
		c.numbers = make(map[uint32]bool)
	}
	c.numbers[number] = false
	c.following++
	return true
}

// free makes a number the client's again, before the frame leaves that says so.
// untold says that an answer of the request could not be told.
func (c *Conn) free(number uint32) (untold bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	untold = c.numbers[number]
	delete(c.numbers, number)
	return untold
}

// ended is called when the outcome of a request is queued.
func (c *Conn) ended() {
	c.mu.Lock()
	c.following--
	idle := c.following == 0
	c.mu.Unlock()
	if idle && c.s.o.Hub.Leaving() {
		c.LeaveIfIdle()
	}
}

// release is free and ended, without an outcome.
func (c *Conn) release(number uint32) {
	c.free(number)
	c.ended()
}

// LeaveIfIdle ends a connection without requests, to connect again elsewhere.
func (c *Conn) LeaveIfIdle() {
	c.mu.Lock()
	idle := c.following == 0
	c.mu.Unlock()
	if idle {
		c.quit(&frame.CloseError{Code: frame.CloseGoingAway})
	}
}
