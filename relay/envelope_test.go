package relay

import (
	"testing"

	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// A frame of a kind that the relay does not know changes nothing.
func TestUnknownKinds(t *testing.T) {
	t.Parallel()
	c := newRig(t, installation(connectedOCS(201)), nil).session()
	for _, kind := range []frame.Kind{22, 99, 255} {
		c.send(frame.Frame{Kind: kind, Number: 1, Body: tkvlist.List{{Key: "new", Value: tkvlist.Int(1)}}})
	}
	c.ping()
	c.put(1, "5550104477")
}

// A request needs a key.
func TestRequestKey(t *testing.T) {
	t.Parallel()
	c := newRig(t, installation(connectedOCS(201)), nil).session()
	for _, key := range []string{"", "a b", "Zo\u00eb", string(make([]byte, frame.MaxKey+1))} {
		c.send(frame.Frame{Kind: frame.KindRequest, Number: 1, Body: frame.Request{Key: key, Data: dnc("5550104477")}.Body()})
		c.refused(1, frame.RefusedInvalid, "key: ")
	}
	c.put(1, "5550104477")
}

// What the relay does not know is refused under the number that hello gave it.
func TestResumeUnknownKey(t *testing.T) {
	t.Parallel()
	c := newRig(t, installation(connectedOCS(201)), nil).dial(nil)
	c.send(frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Resume: []frame.Resume{{Key: "a", Number: 7}, {Key: "b", Number: 1 << 31}}}.Body()})
	c.welcomed()
	c.refused(7, frame.RefusedUnknownKey)
	c.refused(1<<31, frame.RefusedUnknownKey)
	c.put(7, "5550104477")
}
