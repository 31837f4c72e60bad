package tserver_test

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/tkvlist"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

func TestOptionsRefused(t *testing.T) {
	good := []string{commDN}
	for _, o := range []simtserver.Options{
		{},
		{CommDNs: []string{""}},
		{CommDNs: []string{commDN, strings.Repeat("1", 256)}},
		{CommDNs: good, MaxUserData: -1},
		{CommDNs: good, MaxUserData: tkvlist.MaxBytes + 1},
		{CommDNs: good, Queue: -1},
		{CommDNs: good, WriteTimeout: -1},
		{CommDNs: good, Addr: "127.0.0.1:no"},
	} {
		if s, err := simtserver.Start(o); err == nil {
			s.Close()
			t.Errorf("%+v: no error", o)
		} else if !strings.HasPrefix(err.Error(), "sim/tserver: ") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestDistribution(t *testing.T) {
	s := start(t, simtserver.Options{})
	sender, other, stranger := registered(t, s, "a"), registered(t, s, "b"), registered(t, s, "c")
	stranger.send(tlink.Message{ID: tlink.RequestUnregisterAddress, Reference: 3, Attributes: dn(commDN)})
	stranger.want(tlink.Message{ID: tlink.EventUnregistered, Reference: 3, Attributes: dn(commDN)})
	stranger.send(tlink.Message{ID: tlink.RequestRegisterAddress, Reference: 4, Attributes: dn("CommDN_2")})
	stranger.want(tlink.Message{ID: tlink.EventRegistered, Reference: 4, Attributes: dn("CommDN_2")})
	for n, userData := range []tkvlist.List{numbered(1), {}, nil} {
		reference := uint32(0xfffffff0 + n)
		sender.distribute(reference, userData)
		sender.want(ack(reference))
		sender.want(userEvent(userData))
		other.want(userEvent(userData))
	}
	// The stranger got none of it: the next that it reads is its own.
	stranger.send(tlink.Message{ID: tlink.RequestDistributeUserEvent, Reference: 5, Attributes: dn("CommDN_2")})
	stranger.want(tlink.Message{ID: tlink.EventACK, Reference: 5, Attributes: dn("CommDN_2")})
	stranger.want(tlink.Message{ID: tlink.EventUserEvent, Attributes: dn("CommDN_2")})
}

func TestRefusals(t *testing.T) {
	s := start(t, simtserver.Options{})
	t.Run("before RequestRegisterClient", func(t *testing.T) {
		c := dial(t, s)
		c.send(tlink.Message{ID: tlink.RequestRegisterAddress, Reference: 1, Attributes: dn(commDN)})
		c.want(refused(1, tserver.CodeUnsupported, commDN))
	})
	c := registered(t, s, "test")
	large := tkvlist.List{{Key: "k", Value: tkvlist.String(strings.Repeat("x", tkvlist.DefaultMaxBytes))}}
	fits := tkvlist.List{{Key: "k", Value: tkvlist.String(strings.Repeat("x", tkvlist.DefaultMaxBytes-8))}}
	for _, test := range []struct {
		name    string
		request tlink.Message
		code    int32
		dn      string
	}{
		{"no DN", tlink.Message{ID: tlink.RequestRegisterAddress}, tserver.CodeInvalidAttr, ""},
		{"unknown DN", tlink.Message{ID: tlink.RequestRegisterAddress, Attributes: dn("other")}, tserver.CodeNotConfigured, "other"},
		{"endless DN", tlink.Message{ID: tlink.RequestRegisterAddress, Attributes: dn(strings.Repeat("1", 15900))}, tserver.CodeNotConfigured, ""},
		{"event without DN", tlink.Message{ID: tlink.RequestDistributeUserEvent}, tserver.CodeInvalidAttr, ""},
		{"event for an unknown DN", tlink.Message{ID: tlink.RequestDistributeUserEvent, Attributes: dn("other")}, tserver.CodeNotConfigured, "other"},
		{"event for a DN not registered", tlink.Message{ID: tlink.RequestDistributeUserEvent, Attributes: dn("CommDN_2")}, tserver.CodeNotRegistered, "CommDN_2"},
		{"unregister a DN not registered", tlink.Message{ID: tlink.RequestUnregisterAddress, Attributes: dn("CommDN_2")}, tserver.CodeNotRegistered, "CommDN_2"},
		{"oversized event", tlink.Message{ID: tlink.RequestDistributeUserEvent, Attributes: dn(commDN), UserData: large}, tserver.CodeInvalidAttr, commDN},
		{"an event as request", tlink.Message{ID: tlink.EventACK}, tserver.CodeUnsupported, ""},
		{"an answer as request", tlink.Message{ID: tlink.KeepAliveAck}, tserver.CodeUnsupported, ""},
		{"unknown message", tlink.Message{ID: 200}, tserver.CodeUnsupported, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c.t = t
			test.request.Reference = 7
			c.send(test.request)
			c.want(refused(7, test.code, test.dn))
		})
	}
	c.t = t
	c.distribute(8, fits)
	c.want(ack(8))
	c.want(userEvent(fits))
}

func TestMaxUserData(t *testing.T) {
	s := start(t, simtserver.Options{MaxUserData: tkvlist.MaxBytes})
	c := registered(t, s, "test")
	most := tkvlist.List{{Key: "k", Value: tkvlist.String(strings.Repeat("x", tkvlist.MaxBytes-8))}}
	c.distribute(3, most)
	c.want(ack(3))
	c.want(userEvent(most))
}

func TestSetLink(t *testing.T) {
	s := start(t, simtserver.Options{})
	c, unknown := registered(t, s, "test"), dial(t, s)
	s.SetLink(true) // it is up: nothing happens
	s.SetLink(false)
	s.SetLink(false)
	c.want(tlink.Message{ID: tlink.EventLinkDisconnected})
	c.distribute(3, numbered(1))
	c.want(refused(3, tserver.CodeNoSwitch, commDN))
	unknown.send(tlink.Message{ID: tlink.RequestRegisterClient, Reference: 1})
	unknown.want(tlink.Message{ID: tlink.EventServerConnected, Reference: 1})
	s.SetLink(true)
	c.want(tlink.Message{ID: tlink.EventLinkConnected})
	unknown.want(tlink.Message{ID: tlink.EventLinkConnected})
	c.alive()
}

func TestUnregister(t *testing.T) {
	s := start(t, simtserver.Options{})
	c := registered(t, s, "test")
	s.Unregister("CommDN_2")
	s.Unregister(commDN)
	c.want(tlink.Message{ID: tlink.EventUnregistered, Attributes: dn(commDN)})
	c.distribute(3, numbered(1))
	c.want(refused(3, tserver.CodeNotRegistered, commDN))
}

func TestBadBytesCloseOneClient(t *testing.T) {
	frame, err := (&tlink.Message{ID: tlink.RequestRegisterClient}).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"garbage":             []byte("GET / HTTP/1.1\r\n\r\n"),
		"oversized frame":     {0xff, 0xff, 0xff, 0xff},
		"frame too short":     {0, 0, 0, 1, 0},
		"broken list":         append(frame[:len(frame)-1:len(frame)-1], 1),
		"a good one, then no": append(frame[:len(frame):len(frame)], 0, 0, 0, 0),
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, simtserver.Options{})
			good, c := registered(t, s, "good"), dial(t, s)
			if _, err := c.nc.Write(bad); err != nil {
				t.Fatal(err)
			}
			c.wantEnd()
			good.alive()
		})
	}
	t.Run("truncated", func(t *testing.T) {
		s := start(t, simtserver.Options{})
		good, c := registered(t, s, "good"), dial(t, s)
		if _, err := c.nc.Write(frame[:7]); err != nil {
			t.Fatal(err)
		}
		if err := c.nc.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		c.wantEnd()
		good.alive()
	})
}

