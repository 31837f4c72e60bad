//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package relay

import (
	"context"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// dialSlowly connects a client whose machine holds little of what it does not
// read.
func (r *rig) dialSlowly() *peer {
	r.t.Helper()
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if tcp, ok := c.(*net.TCPConn); ok && err == nil {
			err = tcp.SetReadBuffer(4 << 10)
		}
		return c, err
	}}
	r.t.Cleanup(transport.CloseIdleConnections)
	c := r.dial(&websocket.DialOptions{Subprotocols: []string{frame.Subprotocol}, HTTPClient: &http.Client{Transport: transport}})
	c.hello("")
	return c
}

// slowly gives a relay that holds little of what clients do not read, and an OCS
// played by the test.
func slowly(t *testing.T, change func(*Options)) (*rig, *hand) {
	t.Helper()
	r, _ := byHand(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	small := serveOn(t, smallBuffers{l}, r.sim.Addr(), func(o *Options) {
		o.Links[0].OCS = []commdn.DBID{201}
		o.WriteTimeout = 10 * patience // a client waits while its test sends thousands of events, on a busy machine too
		if change != nil {
			change(o)
		}
	})
	small.sim = r.sim
	small.waitLink(true)
	return small, small.hand("OCS_on_time")
}

// A watcher that reads nothing never has many frames waiting, since newer ones
// replace older ones: the time for a write ends it.
func TestWriteDeadline(t *testing.T) {
	t.Parallel()
	r, h := slowly(t, func(o *Options) { o.WriteTimeout = 200 * time.Millisecond })
	blocked, reads := r.dialSlowly(), r.session()
	blocked.subscribe()
	blocked.ping()
	reads.subscribe()
	reads.ping()
	large := status(0, commdn.StatusActive)
	large.Campaign, large.Sequence = 0, &commdn.Sequence{Items: slices.Repeat([]commdn.SequenceItem{item(1001)}, commdn.MaxSequenceItems)}
	for late := time.Now().Add(patience); r.log.count("slow reader (4003)") == 0; {
		h.send(large.UserData())
		reads.told(commdn.StatusActive)
		if time.Now().After(late) {
			t.Fatal("the blocked session does not end")
		}
	}
	reads.put1(h)
}

// put1 shows that a session is served by an OCS that is played by hand.
func (c *peer) put1(h *hand) {
	c.t.Helper()
	c.request(1, dnc("5550100001"))
	h.request()
	h.send(processed("5550100001"))
	c.message(c.next(), frame.KindOutcome, 1)
}

// What a slow reader has not read of a campaign group is replaced by what is
// newer, and what it reads is in order, with the newest last.
func TestNewerReplacesOlder(t *testing.T) {
	t.Parallel()
	r, h := slowly(t, func(o *Options) { o.Settings.Limits.Queue = 8 })
	c := r.dialSlowly()
	c.subscribe()
	c.ping()
	const last = 4000
	for n := range int32(last) {
		e := status(0, commdn.StatusRunning)
		e.Goal = n + 1
		h.send(e.UserData())
	}
	c.request(1, dnc("5550100001"))
	h.request()
	h.send(processed("5550100001"))
	before, got := int32(0), 0
	for answered := false; before < last || !answered; {
		f := c.next()
		if f.Kind == frame.KindOutcome {
			answered = true
			continue
		}
		m, err := commdn.Decode(f.Body)
		e, ok := m.(*commdn.CampaignEvent)
		if err != nil || !ok || e.Goal <= before {
			t.Fatalf("after %d came %v", before, f.Body)
		}
		before = e.Goal
		got++
	}
	if got == last {
		t.Error("nothing was replaced: the client was not slow")
	}
	c.ping()
}
