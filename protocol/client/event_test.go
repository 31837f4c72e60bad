package client

import (
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// What the relay tells of a request is told in its order, on a second connection
// again; and a relay that holds the request may take its time.
func TestFollow(t *testing.T) {
	connected(t, Options{AnswerTimeout: time.Second}, func(t *testing.T, r *relay, c *Client, p *peer) {
		var told []Event
		settled := make(chan result, 1)
		go func() {
			answers, err := c.Follow(t.Context(), dnc("5"), func(e Event) { told = append(told, e) })
			settled <- result{answers, err}
		}()
		n, _ := p.request(t)
		tell := func(kind frame.Kind, body frame.Queued) {
			f := frame.Frame{Kind: kind, Number: n}
			if kind == frame.KindQueued {
				f.Body = body.Body()
			}
			p.send(t, f)
			synctest.Wait()
		}
		check := func(want ...Event) {
			t.Helper()
			if !reflect.DeepEqual(told, want) {
				t.Fatalf("told %+v, want %+v", told, want)
			}
			told = nil
		}
		behind := frame.Queued{Reason: frame.QueuedBehind, Since: 9, Message: "behind another one"}
		check()
		tell(frame.KindQueued, behind)
		check(Event{Kind: Queued, Queued: behind})
		time.Sleep(time.Hour) // the relay has it; no clock runs
		tell(frame.KindAccepted, frame.Queued{})
		p.answer(t, frame.KindAnswer, n, processed(8, "5"))
		check(Event{Kind: Accepted}, Event{Kind: Answered, Answer: processed(8, "5")})
		p.drop(frame.CloseGoingAway)

		p = r.accept(t)
		p.resume(t, 1)
		tell(frame.KindAccepted, frame.Queued{})
		time.Sleep(time.Hour)
		p.answer(t, frame.KindAnswer, n, processed(8, "5"))
		p.answer(t, frame.KindOutcome, n, processed(7, "5"))
		check(Event{Kind: Accepted}, Event{Kind: Answered, Answer: processed(8, "5")}, Event{Kind: Answered, Answer: processed(7, "5")})
		got := <-settled
		if want := []commdn.Message{processed(8, "5"), processed(7, "5")}; got.err != nil || !reflect.DeepEqual(got.answers, want) {
			t.Errorf("got %v, %v", got.answers, got.err)
		}
		tell(frame.KindAccepted, frame.Queued{}) // too late
		check()
	})
}

// A relay that knows neither a journal nor a resumed request is not waited for.
func TestResumedWithoutAnswer(t *testing.T) {
	connected(t, Options{AnswerTimeout: time.Second}, func(t *testing.T, r *relay, c *Client, p *peer) {
		done := do(t.Context(), c, dnc("5"))
		p.request(t)
		p.drop(frame.CloseGoingAway)
		r.accept(t).resume(t, 1)
		checkNoAnswer(t, (<-done).err, ErrTimeout, true)
	})
}

// Keys come from Options.Random, 128 bits each.
func TestKey(t *testing.T) {
	next := uint64(0)
	random := func() uint64 { next++; return next << 60 >> 4 * 7 }
	c := &Client{opts: Options{Random: random}}
	one, two := c.newKey(), c.newKey()
	if one == two || !frame.ValidKey(one) || len(one) != 32 || next != 4 {
		t.Errorf("keys %s and %s", one, two)
	}
	c.opts = (Options{}).orDefault()
	if one, two = c.newKey(), c.newKey(); one == two {
		t.Error("the same key twice")
	}
}

// Limits that the relay tells on the way count at once: how many requests it
// takes, how often it wants a ping, and how long its silence may last.
func TestLimits(t *testing.T) {
	bubble(t, Options{AnswerTimeout: time.Hour}, func(t *testing.T, r *relay, c *Client) {
		p := r.acceptWith(t, frame.Welcome{Limits: frame.Limits{PingSeconds: 3600, MaxRequests: 1}})
		for _, phone := range []string{"1", "2", "3"} {
			do(t.Context(), c, dnc(phone))
		}
		p.request(t)
		p.quiet(t)
		p.send(t, frame.Frame{Kind: frame.KindLimits, Body: frame.Limits{PingSeconds: 2, MaxRequests: 2}.Body()})
		synctest.Wait()
		if _, phone := p.request(t); phone != "2" {
			t.Errorf("request for %s, want 2", phone)
		}
		p.quiet(t)
		for range 2 {
			time.Sleep(2 * time.Second)
			if f := p.recv(t); f.Kind != frame.KindPing {
				t.Fatalf("%v, want a ping", f.Kind)
			}
		}
		time.Sleep(time.Second) // five seconds of the relay's silence
		synctest.Wait()
		if s := c.Status(); s.State != Disconnected {
			t.Errorf("%v after a silence, want disconnected", s.State)
		}
	})
}

func TestStandby(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		want := frame.Link{Up: true, Standby: true, Since: 7}
		p.send(t, frame.Frame{Kind: frame.KindLink, Body: want.Body()})
		synctest.Wait()
		if got := c.Status().Link; got != want {
			t.Errorf("link %+v, want %+v", got, want)
		}
	})
}
