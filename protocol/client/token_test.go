package client

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/frame"
)

var errNoLogin = errors.New("nobody is logged in")

// tokens is a source of tokens: one after the other, the last one for ever.
type tokens struct {
	mu   sync.Mutex
	next []string
	fail error         // instead of a token
	hang time.Duration // how long it takes, if the context does not end before
	asks []time.Time
}

func (s *tokens) give(ctx context.Context) (string, error) {
	s.mu.Lock()
	s.asks = append(s.asks, time.Now())
	hang, err, token := s.hang, s.fail, s.next[0]
	if err == nil && len(s.next) > 1 {
		s.next = s.next[1:]
	}
	s.mu.Unlock()
	if hang > 0 {
		select {
		case <-time.After(hang):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	return token, err
}

func (s *tokens) set(change func(*tokens)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *tokens) asked() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]time.Time(nil), s.asks...)
}

// greet takes the next connection, whose hello must have this token, without a
// welcome.
func (r *relay) greet(t *testing.T, token string) *peer {
	t.Helper()
	p := <-r.conns
	f := p.recv(t)
	if got := frame.ReadHello(f.Body); f.Kind != frame.KindHello || got.Token != token {
		t.Fatalf("first frame is %v with the token %q, want hello with %q", f.Kind, got.Token, token)
	}
	p.resumed = frame.ReadHello(f.Body).Resume
	return p
}

// admit is greet with a welcome and an identity that lives so long; 0 is for ever.
func (r *relay) admit(t *testing.T, token string, lives time.Duration) *peer {
	t.Helper()
	p := r.greet(t, token)
	p.send(t, frame.Frame{Kind: frame.KindWelcome, Body: frame.Welcome{Limits: frame.Limits{PingSeconds: 1 << 20}}.Body()})
	i := frame.Identity{Name: "jdoe", Roles: []string{frame.RoleAgent}}
	if lives != 0 {
		i.Expires = time.Now().Add(lives).Unix()
	}
	p.identify(t, i)
	return p
}

func (p *peer) identify(t *testing.T, i frame.Identity) {
	t.Helper()
	p.send(t, frame.Frame{Kind: frame.KindIdentity, Body: i.Body()})
	synctest.Wait()
}

func checkStatus(t *testing.T, c *Client, s State, code frame.CloseCode) {
	t.Helper()
	now := c.Status()
	closed, ok := errors.AsType[*frame.CloseError](now.Err)
	if now.State != s || (code != 0) != ok || ok && closed.Code != code {
		t.Errorf("%v: %v, want %v with close code %d", now.State, now.Err, s, code)
	}
}

func TestTokenInHello(t *testing.T) {
	for name, token := range map[string]func(context.Context) (string, error){
		"":            nil,
		"none":        (&tokens{next: []string{""}}).give,
		"eyJ.eyJ.sig": (&tokens{next: []string{"eyJ.eyJ.sig"}}).give,
	} {
		bubble(t, Options{Agent: "a", Token: token}, func(t *testing.T, r *relay, c *Client) {
			f := (<-r.conns).recv(t)
			want := frame.Hello{Agent: "a", Token: strings.TrimPrefix(name, "none")}
			if got := frame.ReadHello(f.Body); !reflect.DeepEqual(got, want) || len(f.Body) != 1+len(strings.Fields(want.Token)) {
				t.Errorf("hello %v, want %+v", f.Body, want)
			}
		})
	}
}

