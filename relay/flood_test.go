//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package relay

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/auth"
)

// Attacks in a few bounded steps. BenchmarkFloods has them at full force.

// Silent WebSockets, reopened at once, lock nobody out of the address that they
// share with others: neither who is there nor who comes.
func TestSilentWebSocketsLockNobodyOut(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), func(o *Options) {
		o.HelloTimeout = patience
		o.Settings.Limits = Limits{PerAddress: 10, WaitingPerAddress: 5, ArrivalBurst: 1000}
	})
	there := r.session()
	for round := range 4 {
		for range 25 {
			c, err := net.Dial("tcp", r.addr)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = c.Close() })
			if _, err := io.WriteString(c, rawUpgrade(r.addr)); err != nil {
				t.Fatal(err)
			}
			// Whoever comes while others are still on their way in may have to give
			// way to them, and comes again.
			if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
		r.session().put(1, fmt.Sprint("555020000", round))
		there.put(uint32(round+1), fmt.Sprint("555010000", round))
	}
	r.until("the silent ones are gone but for a few", func() bool { return r.open() <= 5+5 })
	if got := r.srv.Status().Sessions; got != 5 {
		t.Errorf("%d sessions, want 5", got)
	}
	r.log.wait(t, "no hello in time (4001): too many connections of this address wait to say hello")
}

// New connections of an address are let in at a rate; those of others are not
// kept out by it.
func TestArrivalsAreLimited(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "127.0.0.1:1", func(o *Options) {
		o.BehindProxy, o.Settings.Limits = true, Limits{Arrivals: 1e-6, ArrivalBurst: 2}
	})
	for _, want := range []int{101, 101, 503} {
		if status := r.upgrade("", r.addr, "X-Forwarded-For: 2001:db8:0:1::"+fmt.Sprint(want)); status != want {
			t.Errorf("%d, want %d", status, want)
		}
	}
	if status := r.upgrade("", r.addr, "X-Forwarded-For: 2001:db8:0:2::1"); status != 101 {
		t.Errorf("from another network: %d", status)
	}
	r.log.wait(t, "too many new connections from this address in a short time")
}

// Connections on which nothing happens use up neither the files of the process
// nor what an address may have: those that stood idle for longest give way.
func TestIdleConnectionsGiveWay(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Options){
		"files":       func(o *Options) { o.openFiles = 56 }, // 40 are for browsers
		"one address": func(o *Options) { o.Settings.Limits.HTTP = 40 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			release := make(chan struct{})
			r := newRig(t, installation(connectedOCS(201)), func(o *Options) {
				change(o)
				o.headerTimeout = 2 * patience
				o.Routes = map[string]http.Handler{"GET /slow": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { <-release })}
			})
			there := r.session()
			busy := make(chan error, 1) // is served while others come and go
			c, err := net.Dial("tcp", r.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, _ = io.WriteString(c, "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
			go func() {
				_, err := http.ReadResponse(bufio.NewReader(c), nil)
				busy <- err
			}()
			first := make([]net.Conn, 0, 150)
			for n := range cap(first) {
				c, err := net.Dial("tcp", r.addr)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = c.Close() })
				first = append(first, c)
				if n%3 > 0 { // a third says nothing at all
					_, _ = io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
				}
				if n%3 == 1 {
					_ = c.SetReadDeadline(time.Now().Add(patience))
					if _, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil {
						t.Fatalf("connection %d: %v", n+1, err)
					}
				}
			}
			if answer, _ := r.get("/healthz"); answer.StatusCode != http.StatusOK {
				t.Errorf("a new connection: %d", answer.StatusCode)
			}
			r.session().put(1, "5550100001")
			there.put(1, "5550100002")
			_ = first[0].SetReadDeadline(time.Now().Add(patience / 3))
			var timeout net.Error
			if _, err := io.ReadAll(first[0]); errors.As(err, &timeout) && timeout.Timeout() {
				t.Error("the one that stood idle for longest is still there")
			}
			close(release)
			if err := <-busy; err != nil {
				t.Errorf("the one that waited for its answer was cut: %v", err)
			}
		})
	}
}

