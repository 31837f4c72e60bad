package tserver_test

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/internal/leak"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver/tlink"
)

func TestMain(m *testing.M) { leak.Main(m) }

const commDN = "CommDN_1"

// patience bounds every wait of the tests; none is expected to last that long.
const patience = 30 * time.Second

func start(t testing.TB, o simtserver.Options) *simtserver.Server {
	t.Helper()
	if o.CommDNs == nil {
		o.CommDNs = []string{commDN, "CommDN_2"}
	}
	s, err := simtserver.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// client speaks tlink message by message.
type client struct {
	t  testing.TB
	nc net.Conn
	in *tlink.Reader
}

func dial(t testing.TB, s *simtserver.Server) *client {
	t.Helper()
	nc, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(patience))
	return &client{t, nc, tlink.NewReader(nc)}
}

// connected is a client that T-Server knows by its application.
func connected(t testing.TB, s *simtserver.Server, application string) *client {
	t.Helper()
	c := dial(t, s)
	c.send(tlink.Message{ID: tlink.RequestRegisterClient, Reference: 1, Attributes: tkvlist.List{
		{Key: tlink.AttributeApplicationName, Value: tkvlist.String(application)}}})
	c.want(tlink.Message{ID: tlink.EventServerConnected, Reference: 1})
	return c
}

// registered is a client with CommDN_1 registered.
func registered(t testing.TB, s *simtserver.Server, application string) *client {
	t.Helper()
	c := connected(t, s, application)
	c.want(tlink.Message{ID: tlink.EventLinkConnected})
	c.register(2)
	return c
}

// register registers CommDN_1.
func (c *client) register(reference uint32) {
	c.t.Helper()
	c.send(tlink.Message{ID: tlink.RequestRegisterAddress, Reference: reference, Attributes: dn(commDN)})
	c.want(tlink.Message{ID: tlink.EventRegistered, Reference: reference, Attributes: dn(commDN)})
}

func (c *client) send(messages ...tlink.Message) {
	c.t.Helper()
	var out []byte
	for _, m := range messages {
		var err error
		if out, err = m.Append(out); err != nil {
			c.t.Fatal(err)
		}
	}
	if _, err := c.nc.Write(out); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) read() tlink.Message {
	c.t.Helper()
	m, err := c.in.ReadMessage()
	if err != nil {
		c.t.Fatal(err)
	}
	return m
}

// want reads a message and compares all of it but the text of an error.
func (c *client) want(want tlink.Message) {
	c.t.Helper()
	got := c.read()
	if text, ok := got.Attributes.Text(tlink.AttributeErrorMessage); ok {
		if text == "" {
			c.t.Error("empty AttributeErrorMessage")
		}
		got.Attributes.Delete(tlink.AttributeErrorMessage)
	}
	same := got.ID == want.ID && got.Reference == want.Reference && tkvlist.Equal(got.Attributes, want.Attributes)
	if !same || !tkvlist.Equal(got.UserData, want.UserData) || (got.UserData == nil) != (want.UserData == nil) {
		c.t.Errorf("got  %s %v\nwant %s %v", got.Trace(), got.UserData, want.Trace(), want.UserData)
	}
}

// wantText reads a message and compares its id and AttributeErrorMessage.
func (c *client) wantText(id tlink.ID, text string) {
	c.t.Helper()
	got := c.read()
	if says, _ := got.Attributes.Text(tlink.AttributeErrorMessage); got.ID != id || says != text {
		c.t.Errorf("got %s, want %v with %q", got.Trace(), id, text)
	}
}

// wantNothing says that no message comes until then.
func (c *client) wantNothing(until time.Time) {
	c.t.Helper()
	c.nc.SetReadDeadline(until)
	if m, err := c.in.ReadMessage(); !errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Errorf("got %s, %v; want nothing", m.Trace(), err)
	}
	c.nc.SetReadDeadline(time.Now().Add(patience))
}

// wantEnd waits for the server to close the connection.
func (c *client) wantEnd() {
	c.t.Helper()
	for {
		_, err := c.in.ReadMessage()
		if err == nil {
			continue
		}
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			c.t.Fatal("connection was not closed")
		}
		return
	}
}

func (c *client) distribute(reference uint32, userData tkvlist.List) {
	c.t.Helper()
	c.send(tlink.Message{ID: tlink.RequestDistributeUserEvent, Reference: reference, Attributes: dn(commDN), UserData: userData})
}

func dn(name string) tkvlist.List {
	return tkvlist.List{{Key: tlink.AttributeThisDN, Value: tkvlist.String(name)}}
}

func numbered(n int) tkvlist.List {
	return tkvlist.List{{Key: "n", Value: tkvlist.Int(int32(n))}}
}

func ack(reference uint32) tlink.Message {
	return tlink.Message{ID: tlink.EventACK, Reference: reference, Attributes: dn(commDN)}
}

func userEvent(userData tkvlist.List) tlink.Message {
	return tlink.Message{ID: tlink.EventUserEvent, Attributes: dn(commDN), UserData: userData}
}

func refused(reference uint32, code int32, name string) tlink.Message {
	l := tkvlist.List{{Key: tlink.AttributeErrorCode, Value: tkvlist.Int(code)}}
	if name != "" {
		l = append(l, dn(name)...)
	}
	return tlink.Message{ID: tlink.EventError, Reference: reference, Attributes: l}
}

// alive says that the client's connection still works.
func (c *client) alive() {
	c.t.Helper()
	c.distribute(99, numbered(99))
	c.want(ack(99))
	c.want(userEvent(numbered(99)))
}
