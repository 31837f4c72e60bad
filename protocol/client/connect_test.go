package client

import (
	"context"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

func TestHelloWelcome(t *testing.T) {
	bubble(t, Options{Agent: "plugin 1.0"}, func(t *testing.T, r *relay, c *Client) {
		start := time.Now()
		p := <-r.conns
		f := p.recv(t)
		if f.Kind != frame.KindHello || f.Number != 0 || frame.ReadHello(f.Body).Agent != "plugin 1.0" {
			t.Errorf("first frame %v, want hello of plugin 1.0", f)
		}
		time.Sleep(time.Second)
		if s := c.Status(); s.State != Connecting || s.Since != start {
			t.Errorf("%v since %v, want connecting since %v", s.State, s.Since, start)
		}
		w := frame.Welcome{
			Relay: "commdn 1.0", Session: "s-9", Limits: frame.Limits{PingSeconds: 15}, OCS: []commdn.DBID{7, 8},
			Link: frame.Link{Since: 5, Reason: "starting"},
		}
		p.send(t, frame.Frame{Kind: frame.KindWelcome, Body: w.Body()})
		synctest.Wait()
		want := Status{State: Connected, Since: time.Now(), Relay: w.Relay, Session: w.Session, OCS: w.OCS, Link: w.Link}
		if s := c.Status(); !reflect.DeepEqual(s, want) {
			t.Errorf("status %+v, want %+v", s, want)
		}

		time.Sleep(time.Second)
		want.Link = frame.Link{Up: true, Since: 9}
		p.send(t, frame.Frame{Kind: frame.KindLink, Body: want.Link.Body()})
		synctest.Wait()
		if s := c.Status(); !reflect.DeepEqual(s, want) {
			t.Errorf("status %+v after the link came up, want %+v", s, want)
		}

		r.set(errRefused)
		p.drop(frame.CloseGoingAway)
		s := c.Status()
		var closed *frame.CloseError
		if s.State != Disconnected || !errors.As(s.Err, &closed) || closed.Code != frame.CloseGoingAway {
			t.Errorf("%v: %v, want disconnected by a relay that goes away", s.State, s.Err)
		}
		if s.Relay != w.Relay || s.Session != w.Session || s.Link != want.Link {
			t.Errorf("status %+v does not keep what the relay said", s)
		}
	})
}

func TestConnectFails(t *testing.T) {
	reply := func(m string) func(t *testing.T, r *relay) {
		return func(t *testing.T, r *relay) {
			p := <-r.conns
			p.recv(t)
			p.toClient <- []byte(m)
		}
	}
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	tests := []struct {
		name  string
		o     Options
		relay func(t *testing.T, r *relay)
		err   func(error) bool
	}{
		{"no welcome in time", Options{DialTimeout: 3 * time.Second}, func(t *testing.T, r *relay) {
			p := <-r.conns
			p.recv(t)
			time.Sleep(3 * time.Second)
		}, is(ErrTimeout)},
		{"broken before hello is answered", Options{}, func(t *testing.T, r *relay) {
			(<-r.conns).drop(frame.CloseAbnormal)
		}, func(err error) bool {
			var closed *frame.CloseError
			return errors.As(err, &closed) && closed.Code == frame.CloseAbnormal
		}},
		{"pong instead of welcome", Options{}, reply("\x09\x00\x00\x00\x00\x00\x00"), is(errProtocol)},
		{"no frame", Options{}, reply("HTTP/1.1"), func(err error) bool {
			var syntax *frame.SyntaxError
			return errors.As(err, &syntax)
		}},
		{"hello too long", Options{Agent: strings.Repeat("x", tkvlist.DefaultMaxBytes+1)}, func(t *testing.T, r *relay) {
			<-r.conns
		}, func(err error) bool {
			var limit *tkvlist.LimitError
			return errors.As(err, &limit)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.o.MinBackoff, test.o.MaxBackoff = time.Minute, time.Minute
			bubble(t, test.o, func(t *testing.T, r *relay, c *Client) {
				test.relay(t, r)
				synctest.Wait()
				if s := c.Status(); s.State != Disconnected || !test.err(s.Err) {
					t.Errorf("%v: %v", s.State, s.Err)
				}
				time.Sleep(time.Minute)
				if n := len(r.dialed()); n < 2 {
					t.Errorf("%d dials, want another one", n)
				}
			})
		})
	}
}

func TestWriteFails(t *testing.T) {
	broken := errors.New("broken pipe")
	t.Run("hello", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRelay()
			c := New(Options{Dial: func(ctx context.Context) (Conn, error) {
				conn, err := r.dial(ctx)
				conn.(*peer).writeErr = broken
				return conn, err
			}})
			defer c.Close()
			synctest.Wait()
			if s := c.Status(); s.State != Disconnected || !errors.Is(s.Err, broken) {
				t.Errorf("%v: %v, want disconnected by a broken pipe", s.State, s.Err)
			}
		})
	})
	for _, what := range []string{"request", "ping", "refresh"} {
		t.Run(what, func(t *testing.T) {
			tokens := &tokens{next: []string{"one", "two"}}
			connected(t, Options{MinBackoff: time.Hour, MaxBackoff: time.Hour, Token: tokens.give}, func(t *testing.T, r *relay, c *Client, p *peer) {
				if what == "refresh" {
					p.identify(t, frame.Identity{Expires: time.Now().Unix() + 600})
				}
				p.mu.Lock()
				p.writeErr = broken
				p.mu.Unlock()
				if what == "request" {
					done := do(t.Context(), c, &once{*dnc("5")})
					checkNoAnswer(t, (<-done).err, ErrLost, true) // perhaps it was
				} else {
					time.Sleep(map[string]time.Duration{"ping": time.Hour, "refresh": 10 * time.Minute}[what])
				}
				synctest.Wait()
				if s := c.Status(); s.State != Disconnected || !errors.Is(s.Err, broken) {
					t.Errorf("%v: %v, want disconnected by a broken pipe", s.State, s.Err)
				}
			})
		})
	}
}

