package tserver_test

import (
	"testing"
	"time"

	"commdn/relay/sim/scenario"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver/tlink"
)

// Whatever T-Server can do for a client or cannot, it says that it is there.
func TestKeepAlive(t *testing.T) {
	for _, test := range []struct {
		name   string
		client func(*testing.T) *client
	}{
		{"before RequestRegisterClient", func(t *testing.T) *client { return dial(t, start(t, simtserver.Options{})) }},
		{"with a DN registered", func(t *testing.T) *client { return registered(t, start(t, simtserver.Options{}), "test") }},
		{"without the switch", func(t *testing.T) *client {
			s := start(t, simtserver.Options{})
			c := registered(t, s, "test")
			s.SetLink(false)
			c.want(linkDisconnected)
			return c
		}},
		{"at a backup", func(t *testing.T) *client {
			_, backup := startPair(t, simtserver.Options{})
			return backedUp(t, backup, "test")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := test.client(t)
			for _, reference := range []uint32{0, 7, 0xffffffff} {
				c.send(tlink.Message{ID: tlink.KeepAlive, Reference: reference})
				c.want(tlink.Message{ID: tlink.KeepAliveAck, Reference: reference})
			}
		})
	}
}

// A stall is what a keep-alive is to find out: there is no answer until it is
// over, and the other client has its own.
func TestKeepAliveDuringAStall(t *testing.T) {
	const long = 200 * time.Millisecond
	s := start(t, simtserver.Options{})
	meant, other := registered(t, s, "meant"), registered(t, s, "other")
	began := time.Now()
	do(t, s, scenario.Fault{Do: scenario.Stall, Application: "meant", For: long})
	for _, c := range []*client{meant, other} {
		c.send(tlink.Message{ID: tlink.KeepAlive, Reference: 7})
	}
	other.want(tlink.Message{ID: tlink.KeepAliveAck, Reference: 7})
	meant.want(tlink.Message{ID: tlink.KeepAliveAck, Reference: 7})
	if after := time.Since(began); after < long {
		t.Errorf("answered after %s of a stall of %s", after, long)
	}
}
