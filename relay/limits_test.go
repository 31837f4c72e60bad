//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package relay

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// from says hello as if a proxy had sent it on for an address.
func (r *rig) from(address string) *peer {
	r.t.Helper()
	c := r.dial(&websocket.DialOptions{
		Subprotocols: []string{frame.Subprotocol}, HTTPHeader: http.Header{"X-Forwarded-For": {address}},
	})
	c.hello("")
	return c
}

func TestSessionsAreLimited(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "127.0.0.1:1", func(o *Options) { o.BehindProxy, o.Settings.Limits = true, Limits{Sessions: 3, PerAddress: 2} })
	refused := func(address, words string) {
		t.Helper()
		if status := r.upgrade("", r.addr, "X-Forwarded-For: "+address); status != http.StatusServiceUnavailable {
			t.Errorf("one more from %s: %d", address, status)
		}
		r.log.wait(t, words)
	}
	a, b := r.from("198.51.100.1"), r.from("198.51.100.1")
	refused("198.51.100.1", "too many connections from this address")
	refused("203.0.113.9, 198.51.100.1", "too many connections from this address") // made-up hops in front
	c := r.from("198.51.100.2")
	refused("198.51.100.3", `reason="too many connections"`)
	answer, _ := r.get("/ws")
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
		t.Errorf("full: %d %v", answer.StatusCode, answer.Header)
	}
	if answer, _ := r.get("/healthz"); answer.StatusCode != http.StatusOK {
		t.Errorf("healthz while full: %d", answer.StatusCode)
	}
	r.leave(a)
	r.until("there is room", func() bool { return r.open() == 2 })
	for _, p := range []*peer{b, c, r.from("198.51.100.1")} {
		p.send(frame.Frame{Kind: frame.KindPing, Number: 7})
		for f := p.next(); f.Kind != frame.KindPong; f = p.next() {
		}
	}
}

// open gives how many connections the relay counts.
func (r *rig) open() int {
	return r.srv.conns.Count()
}

func TestRate(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), func(o *Options) {
		o.BehindProxy = true
		o.Settings.Limits = Limits{Rate: 1e-6, Burst: 3, AddressRate: 1e-6, AddressBurst: 5}
	})
	a, b, c := r.from("198.51.100.1"), r.from("198.51.100.1"), r.from("198.51.100.2")
	for n := range uint32(3) {
		a.put(n+1, fmt.Sprint("555010000", n))
	}
	a.request(4, dnc("5550100009"))
	a.refused(4, frame.RefusedRateLimited, "too many requests in a short time")
	a.ping() // the session goes on
	// The address has less left than another session of it may ask.
	b.put(1, "5550100011")
	b.put(2, "5550100012")
	b.request(3, dnc("5550100013"))
	b.refused(3, frame.RefusedRateLimited)
	c.put(1, "5550100021")
	if got := len(r.sim.DNC()); got != 6 {
		t.Errorf("%d requests were carried out, want 6", got)
	}
}

// Who goes on and on is closed, also while it has as many requests under way as
// it may.
func TestTooFast(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(silentOCS(201)), func(o *Options) {
		o.Settings.Limits = Limits{Rate: 1e-6, Burst: 2, Requests: 1}
		o.AnswerTimeout, o.DrainTimeout = time.Hour, unanswered
	})
	const tooFast = 1000 // requests that the relay refuses before it closes, and some more a second
	other := r.session()
	c := r.session()
	c.request(1, dnc("5550104477"))
	c.request(2, dnc("5550104478"))
	c.refused(2, frame.RefusedBusy)
	for n := range tooFast {
		c.request(uint32(n)+3, dnc("5550104479"))
		c.refused(uint32(n)+3, frame.RefusedRateLimited)
	}
	other.ping()
	for n := uint32(tooFast); ; n++ {
		c.request(n+3, dnc("5550104479"))
		if _, err := c.read(); err != nil {
			if code := closeCode(err); code != frame.CloseTooFast {
				t.Errorf("ended with %v", err)
			}
			break
		}
		if n > 2*tooFast {
			t.Fatal("it goes on for ever")
		}
	}
	other.ping()
}

// What else costs the relay something waits its turn.
func TestSubscribingAllTheTime(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, func(o *Options) { o.Settings.Limits = Limits{Rate: 20, Burst: 1} })
	h.send(status(0, commdn.StatusActive).UserData())
	r.until("the status is known", func() bool { return r.srv.cache.Len() == 1 })
	c, began := r.session(), time.Now()
	const times = 11
	for range times {
		c.subscribe()
	}
	c.send(frame.Frame{Kind: frame.KindPing})
	for f := c.next(); f.Kind != frame.KindPong; f = c.next() { // a newer snapshot may take an older one's place
	}
	if took := time.Since(began); took < (times-1)*time.Second/20 {
		t.Errorf("%d at 20 a second took %s", times, took)
	}
}

// Limits that a Reload gives count for living sessions.
func TestReloadRaisesLimits(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), func(o *Options) { o.Settings.Limits = Limits{Rate: 1e-6, Burst: 1} })
	c := r.session()
	c.put(1, "5550100001")
	c.request(2, dnc("5550100002"))
	c.refused(2, frame.RefusedRateLimited)
	if err := r.srv.Reload(Settings{Limits: Limits{Rate: 1e6, Burst: 100, Sessions: 1}}); err != nil {
		t.Fatal(err)
	}
	c.readDirectory()
	c.put(3, "5550100003")
	if status := r.upgrade("", r.addr); status != http.StatusServiceUnavailable {
		t.Errorf("a second session: %d", status)
	}
}

// A reload that lowers the requests at a time is told to clients before it
// counts: nothing is refused that was sent meanwhile.
func TestReloadLowersRequestsAtATime(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, func(o *Options) { o.Settings.Limits = Limits{Requests: 4} })
	c := r.session()
	if got := c.welcome.Limits.MaxRequests; got != 4 {
		t.Fatalf("welcomed with %d requests at a time", got)
	}
	if err := r.srv.Reload(Settings{Limits: Limits{Requests: 1}}); err != nil {
		t.Fatal(err)
	}
	for n := range uint32(4) { // before it has read what the relay tells
		c.request(n+1, dnc(fmt.Sprint("555010000", n)))
		h.request()
	}
	if f := c.next(); f.Kind != frame.KindLimits || frame.ReadLimits(f.Body).MaxRequests != 1 {
		t.Errorf("told %v %v", f.Kind, f.Body)
	}
	c.readDirectory()
	for n := range uint32(4) {
		h.send(processed(fmt.Sprint("555010000", n)))
		c.message(c.next(), frame.KindOutcome, n+1)
	}
}

// HTTP requests that stand still are ended, and are no sessions.
func TestStalledHTTP(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "127.0.0.1:1", func(o *Options) {
		o.headerTimeout, o.bodyTimeout = 50*time.Millisecond, 50*time.Millisecond
	})
	for name, text := range map[string]string{
		"nothing":          "",
		"half of a header": "GET /ws HTTP/1.1\r\nHost: localhost\r\nOri",
		"half of a body":   "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf",
		"endless header":   "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: " + strings.Repeat("x", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := net.Dial("tcp", r.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, _ = c.Write([]byte(text)) // may be cut
			_ = c.SetReadDeadline(time.Now().Add(patience))
			for buf := make([]byte, 4096); ; {
				if _, err := c.Read(buf); err != nil {
					if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
						t.Error("the connection stays open")
					}
					break
				}
			}
			if n := r.open(); n != 0 {
				t.Errorf("%d sessions are counted", n)
			}
		})
	}
}