// A token that is not to be had is a failed dial: nothing is dialed, and it is
// asked for again and again.
func TestTokenFails(t *testing.T) {
	o := Options{MinBackoff: 100 * time.Millisecond, MaxBackoff: 5 * time.Second, DialTimeout: time.Second}
	tests := []struct {
		name   string
		tokens tokens
		err    error
		text   string
	}{
		{"error", tokens{fail: errNoLogin, next: []string{""}}, errNoLogin, "client: no token: nobody is logged in"},
		{"hangs", tokens{hang: time.Hour, next: []string{""}}, ErrTimeout, "client: no token: no answer in time"},
		{
			"too long", tokens{next: []string{strings.Repeat("t", frame.MaxToken+1)}}, errLongToken,
			"client: no token: it is longer than 15,000 bytes",
		},
	}
	for i := range tests {
		test := &tests[i]
		t.Run(test.name, func(t *testing.T) {
			o.Token = test.tokens.give
			bubble(t, o, func(t *testing.T, r *relay, c *Client) {
				time.Sleep(time.Minute)
				synctest.Wait()
				s := c.Status()
				for s.State == Connecting { // it hangs
					time.Sleep(time.Second / 2)
					s = c.Status()
				}
				token, ok := errors.AsType[*TokenError](s.Err)
				if s.State != Disconnected || !ok || token.Refused || !errors.Is(s.Err, test.err) || s.Err.Error() != test.text {
					t.Errorf("%v: %v, want disconnected: %s", s.State, s.Err, test.text)
				}
				if n := len(r.dialed()); n != 0 {
					t.Errorf("%d dials without a token", n)
				}
				if test.tokens.hang == 0 {
					checkWaits(t, test.tokens.asked(), o)
				}
				test.tokens.set(func(s *tokens) { s.next, s.fail, s.hang = []string{strings.Repeat("t", frame.MaxToken)}, nil, 0 })
				r.admit(t, strings.Repeat("t", frame.MaxToken), 0)
				checkStatus(t, c, Connected, 0)
			})
		})
	}
}

