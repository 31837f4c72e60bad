package client

import (
	"strings"
	"testing"
	"time"

	"commdn/protocol/frame"
)

// refreshed waits for a refresh with this token and tells how long it took.
func (p *peer) refreshed(t *testing.T, token string) time.Duration {
	t.Helper()
	since := time.Now()
	f := p.recv(t)
	if got := frame.ReadRefresh(f.Body); f.Kind != frame.KindRefresh || f.Number != 0 || got.Token != token {
		t.Fatalf("frame %v with the token %q, want a refresh with %q", f.Kind, got.Token, token)
	}
	return time.Since(since)
}

func TestRenewIn(t *testing.T) {
	for remaining, want := range map[time.Duration]time.Duration{
		24 * time.Hour:            24*time.Hour - time.Minute,
		10 * time.Minute:          9 * time.Minute,
		5 * time.Minute:           270 * time.Second,
		50 * time.Second:          45 * time.Second,
		20 * time.Second:          15 * time.Second,
		5 * time.Second:           0,
		time.Second:               -4 * time.Second,
		-time.Hour:                -time.Hour - 5*time.Second,
		75 * 365 * 24 * time.Hour: 75*365*24*time.Hour - time.Minute, // expires in 2106, nearly
	} {
		if got := renewIn(remaining); got != want {
			t.Errorf("%v before the end: in %v, want in %v", remaining, got, want)
		}
	}
}

func TestRefresh(t *testing.T) {
	s := &tokens{next: []string{"one", "two", "three", "four"}}
	bubble(t, Options{Token: s.give}, func(t *testing.T, r *relay, c *Client) {
		p := r.admit(t, "one", 5*time.Minute)
		if after := p.refreshed(t, "two"); after != 270*time.Second {
			t.Errorf("refresh after %v of five minutes", after)
		}
		time.Sleep(time.Hour)
		p.quiet(t) // one is enough as long as the relay does not answer
		p.identify(t, frame.Identity{Expires: time.Now().Unix() + 300})
		p.identify(t, frame.Identity{Expires: time.Now().Unix() + 100}) // the last word counts
		if after := p.refreshed(t, "three"); after != 90*time.Second {
			t.Errorf("refresh after %v of 100 seconds", after)
		}
		p.identify(t, frame.Identity{Expires: time.Now().Unix() + 100})
		p.identify(t, frame.Identity{}) // for ever
		time.Sleep(24 * time.Hour)
		p.quiet(t)
		checkStatus(t, c, Connected, 0)
		if n := len(s.asked()); n != 3 {
			t.Errorf("asked for a token %d times, want 3", n)
		}
	})
}

// A source that has no other token, or none, is asked again until it has one.
func TestRefreshFails(t *testing.T) {
	for name, change := range map[string]func(*tokens){
		"error": func(s *tokens) { s.fail = errNoLogin },
		"same":  func(*tokens) {},
		"empty": func(s *tokens) { s.next = []string{""} },
		"long":  func(s *tokens) { s.next = []string{strings.Repeat("t", frame.MaxToken+1)} },
	} {
		t.Run(name, func(t *testing.T) {
			s := &tokens{next: []string{"one"}}
			o := Options{Token: s.give, MinBackoff: 100 * time.Millisecond, MaxBackoff: time.Second, DialTimeout: time.Second}
			bubble(t, o, func(t *testing.T, r *relay, c *Client) {
				p := r.admit(t, "one", time.Minute)
				s.set(change)
				time.Sleep(2 * time.Minute)
				p.quiet(t)
				checkStatus(t, c, Connected, 0)
				checkWaits(t, s.asked()[1:], o)
				s.set(func(s *tokens) { s.next, s.fail = []string{"two"}, nil })
				p.refreshed(t, "two")
				checkStatus(t, c, Connected, 0)
			})
		})
	}
}

// A source that is still busy when the relay closes is asked anew.
func TestRefreshHangs(t *testing.T) {
	s := &tokens{next: []string{"one", "two", "three"}}
	bubble(t, Options{Token: s.give}, func(t *testing.T, r *relay, c *Client) {
		p := r.admit(t, "one", time.Minute)
		s.set(func(s *tokens) { s.hang = time.Hour })
		time.Sleep(2 * time.Minute)
		p.quiet(t)
		checkStatus(t, c, Connected, 0)
		s.set(func(s *tokens) { s.hang = 0 })
		p.drop(frame.CloseTokenExpired)
		r.admit(t, "three", 0)
		checkStatus(t, c, Connected, 0)
	})
}

// Tokens that are always about to expire, as with a clock that is wrong, are
// not renewed in a rush.
func TestRefreshIsBounded(t *testing.T) {
	s := &tokens{next: []string{"one", "two", "three", "four", "five"}}
	bubble(t, Options{Token: s.give, MaxBackoff: 7 * time.Second}, func(t *testing.T, r *relay, c *Client) {
		p := r.admit(t, "one", -time.Hour)
		for i, token := range []string{"two", "three", "four"} {
			want := 7 * time.Second
			if i == 0 {
				want = 0 // the first one is in time, if only just
			}
			if after := p.refreshed(t, token); after != want {
				t.Errorf("refresh %d after %v, want %v", i+1, after, want)
			}
			p.identify(t, frame.Identity{Expires: time.Now().Unix() - 3600})
		}
	})
}
