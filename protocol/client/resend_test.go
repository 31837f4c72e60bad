package client

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

func TestRepeatableWaitsForConnection(t *testing.T) {
	down(t, Options{}, func(t *testing.T, r *relay, c *Client) {
		first, second := do(t.Context(), c, dnc("1")), do(t.Context(), c, dnc("2"))
		time.Sleep(time.Hour) // no clock runs for what was not sent
		checkPending(t, c, 2, 2)
		r.set(nil)
		p := r.accept(t)
		for i, want := range []string{"1", "2"} {
			if n, phone := p.request(t); phone != want || n != uint32(i+1) {
				t.Errorf("request %d for %s, want %d for %s", n, phone, i+1, want)
			}
		}
		p.quiet(t)
		p.answer(t, frame.KindOutcome, 1, processed(7, "1"))
		p.answer(t, frame.KindOutcome, 2, processed(7, "2"))
		for _, done := range []<-chan result{first, second} {
			if got := <-done; got.err != nil {
				t.Error(got.err)
			}
		}
	})
}

func TestRepeatableResumed(t *testing.T) {
	connected(t, Options{AnswerTimeout: 10 * time.Second}, func(t *testing.T, r *relay, c *Client, p *peer) {
		done := do(t.Context(), c, dnc("5"))
		n, _ := p.request(t)
		p.answer(t, frame.KindAnswer, n, processed(7, "5"))
		time.Sleep(9 * time.Second)
		p.quiet(t) // a connection that stands sees a request once
		p.drop(frame.CloseGoingAway)
		checkPending(t, c, 1, 1)

		p = r.accept(t)
		if again := p.resume(t, 1)[0]; again != n {
			t.Errorf("resumed %d, want %d", again, n)
		}
		time.Sleep(9 * time.Second) // the clock began anew
		p.quiet(t)
		p.answer(t, frame.KindAnswer, n, processed(8, "5"))
		p.answer(t, frame.KindOutcome, n, processed(7, "5"))
		got := <-done
		if got.err != nil || len(got.answers) != 2 || got.answers[0].Addr().Origin != 8 {
			t.Errorf("got %v, %v, want the two answers of the second connection", got.answers, got.err)
		}

		p.drop(frame.CloseGoingAway)
		p = r.accept(t) // what is settled is neither resumed nor sent again
		p.resume(t, 0)
		p.quiet(t)
	})
}

// A relay that does not know a resumed request is sent it again, under its key.
func TestUnknownKeySentAgain(t *testing.T) {
	connected(t, Options{AnswerTimeout: 10 * time.Second}, func(t *testing.T, r *relay, c *Client, p *peer) {
		done := do(t.Context(), c, dnc("5"))
		f := p.recv(t)
		key := frame.ReadRequest(f.Body).Key
		if !frame.ValidKey(key) || len(key) != 32 {
			t.Errorf("key %q", key)
		}
		p.drop(frame.CloseGoingAway)
		for range 2 { // a lost connection more changes nothing
			p = r.accept(t)
			if got := p.resumed; len(got) != 1 || got[0] != (frame.Resume{Key: key, Number: f.Number}) {
				t.Fatalf("resumed %v, want %s as %d", got, key, f.Number)
			}
			p.answer(t, frame.KindAnswer, f.Number, processed(8, "5")) // is no longer true with the refusal
			time.Sleep(9 * time.Second)
			p.refuse(t, f.Number, frame.RefusedUnknownKey)
			again := p.recv(t)
			if again.Number != f.Number || !tkvlist.Equal(again.Body, f.Body) {
				t.Fatalf("sent %v, want %v again", again, f)
			}
			time.Sleep(3 * time.Second)
			p.pong(t)
			time.Sleep(6 * time.Second) // the clock began anew
			p.quiet(t)
			p.drop(frame.CloseGoingAway)
		}
		p = r.accept(t)
		p.refuse(t, f.Number, frame.RefusedUnknownKey)
		p.recv(t)
		p.answer(t, frame.KindOutcome, f.Number, processed(7, "5"))
		if got := <-done; got.err != nil || len(got.answers) != 1 {
			t.Errorf("got %v, %v", got.answers, got.err)
		}
		// It is sent again once for each time that it was resumed.
		done = do(t.Context(), c, dnc("6"))
		n := p.recv(t).Number
		p.drop(frame.CloseGoingAway)
		p = r.accept(t)
		for range 2 {
			p.refuse(t, n, frame.RefusedUnknownKey)
		}
		if refusal, ok := errors.AsType[*frame.Refusal]((<-done).err); !ok || refusal.Code != frame.RefusedUnknownKey {
			t.Errorf("got %v", refusal)
		}
		p.recv(t)
		p.quiet(t)
		// Nothing was resumed here, so that nothing is sent again.
		done = do(t.Context(), c, dnc("6"))
		p.refuse(t, p.recv(t).Number, frame.RefusedUnknownKey)
		if refusal, ok := errors.AsType[*frame.Refusal]((<-done).err); !ok || refusal.Code != frame.RefusedUnknownKey {
			t.Errorf("got %v", refusal)
		}
		p.quiet(t)
	})
}