// A client is closed while it waits for a token, to dial or to refresh.
func TestCloseWithoutToken(t *testing.T) {
	for _, when := range []string{"dial", "refresh"} {
		s := &tokens{next: []string{"one", "two"}}
		bubble(t, Options{Token: s.give, DialTimeout: time.Hour}, func(t *testing.T, r *relay, c *Client) {
			if when == "refresh" {
				r.admit(t, "one", 10*time.Second)
			}
			s.set(func(s *tokens) { s.hang = time.Hour })
			time.Sleep(10 * time.Second)
			before := time.Now()
			c.Close()
			if c.Status().State != Closed || time.Since(before) != 0 {
				t.Errorf("%s: %v after %v, want closed at once", when, c.Status().State, time.Since(before))
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		if got := c.Status().Identity; !reflect.DeepEqual(got, frame.Identity{}) {
			t.Errorf("identity %+v before it was told", got)
		}
		var w watch
		c.Watch(w.tell)
		for _, want := range []frame.Identity{
			{Name: "jdoe", Roles: []string{frame.RoleAgent, frame.RoleSupervisor}, Expires: time.Now().Unix() + 10},
			{Name: "jdoe", Roles: []string{frame.RoleAgent}},
		} {
			p.identify(t, want)
			if got := w.last(t); got.State != Connected || !reflect.DeepEqual(got.Identity, want) {
				t.Errorf("%v with %+v, want connected with %+v", got.State, got.Identity, want)
			}
		}
		time.Sleep(time.Hour - time.Second)
		p.quiet(t) // no source of tokens, no refresh
		r.set(errRefused)
		p.drop(frame.CloseGoingAway)
		if got := c.Status().Identity; got.Name != "jdoe" || len(got.Roles) != 1 {
			t.Errorf("identity %+v after the connection was lost", got)
		}
	})
}

func TestTokenExpired(t *testing.T) {
	s := &tokens{next: []string{"one", "two", "three", "four"}}
	o := Options{Token: s.give, MinBackoff: time.Second, MaxBackoff: time.Second}
	bubble(t, o, func(t *testing.T, r *relay, c *Client) {
		var w watch
		c.Watch(w.tell)
		p := r.admit(t, "one", 0)
		done := do(t.Context(), c, dnc("5"))
		p.request(t)
		lost := time.Now()
		p.drop(frame.CloseTokenExpired)
		p = r.admit(t, "two", 0)
		if waited := time.Since(lost); waited != 0 {
			t.Errorf("connected after %v, want at once", waited)
		}
		p.answer(t, frame.KindOutcome, p.resume(t, 1)[0], processed(7, "5"))
		if got := <-done; got.err != nil {
			t.Error(got.err)
		}
		checkStatus(t, c, Connected, 0)

		lost = time.Now()
		p.drop(frame.CloseTokenExpired) // so soon: no rush
		checkStatus(t, c, Disconnected, frame.CloseTokenExpired)
		p = r.admit(t, "three", 0)
		if waited := time.Since(lost); waited < o.MinBackoff/2 {
			t.Errorf("connected again after %v", waited)
		}
		time.Sleep(o.MaxBackoff)
		lost = time.Now()
		p.drop(frame.CloseTokenExpired)
		r.admit(t, "four", 0)
		if waited := time.Since(lost); waited != 0 {
			t.Errorf("connected after %v, want at once: the connection stood", waited)
		}
	})
}

func TestTokenRefused(t *testing.T) {
	const why = "client: no other token than the one that the relay refused: connection closed: token refused (4507)"
	failed := func(t *testing.T, r *relay, c *Client, s *tokens, asks, dials int) {
		t.Helper()
		synctest.Wait()
		checkStatus(t, c, Failed, frame.CloseTokenRefused)
		err := c.Status().Err
		if token, ok := errors.AsType[*TokenError](err); !ok || !token.Refused || err.Error() != why {
			t.Errorf("error %v, want %s", err, why)
		}
		_, err = c.Do(t.Context(), dnc("5"))
		checkNoAnswer(t, err, c.Status().Err, false)
		time.Sleep(time.Hour)
		if a, d := len(s.asked()), len(r.dialed()); a != asks || d != dials {
			t.Errorf("%d tokens and %d dials, want %d and %d", a, d, asks, dials)
		}
	}
	tests := []struct {
		name   string
		tokens []string
		relay  func(t *testing.T, r *relay, c *Client, s *tokens)
	}{
		{"the same one", []string{"one"}, func(t *testing.T, r *relay, c *Client, s *tokens) {
			r.greet(t, "one").drop(frame.CloseTokenRefused)
			failed(t, r, c, s, 2, 1)
		}},
		{"none at all", []string{""}, func(t *testing.T, r *relay, c *Client, s *tokens) {
			r.greet(t, "").drop(frame.CloseTokenRefused)
			failed(t, r, c, s, 2, 1)
		}},
		{"another one", []string{"one", "two"}, func(t *testing.T, r *relay, c *Client, s *tokens) {
			start := time.Now()
			r.greet(t, "one").drop(frame.CloseTokenRefused)
			r.admit(t, "two", 0)
			if time.Since(start) != 0 {
				t.Errorf("connected after %v, want at once", time.Since(start))
			}
			checkStatus(t, c, Connected, 0)
		}},
		{"another one, refused too", []string{"one", "two", "three"}, func(t *testing.T, r *relay, c *Client, s *tokens) {
			r.greet(t, "one").drop(frame.CloseTokenRefused)
			start := time.Now()
			r.greet(t, "two").drop(frame.CloseTokenRefused)
			checkStatus(t, c, Disconnected, frame.CloseTokenRefused)
			r.greet(t, "three").drop(frame.CloseTokenRefused)
			if time.Since(start) < 125*time.Millisecond {
				t.Error("dialed in a rush")
			}
			time.Sleep(time.Minute)
			failed(t, r, c, s, 4, 3)
		}},
		{"another one, with which nothing can be dialed, and the same again", []string{"one", "two", "one"}, func(t *testing.T, r *relay, c *Client, s *tokens) {
			p := r.greet(t, "one")
			r.set(errRefused)
			p.drop(frame.CloseTokenRefused)
			if s := c.Status(); s.State != Disconnected || !errors.Is(s.Err, errRefused) {
				t.Errorf("%v: %v", s.State, s.Err)
			}
			time.Sleep(time.Minute)
			failed(t, r, c, s, 3, 2)
		}},
		{"the source fails meanwhile", []string{"one"}, func(t *testing.T, r *relay, c *Client, s *tokens) {
			p := r.greet(t, "one")
			s.set(func(s *tokens) { s.fail = errNoLogin })
			p.drop(frame.CloseTokenRefused)
			if s := c.Status(); s.State != Disconnected || !errors.Is(s.Err, errNoLogin) {
				t.Errorf("%v: %v", s.State, s.Err)
			}
			s.set(func(s *tokens) { s.fail = nil })
			time.Sleep(time.Minute)
			if got := c.Status().State; got != Failed {
				t.Errorf("%v with the token that was refused", got)
			}
		}},
		{"expired, and the same for a while", []string{"one"}, func(t *testing.T, r *relay, c *Client, s *tokens) {
			r.admit(t, "one", 0).drop(frame.CloseTokenExpired)
			time.Sleep(time.Hour)
			checkStatus(t, c, Disconnected, frame.CloseTokenExpired)
			if token, ok := errors.AsType[*TokenError](c.Status().Err); !ok || token.Refused {
				t.Errorf("error %v", c.Status().Err)
			}
			if n := len(r.dialed()); n != 1 {
				t.Errorf("the relay was asked %d times with a token that has expired", n-1)
			}
			s.set(func(s *tokens) { s.next = []string{"two"} })
			r.admit(t, "two", 0)
			checkStatus(t, c, Connected, 0)
		}},
		{"a refresh", []string{"one", "two"}, func(t *testing.T, r *relay, c *Client, s *tokens) {
			p := r.admit(t, "one", time.Minute)
			p.refreshed(t, "two")
			p.drop(frame.CloseTokenRefused)
			failed(t, r, c, s, 3, 1)
		}},
		{"a refresh, and there is another one", []string{"one", "two", "three"}, func(t *testing.T, r *relay, c *Client, s *tokens) {
			p := r.admit(t, "one", time.Minute)
			p.refreshed(t, "two")
			p.drop(frame.CloseTokenRefused)
			r.admit(t, "three", 0)
			checkStatus(t, c, Connected, 0)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &tokens{next: test.tokens}
			bubble(t, Options{Token: s.give}, func(t *testing.T, r *relay, c *Client) { test.relay(t, r, c, s) })
		})
	}
}

// Without a source of tokens a client closes and comes back by the code alone.
func TestCloseCodesWithoutTokens(t *testing.T) {
	for code, want := range map[frame.CloseCode]State{
		frame.CloseTokenExpired: Disconnected,
		frame.CloseTokenRefused: Failed,
		frame.CloseTooFast:      Failed,
		frame.CloseUnchecked:    Disconnected,
		frame.CloseEnded:        Failed,
	} {
		bubble(t, Options{}, func(t *testing.T, r *relay, c *Client) {
			r.accept(t).drop(code)
			checkStatus(t, c, want, code)
		})
	}
}

// Codes that have nothing to do with the token: slow, and too many messages.
func TestOtherCodesWithTokens(t *testing.T) {
	for code, want := range map[frame.CloseCode]State{
		frame.CloseSlow: Disconnected, frame.CloseUnchecked: Disconnected, frame.CloseTooFast: Failed, frame.CloseEnded: Failed,
	} {
		s := &tokens{next: []string{"one"}}
		bubble(t, Options{Token: s.give}, func(t *testing.T, r *relay, c *Client) {
			r.greet(t, "one").drop(code)
			checkStatus(t, c, want, code)
			if want == Disconnected {
				r.admit(t, "one", 0)
				checkStatus(t, c, Connected, 0)
			}
		})
	}
}
