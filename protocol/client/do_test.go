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

func TestDoNotCall(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		done := make(chan result, 1)
		go func() {
			answers, err := c.DoNotCall(t.Context(), commdn.DoNotCall{Phone: "555", Address: commdn.Address{Target: 7}})
			done <- result{answers, err}
		}()
		f := p.recv(t)
		want := (&commdn.DoNotCall{Phone: "555", Address: commdn.Address{Target: 7}}).UserData()
		if f.Kind != frame.KindRequest || f.Number != 1 || !tkvlist.Equal(frame.ReadRequest(f.Body).Data, want) {
			t.Errorf("frame %v, want request 1 with %v", f, want)
		}
		p.answer(t, frame.KindOutcome, 1, processed(7, "555"))
		if got := <-done; got.err != nil || !reflect.DeepEqual(got.answers, []commdn.Message{processed(7, "555")}) {
			t.Errorf("got %v, %v", got.answers, got.err)
		}
		checkPending(t, c, 0, 0)
	})
}

func TestAnswersOutOfOrder(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		phones := []string{"1", "2", "3"}
		var done []<-chan result
		for i, phone := range phones {
			done = append(done, do(t.Context(), c, dnc(phone)))
			if n, got := p.request(t); n != uint32(i+1) || got != phone {
				t.Fatalf("request %d for %s, want %d for %s", n, got, i+1, phone)
			}
		}
		for _, i := range []int{2, 0, 1} {
			p.answer(t, frame.KindOutcome, uint32(i+1), processed(7, phones[i]))
			got := <-done[i]
			if got.err != nil || len(got.answers) != 1 || got.answers[0].Subjects()[0].ID != phones[i] {
				t.Errorf("request %d got %v, %v", i+1, got.answers, got.err)
			}
		}
	})
}

func TestSettle(t *testing.T) {
	fault := &commdn.Fault{Address: commdn.Address{Origin: 8, Target: 101}, Code: commdn.ErrorInvalidParameter}
	second := &commdn.Fault{Address: commdn.Address{Origin: 9, Target: 101}, Code: commdn.ErrorLicenseViolation}
	type reply struct {
		kind frame.Kind
		body tkvlist.List
	}
	answer := func(m commdn.Message) reply { return reply{frame.KindAnswer, frame.Answer{Data: m.UserData()}.Body()} }
	response := func(m commdn.Message) reply {
		return reply{frame.KindOutcome, frame.Outcome{Data: m.UserData()}.Body()}
	}
	refusal := reply{frame.KindOutcome, frame.Outcome{Refusal: &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "silence"}}.Body()}
	tests := []struct {
		name    string
		replies []reply
		answers []commdn.Message
		err     string
	}{
		{"response", []reply{response(processed(7, "5"))}, []commdn.Message{processed(7, "5")}, ""},
		{
			"answers of three OCS",
			[]reply{answer(processed(7, "5")), answer(processed(8, "5")), response(processed(9, "5"))},
			[]commdn.Message{processed(7, "5"), processed(8, "5"), processed(9, "5")}, "",
		},
		{"fault", []reply{response(fault)}, []commdn.Message{fault}, fault.Error()},
		{
			"first fault of two, after a success",
			[]reply{answer(processed(7, "5")), answer(fault), response(second)},
			[]commdn.Message{processed(7, "5"), fault, second}, fault.Error(),
		},
		{"refusal", []reply{refusal}, nil, "relay: silence"},
		{"refusal after an answer", []reply{answer(processed(7, "5")), refusal}, []commdn.Message{processed(7, "5")}, "relay: silence"},
		{
			"what comes after the response is passed over",
			[]reply{response(processed(7, "5")), answer(fault), response(fault), refusal},
			[]commdn.Message{processed(7, "5")}, "",
		},
		{
			"unreadable answer", []reply{answer(processed(7, "5")), {frame.KindOutcome, frame.Outcome{Data: processed(8, "5").UserData()[1:]}.Body()}},
			[]commdn.Message{processed(7, "5")},
			"client: sent, but the answer cannot be used: commdn: user data without GSW_CM_MessageType",
		},
		{
			"user data that is no message", []reply{{frame.KindAnswer, nil}}, nil,
			"client: sent, but the answer cannot be used: commdn: user data without GSW_CM_MessageType",
		},
		{
			"a message that answers nothing", []reply{response(dnc("5"))}, nil,
			"client: sent, but the answer cannot be used: commdn: message type CM_ReqDoNotCall is not supported",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
				done := do(t.Context(), c, dnc("5"))
				n, _ := p.request(t)
				for _, reply := range test.replies {
					p.send(t, frame.Frame{Kind: reply.kind, Number: n, Body: reply.body})
				}
				got := <-done
				if !reflect.DeepEqual(got.answers, test.answers) {
					t.Errorf("answers %v, want %v", got.answers, test.answers)
				}
				if (got.err == nil) != (test.err == "") || got.err != nil && got.err.Error() != test.err {
					t.Errorf("error %v, want %q", got.err, test.err)
				}
				checkPending(t, c, 0, 0)
				p.quiet(t)
				if s := c.Status(); s.State != Connected {
					t.Errorf("%v afterwards, want connected", s.State)
				}
			})
		})
	}
}

