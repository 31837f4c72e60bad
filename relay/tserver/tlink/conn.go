package tlink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/internal/loglimit"
	"commdn/relay/tserver"
)

// conn is a client's connection. The fields of the second block belong to the goroutine
// that reads: Open's first, then Run's.
type conn struct {
	o            tserver.ConnOptions
	nc           net.Conn
	answerWithin time.Duration
	writeWithin  time.Duration

	in           *Reader           // reads from incoming
	keepAlive    tserver.KeepAlive // zero during Open, which has its own time limit
	accepted     bool              // EventServerConnected has arrived
	linkUp       bool              // EventLinkConnected came last, not EventLinkDisconnected
	registration uint32            // reference of the RequestRegisterAddress in flight; 0: none
	answerBy     time.Time         // its deadline
	up           bool              // registered, as last reported to Handler.Link
	complained   time.Time         // when complaint last logged

	pending pending

	writing sync.Mutex
	out     []byte // reused for every frame

	ending sync.Mutex
	cause  error // why the connection ended; the first reason stays
}

// errHere is the cause after Close.
var errHere = errors.New("tlink: connection closed by this side")

// end closes the connection for this reason, unless it has already ended, settles all
// pending requests, and returns the reason that counts.
func (c *conn) end(reason error) error {
	c.ending.Lock()
	defer c.ending.Unlock()
	if c.cause == nil {
		c.cause = reason
		c.pending.end(fmt.Errorf("%w: %v", tserver.ErrLinkDown, reason))
		c.nc.Close()
	}
	return c.cause
}

// Close ends the connection.
func (c *conn) Close() error {
	c.end(errHere)
	return nil
}

// Run reads until the connection ends.
func (c *conn) Run(h tserver.Handler) error {
	for {
		m, err := c.read()
		if err == nil {
			err = c.handle(&m, h)
		}
		if err != nil {
			return c.end(err)
		}
	}
}

// SendUserEvent sends RequestDistributeUserEvent and waits for its answer. User data over
// MaxUserData is a *LimitError and harms nothing.
func (c *conn) SendUserEvent(ctx context.Context, userData tkvlist.List) error {
	if ctx.Err() != nil {
		return fmt.Errorf("tlink: %v not sent: %w", RequestDistributeUserEvent, context.Cause(ctx))
	}
	reference, answer, err := c.pending.add()
	if err != nil {
		return err
	}
	err = c.writeWhere(&Message{
		ID: RequestDistributeUserEvent, Reference: reference, Attributes: c.thisDN(), UserData: userData,
	}, c.o.Fence)
	// A failed write has ended the connection and with it the request. If the request is
	// still pending, write refused it before writing anything.
	if err != nil && c.pending.forget(reference) {
		return err
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
	}
	if c.pending.forget(reference) {
		return fmt.Errorf("tlink: no answer to %v: %w", RequestDistributeUserEvent, context.Cause(ctx))
	}
	return <-answer
}

func (c *conn) thisDN() tkvlist.List {
	return tkvlist.List{{Key: AttributeThisDN, Value: tkvlist.String(c.o.CommDN)}}
}

func (c *conn) read() (Message, error) {
	m, err := c.in.ReadMessage()
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("tlink: T-Server closed the connection: %w", err)
	}
	return m, err
}

// write sends one frame. An error that is no *SyntaxError, *LimitError or ErrFenced has
// ended the connection.
func (c *conn) write(m *Message) error { return c.writeWhere(m, nil) }

// writeWhere sends one frame, if the fence lets it.
func (c *conn) writeWhere(m *Message, fence tserver.Fence) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	frame, err := m.Append(c.out[:0])
	if err != nil {
		return err
	}
	c.out = frame
	within := c.writeWithin
	if fence != nil {
		left, leave, err := fence()
		if err != nil {
			return err
		}
		defer leave()
		within = min(within, left)
	}
	c.nc.SetWriteDeadline(time.Now().Add(within))
	if fence != nil { // again, last of all: a process can be stopped in what the deadline takes
		_, leave, err := fence()
		if err != nil {
			return err
		}
		defer leave()
	}
	if _, err := c.nc.Write(frame); err != nil {
		return c.end(fmt.Errorf("tlink: %w", err))
	}
	return nil
}