// log is a buffer for a logger and its reader.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// A client that reads nothing is dropped, by its queue or by the time a write
// takes; the others get every event.
func TestSlowClient(t *testing.T) {
	const events = 1500
	for name, test := range map[string]struct {
		options simtserver.Options
		reason  string
	}{
		"queue":         {simtserver.Options{Queue: 16}, "queue is full"},
		"write timeout": {simtserver.Options{Queue: 2 * events, WriteTimeout: 50 * time.Millisecond}, "i/o timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			var written log
			test.options.MaxUserData = tkvlist.MaxBytes
			test.options.Log = slog.New(slog.NewTextHandler(&written, nil))
			s := start(t, test.options)
			good, slow := registered(t, s, "good"), registered(t, s, "slow")
			large := tkvlist.List{{Key: "k", Value: tkvlist.String(strings.Repeat("x", 60000))}}
			for n := range uint32(events) { // 90 MB, more than any kernel takes for a connection
				good.distribute(n, large)
				good.want(ack(n))
				good.want(userEvent(large))
			}
			slow.wantEnd()
			good.alive()
			if !strings.Contains(written.String(), test.reason) {
				t.Errorf("log does not say %q:\n%s", test.reason, written.String())
			}
		})
	}
}

func TestSubscribe(t *testing.T) {
	s := start(t, simtserver.Options{})
	c := registered(t, s, "sender")
	all, cancelAll := s.Subscribe(16)
	few, cancelFew := s.Subscribe(0)
	defer cancelAll()
	before := time.Now()
	for n := range 3 {
		c.distribute(uint32(n), numbered(n))
		c.want(ack(uint32(n)))
		c.want(userEvent(numbered(n)))
	}
	for n := range 3 {
		e := <-all
		if e.DN != commDN || e.Application != "sender" || e.Missed != 0 || !tkvlist.Equal(e.UserData, numbered(n)) || e.Time.Before(before) {
			t.Errorf("event %d = %+v", n, e)
		}
	}
	s.SetLink(true) // returns when the last event has been through both
	// few has room for one event; it learns of the two that it missed with the
	// next that it gets.
	if e := <-few; e.Missed != 0 || !tkvlist.Equal(e.UserData, numbered(0)) {
		t.Errorf("first = %+v", e)
	}
	c.alive()
	if e := <-few; e.Missed != 2 || !tkvlist.Equal(e.UserData, numbered(99)) {
		t.Errorf("after a gap = %+v", e)
	}
	c.alive()
	if e := <-few; e.Missed != 0 {
		t.Errorf("after the event that told of the gap = %+v", e)
	}
	cancelFew()
	cancelFew()
	if _, ok := <-few; ok {
		t.Error("channel is open after cancel")
	}
	for range 2 {
		<-all
	}
	s.Close()
	if _, ok := <-all; ok {
		t.Error("channel is open after Close")
	}
	late, cancel := s.Subscribe(1)
	cancel()
	if _, ok := <-late; ok {
		t.Error("channel of a closed server is open")
	}
}

func TestClose(t *testing.T) {
	s := start(t, simtserver.Options{})
	clients := []*client{registered(t, s, "a"), dial(t, s)}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range clients {
		c.wantEnd()
	}
	if nc, err := net.Dial("tcp", s.Addr()); err == nil {
		nc.Close()
		t.Error("still accepts connections")
	}
}