// An error of each shape is found by its shape, and by no other.
func TestErrorShapes(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		shapes := func(err error) (s string) {
			if field := (*commdn.FieldError)(nil); errors.As(err, &field) {
				s += "field "
			}
			if fault := (*commdn.Fault)(nil); errors.As(err, &fault) {
				s += "fault "
			}
			if refusal := (*frame.Refusal)(nil); errors.As(err, &refusal) {
				s += "refusal "
			}
			if none := (*NoAnswerError)(nil); errors.As(err, &none) {
				s += "none "
			}
			if answer := (*AnswerError)(nil); errors.As(err, &answer) {
				s += "answer "
			}
			return s
		}
		reply := func(o frame.Outcome) error {
			done := do(t.Context(), c, dnc("5"))
			n, _ := p.request(t)
			p.send(t, frame.Frame{Kind: frame.KindOutcome, Number: n, Body: o.Body()})
			return (<-done).err
		}
		_, err := c.Do(t.Context(), dnc(""))
		if got := shapes(err); got != "field " {
			t.Errorf("an invalid request: %s(%v)", got, err)
		}
		p.quiet(t) // it was not sent
		err = reply(frame.Outcome{Data: (&commdn.Fault{Code: 3}).UserData()})
		if got := shapes(err); got != "fault " {
			t.Errorf("a fault: %s(%v)", got, err)
		}
		err = reply(frame.Outcome{Refusal: &frame.Refusal{Code: frame.RefusedBusy}})
		if got := shapes(err); got != "refusal " {
			t.Errorf("a refusal: %s(%v)", got, err)
		}
		// Not a FieldError: that would mean that nothing was sent.
		err = reply(frame.Outcome{Data: processed(7, "5").UserData()[1:]})
		if got := shapes(err); got != "none answer " {
			t.Errorf("an unreadable answer: %s(%v)", got, err)
		}
	})
}

func TestAnswerToNobody(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		done := do(t.Context(), c, dnc("5"))
		n, _ := p.request(t)
		p.answer(t, frame.KindOutcome, n+1, processed(7, "6"))
		p.answer(t, frame.KindOutcome, n, processed(7, "5"))
		if got := <-done; got.err != nil || len(got.answers) != 1 {
			t.Errorf("got %v, %v", got.answers, got.err)
		}
	})
}

func TestTimeout(t *testing.T) {
	connected(t, Options{AnswerTimeout: 4 * time.Second}, func(t *testing.T, r *relay, c *Client, p *peer) {
		start := time.Now()
		done := do(t.Context(), c, dnc("5"))
		n, _ := p.request(t)
		time.Sleep(3 * time.Second)
		p.answer(t, frame.KindAnswer, n, processed(7, "5")) // one answer does not stop the clock
		got := <-done
		checkNoAnswer(t, got.err, ErrTimeout, true)
		if want := "client: sent, but no answer in time"; got.err.Error() != want {
			t.Errorf("error %q, want %q", got.err, want)
		}
		if len(got.answers) != 1 {
			t.Errorf("answers %v, want the one that came", got.answers)
		}
		if waited := time.Since(start); waited != 4*time.Second {
			t.Errorf("gave up after %v, want 4s", waited)
		}
		p.answer(t, frame.KindOutcome, n, processed(8, "5")) // too late
		checkPending(t, c, 0, 0)
	})
}

