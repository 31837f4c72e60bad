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
func (c *Client) connect() (stood time.Duration, err error) {
	ctx, cancel := context.WithTimeout(c.ctx, c.opts.DialTimeout)
	defer cancel()
	conn, err := c.opts.Dial(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close(frame.CloseNormal, "")
	welcome, err := c.hello(ctx, conn)
	if err != nil {
		return 0, err
	}
	c.opened() // before anybody hears of it
	defer c.lost()
	since := time.Now()
	c.setStatus(func(s *Status) {
		s.State, s.Err = Connected, nil
		s.Relay, s.Session, s.OCS, s.Link = welcome.Relay, welcome.Session, welcome.OCS, welcome.Link
	})
	err = c.serve(conn, time.Duration(welcome.PingSeconds)*time.Second)
	return time.Since(since), err
}

func (c *Client) hello(ctx context.Context, conn Conn) (frame.Welcome, error) {
	hello := frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Agent: c.opts.Agent}.Body()}
	message, err := hello.Append(nil)
	if err != nil {
		return frame.Welcome{}, err
	}
	if err := conn.Write(ctx, message); err != nil {
		return frame.Welcome{}, err
	}
	reply, err := conn.Read(ctx)
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

// serve reads until the connection ends, while a second goroutine writes.
func (c *Client) serve(conn Conn, ping time.Duration) error {
	if ping <= 0 {
		ping = 15 * time.Second
	}
	ctx, cancel := context.WithCancelCause(c.ctx)
	var writer sync.WaitGroup
	writer.Go(func() { cancel(c.write(ctx, conn, ping)) })
	err := c.read(ctx, conn, ping)
	var closed *frame.CloseError
	if cause := context.Cause(ctx); cause != nil && !errors.As(err, &closed) {
		err = cause // the writer failed first, and the relay gave no reason
	}
	cancel(nil)
	writer.Wait()
	return err
}

// read takes in frames. Two pings without any frame from the relay mean that
// the connection is dead, though TCP has not noticed.
func (c *Client) read(ctx context.Context, conn Conn, ping time.Duration) error {
	for {
		message, err := func() ([]byte, error) {
			ctx, cancel := context.WithTimeout(ctx, 2*ping+ping/2)
			defer cancel()
			return conn.Read(ctx)
		}()
		if errors.Is(err, context.DeadlineExceeded) {
			return ErrTimeout
		}
		if err != nil {
			return err
		}
		f, err := frame.Decode(message)
		if err != nil {
			return err
		}
		switch f.Kind {
		case frame.KindAnswer, frame.KindResponse, frame.KindRefusal:
			c.answered(f)
		case frame.KindLink:
			c.setStatus(func(s *Status) { s.Link = frame.ReadLink(f.Body) })
		}
	}
}

// write sends calls as they come, and pings.
func (c *Client) write(ctx context.Context, conn Conn, every time.Duration) error {
	ping, err := frame.Frame{Kind: frame.KindPing}.Append(nil)
	if err != nil {
		return err
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		for k := c.nextUnsent(); k != nil; k = c.nextUnsent() {
			if err := conn.Write(ctx, k.message); err != nil {
				return err
			}
		}
		select {
		case <-c.wake:
		case <-ticker.C:
			if err := conn.Write(ctx, ping); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
