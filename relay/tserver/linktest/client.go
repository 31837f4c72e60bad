package linktest

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/internal/dial"
	"commdn/relay/tserver/tlink"
)

// client speaks tlink message by message, where a Link would do too much.
type client struct {
	t  *testing.T
	nc net.Conn
	in *tlink.Reader
}

// dial connects to the system.
func (r *rig) dial(t *testing.T) *client { return connect(t, r.addresses[0], r.target.Driver) }

func connect(t *testing.T, address string, d tlink.Driver) *client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	nc, err := dial.Dial(ctx, address, d.TLS)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(2 * patience))
	return &client{t, nc, tlink.NewReader(nc)}
}

// connected is a client of the system that T-Server knows by its application and that has
// heard of the switch.
func (r *rig) connected(t *testing.T, application string) *client {
	t.Helper()
	return r.dial(t).introduce(application)
}

// registered is a client of the system with CommDN_1 registered.
func (r *rig) registered(t *testing.T, application string) *client {
	t.Helper()
	c := r.connected(t, application)
	c.register(2, commDN)
	return c
}

// beyond is a client of T-Server itself, with CommDN_1 registered: it sees what the
// system sends and gets.
func (r *rig) beyond(t *testing.T) *client {
	t.Helper()
	c := connect(t, r.primary.Addr(), tlink.Driver{}).introduce("beyond")
	c.register(2, commDN)
	return c
}

func (c *client) introduce(application string) *client {
	c.t.Helper()
	c.send(tlink.Message{ID: tlink.RequestRegisterClient, Reference: 1, Attributes: tkvlist.List{
		{Key: tlink.AttributeApplicationName, Value: tkvlist.String(application)}}})
	c.want(tlink.EventServerConnected, 1)
	c.want(tlink.EventLinkConnected, 0)
	return c
}

// register registers a DN, with an optional mode.
func (c *client) register(reference uint32, dn string, mode ...int32) {
	c.t.Helper()
	attributes := thisDN(dn)
	for _, m := range mode {
		attributes.Add(tlink.AttributeRegisterMode, tkvlist.Int(m))
	}
	c.send(tlink.Message{ID: tlink.RequestRegisterAddress, Reference: reference, Attributes: attributes})
	c.wantOf(tlink.EventRegistered, reference, dn)
}

func (c *client) distribute(reference uint32, userData tkvlist.List) {
	c.t.Helper()
	c.send(tlink.Message{ID: tlink.RequestDistributeUserEvent, Reference: reference, Attributes: thisDN(commDN), UserData: userData})
}

func (c *client) send(messages ...tlink.Message) {
	c.t.Helper()
	c.write(frames(c.t, messages...))
}

func frames(t *testing.T, messages ...tlink.Message) (out []byte) {
	t.Helper()
	for _, m := range messages {
		var err error
		if out, err = m.Append(out); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func (c *client) write(b []byte) {
	c.t.Helper()
	if _, err := c.nc.Write(b); err != nil {
		c.t.Fatal(err)
	}
}

// read returns the next message that a client has to act on.
func (c *client) read() tlink.Message {
	c.t.Helper()
	for {
		m, err := c.in.ReadMessage()
		if err != nil {
			c.t.Fatal(err)
		}
		if m.ID != tlink.EventServerInfo {
			return m
		}
	}
}

// want reads a message and checks its id and reference.
func (c *client) want(id tlink.ID, reference uint32) tlink.Message {
	c.t.Helper()
	m := c.read()
	if m.ID != id || m.Reference != reference {
		c.t.Fatalf("got %s, want %v ref %d", m.Trace(), id, reference)
	}
	return m
}

// wantOf is want for a message that names a DN.
func (c *client) wantOf(id tlink.ID, reference uint32, dn string) tlink.Message {
	c.t.Helper()
	m := c.want(id, reference)
	if got, _ := m.Attributes.Text(tlink.AttributeThisDN); got != dn {
		c.t.Errorf("%s is of the DN %q, want %q", m.Trace(), got, dn)
	}
	return m
}

// wantEvent reads an event of a DN.
func (c *client) wantEvent(dn string, userData tkvlist.List) {
	c.t.Helper()
	m := c.wantOf(tlink.EventUserEvent, 0, dn)
	if !same(m.UserData, userData) {
		c.t.Errorf("got  %s\nwant %s", describe(m.UserData), describe(userData))
	}
}

// same compares user data; nil is not the empty list.
func same(a, b tkvlist.List) bool { return tkvlist.Equal(a, b) && (a == nil) == (b == nil) }

// wantRefused reads an EventError; code 0 means any.
func (c *client) wantRefused(reference uint32, code int32) {
	c.t.Helper()
	m := c.want(tlink.EventError, reference)
	got, ok := m.Attributes.Int(tlink.AttributeErrorCode)
	if !ok || code != 0 && got != code {
		c.t.Errorf("got %s, want the code %d", m.Trace(), code)
	}
	if text, given := m.Attributes.Get(tlink.AttributeErrorMessage); given {
		if s, _ := text.Text(); s == "" {
			c.t.Errorf("%s says nothing in its message", m.Trace())
		}
	}
}

// sends distributes an event and reads answer and event, whichever comes first.
func (c *client) sends(reference uint32, userData tkvlist.List) {
	c.t.Helper()
	c.distribute(reference, userData)
	c.wantSent(reference, userData)
}

func (c *client) wantSent(reference uint32, userData tkvlist.List) {
	c.t.Helper()
	acked, heard := false, false
	for range 2 {
		switch m := c.read(); {
		case m.ID == tlink.EventACK && m.Reference == reference:
			acked = true
		case m.ID == tlink.EventUserEvent && m.Reference == 0 && same(m.UserData, userData):
			heard = true
		default:
			c.t.Fatalf("got %s with %s, want EventACK ref %d, and the event with %s", m.Trace(), describe(m.UserData), reference, describe(userData))
		}
	}
	if !acked || !heard {
		c.t.Errorf("reference %d: acknowledged %v, heard %v", reference, acked, heard)
	}
}

// alive checks that the client's connection still works.
func (c *client) alive() {
	c.t.Helper()
	c.sends(99, numbered(99))
}

// wantEnd waits for the other side to close the connection.
func (c *client) wantEnd() {
	c.t.Helper()
	c.nc.SetReadDeadline(time.Now().Add(patience))
	for {
		if _, err := c.in.ReadMessage(); errors.Is(err, os.ErrDeadlineExceeded) {
			c.t.Fatalf("connection was not closed within %s", patience)
		} else if err != nil {
			return
		}
	}
}

func thisDN(dn string) tkvlist.List {
	return tkvlist.List{{Key: tlink.AttributeThisDN, Value: tkvlist.String(dn)}}
}
