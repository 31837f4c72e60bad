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
	resumed := c.resume(frame.MaxLen - frame.HeaderLen - len(c.opts.Agent) - len(token) - 100)
	welcome, err := hello(conn, frame.Hello{Agent: c.opts.Agent, Token: token, Resume: resumed})
	if err != nil {
		return 0, reason(ctx, err)
	}
	limit.Stop()
	c.opened(welcome.MaxRequests, resumed) // before anybody hears of it
	defer c.lost()
	since := time.Now()
	c.setStatus(func(s *Status) {
		s.State, s.Err = Connected, nil
		s.Relay, s.Session, s.OCS, s.Link = welcome.Relay, welcome.Session, welcome.OCS, welcome.Link
	})
	ping := pingInterval(welcome.Limits)
	var goroutines sync.WaitGroup
	r := &renewal{expires: make(chan int64, 1), refresh: make(chan []byte)}
	pings := make(chan time.Duration, 1)
	goroutines.Go(func() { cancel(c.write(ctx, conn, ping, pings, r.refresh)) })
	if c.opts.Token != nil {
		goroutines.Go(func() { c.renew(ctx, r) })
	}
	err = c.read(conn, ping, pings, cancel, r)
	cancel(nil)
	goroutines.Wait()
	return time.Since(since), reason(ctx, err)
}

// defaultPing is used with a relay that does not ask for an interval.
const defaultPing = 15 * time.Second

func pingInterval(m frame.Limits) time.Duration {
	if m.PingSeconds <= 0 {
		return defaultPing
	}
	return time.Duration(m.PingSeconds) * time.Second
}

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

func hello(conn Conn, h frame.Hello) (frame.Welcome, error) {
	message, err := frame.Frame{Kind: frame.KindHello, Body: h.Body()}.Append(nil)
	if err != nil {
		return frame.Welcome{}, err
	}
	if err := conn.Write(message); err != nil {
		return frame.Welcome{}, err
	}
	reply, err := conn.Read()
	if err != nil {
		return frame.Welcome{}, err
	}
	f, err := frame.Decode(reply)
	if err != nil {
		return frame.Welcome{}, err
	}
	if f.Kind != frame.KindWelcome {
		return frame.Welcome{}, errProtocol
	}
	return frame.ReadWelcome(f.Body), nil
}

// read takes in frames. Two pings without any frame from the relay mean that
// the connection is dead, though TCP has not noticed.
func (c *Client) read(conn Conn, ping time.Duration, pings chan time.Duration, cancel context.CancelCauseFunc, r *renewal) error {
	silence := time.AfterFunc(2*ping+ping/2, func() { cancel(ErrTimeout) })
	defer silence.Stop()
	for {
		message, err := conn.Read()
		if err != nil {
			return err
		}
		silence.Reset(2*ping + ping/2)
		f, err := frame.Decode(message)
		if err != nil {
			return err
		}
		switch f.Kind {
		case frame.KindAccepted, frame.KindQueued, frame.KindAnswer, frame.KindOutcome:
			c.answered(f)
		case frame.KindLimits:
			m := frame.ReadLimits(f.Body)
			c.limited(m.MaxRequests)
			ping = pingInterval(m)
			silence.Reset(2*ping + ping/2)
			select {
			case <-pings: // the writer has not seen it yet
			default:
			}
			pings <- ping
		case frame.KindLink:
			c.setStatus(func(s *Status) { s.Link = frame.ReadLink(f.Body) })
		case frame.KindIdentity:
			identity := frame.ReadIdentity(f.Body)
			c.setStatus(func(s *Status) { s.Identity = identity })
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
func (c *Client) write(ctx context.Context, conn Conn, every time.Duration, pings <-chan time.Duration, refresh <-chan []byte) error {
	ping, err := frame.Frame{Kind: frame.KindPing}.Append(nil)
	if err != nil {
		return err
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		subscribe, err := c.nextSubscribe()
		if err == nil && subscribe != nil {
			err = conn.Write(subscribe)
		}
		if err != nil {
			return err
		}
		for k := c.nextUnsent(); k != nil; k = c.nextUnsent() {
			if err := conn.Write(k.message); err != nil {
				return err
			}
		}
		var message []byte
		select {
		case <-c.wake:
			continue
		case every := <-pings:
			ticker.Reset(every)
			continue
		case message = <-refresh:
		case <-ticker.C:
			message = ping
		case <-ctx.Done():
			return nil
		}
		if err := conn.Write(message); err != nil {
			return err
		}
	}
}
