//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package relay

import (
	"bytes"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/sim/scenario"
)

// bytesOf gives the bytes of a frame whose body is packed already.
func bytesOf(kind frame.Kind, number byte, body ...byte) []byte {
	return append([]byte{byte(kind), 0, 0, 0, number}, body...)
}

// nested packs lists within lists, deeper than any limit allows.
func nested(depth int) []byte {
	packed := []byte{0, 0}
	for range depth {
		n := len(packed)
		pair := []byte{0, 1, byte(tkvlist.KindList), 0, 1, 'k', byte((n + 2) >> 8), byte(n + 2), byte(n >> 8), byte(n)}
		packed = append(pair, packed...)
	}
	return packed
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 900)
	for i := range noise {
		noise[i] = byte(rand.IntN(256))
	}
	noise[0] |= 0x80 // no kind of frame
	sends := func(messages ...[]byte) func(*peer) {
		return func(c *peer) {
			for _, m := range messages {
				c.sendBytes(websocket.MessageBinary, m)
			}
		}
	}
	hello := bytesOf(frame.KindHello, 0, 0, 0)
	request := func(number uint32) []byte {
		b, err := asking(number, dnc("5550104477")).Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	type badCase struct {
		do   func(*peer)
		code frame.CloseCode
		says string // in the close frame's reason
	}
	cases := map[string]badCase{
		"text first":          {func(c *peer) { c.sendBytes(websocket.MessageText, []byte("hello")) }, frame.CloseText, ""},
		"text later":          {func(c *peer) { c.hello(""); c.sendBytes(websocket.MessageText, hello) }, frame.CloseText, ""},
		"too big":             {sends(hello, make([]byte, frame.MaxLen+1)), frame.CloseTooBig, ""},
		"much too big":        {sends(make([]byte, 1<<20)), frame.CloseTooBig, ""},
		"request first":       {sends(request(1)), frame.CloseNoHello, "request"},
		"ping first":          {sends(bytesOf(frame.KindPing, 1, 0, 0)), frame.CloseNoHello, "ping"},
		"second hello":        {sends(hello, hello), frame.CloseSecondHello, ""},
		"duplicate number":    {sends(hello, request(9), request(9)), frame.CloseDuplicate, ""},
		"hello without body":  {sends(bytesOf(frame.KindHello, 0)), frame.CloseMalformed, "byte 5"},
		"request of number 0": {sends(hello, request(0)), frame.CloseMalformed, "number 0"},
	}
	for what, message := range map[string][]byte{
		"empty":                  {},
		"only a kind":            {byte(frame.KindRequest)},
		"header only":            bytesOf(frame.KindRequest, 1),
		"kind 0":                 bytesOf(0, 1, 0, 0),
		"notification":           bytesOf(frame.KindNotification, 0, 0, 0),
		"accepted":               bytesOf(frame.KindAccepted, 1, 0, 0),
		"queued":                 bytesOf(frame.KindQueued, 1, 0, 0),
		"limits":                 bytesOf(frame.KindLimits, 0, 0, 0),
		"trailing bytes":         bytesOf(frame.KindRequest, 1, 0, 0, 0),
		"count of 65535":         bytesOf(frame.KindRequest, 1, 0xff, 0xff),
		"count with few bytes":   bytesOf(frame.KindRequest, 1, 0, 9, 0, 0, 1, 'k', 0, 0),
		"key of 0 bytes":         bytesOf(frame.KindRequest, 1, 0, 1, 0, 0, 0, 0, 0, 0),
		"value longer than all":  bytesOf(frame.KindRequest, 1, 0, 1, 0, 0, 1, 'k', 0xff, 0xff),
		"unknown type of value":  bytesOf(frame.KindRequest, 1, 0, 1, 9, 0, 1, 'k', 0, 0),
		"integer of 3 bytes":     bytesOf(frame.KindRequest, 1, 0, 1, 1, 0, 1, 'k', 0, 3, 0, 0, 0),
		"unicode that is none":   bytesOf(frame.KindRequest, 1, 0, 1, 4, 0, 1, 'k', 0, 2, 0xff, 0xfe),
		"nested 9 deep":          bytesOf(frame.KindRequest, 1, nested(8)...),
		"nested 1000 deep":       bytesOf(frame.KindRequest, 1, nested(1000)...),
		"truncated":              request(1)[:40],
		"noise":                  noise,
		"zeros up to the limit":  make([]byte, frame.MaxLen),
		"0xff up to the limit":   bytes.Repeat([]byte{0xff}, frame.MaxLen),
		"welcome":                bytesOf(frame.KindWelcome, 0, 0, 0),
		"answer":                 bytesOf(frame.KindAnswer, 1, 0, 0),
		"outcome":                bytesOf(frame.KindOutcome, 1, 0, 0),
		"link":                   bytesOf(frame.KindLink, 0, 0, 0),
		"pong":                   bytesOf(frame.KindPong, 0, 0, 0),
		"request with an answer": append(bytesOf(frame.KindOutcome, 1), request(1)[frame.HeaderLen:]...),
	} {
		cases["malformed: "+what] = badCase{sends(hello, message), frame.CloseMalformed, ""}
	}

	// OCS holds answers back, so that a number stays in use.
	slow := installation(connectedOCS(201))
	slow.Faults = []scenario.Fault{{Do: scenario.Delay, Latency: 200 * time.Millisecond}}
	r := newRig(t, slow, nil)
	other, pings := r.session(), 0
	served := func(number uint32) {
		t.Helper()
		if pings++; pings%50 == 0 { // nobody may ping without end
			other = r.session()
		}
		other.send(frame.Frame{Kind: frame.KindPing, Number: number})
		if f := other.next(); f.Kind != frame.KindPong || f.Number != number {
			t.Fatalf("another session got %v %d instead of its pong", f.Kind, f.Number)
		}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := r.dial(nil)
			p.t = t
			served(1)
			c.do(p)
			served(2)
			before, reason := p.closedWith(c.code)
			if !strings.Contains(reason, c.says) || reason == "" {
				t.Errorf("closed with reason %q, want it to say %q", reason, c.says)
			}
			for _, f := range before {
				if f.Kind != frame.KindWelcome && f.Kind != frame.KindIdentity && f.Kind != frame.KindDirectory {
					t.Errorf("before the close came %v", f.Kind)
				}
			}
			served(3)
		})
	}
	other.put(1, "5550100001")
}