// A relay that stops reading holds up the writer; the connection still ends.
func TestWriteBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay()
		r.block = make(chan struct{}, 1)
		r.block <- struct{}{} // room for hello
		c := New(Options{Dial: r.dial, AnswerTimeout: time.Second, MinBackoff: time.Hour, MaxBackoff: time.Hour})
		defer c.Close()
		r.acceptWith(t, frame.Welcome{Limits: frame.Limits{PingSeconds: 10}})
		_, err := c.Do(t.Context(), dnc("5"))
		checkNoAnswer(t, err, ErrTimeout, true)
		time.Sleep(24 * time.Second)
		synctest.Wait()
		if s := c.Status(); s.State != Disconnected || !errors.Is(s.Err, ErrTimeout) {
			t.Errorf("%v: %v, want disconnected", s.State, s.Err)
		}
	})
}

func TestBackoff(t *testing.T) {
	o := Options{MinBackoff: 100 * time.Millisecond, MaxBackoff: 5 * time.Second}
	synctest.Test(t, func(t *testing.T) {
		r := newRelay()
		r.set(errRefused)
		o.Dial = r.dial
		c := New(o)
		time.Sleep(3 * time.Minute)
		c.Close()
		checkWaits(t, r.dialed(), o)
	})
}

// checkWaits holds the waits between dials to doubling from MinBackoff up to
// MaxBackoff, each shortened by chance to a half at most.
func checkWaits(t *testing.T, dials []time.Time, o Options) {
	t.Helper()
	if len(dials) < 5 {
		t.Fatalf("%d dials, want more", len(dials))
	}
	most, same := o.MinBackoff, true
	share := func(i int, most time.Duration) float64 { return float64(dials[i].Sub(dials[i-1])) / float64(most) }
	for i := 1; i < len(dials); i++ {
		if wait := dials[i].Sub(dials[i-1]); wait < most/2 || wait > most {
			t.Errorf("wait %d is %v, want %v to %v", i, wait, most/2, most)
		}
		same = same && share(i, most) == share(1, o.MinBackoff)
		most = min(2*most, o.MaxBackoff)
	}
	if same {
		t.Error("no chance in the waits")
	}
}

// A relay that welcomes and hangs up is not dialed faster than a dead one; one
// that stood for a while is.
func TestBackoffAfterWelcome(t *testing.T) {
	o := Options{MinBackoff: 100 * time.Millisecond, MaxBackoff: 2 * time.Second}
	bubble(t, o, func(t *testing.T, r *relay, c *Client) {
		for range 8 {
			r.accept(t).drop(frame.CloseGoingAway)
		}
		p := r.accept(t)
		checkWaits(t, r.dialed(), o)
		time.Sleep(o.MaxBackoff)
		p.drop(frame.CloseGoingAway)
		lost := time.Now()
		r.accept(t)
		if waited := time.Since(lost); waited > o.MinBackoff {
			t.Errorf("dialed again after %v, want %v at most", waited, o.MinBackoff)
		}
	})
}