func TestContext(t *testing.T) {
	t.Run("cancelled", func(t *testing.T) {
		connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
			ctx, cancel := context.WithCancel(t.Context())
			done := do(ctx, c, dnc("5"))
			p.request(t)
			cancel()
			checkNoAnswer(t, (<-done).err, context.Canceled, true)
			checkPending(t, c, 0, 0)
		})
	})
	t.Run("deadline", func(t *testing.T) {
		connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := c.Do(ctx, dnc("5"))
			checkNoAnswer(t, err, context.DeadlineExceeded, true)
		})
	})
	t.Run("over before", func(t *testing.T) {
		connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			for range 50 {
				_, err := c.Do(ctx, dnc("5"))
				checkNoAnswer(t, err, context.Canceled, false)
			}
			p.quiet(t)
			if c.table.last != 0 {
				t.Errorf("%d requests were begun", c.table.last)
			}
		})
	})
}

func TestMaxPending(t *testing.T) {
	connected(t, Options{MaxPending: 2}, func(t *testing.T, r *relay, c *Client, p *peer) {
		first, second := do(t.Context(), c, dnc("1")), do(t.Context(), c, dnc("2"))
		if _, err := c.Do(t.Context(), dnc("3")); !errors.Is(err, ErrBusy) {
			t.Errorf("error %v, want ErrBusy", err)
		}
		p.answer(t, frame.KindOutcome, 1, processed(7, "1"))
		if got := <-first; got.err != nil {
			t.Error(got.err)
		}
		third := do(t.Context(), c, dnc("3"))
		p.answer(t, frame.KindOutcome, 2, processed(7, "2"))
		p.answer(t, frame.KindOutcome, 3, processed(7, "3"))
		for _, done := range []<-chan result{second, third} {
			if got := <-done; got.err != nil {
				t.Error(got.err)
			}
		}
	})
}

func TestNumbers(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		first := do(t.Context(), c, dnc("1")) // holds number 1
		p.request(t)
		c.mu.Lock()
		c.table.last = math.MaxUint32 - 1
		c.mu.Unlock()
		for _, want := range []uint32{math.MaxUint32, 2, 3} { // neither 0 nor 1
			done := do(t.Context(), c, dnc("2"))
			n, _ := p.request(t)
			if n != want {
				t.Fatalf("number %d, want %d", n, want)
			}
			p.answer(t, frame.KindOutcome, n, processed(7, "2"))
			if got := <-done; got.err != nil {
				t.Error(got.err)
			}
		}
		p.answer(t, frame.KindOutcome, 1, processed(7, "1"))
		if got := <-first; got.err != nil {
			t.Error(got.err)
		}
	})
}

// huge is valid as far as Validate knows, but cannot be packed.
type huge struct{ commdn.DoNotCall }

func (*huge) UserData() tkvlist.List {
	return tkvlist.List{{Key: strings.Repeat("k", tkvlist.MaxKey+1), Value: tkvlist.Int(1)}}
}

func TestRequestThatCannotBePacked(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		_, err := c.Do(t.Context(), &huge{*dnc("5")})
		var syntax *tkvlist.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("error %v, want that of the packer", err)
		}
		checkPending(t, c, 0, 0)
		p.quiet(t)
	})
}

// Whatever ends a request at the same instant, it ends once and leaves nothing.
// A second end would close a closed channel.
func TestSettlesOnce(t *testing.T) {
	for range 200 {
		connected(t, Options{AnswerTimeout: time.Second}, func(t *testing.T, r *relay, c *Client, p *peer) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			done := do(ctx, c, dnc("5"))
			n, _ := p.request(t)
			body := frame.Answer{Data: processed(7, "5").UserData()}.Body()
			time.AfterFunc(time.Second, func() { p.send(t, frame.Frame{Kind: frame.KindAnswer, Number: n, Body: body}) })
			time.AfterFunc(time.Second, func() { p.send(t, frame.Frame{Kind: frame.KindOutcome, Number: n, Body: body}) })
			time.AfterFunc(time.Second, func() { p.end(&frame.CloseError{Code: frame.CloseGoingAway}) })
			time.AfterFunc(time.Second, c.Close)
			got := <-done
			var none *NoAnswerError
			switch {
			case got.err == nil:
				if len(got.answers) == 0 {
					t.Error("success without an answer")
				}
			case !errors.As(got.err, &none) || !none.Sent:
				t.Errorf("error %v, want a NoAnswerError that says sent", got.err)
			case !errors.Is(none, ErrTimeout) && !errors.Is(none, ErrClosed) && !errors.Is(none, context.DeadlineExceeded):
				t.Errorf("error %v", got.err)
			}
			synctest.Wait()
			checkPending(t, c, 0, 0)
		})
	}
}