// Whatever length a client announces, memory is taken for what it has sent.
func TestAnnouncedLengthIsNotAllocated(t *testing.T) {
	r := newRelay(t, "127.0.0.1:1", nil)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const sockets = 20
	for range sockets {
		s := r.raw()
		s.header(t, 2, 1<<40)
		if _, err := s.Write(make([]byte, frame.MaxLen+1)); err != nil {
			t.Fatal(err)
		}
		if op, _ := s.frame(t); op != 8 {
			t.Fatalf("opcode %d instead of close", op)
		}
		_ = s.Close()
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / sockets; each > 1<<20 {
		t.Errorf("%d bytes allocated for each announced terabyte", each)
	}
}

func TestSubprotocolMissing(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "127.0.0.1:1", nil)
	for _, asked := range [][]string{nil, {"commdn.v1"}, {"COMMDN.V2"}} {
		p := r.dial(&websocket.DialOptions{Subprotocols: asked})
		if _, reason := p.closedWith(frame.CloseSubprotocol); !strings.Contains(reason, frame.Subprotocol) {
			t.Errorf("%v: closed with reason %q", asked, reason)
		}
	}
}

func TestNoHello(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "127.0.0.1:1", func(o *Options) { o.HelloTimeout = 20 * time.Millisecond })
	if before, _ := r.dial(nil).closedWith(frame.CloseHelloTimeout); len(before) > 0 {
		t.Errorf("before the close came %v", before[0].Kind)
	}
}

func TestIdle(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), func(o *Options) { o.PingInterval = time.Second })
	c := r.session()
	if c.welcome.PingSeconds != 1 {
		t.Errorf("welcome asks for a ping every %d s", c.welcome.PingSeconds)
	}
	c.put(1, "5550100001")
	if before, _ := c.closedWith(frame.CloseIdle); len(before) > 0 {
		t.Errorf("before the close came %v", before[0].Kind)
	}
	r.session().put(1, "5550100002")
}

// smallBuffers makes connections that hold little of what the relay writes.
type smallBuffers struct{ net.Listener }

func (l smallBuffers) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok && err == nil {
		err = tcp.SetWriteBuffer(4 << 10)
	}
	return c, err
}

// slowRig has a client that does not read its answers, and has filled its queue.
func slowRig(t *testing.T) (*rig, *peer) {
	r, h := slowly(t, func(o *Options) {
		o.Settings.Limits = Limits{Queue: 8, Rate: 1e6, Burst: 1e6, AddressRate: 1e6, AddressBurst: 1e6, PersonRate: 1e6, PersonBurst: 1e6}
	})
	c := r.session()
	slow := func() bool { return r.log.count("slow consumer") > 0 }
	words := strings.Repeat("refused ", 1500)
	for n := uint32(1); !slow(); n++ {
		if n > 5000 {
			t.Fatal("the queue does not fill")
		}
		phone := strconv.FormatUint(5550100000+uint64(n), 10)
		c.request(n, dnc(phone))
		r.until("the request is on the CommDN, or the client is closed", func() bool { return len(h.requests) > 0 || slow() })
		if len(h.requests) > 0 {
			h.request()
			h.send((&commdn.Fault{Address: fromOCS, Code: commdn.ErrorInvalidParameter, Message: words, Phone: phone}).UserData())
		}
	}
	return r, c
}

func TestSlowReader(t *testing.T) {
	t.Parallel()
	r, c := slowRig(t)
	other := r.session()
	other.send(frame.Frame{Kind: frame.KindPing, Number: 1})
	for f := other.next(); f.Kind != frame.KindPong; f = other.next() {
	}
	c.closedWith(frame.CloseSlow) // it reads after all, and gets to know why
}

func TestReaderThatNeverReads(t *testing.T) {
	t.Parallel()
	r, _ := slowRig(t)
	r.log.wait(t, "slow reader (4003)")
}

func TestUpgradeRefused(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "127.0.0.1:1", nil)
	if answer, body := r.get("/ws"); answer.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("/ws without an upgrade: %d %s", answer.StatusCode, body)
	}
	upgrade := []string{
		"Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Version", "13",
		"Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol", frame.Subprotocol,
	}
	for _, origin := range []string{"https://evil.example", "http://127.0.0.1:1", "null", "http://localhost:8080"} {
		if answer, body := r.get("/ws", append(upgrade, "Origin", origin)...); answer.StatusCode != http.StatusForbidden {
			t.Errorf("origin %s: %d %s", origin, answer.StatusCode, body)
		}
	}
	c := r.dial(&websocket.DialOptions{
		Subprotocols: []string{frame.Subprotocol}, HTTPHeader: http.Header{"Origin": {"http://" + r.addr}},
	})
	c.hello("")
}