// handle acts on one message. An error ends the connection.
func (c *conn) handle(m *Message, h tserver.Handler) error {
	dn, _ := m.Attributes.Text(AttributeThisDN)
	switch {
	case m.ID == EventUserEvent && dn == c.o.CommDN:
		h.UserEvent(m.UserData)
	case m.ID == EventACK && c.pending.settle(m.Reference, nil):
	case m.ID == EventError && c.registration != 0 && m.Reference == c.registration:
		return refusal(RequestRegisterAddress, m)
	case m.ID == EventError && c.pending.settle(m.Reference, refusal(RequestDistributeUserEvent, m)):
	case m.ID == EventRegistered && c.registration != 0 && m.Reference == c.registration:
		c.registration = 0
		if !c.up {
			c.up = true
			h.Link(true, nil)
		}
	case m.ID == EventUnregistered && dn == c.o.CommDN:
		c.down(h, lost(m))
		return c.register()
	case m.ID == EventLinkDisconnected:
		c.linkUp = false
		c.registration = 0
		c.down(h, noSwitch(m))
	case m.ID == EventLinkConnected:
		c.linkUp = true
		return c.register()
	case m.ID == EventPrimaryChanged:
		// The new primary may not know the registration.
		return c.register()
	case m.ID == EventServerDisconnected:
		return fmt.Errorf("tlink: %v: %w%s", m.ID, tserver.ErrNoTServer, because(m))
	case m.ID == KeepAliveAck: // its arrival is all that counts
	case m.ID == EventError && m.Reference == 0:
		c.complaint(h, m)
	default:
		c.o.Log.Debug("T-Server message passed over", "message", m.Trace())
	}
	return nil
}

// complaint tells of an error that answers no request, and logs it, once a second at
// most.
func (c *conn) complaint(h tserver.Handler, m *Message) {
	code, _ := m.Attributes.Int(AttributeErrorCode)
	text, _ := m.Attributes.Text(AttributeErrorMessage)
	e := &tserver.Error{Code: code, Message: loglimit.Foreign(text)}
	if h.Error != nil {
		h.Error(e)
	}
	if now := time.Now(); now.Sub(c.complained) >= time.Second {
		c.complained = now
		c.o.Log.Warn("T-Server reports an error that answers no request", "server", c.o.Server, "code", e.Code, "err", e.Message)
	}
}

func (c *conn) down(h tserver.Handler, reason error) {
	if c.up {
		c.up = false
		h.Link(false, reason)
	}
}

// register requests the CommDN; while the link to the switch is down it leaves that to
// the next EventLinkConnected.
func (c *conn) register() error {
	if !c.linkUp {
		return nil
	}
	c.registration, c.answerBy = c.pending.reference(), time.Now().Add(c.answerWithin)
	attributes := c.thisDN()
	if c.o.Monitor {
		attributes.Add(AttributeRegisterMode, tkvlist.Int(ModeMonitor))
	}
	return c.write(&Message{ID: RequestRegisterAddress, Reference: c.registration, Attributes: attributes})
}

// refusal turns an EventError into an error.
func refusal(request ID, m *Message) *tserver.Error {
	code, _ := m.Attributes.Int(AttributeErrorCode)
	text, _ := m.Attributes.Text(AttributeErrorMessage)
	return &tserver.Error{Request: request.String(), Code: code, Message: text}
}

// lost turns an event about a loss into an error.
func lost(m *Message) error { return fmt.Errorf("tlink: %v%s", m.ID, because(m)) }

// noSwitch turns EventLinkDisconnected into an error.
func noSwitch(m *Message) error {
	return fmt.Errorf("tlink: %v: %w%s", m.ID, tserver.ErrNoSwitch, because(m))
}

// because returns an event's reason as the end of a line.
func because(m *Message) string {
	if text, _ := m.Attributes.Text(AttributeErrorMessage); text != "" {
		return ": " + text
	}
	return ""
}