// What does not fit a hello beside a long token is sent again under its key.
func TestResumeFitsHello(t *testing.T) {
	long := strings.Repeat("t", frame.MaxToken)
	token := func(context.Context) (string, error) { return long, nil }
	connected(t, Options{Token: token}, func(t *testing.T, r *relay, c *Client, p *peer) {
		keys := map[string]uint32{}
		var done []<-chan result
		for range 40 {
			done = append(done, do(t.Context(), c, dnc("5")))
			f := p.recv(t)
			keys[frame.ReadRequest(f.Body).Key] = f.Number
		}
		if len(keys) != len(done) {
			t.Fatalf("%d keys for %d requests", len(keys), len(done))
		}
		p.drop(frame.CloseGoingAway)
		p = r.accept(t)
		if len(p.resumed) == 0 || len(p.resumed) == len(done) {
			t.Fatalf("%d resumed", len(p.resumed))
		}
		for _, one := range p.resumed {
			if keys[one.Key] != one.Number {
				t.Errorf("resumed %v, want number %d", one, keys[one.Key])
			}
			delete(keys, one.Key)
			p.answer(t, frame.KindOutcome, one.Number, processed(7, "5"))
		}
		for len(keys) > 0 {
			f := p.recv(t)
			key := frame.ReadRequest(f.Body).Key
			if keys[key] != f.Number {
				t.Fatalf("sent %s as %d, want %d", key, f.Number, keys[key])
			}
			delete(keys, key)
			p.answer(t, frame.KindOutcome, f.Number, processed(7, "5"))
		}
		p.quiet(t)
		for _, d := range done {
			if got := <-d; got.err != nil {
				t.Error(got.err)
			}
		}
	})
}

// Requests that stand behind a blocked one when the connection is lost go out
// once on the next; the one that blocked is resumed.
func TestLostWithUnsentRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay()
		r.block = make(chan struct{}, 1)
		r.block <- struct{}{} // room for hello
		c := New(Options{Dial: r.dial})
		defer c.Close()
		p := r.accept(t)
		done := []<-chan result{do(t.Context(), c, dnc("1")), do(t.Context(), c, dnc("2"))}
		other := do(t.Context(), c, &once{*dnc("3")})
		checkPending(t, c, 3, 2)
		p.drop(frame.CloseGoingAway)
		checkNoAnswer(t, (<-other).err, ErrLost, false)
		checkPending(t, c, 2, 2)
		close(r.block)
		p = r.accept(t)
		if n, phone := p.request(t); phone != "2" || n != 2 {
			t.Errorf("request %d for %s, want 2 for 2", n, phone)
		}
		p.quiet(t)
		p.refuse(t, p.resume(t, 1)[0], frame.RefusedUnknownKey) // it may have left, and has not
		if n, phone := p.request(t); phone != "1" || n != 1 {
			t.Errorf("request %d for %s, want 1 for 1", n, phone)
		}
		p.quiet(t)
		for i, phone := range []string{"1", "2"} {
			p.answer(t, frame.KindOutcome, uint32(i+1), processed(7, phone))
			if got := <-done[i]; got.err != nil {
				t.Error(got.err)
			}
		}
	})
}

func TestRepeatableCancelledWhileWaiting(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		ctx, cancel := context.WithCancel(t.Context())
		sent := do(ctx, c, dnc("1"))
		p.request(t)
		r.set(errRefused)
		p.drop(frame.CloseAbnormal)
		unsent := do(ctx, c, dnc("2"))
		kept := do(t.Context(), c, dnc("3"))
		cancel()
		checkNoAnswer(t, (<-sent).err, context.Canceled, true)
		checkNoAnswer(t, (<-unsent).err, context.Canceled, false)
		checkPending(t, c, 1, 1)
		r.set(nil)
		p = r.accept(t)
		n, phone := p.request(t)
		if phone != "3" {
			t.Errorf("request for %s, want 3", phone)
		}
		p.quiet(t)
		p.answer(t, frame.KindOutcome, n, processed(7, "3"))
		if got := <-kept; got.err != nil {
			t.Error(got.err)
		}
	})
}

