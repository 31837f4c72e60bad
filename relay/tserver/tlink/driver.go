package tlink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/internal/dial"
	"commdn/relay/tserver"
)

// Defaults of zero times in a Driver.
const (
	DefaultOpenTimeout  = 10 * time.Second
	DefaultWriteTimeout = 5 * time.Second
)

// Driver reaches a T-Server over TCP at host:port, or over a Unix socket at unix:/path.
// It implements tserver.Driver; its zero value is ready for use.
//
// ConnOptions.KeepAlive detects a silent server, whether its machine still answers or
// not. Without it, TCP keep-alive detects a vanished machine after about 25 seconds.
type Driver struct {
	// OpenTimeout bounds Open, and later each answer to a repeated
	// RequestRegisterAddress. Zero means DefaultOpenTimeout.
	OpenTimeout time.Duration
	// WriteTimeout bounds one write; a server that does not read for so long loses the
	// connection. Zero means DefaultWriteTimeout.
	WriteTimeout time.Duration
	// TLS applies to every server over TCP, never to a Unix socket; nil means none. An
	// empty ServerName means the host of the server's address.
	TLS *tls.Config
}

var _ tserver.Driver = Driver{}

// Open connects, registers the client, waits for EventLinkConnected, registers the CommDN
// and waits for EventRegistered. A refusal is a *tserver.Error. On EventLinkDisconnected
// it fails at once with an error that is tserver.ErrNoSwitch: another server of the pair
// may be the primary.
func (d Driver) Open(ctx context.Context, o tserver.ConnOptions) (tserver.Conn, error) {
	if d.OpenTimeout <= 0 {
		d.OpenTimeout = DefaultOpenTimeout
	}
	if d.WriteTimeout <= 0 {
		d.WriteTimeout = DefaultWriteTimeout
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, d.OpenTimeout,
		fmt.Errorf("tlink: CommDN %q not registered within %s: %w", o.CommDN, d.OpenTimeout, context.DeadlineExceeded))
	defer cancel()
	nc, err := dial.Dial(ctx, o.Server, d.TLS)
	if err != nil {
		return nil, fmt.Errorf("tlink: %w", err)
	}
	c := &conn{o: o, nc: nc, answerWithin: d.OpenTimeout, writeWithin: d.WriteTimeout}
	c.in = NewReader(incoming{c})
	stop := context.AfterFunc(ctx, func() { c.end(context.Cause(ctx)) })
	err = c.open()
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, c.waitedFor(c.end(err))
	}
	c.keepAlive = o.KeepAlive
	return c, nil
}

// open goes from RequestRegisterClient to EventRegistered.
func (c *conn) open() error {
	client := c.pending.reference()
	if err := c.write(&Message{
		ID: RequestRegisterClient, Reference: client,
		Attributes: tkvlist.List{{Key: AttributeApplicationName, Value: tkvlist.String(c.o.Application)}},
	}); err != nil {
		return err
	}
	nobody := tserver.Handler{UserEvent: func(tkvlist.List) {}, Link: func(bool, error) {}}
	for !c.up {
		m, err := c.read()
		if err != nil {
			return err
		}
		switch {
		case m.ID == EventError && m.Reference == client:
			return refusal(RequestRegisterClient, &m)
		case m.ID == EventLinkDisconnected:
			return noSwitch(&m)
		case m.ID == EventServerConnected:
			c.accepted = true
		}
		if err := c.handle(&m, nobody); err != nil {
			return err
		}
	}
	return nil
}

// waitedFor adds to a timeout of Open what T-Server did not send.
func (c *conn) waitedFor(err error) error {
	switch {
	case !errors.Is(err, context.DeadlineExceeded):
		return err
	case !c.accepted:
		return fmt.Errorf("%w; T-Server did not answer %v", err, RequestRegisterClient)
	case !c.linkUp:
		return fmt.Errorf("%w; no %v came: %w", err, EventLinkConnected, tserver.ErrNoSwitch)
	}
	return fmt.Errorf("%w; T-Server did not answer %v", err, RequestRegisterAddress)
}
