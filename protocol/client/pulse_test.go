package client

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/frame"
)

// TestPulse: a request without any frame for three seconds makes the client ping at once,
// and it says so until the relay gives a sign of life.
func TestPulse(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		var told []bool
		defer c.Watch(func(s Status) { told = append(told, s.Checking) })()
		done := do(t.Context(), c, dnc("5"))
		n, _ := p.request(t)
		time.Sleep(3*time.Second - time.Nanosecond)
		p.quiet(t)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if s := c.Status(); !s.Checking || s.State != Connected {
			t.Errorf("after three seconds: %v, checking %v", s.State, s.Checking)
		}
		p.pong(t)
		if s := c.Status(); s.Checking {
			t.Error("still checking after the pong")
		}
		time.Sleep(10 * time.Second) // one ping is enough
		p.quiet(t)
		p.answer(t, frame.KindOutcome, n, processed(7, "5"))
		if got := <-done; got.err != nil {
			t.Error(got.err)
		}
		if len(told) != 2 || !told[0] || told[1] {
			t.Errorf("told %v", told)
		}

		done = do(t.Context(), c, dnc("6")) // anything from the relay is a sign of life
		n, _ = p.request(t)
		time.Sleep(2 * time.Second)
		p.send(t, frame.Frame{Kind: frame.KindLink, Body: frame.Link{Up: true}.Body()})
		time.Sleep(5 * time.Second)
		p.quiet(t)
		p.answer(t, frame.KindOutcome, n, processed(7, "6"))
		<-done
	})
}

// TestPulseOfDeadNetwork: without an answer to that ping the connection is over, seconds
// after the request and not when the interval of pings has passed twice. The request goes
// out on the next one.
func TestPulseOfDeadNetwork(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		done := do(t.Context(), c, dnc("5"))
		n, _ := p.request(t)
		time.Sleep(8*time.Second - time.Nanosecond)
		synctest.Wait()
		if s := c.Status(); s.State != Connected || !s.Checking {
			t.Fatalf("%v: %v, checking %v too early", s.State, s.Err, s.Checking)
		}
		r.set(errRefused)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if s := c.Status(); s.State == Connected || s.Checking || !errors.Is(s.Err, ErrTimeout) && !errors.Is(s.Err, errRefused) {
			t.Errorf("%v: %v, checking %v", s.State, s.Err, s.Checking)
		}
		r.set(nil)
		next := r.accept(t)
		next.resume(t, 1)
		next.answer(t, frame.KindOutcome, n, processed(7, "5"))
		if got := <-done; got.err != nil {
			t.Error(got.err)
		}
	})
}