// However many requests come and go while there is no connection, MaxPending
// bounds what is kept of them.
func TestWaitingQueueIsBounded(t *testing.T) {
	down(t, Options{MaxPending: 3}, func(t *testing.T, r *relay, c *Client) {
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err := c.Do(ctx, dnc("5"))
			checkNoAnswer(t, err, context.DeadlineExceeded, false)
			cancel()
		}
		checkPending(t, c, 0, 0)
	})
}

func TestNotRepeatable(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, r *relay, c *Client) {
		req := &once{*dnc("5")}
		_, err := c.Do(t.Context(), req) // dialing
		checkNoAnswer(t, err, ErrNotConnected, false)
		if want := "client: not sent: not connected to the relay"; err.Error() != want {
			t.Errorf("error %q, want %q", err, want)
		}
		p := r.accept(t)
		done := do(t.Context(), c, req)
		p.request(t)
		r.set(errRefused)
		p.drop(frame.CloseAbnormal)
		checkNoAnswer(t, (<-done).err, ErrLost, true)
		_, err = c.Do(t.Context(), req) // waiting to dial again
		checkNoAnswer(t, err, ErrNotConnected, false)
		r.set(nil)
		r.accept(t).quiet(t)
	})
}

// Who hears that the client is connected can send at once.
func TestConnectedMeansReady(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, r *relay, c *Client) {
		ready := make(chan bool, 1)
		defer c.Watch(func(s Status) {
			if s.State == Connected {
				c.mu.Lock()
				ready <- c.table.open
				c.mu.Unlock()
			}
		})()
		r.accept(t)
		if !<-ready {
			t.Error("the client says connected and takes no requests")
		}
	})
}

func TestDoDialsAtOnce(t *testing.T) {
	down(t, Options{MinBackoff: time.Minute, MaxBackoff: time.Minute}, func(t *testing.T, r *relay, c *Client) {
		time.Sleep(time.Second)
		before := len(r.dialed())
		r.set(nil)
		done := do(t.Context(), c, dnc("5"))
		dials := r.dialed()
		if len(dials) != before+1 || time.Since(dials[before]) != 0 {
			t.Fatalf("%d dials after a request, want one more than %d and at once", len(dials), before)
		}
		p := r.accept(t)
		n, _ := p.request(t)
		p.answer(t, frame.KindOutcome, n, processed(7, "5"))
		if got := <-done; got.err != nil {
			t.Error(got.err)
		}
	})
}

// A request that came before the connection must not make its client, an hour
// later, the one that does not wait when all are thrown out at once.
func TestKickIsNotKept(t *testing.T) {
	bubble(t, Options{MinBackoff: time.Minute, MaxBackoff: time.Minute}, func(t *testing.T, r *relay, c *Client) {
		done := do(t.Context(), c, dnc("5"))
		p := r.accept(t)
		n, _ := p.request(t)
		p.answer(t, frame.KindOutcome, n, processed(7, "5"))
		if got := <-done; got.err != nil {
			t.Fatal(got.err)
		}
		time.Sleep(time.Hour / 2)
		p.drop(frame.CloseGoingAway)
		lost := time.Now()
		r.accept(t)
		dials := r.dialed()
		if waited := dials[len(dials)-1].Sub(lost); waited < 30*time.Second {
			t.Errorf("dialed again after %v, want half a minute at least", waited)
		}
	})
}

func TestFinalClose(t *testing.T) {
	for code := frame.CloseCode(4500); code <= frame.CloseSubprotocol; code++ {
		connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
			repeatable, other := do(t.Context(), c, dnc("1")), do(t.Context(), c, &once{*dnc("2")})
			p.request(t)
			p.request(t)
			p.drop(code)
			var closed *frame.CloseError
			got := <-repeatable
			if !errors.As(got.err, &closed) || closed.Code != code {
				t.Errorf("error %v, want a CloseError with %v", got.err, code)
			}
			checkNoAnswer(t, got.err, closed, true)
			checkNoAnswer(t, (<-other).err, ErrLost, true)
			if s := c.Status(); s.State != Failed || !errors.Is(s.Err, closed) {
				t.Errorf("%v: %v, want failed with the close error", s.State, s.Err)
			}
			_, err := c.Do(t.Context(), dnc("3"))
			checkNoAnswer(t, err, closed, false)
			time.Sleep(time.Hour)
			if n := len(r.dialed()); n != 1 {
				t.Errorf("%d dials, want 1", n)
			}
			c.Close()
			if s := c.Status(); s.State != Failed {
				t.Errorf("%v after Close, want failed still", s.State)
			}
		})
	}
}

