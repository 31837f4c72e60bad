package tlink_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// listen serves one connection after the other with a peer that does what no correct
// T-Server does.
func listen(t *testing.T, serve func(*tlink.Reader, net.Conn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			serve(tlink.NewReader(nc), nc)
			nc.Close()
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return l.Addr().String()
}

func say(nc net.Conn, messages ...tlink.Message) {
	var out []byte
	for _, m := range messages {
		out, _ = m.Append(out)
	}
	nc.Write(out)
}

var thisDN = tkvlist.List{text(tlink.AttributeThisDN, commDN)}

// registered completes the registration and then calls next.
func registered(next func(*tlink.Reader, net.Conn)) func(*tlink.Reader, net.Conn) {
	return func(in *tlink.Reader, nc net.Conn) {
		client, err := in.ReadMessage()
		if err != nil {
			return
		}
		say(nc, tlink.Message{ID: tlink.EventServerConnected, Reference: client.Reference}, tlink.Message{ID: tlink.EventLinkConnected})
		address, err := in.ReadMessage()
		if err != nil {
			return
		}
		say(nc, tlink.Message{ID: tlink.EventRegistered, Reference: address.Reference, Attributes: thisDN})
		next(in, nc)
	}
}

func TestOpenRefused(t *testing.T) {
	refuse := tkvlist.List{number(tlink.AttributeErrorCode, 40), text(tlink.AttributeErrorMessage, "No more licenses")}
	tests := []struct {
		name  string
		serve func(*tlink.Reader, net.Conn)
		check func(error) bool
	}{
		{"client refused", func(in *tlink.Reader, nc net.Conn) {
			m, _ := in.ReadMessage()
			say(nc, tlink.Message{ID: tlink.EventError, Reference: m.Reference, Attributes: refuse})
		}, func(err error) bool {
			return err.Error() == "tserver: RequestRegisterClient refused with error 40: No more licenses"
		}},
		{"garbage", func(in *tlink.Reader, nc net.Conn) {
			nc.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
		}, func(err error) bool {
			var limit *tlink.LimitError
			return errors.As(err, &limit)
		}},
		{"silent end", func(in *tlink.Reader, nc net.Conn) {
			in.ReadMessage()
		}, func(err error) bool { return errors.Is(err, io.EOF) }},
		{"end within a frame", func(in *tlink.Reader, nc net.Conn) {
			in.ReadMessage()
			nc.Write([]byte{0, 0, 0, 9, 95})
		}, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		{"switch lost before EventLinkConnected", func(in *tlink.Reader, nc net.Conn) {
			m, _ := in.ReadMessage()
			say(nc, tlink.Message{ID: tlink.EventServerConnected, Reference: m.Reference}, tlink.Message{ID: tlink.EventLinkDisconnected})
			in.ReadMessage()
		}, func(err error) bool {
			return errors.Is(err, tserver.ErrNoSwitch) && err.Error() == "tlink: EventLinkDisconnected: T-Server has no link to its switch"
		}},
		{"switch lost before EventRegistered", func(in *tlink.Reader, nc net.Conn) {
			m, _ := in.ReadMessage()
			say(nc, tlink.Message{ID: tlink.EventServerConnected, Reference: m.Reference}, tlink.Message{ID: tlink.EventLinkConnected})
			in.ReadMessage()
			say(nc, tlink.Message{ID: tlink.EventLinkDisconnected, Attributes: tkvlist.List{text(tlink.AttributeErrorMessage, "cable")}})
			in.ReadMessage()
		}, func(err error) bool {
			return errors.Is(err, tserver.ErrNoSwitch) && strings.HasSuffix(err.Error(), "no link to its switch: cable")
		}},
		{"bridge without T-Server", func(in *tlink.Reader, nc net.Conn) {
			in.ReadMessage()
			say(nc, tlink.Message{ID: tlink.EventServerDisconnected})
		}, func(err error) bool { return errors.Is(err, tserver.ErrNoTServer) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			conn, err := tlink.Driver{}.Open(t.Context(), tserver.ConnOptions{
				Server: listen(t, test.serve), CommDN: commDN, Application: "test",
			})
			if conn != nil || err == nil || !test.check(err) {
				t.Fatalf("Open = %v, %v", conn, err)
			}
		})
	}
}

// TestStrayMessages: unsolicited messages change nothing.
func TestStrayMessages(t *testing.T) {
	r := open(t, tlink.Driver{}, listen(t, registered(func(in *tlink.Reader, nc net.Conn) {
		other := tkvlist.List{text(tlink.AttributeThisDN, "other")}
		say(nc,
			tlink.Message{ID: tlink.EventACK, Reference: 77},
			tlink.Message{ID: tlink.EventError, Reference: 77},
			tlink.Message{ID: tlink.EventError},
			tlink.Message{ID: tlink.EventRegistered, Attributes: thisDN},
			tlink.Message{ID: tlink.EventUnregistered, Attributes: other},
			tlink.Message{ID: tlink.EventUserEvent, Attributes: other, UserData: tkvlist.List{}},
			tlink.Message{ID: tlink.EventServerInfo},
			tlink.Message{ID: tlink.KeepAliveAck, Reference: 77},
			tlink.Message{ID: 200},
			tlink.Message{ID: tlink.EventUserEvent, Attributes: thisDN, UserData: tkvlist.List{number("last", 1)}},
		)
		in.ReadMessage()
	})))
	if got := receive(t, r.events, "event"); len(got) != 1 || got[0].Key != "last" {
		t.Errorf("first event is %v", got)
	}
	if len(r.links) != 0 {
		t.Errorf("link changed: %v", <-r.links)
	}
}

// TestRegisterMode: the mode goes with every registration; without Monitor there is none.
func TestRegisterMode(t *testing.T) {
	for _, monitor := range []bool{false, true} {
		modes := make(chan tkvlist.List, 2)
		peer := listen(t, func(in *tlink.Reader, nc net.Conn) {
			m, _ := in.ReadMessage()
			say(nc, tlink.Message{ID: tlink.EventServerConnected, Reference: m.Reference}, tlink.Message{ID: tlink.EventLinkConnected})
			for range cap(modes) {
				m, _ = in.ReadMessage()
				modes <- m.Attributes
				say(nc, tlink.Message{ID: tlink.EventRegistered, Reference: m.Reference, Attributes: thisDN},
					tlink.Message{ID: tlink.EventUnregistered, Attributes: thisDN})
			}
		})
		conn, err := tlink.Driver{}.Open(t.Context(), tserver.ConnOptions{Server: peer, CommDN: commDN, Application: "test", Monitor: monitor})
		if err != nil {
			t.Fatal(err)
		}
		conn.Run(tserver.Handler{UserEvent: func(tkvlist.List) {}, Link: func(bool, error) {}})
		want := thisDN
		if monitor {
			want = tkvlist.List{thisDN[0], number(tlink.AttributeRegisterMode, 2)}
		}
		for range cap(modes) {
			if got := receive(t, modes, "registration"); !tkvlist.Equal(got, want) {
				t.Errorf("monitor %v: attributes %v, want %v", monitor, got, want)
			}
		}
	}
}

// TestPrimaryChanged: a new primary may not have the registration; the driver repeats it,
// and events go on meanwhile.
func TestPrimaryChanged(t *testing.T) {
	again := make(chan tlink.Message, 1)
	r := open(t, tlink.Driver{}, listen(t, registered(func(in *tlink.Reader, nc net.Conn) {
		say(nc, tlink.Message{ID: tlink.EventPrimaryChanged})
		m, _ := in.ReadMessage()
		again <- m
		say(nc,
			tlink.Message{ID: tlink.EventRegistered, Reference: m.Reference, Attributes: thisDN},
			tlink.Message{ID: tlink.EventUserEvent, Attributes: thisDN})
		in.ReadMessage()
	})))
	if m := receive(t, again, "registration"); m.ID != tlink.RequestRegisterAddress {
		t.Errorf("answered with %s", m.Trace())
	}
	receive(t, r.events, "event")
	if len(r.links) != 0 {
		t.Errorf("link changed: %v", <-r.links)
	}
}

// TestLateAnswerToARegistration: a registration was in flight when the switch went away,
// and its answer comes late; the next registration counts.
func TestLateAnswerToARegistration(t *testing.T) {
	r := open(t, tlink.Driver{}, listen(t, registered(func(in *tlink.Reader, nc net.Conn) {
		say(nc, tlink.Message{ID: tlink.EventLinkDisconnected}, tlink.Message{ID: tlink.EventLinkConnected})
		m, _ := in.ReadMessage()
		say(nc, tlink.Message{ID: tlink.EventLinkDisconnected}, tlink.Message{ID: tlink.EventError, Reference: m.Reference})
		say(nc, tlink.Message{ID: tlink.EventLinkConnected})
		m, _ = in.ReadMessage()
		say(nc, tlink.Message{ID: tlink.EventRegistered, Reference: m.Reference, Attributes: thisDN})
		in.ReadMessage()
	})))
	if reason := receive(t, r.links, "loss"); reason == nil {
		t.Error("up before the switch was lost")
	}
	if reason := receive(t, r.links, "return"); reason != nil {
		t.Errorf("down twice: %v", reason)
	}
}

func TestSecondRegistrationFails(t *testing.T) {
	gone := tkvlist.List{text(tlink.AttributeThisDN, commDN), text(tlink.AttributeErrorMessage, "DN is disabled")}
	lose := func(answer func(net.Conn, tlink.Message)) func(*tlink.Reader, net.Conn) {
		return registered(func(in *tlink.Reader, nc net.Conn) {
			say(nc, tlink.Message{ID: tlink.EventUnregistered, Attributes: gone})
			m, _ := in.ReadMessage()
			answer(nc, m)
			in.ReadMessage()
		})
	}
	t.Run("refused", func(t *testing.T) {
		r := open(t, tlink.Driver{}, listen(t, lose(func(nc net.Conn, m tlink.Message) {
			say(nc, tlink.Message{ID: tlink.EventError, Reference: m.Reference, Attributes: tkvlist.List{
				number(tlink.AttributeErrorCode, tserver.CodeNotConfigured), text(tlink.AttributeErrorMessage, "DN is not configured"),
			}})
		})))
		if reason := receive(t, r.links, "loss"); reason == nil || reason.Error() != "tlink: EventUnregistered: DN is disabled" {
			t.Errorf("reason = %v", reason)
		}
		wantRefusal(t, receive(t, r.ended, "end of Run"), tlink.RequestRegisterAddress, tserver.CodeNotConfigured)
	})
	t.Run("no answer", func(t *testing.T) {
		r := open(t, tlink.Driver{OpenTimeout: 200 * time.Millisecond}, listen(t, lose(func(net.Conn, tlink.Message) {})))
		if err := receive(t, r.ended, "end of Run"); err == nil || !strings.Contains(err.Error(), "no answer to RequestRegisterAddress within 200ms") {
			t.Errorf("Run = %v", err)
		}
	})
}

// TestServerThatDoesNotRead: a server that reads nothing holds a sender for no longer
// than WriteTimeout.
func TestServerThatDoesNotRead(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	r := open(t, tlink.Driver{WriteTimeout: 50 * time.Millisecond}, listen(t, registered(func(*tlink.Reader, net.Conn) { <-stop })))
	large := tkvlist.List{text("k", strings.Repeat("x", 60000))}
	settled := make(chan error)
	var wg sync.WaitGroup
	defer wg.Wait()
	for range 200 { // 12 MB, more than the kernel buffers for a connection
		wg.Go(func() { settled <- r.SendUserEvent(t.Context(), large) })
	}
	for range 200 {
		if err := receive(t, settled, "result"); !errors.Is(err, tserver.ErrLinkDown) {
			t.Errorf("error = %v, want ErrLinkDown", err)
		}
	}
	if err := receive(t, r.ended, "end of Run"); err == nil || !strings.Contains(err.Error(), "i/o timeout") {
		t.Errorf("Run = %v", err)
	}
}