func TestFewFilesAreWarnedOf(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "127.0.0.1:1", func(o *Options) { o.openFiles = 1024 })
	r.log.wait(t, "open_files=1024 connections_of_browsers=896 sessions=20000")
	r = newRelay(t, "127.0.0.1:1", func(o *Options) { o.openFiles, o.Settings.Limits.Sessions = 1024, 500 })
	if strings.Contains(r.log.String(), "open_files") {
		t.Error("enough files are warned of")
	}
}

// One token on many connections takes from nobody else what they may ask, and
// has so many connections at most.
func TestOnePersonOnManySessions(t *testing.T) {
	t.Parallel()
	r, p := identityRig(t, func(o *Options) {
		o.Settings.Limits = Limits{PerPerson: 5, Rate: 1e-6, Burst: 3, PersonRate: 1e-6, PersonBurst: 3, AddressRate: 1e-6, AddressBurst: 6}
	})
	token := of(p, "ann", auth.Agent.String())
	refused := 0
	for n := range 5 {
		c := r.sessionOf(token)
		for m := range uint32(4) {
			c.request(m+1, dnc(fmt.Sprint("555010", n, m, 11)))
			if refusal(c.settled()) != nil {
				refused++
			}
		}
	}
	if refused != 17 {
		t.Errorf("%d of 20 requests of one person were refused, want 17", refused)
	}
	c := r.dial(nil)
	c.send(frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Token: token}.Body()})
	c.closedWith(frame.CloseFull)
	neighbour := r.sessionOf(of(p, "bob", auth.Agent.String()))
	for n := range uint32(3) {
		neighbour.put(n+1, fmt.Sprint("555020000", n))
	}
}

// Pings cost the relay an answer each: nobody sends them all the time.
func TestPingsAreLimited(t *testing.T) {
	t.Parallel()
	const some = 600
	for name, ping := range map[string][]byte{
		"WebSocket": {0x89, 0x80, 1, 2, 3, 4},
		"frame":     append([]byte{0x82, 0x87, 0, 0, 0, 0}, byte(frame.KindPing), 0, 0, 0, 1, 0, 0),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRelay(t, "127.0.0.1:1", nil)
			there := r.session()
			c, err := net.Dial("tcp", r.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			hello, err := frame.Frame{Kind: frame.KindHello}.Append(nil)
			if err != nil {
				t.Fatal(err)
			}
			message := append([]byte{0x82, 0x80 | byte(len(hello)), 0, 0, 0, 0}, hello...)
			_, err = c.Write(append([]byte(rawUpgrade(r.addr)), message...))
			if err != nil {
				t.Fatal(err)
			}
			r.until("it is welcomed", func() bool { return r.srv.Status().Sessions == 2 })
			go func() { _, _ = io.Copy(io.Discard, c) }()
			for range some {
				if _, err := c.Write(ping); err != nil {
					break // closed
				}
			}
			r.log.wait(t, "too many messages (4508)")
			there.ping()
		})
	}
}

// A whole site behind one address comes back when the relay has started again: all
// at once, and each as the client does, with a longer wait after each refusal.
func TestSiteComesBack(t *testing.T) {
	t.Parallel()
	const people = 2000
	r := newRelay(t, "127.0.0.1:1", nil)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	site := &attacker{order: order{Address: r.addr}, ctx: ctx}
	var all sync.WaitGroup
	var in atomic.Int64
	for range people {
		all.Go(func() {
			for wait := 250 * time.Millisecond; ctx.Err() == nil; wait = min(2*wait, 10*time.Second) {
				if ws := site.open(""); ws != nil {
					defer ws.CloseNow()
					if _, _, err := ws.Read(ctx); err == nil { // the welcome
						in.Add(1)
						<-ctx.Done()
						return
					}
				}
				time.Sleep(wait/2 + rand.N(wait/2))
			}
		})
	}
	r.until("all are back", func() bool { return in.Load() == people })
	if got := r.srv.Status().Sessions; got != people {
		t.Errorf("%d sessions, want %d", got, people)
	}
	cancel()
	all.Wait()
}