func TestBackoffBounds(t *testing.T) {
	tests := []struct {
		o        Options
		attempt  int
		min, max time.Duration
	}{
		{Options{}, 0, 125 * time.Millisecond, 250 * time.Millisecond},
		{Options{}, 5, 4 * time.Second, 8 * time.Second},
		{Options{}, 6, 5 * time.Second, 10 * time.Second},
		{Options{}, math.MaxInt, 5 * time.Second, 10 * time.Second},
		{Options{MinBackoff: time.Minute}, 0, 5 * time.Second, 10 * time.Second},
		{Options{MinBackoff: 100 * time.Hour, MaxBackoff: 200 * time.Hour}, 15, 100 * time.Hour, 200 * time.Hour},
		{Options{MinBackoff: 1, MaxBackoff: math.MaxInt64}, 62, 1 << 61, 1 << 62},
		{Options{MinBackoff: 1, MaxBackoff: 1}, 3, 0, 1},
	}
	for _, test := range tests {
		c := &Client{opts: test.o.orDefault()}
		for range 20 {
			if d := c.backoff(test.attempt); d < test.min || d > test.max {
				t.Errorf("%+v: wait %v after attempt %d, want %v to %v", test.o, d, test.attempt, test.min, test.max)
			}
		}
	}
}

func TestPing(t *testing.T) {
	for _, test := range []struct {
		seconds int
		every   time.Duration
	}{{7, 7 * time.Second}, {0, 15 * time.Second}, {-1, 15 * time.Second}} {
		bubble(t, Options{}, func(t *testing.T, r *relay, c *Client) {
			p := r.acceptWith(t, frame.Welcome{Limits: frame.Limits{PingSeconds: test.seconds}})
			for i := range 20 {
				start := time.Now()
				f := p.recv(t)
				if f.Kind != frame.KindPing || len(f.Body) != 0 || time.Since(start) != test.every {
					t.Fatalf("frame %d is %v after %v, want a ping after %v", i, f, time.Since(start), test.every)
				}
				p.send(t, frame.Frame{Kind: frame.KindPong, Number: f.Number})
			}
			if s := c.Status(); s.State != Connected {
				t.Errorf("%v: %v, want connected", s.State, s.Err)
			}
		})
	}
}

func TestDeadConnection(t *testing.T) {
	bubble(t, Options{MinBackoff: time.Hour, MaxBackoff: time.Hour}, func(t *testing.T, r *relay, c *Client) {
		p := r.acceptWith(t, frame.Welcome{Limits: frame.Limits{PingSeconds: 10}})
		time.Sleep(20 * time.Second)
		p.send(t, frame.Frame{Kind: frame.KindLink}) // any frame is a sign of life
		synctest.Wait()
		time.Sleep(25*time.Second - time.Nanosecond)
		synctest.Wait()
		if s := c.Status(); s.State != Connected {
			t.Fatalf("%v: %v too early", s.State, s.Err)
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if s := c.Status(); s.State != Disconnected || !errors.Is(s.Err, ErrTimeout) {
			t.Errorf("%v: %v, want disconnected for want of an answer", s.State, s.Err)
		}
		if n, code := p.closedByClient(); n == 0 || code != frame.CloseNormal {
			t.Errorf("closed %d times with %v", n, code)
		}
	})
}

func TestFramesFromRelay(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		before := c.Status()
		for _, k := range []frame.Kind{frame.KindHello, frame.KindWelcome, frame.KindRequest, frame.KindPing, frame.KindPong, frame.KindRefresh, 18, 255} {
			p.send(t, frame.Frame{Kind: k, Number: 1})
		}
		p.quiet(t)
		if s := c.Status(); !reflect.DeepEqual(s, before) {
			t.Errorf("status %+v after frames that mean nothing, want %+v", s, before)
		}
		done := do(t.Context(), c, dnc("5"))
		n, _ := p.request(t)
		p.toClient <- []byte{0, 0, 0, 0, 1, 0, 0}
		synctest.Wait()
		var syntax *frame.SyntaxError
		if s := c.Status(); s.State != Disconnected || !errors.As(s.Err, &syntax) {
			t.Errorf("%v: %v, want disconnected by a syntax error", s.State, s.Err)
		}
		if times, _ := p.closedByClient(); times == 0 {
			t.Error("the connection was not closed")
		}
		p = r.accept(t)
		p.resume(t, 1)
		p.answer(t, frame.KindOutcome, n, processed(7, "5"))
		if got := <-done; got.err != nil {
			t.Error(got.err)
		}
	})
}
