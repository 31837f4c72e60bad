package tserver_test

import (
	"testing"

	"commdn/protocol/tkvlist"
	simtserver "commdn/relay/sim/tserver"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// inMode asks for CommDN_1 in a mode.
func inMode(reference uint32, mode tkvlist.Value) tlink.Message {
	m := tlink.Message{ID: tlink.RequestRegisterAddress, Reference: reference, Attributes: dn(commDN)}
	m.Attributes.Add(tlink.AttributeRegisterMode, mode)
	return m
}

func TestMonitor(t *testing.T) {
	s := start(t, simtserver.Options{})
	sender, monitor := registered(t, s, "sender"), registered(t, s, "monitor")
	is := func(want bool) {
		t.Helper()
		if c := s.State().Clients[1]; c.Monitor != want {
			t.Errorf("state %+v, want monitor %v", c, want)
		}
	}
	is(false)
	for n, mode := range []int32{tlink.ModeMonitor, tlink.ModeShare, tlink.ModeMonitor} {
		reference := uint32(10 * (n + 1))
		monitor.send(inMode(reference, tkvlist.Int(mode)))
		monitor.want(tlink.Message{ID: tlink.EventRegistered, Reference: reference, Attributes: dn(commDN)})
		is(mode == tlink.ModeMonitor)

		sender.distribute(reference, numbered(n))
		sender.want(ack(reference))
		sender.want(userEvent(numbered(n)))
		monitor.want(userEvent(numbered(n)))

		monitor.distribute(reference+1, numbered(-n))
		if mode == tlink.ModeMonitor {
			m := monitor.read()
			text, _ := m.Attributes.Text(tlink.AttributeErrorMessage)
			code, _ := m.Attributes.Int(tlink.AttributeErrorCode)
			if m.ID != tlink.EventError || m.Reference != reference+1 || code != tserver.CodeNotRegistered || text != "Client is registered for monitoring only" {
				t.Errorf("got %s", m.Trace())
			}
			continue
		}
		monitor.want(ack(reference + 1))
		monitor.want(userEvent(numbered(-n)))
		sender.want(userEvent(numbered(-n)))
	}
	// Registered without a mode it is as any other, and it may leave.
	monitor.register(3)
	is(false)
	monitor.send(inMode(4, tkvlist.Int(tlink.ModeMonitor)))
	monitor.want(tlink.Message{ID: tlink.EventRegistered, Reference: 4, Attributes: dn(commDN)})
	monitor.send(tlink.Message{ID: tlink.RequestUnregisterAddress, Reference: 5, Attributes: dn(commDN)})
	monitor.want(tlink.Message{ID: tlink.EventUnregistered, Reference: 5, Attributes: dn(commDN)})
	is(false)
}

// A refused registration leaves the one that there is.
func TestUnknownModeIsRefused(t *testing.T) {
	s := start(t, simtserver.Options{})
	c := registered(t, s, "test")
	for name, mode := range map[string]tkvlist.Value{
		"private": tkvlist.Int(1), "negative": tkvlist.Int(-1), "a string": tkvlist.String("2"), "a list": tkvlist.Nested(nil),
	} {
		t.Run(name, func(t *testing.T) {
			c.t = t
			c.send(inMode(7, mode))
			c.want(refused(7, tserver.CodeInvalidAttr, commDN))
			c.alive()
		})
	}
}