func TestFinalCloseBeforeWelcome(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, r *relay, c *Client) {
		done := do(t.Context(), c, dnc("1"))
		(<-r.conns).drop(frame.CloseSubprotocol)
		var closed *frame.CloseError
		if got := <-done; !errors.As(got.err, &closed) || closed.Code != frame.CloseSubprotocol {
			t.Errorf("error %v, want a CloseError with %v", got.err, frame.CloseSubprotocol)
		}
		if s := c.Status(); s.State != Failed {
			t.Errorf("%v, want failed", s.State)
		}
	})
}

func TestClose(t *testing.T) {
	tests := []struct {
		name string
		o    Options
		to   func(t *testing.T, r *relay, c *Client) *peer
	}{
		{"dialing", Options{}, func(t *testing.T, r *relay, c *Client) *peer { return nil }},
		{"waiting for the welcome", Options{}, func(t *testing.T, r *relay, c *Client) *peer {
			p := <-r.conns
			p.recv(t)
			return p
		}},
		{"connected", Options{}, func(t *testing.T, r *relay, c *Client) *peer { return r.accept(t) }},
		{"waiting to dial", Options{MinBackoff: time.Hour, MaxBackoff: time.Hour}, func(t *testing.T, r *relay, c *Client) *peer {
			p := r.accept(t)
			r.set(errRefused)
			p.drop(frame.CloseGoingAway)
			return p
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRelay()
				r.hang = test.name == "dialing"
				o := test.o
				o.Dial = r.dial
				c := New(o)
				p := test.to(t, r, c)
				done := do(t.Context(), c, dnc("5"))
				sent := c.Status().State == Connected
				start := time.Now()
				go c.Close()
				c.Close()
				c.Close()
				if time.Since(start) != 0 {
					t.Errorf("Close took %v", time.Since(start))
				}
				checkNoAnswer(t, (<-done).err, ErrClosed, sent)
				if s := c.Status(); s.State != Closed || !errors.Is(s.Err, ErrClosed) {
					t.Errorf("%v: %v, want closed", s.State, s.Err)
				}
				_, err := c.Do(t.Context(), dnc("6"))
				checkNoAnswer(t, err, ErrClosed, false)
				if p != nil {
					if n, code := p.closedByClient(); n == 0 || code != frame.CloseNormal {
						t.Errorf("connection closed %d times with %v, want %v", n, code, frame.CloseNormal)
					}
				}
				time.Sleep(2 * time.Hour)
				if s := c.Status(); s.State != Closed {
					t.Errorf("%v two hours later, want closed", s.State)
				}
			})
		})
	}
}

// Close waits for a writer that takes its time to give up.
func TestCloseWaitsForWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRelay()
		r.block, r.late = make(chan struct{}, 1), time.Second
		r.block <- struct{}{} // room for hello
		c := New(Options{Dial: r.dial})
		r.accept(t)
		done := do(t.Context(), c, dnc("1"))
		start := time.Now()
		c.Close()
		if took := time.Since(start); took != time.Second {
			t.Errorf("Close took %v, want the second that the writer needs", took)
		}
		checkNoAnswer(t, (<-done).err, ErrClosed, true)
	})
}

var _ commdn.Request = (*once)(nil)

// TestWindow: the client keeps to what the relay takes at once, and sends the
// next request when one is settled.
func TestWindow(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, r *relay, c *Client) {
		p := r.acceptWith(t, frame.Welcome{Limits: frame.Limits{PingSeconds: 3600, MaxRequests: 2}})
		var done []<-chan result
		for _, phone := range []string{"1", "2", "3"} {
			done = append(done, do(t.Context(), c, dnc(phone)))
		}
		first, _ := p.request(t)
		second, _ := p.request(t)
		p.quiet(t)
		checkPending(t, c, 3, 1)
		p.answer(t, frame.KindOutcome, second, processed(201, "2"))
		third, phone := p.request(t)
		if phone != "3" {
			t.Errorf("after a settled request came %q", phone)
		}
		p.answer(t, frame.KindOutcome, first, processed(201, "1"))
		p.answer(t, frame.KindOutcome, third, processed(201, "3"))
		for i, d := range done {
			if res := <-d; res.err != nil {
				t.Errorf("request %d: %v", i, res.err)
			}
		}
	})
}
