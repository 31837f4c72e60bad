package client

import (
	"context"
	"errors"
	"sync"
	"time"

	"commdn/protocol/frame"
)

// errProtocol says that the relay sent what a relay does not send.
var errProtocol = errors.New("client: the relay did not answer hello with a welcome")

// connect dials, says hello, and serves the connection until it ends. It tells
// how long the connection stood after the welcome, and always returns an error:
// why there is no connection any more.
//
// Whatever ends the connection from this side (Close, a timeout, a failed
// write) cancels ctx, which closes the socket and so ends a blocked Read.
func (c *Client) connect() (stood time.Duration, err error) {
	ctx, cancel := context.WithCancelCause(c.ctx)
	defer cancel(nil)
	limit := time.AfterFunc(c.opts.DialTimeout, func() { cancel(ErrTimeout) })
	defer limit.Stop()
	token, err := c.askToken(ctx)
	if err != nil {
		return 0, err
	}
	c.token = token
	conn, err := c.opts.Dial(ctx)
	if err != nil {
		return 0, reason(ctx, err)
	}
	var closing sync.WaitGroup
	defer closing.Wait()
	closing.Go(func() {
		<-ctx.Done()
		conn.Close(frame.CloseNormal, "")
	})
	defer cancel(nil) // before closing.Wait
	resume := c.resumable()
	welcome, resumed, err := hello(conn, frame.Hello{Agent: c.opts.Agent, Token: token}, resume)
	if err != nil {
		return 0, reason(ctx, err)
	}
	limit.Stop()
	c.opened(welcome.Limits, resume[:resumed]) // before anybody hears of it
	defer c.lost()
	since := time.Now()
	c.setStatus(func(s *Status) {
		s.State, s.Err = Connected, nil
		s.Relay, s.Session, s.OCS, s.Link = welcome.Relay, welcome.Session, welcome.OCS, welcome.Link
		s.CancelByCustomer, s.Vanity, s.Undo = welcome.CancelByCustomer, welcome.Vanity, windowOf(welcome.Limits)
	})
	var goroutines sync.WaitGroup
	r := &renewal{expires: make(chan int64, 1), refresh: make(chan []byte)}
	alive := newPulse(c, func() { cancel(ErrTimeout) })
	defer alive.end()
	goroutines.Go(func() { cancel(c.write(ctx, conn, r.refresh, alive)) })
	if c.opts.Token != nil {
		goroutines.Go(func() { c.renew(ctx, r) })
	}
	err = c.read(conn, cancel, r, alive)
	cancel(nil)
	goroutines.Wait()
	return time.Since(since), reason(ctx, err)
}

// defaultPing is used with a relay that does not ask for an interval.
const defaultPing = 15 * time.Second

// reason says why a connection ended: what the relay closed it with, else what
// this side ended it for, else the error itself.
func reason(ctx context.Context, err error) error {
	if closed, ok := errors.AsType[*frame.CloseError](err); ok && closed.Code != frame.CloseAbnormal && closed.Code != frame.CloseNormal {
		return err
	}
	if cause := context.Cause(ctx); cause != nil && cause != context.Canceled {
		return cause
	}
	return err
}

// hello says hello, resumes as many of the calls as fit beside the token, and
// waits for the welcome. It tells how many it resumed; the others are sent again
// under their keys, which comes to the same.
func hello(conn Conn, h frame.Hello, resume []*call) (w frame.Welcome, resumed int, err error) {
	for _, k := range resume {
		h.Resume = append(h.Resume, frame.Resume{Key: k.key, Number: k.number})
	}
	message, err := pack(frame.KindHello, 0, h.Body())
	for err != nil && len(h.Resume) > 0 {
		h.Resume = h.Resume[:len(h.Resume)-1]
		message, err = pack(frame.KindHello, 0, h.Body())
	}
	if err != nil {
		return w, 0, err
	}
	if err := conn.Write(message); err != nil {
		return w, 0, err
	}
	reply, err := conn.Read()
	if err != nil {
		return w, 0, err
	}
	f, err := frame.Decode(reply)
	if err != nil {
		return w, 0, err
	}
	if f.Kind != frame.KindWelcome {
		return w, 0, errProtocol
	}
	return frame.ReadWelcome(f.Body), len(h.Resume), nil
}

// read takes in frames and passes over those of a kind that it does not know.
// Two pings without any frame from the relay mean that the connection is dead,
// though TCP has not noticed.
func (c *Client) read(conn Conn, cancel context.CancelCauseFunc, r *renewal, alive *pulse) error {
	patience := func() time.Duration { ping := c.pingEvery(); return 2*ping + ping/2 }
	silence := time.AfterFunc(patience(), func() { cancel(ErrTimeout) })
	defer silence.Stop()
	var frames frame.Reader
	for {
		message, err := conn.Read()
		if err != nil {
			return err
		}
		f, err := frames.Read(message)
		if err != nil {
			return err
		}
		if f.Kind == frame.KindLimits {
			c.limited(frame.ReadLimits(f.Body))
		}
		silence.Reset(patience())
		alive.heard()
		switch f.Kind {
		case frame.KindAccepted, frame.KindQueued, frame.KindAnswer, frame.KindOutcome, frame.KindForms, frame.KindHeld:
			c.heard(f)
		case frame.KindLate:
			c.answeredLate(f.Body)
		case frame.KindLink:
			c.setStatus(func(s *Status) { s.Link = frame.ReadLink(f.Body) })
		case frame.KindIdentity:
			identity := frame.ReadIdentity(f.Body)
			c.identified(identity)
			r.tell(identity.Expires)
		case frame.KindDirectory:
			c.directoryPart(f.Body)
		case frame.KindNotification:
			c.mu.Lock()
			notified := c.notified
			c.mu.Unlock()
			if notified != nil {
				notified(f.Body)
			}
		case frame.KindHistory:
			c.history(f.Body)
		}
	}
}

// write sends calls as they come, refreshes, and pings.
func (c *Client) write(ctx context.Context, conn Conn, refresh <-chan []byte, alive *pulse) error {
	ping, err := pack(frame.KindPing, 0, nil)
	if err != nil {
		return err
	}
	every := c.pingEvery()
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		if now := c.pingEvery(); now != every {
			every = now
			ticker.Reset(every)
		}
		subscribe, err := c.nextSubscribe()
		if err == nil && subscribe != nil {
			err = conn.Write(subscribe)
		}
		if err != nil {
			return err
		}
		for message := c.nextUnsent(); message != nil; message = c.nextUnsent() {
			alive.asked()
			if err := conn.Write(message); err != nil {
				return err
			}
		}
		var message []byte
		select {
		case <-c.wake:
			continue
		case message = <-refresh:
		case <-ticker.C:
			message = ping
		case <-alive.ping:
			message = ping
		case <-ctx.Done():
			return nil
		}
		if err := conn.Write(message); err != nil {
			return err
		}
	}
}
