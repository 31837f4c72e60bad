package client

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/frame"
)

var errSignIn = errors.New("the sign-in service cannot be reached")

// login is what a page signs in with.
type login struct {
	mu    sync.Mutex
	token string
	err   error
}

func (l *login) as(token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.token, l.err = token, nil
}

// with has a page sign in with what there is at that time.
func with(l *login) func(*Options) {
	return func(o *Options) {
		o.Token = func(context.Context) (string, error) {
			l.mu.Lock()
			defer l.mu.Unlock()
			return l.token, l.err
		}
	}
}

// was makes a tab in which a page of a person has been connected.
func was(t *testing.T, s *shelf, token, subject string) map[string]note {
	t.Helper()
	tab := map[string]note{}
	h := visit(t, s, token, in(tab))
	h.connect(t, subject)
	h.Close()
	return tab
}

// A click on a page that was never connected is that of the person whom the relay knew in
// the tab before, unless the page has a token of somebody else. It outlives that page.
func TestKeptOfTab(t *testing.T) {
	for _, tt := range []struct {
		name  string
		token string // of the page of the click
		fails error  // to get it
		bound bool
	}{
		{"with the same token", "ann's", nil, true},
		{"with a new token", "ann's/2", nil, true},
		{"with another's token", "ben's", nil, false},
		{"that signs in as nobody", "", nil, false},
		{"that cannot sign in", "", errSignIn, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			apart(t, func(t *testing.T, s *shelf) {
				tab := was(t, s, "ann's", "ann")
				first := visit(t, s, "", in(tab), with(&login{token: tt.token, err: tt.fails}))
				var told []EventKind
				go func() {
					_, _ = first.Follow(t.Context(), dnc("5551234567"), func(e Event) { told = append(told, e.Kind) })
				}()
				key, r := s.only(t)
				if r.bound != tt.bound || tt.bound && r.subject != "ann" {
					t.Fatalf("kept as %+v", r)
				}
				if saysKept := len(told) == 1 && told[0] == Kept; saysKept != tt.bound {
					t.Errorf("told %v", told)
				}
				first.page.crash()

				second := visit(t, s, "ann's/3", in(tab))
				p := second.connect(t, "ann")
				if !tt.bound {
					checkNoAnswer(t, (<-second.ended[0]).err, ErrUnbound, false)
					p.quiet(t)
					s.empty(t)
					return
				}
				number, sent, phone := p.onWire(t)
				if sent != key || phone != "5551234567" {
					t.Errorf("sent %s for %s, want %s", sent, phone, key)
				}
				p.answer(t, frame.KindOutcome, number, processed(7, phone))
				if got := <-second.ended[0]; got.err != nil {
					t.Error(got.err)
				}
				p.quiet(t)
				s.empty(t)
			})
		})
	}
}

// Where the tab turns out to be another person's, the click goes out for nobody but the
// one whom the tab knew.
func TestKeptOfTabForNobodyElse(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		tab := was(t, s, "ann's", "ann")
		l := &login{err: errSignIn}
		first := visit(t, s, "", in(tab), with(l))
		settled := do(t.Context(), first.Client, dnc("5551234567"))
		key, _ := s.only(t)
		l.as("ben's")
		first.connect(t, "ben").quiet(t)
		checkNoAnswer(t, (<-settled).err, ErrOtherPerson, false)
		first.Close()

		ben := visit(t, s, "ben's", in(tab))
		ben.connect(t, "ben").quiet(t)
		checkNoAnswer(t, (<-ben.ended[0]).err, ErrOtherPerson, false)
		ben.Close()

		ann := visit(t, s, "ann's")
		if _, sent, _ := ann.connect(t, "ann").onWire(t); sent != key {
			t.Errorf("sent %s, want %s", sent, key)
		}
	})
}

// What a tab remembers is of one relay, of that tab alone, and of the person who was there
// last.
func TestTabRemembers(t *testing.T) {
	click := func(t *testing.T, s *shelf, token string, tab map[string]note, change ...func(*Options)) record {
		t.Helper()
		h := visit(t, s, token, append(change, in(tab))...)
		do(t.Context(), h.Client, dnc("5551234567"))
		_, r := s.only(t)
		h.page.crash()
		return r
	}
	apart(t, func(t *testing.T, s *shelf) {
		tab := was(t, s, "ann's", "ann")
		if r := click(t, s, "ann's", tab, func(o *Options) { o.Relay = "wss://other/" }); r.bound {
			t.Errorf("for another relay it is kept as %+v", r)
		}
	})
	apart(t, func(t *testing.T, s *shelf) {
		was(t, s, "ann's", "ann")
		if r := click(t, s, "ann's", map[string]note{}); r.bound {
			t.Errorf("in another tab it is kept as %+v", r)
		}
	})
	apart(t, func(t *testing.T, s *shelf) {
		tab := was(t, s, "ann's", "ann")
		h := visit(t, s, "ben's", in(tab))
		h.connect(t, "ben")
		h.Close()
		if r := click(t, s, "ben's", tab); !r.bound || r.subject != "ben" {
			t.Errorf("after another person it is kept as %+v", r)
		}
	})
}

