package relay

import (
	"strconv"
	"strings"
	"sync/atomic"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// lastKey makes the keys of requests.
var lastKey atomic.Uint64

func newKey() string { return "key-" + strconv.FormatUint(lastKey.Add(1), 10) }

// asking gives the frame of a request with a key of its own.
func asking(number uint32, data tkvlist.List) frame.Frame {
	return frame.Frame{Kind: frame.KindRequest, Number: number, Body: frame.Request{Key: newKey(), Data: data}.Body()}
}

func (c *peer) request(number uint32, data tkvlist.List) {
	c.t.Helper()
	c.send(asking(number, data))
}

func dnc(phone string) tkvlist.List { return (&commdn.DoNotCall{Phone: phone}).UserData() }

// message reads the user data of an answer or an outcome.
func (c *peer) message(f frame.Frame, kind frame.Kind, number uint32) commdn.Message {
	c.t.Helper()
	if r := frame.ReadOutcome(f.Body).Refusal; f.Kind == frame.KindOutcome && r != nil {
		c.t.Fatalf("refused: %v", r)
	}
	if f.Kind != kind || f.Number != number {
		c.t.Fatalf("got %v %d, want %v %d", f.Kind, f.Number, kind, number)
	}
	m, err := commdn.Decode(frame.ReadAnswer(f.Body).Data)
	if err != nil {
		c.t.Fatal(err)
	}
	return m
}

// refusal gives the refusal of a frame; nil: it is something else.
func refusal(f frame.Frame) *frame.Refusal {
	if f.Kind != frame.KindOutcome {
		return nil
	}
	return frame.ReadOutcome(f.Body).Refusal
}

// put has a number put on the list and fails unless one OCS acknowledges it.
func (c *peer) put(number uint32, phone string) *commdn.DoNotCallProcessed {
	c.t.Helper()
	c.request(number, dnc(phone))
	m := c.message(c.settled(), frame.KindOutcome, number)
	done, ok := m.(*commdn.DoNotCallProcessed)
	if !ok || done.Phone != phone {
		c.t.Fatalf("answer to %s: %s", phone, commdn.Trace(m, true))
	}
	return done
}

func (c *peer) refused(number uint32, code frame.RefusalCode, words ...string) {
	c.t.Helper()
	f := c.settled()
	r := refusal(f)
	if r == nil || f.Number != number {
		c.t.Fatalf("got %v %d, want a refusal of %d", f.Kind, f.Number, number)
	}
	if r.Code != code {
		c.t.Fatalf("refused with %v (%s), want %v", r.Code, r.Message, code)
	}
	for _, w := range words {
		if !strings.Contains(r.Message, w) {
			c.t.Errorf("refusal %q does not say %q", r.Message, w)
		}
	}
}