// A page that was connected, and whose user has changed since, does not keep a click for
// the one before. A click before the tab has said who is there is bound once it has.
func TestKeptSinceAnotherSignedIn(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		l := &login{token: "ann's"}
		h := visit(t, s, "", with(l))
		p := h.connect(t, "ann")
		h.relay.set(errRefused)
		l.as("ben's")
		p.drop(frame.CloseGoingAway)
		time.Sleep(time.Minute) // it asks for the token and dials in vain
		settled := do(t.Context(), h.Client, dnc("5551234567"))
		if _, r := s.only(t); r.bound {
			t.Fatalf("kept as %+v", r)
		}
		p = h.connect(t, "ben")
		number, _, phone := p.onWire(t)
		if _, r := s.only(t); !r.bound || r.subject != "ben" {
			t.Errorf("kept as %+v", r)
		}
		p.answer(t, frame.KindOutcome, number, processed(7, phone))
		if got := <-settled; got.err != nil {
			t.Error(got.err)
		}
	})
	apart(t, func(t *testing.T, s *shelf) {
		tab := was(t, s, "ann's", "ann")
		answer := make(chan struct{})
		h := visit(t, s, "", in(tab), func(o *Options) {
			o.Token = func(context.Context) (string, error) { <-answer; return "ann's", nil }
		})
		var told []EventKind
		go func() {
			_, _ = h.Follow(t.Context(), dnc("5551234567"), func(e Event) { told = append(told, e.Kind) })
		}()
		if _, r := s.only(t); r.bound || len(told) != 0 {
			t.Fatalf("kept as %+v, told %v before there is a token", r, told)
		}
		close(answer)
		if _, r := s.only(t); !r.bound || r.subject != "ann" || len(told) != 1 || told[0] != Kept {
			t.Errorf("kept as %+v, told %v", r, told)
		}
	})
}

// What the tab says of a token counts for no later one.
func TestTabIsSlow(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		tab := was(t, s, "ann's", "ann")
		l := &login{token: "ann's"}
		h := visit(t, s, "", in(tab), with(l), func(o *Options) { o.Store.(*page).slow = time.Second })
		l.as("ben's")
		time.Sleep(5 * time.Second)
		do(t.Context(), h.Client, dnc("5551234567"))
		time.Sleep(5 * time.Second)
		if _, r := s.only(t); r.bound {
			t.Errorf("kept as %+v", r)
		}
	})
}

// A click belongs to whom the relay has named on this connection, also while another token
// is on its way there.
func TestKeptWhileRefreshed(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		l := &login{token: "ann's"}
		h := visit(t, s, "", with(l))
		p := h.connect(t, "ann")
		l.as("ben's")
		p.send(t, frame.Frame{Kind: frame.KindIdentity, Body: frame.Identity{Subject: "ann", Expires: time.Now().Unix() + 1}.Body()})
		if f := p.recv(t); f.Kind != frame.KindRefresh {
			t.Fatalf("frame is %v, want a refresh", f.Kind)
		}
		do(t.Context(), h.Client, dnc("5551234567"))
		p.onWire(t)
		if _, r := s.only(t); !r.bound || r.subject != "ann" {
			t.Errorf("kept as %+v", r)
		}
		if n, want := h.page.tab["wss://relay/"], (note{"ann's", "ann"}); n != want { // the client is idle
			t.Errorf("the tab remembers %+v, want %+v", n, want)
		}
	})
}

// A client that keeps nothing sends a click for nobody else, either.
func TestUnkeptForOnePerson(t *testing.T) {
	apart(t, func(t *testing.T, s *shelf) {
		h := visit(t, s, "ann's", func(o *Options) { o.Store = nil })
		p := h.connect(t, "ann")
		h.relay.set(errRefused)
		p.drop(frame.CloseGoingAway)
		settled := do(t.Context(), h.Client, dnc("5551234567"))
		synctest.Wait()
		h.connect(t, "ben").quiet(t)
		checkNoAnswer(t, (<-settled).err, ErrOtherPerson, false)
	})
}
