package admission

import (
	"fmt"
	"testing"
	"time"
)

// wide are limits that nothing of a test reaches.
func wide() Limits {
	return Limits{
		Sessions: 1000, PerAddress: 1000, PerPerson: 1000, Waiting: 1000, WaitingPerAddress: 1000,
		Arrivals: 1e9, ArrivalBurst: 1e9, AddressRate: 1e9, AddressBurst: 1e9, PersonRate: 1e9, PersonBurst: 1e9,
	}
}

func gate(change func(*Limits)) *Gate {
	l := wide()
	change(&l)
	g := New()
	g.Adopt(l)
	return g
}

func (g *Gate) must(t *testing.T, address string) *Seat {
	t.Helper()
	s, reason := g.Enter(address)
	if reason != "" {
		t.Fatalf("from %s: %s", address, reason)
	}
	s.OnEvict(func() { t.Errorf("a connection from %s gave way", address) })
	return s
}

func TestSignedIn(t *testing.T) {
	g := gate(func(l *Limits) { l.Sessions, l.PerAddress, l.PerPerson = 4, 3, 2 })
	signIn := func(address, person string, want Reason) *Seat {
		t.Helper()
		s := g.must(t, address)
		if got := s.SignIn(person); got != want {
			t.Fatalf("%s from %s: %q, want %q", person, address, got, want)
		}
		if want != "" {
			s.Leave()
		}
		return s
	}
	ann := signIn("a", "ann", "")
	signIn("a", "ann", "")
	signIn("b", "ann", Person)
	late := g.must(t, "a") // waits while another one takes the last place of the address
	signIn("a", "bob", "")
	if got := late.SignIn("eve"); got != Address {
		t.Errorf("one more of an address signs in: %q", got)
	}
	if _, reason := g.Enter("a"); reason != Address {
		t.Errorf("one more of an address enters: %q", reason)
	}
	signIn("b", "", "") // nobody in particular
	if _, reason := g.Enter("c"); reason != Full {
		t.Errorf("one more enters: %q", reason)
	}
	ann.Leave()
	ann.Leave()
	signIn("a", "ann", "")
	if _, reason := g.Enter("c"); reason != Full {
		t.Errorf("a place is given twice: %q", reason)
	}
}

// The silent give way to each other, the oldest first, and never take a place of
// those who are signed in.
func TestSilentOnesGiveWay(t *testing.T) {
	g := gate(func(l *Limits) { l.PerAddress, l.WaitingPerAddress, l.Waiting = 2, 3, 4 })
	var out []string
	enter := func(address, name string) *Seat {
		t.Helper()
		s, reason := g.Enter(address)
		if reason != "" {
			t.Fatalf("%s: %s", name, reason)
		}
		s.OnEvict(func() { out = append(out, name) })
		return s
	}
	first := enter("a", "a1")
	for n := 2; n <= 10; n++ {
		enter("a", fmt.Sprint("a", n))
	}
	if got := fmt.Sprint(out); got != "[a1 a2 a3 a4 a5 a6 a7]" {
		t.Errorf("gave way: %s", got)
	}
	if got := first.SignIn("ann"); got != Full {
		t.Errorf("who gave way signs in: %q", got)
	}
	first.OnEvict(func() { out = append(out, "told at once") })
	if got := out[len(out)-1]; got != "told at once" {
		t.Error("who gave way already is not told")
	}
	first.Leave()
	ann := enter("a", "ann")
	if got := ann.SignIn("ann"); got != "" {
		t.Errorf("behind ten silent ones: %q", got)
	}
	out = nil
	enter("b", "b1")
	enter("b", "b2")
	enter("c", "c1") // in all there are four: the oldest of everybody goes
	if got := fmt.Sprint(out); got != "[a9]" {
		t.Errorf("gave way: %s", got)
	}
}

func TestArrivals(t *testing.T) {
	g := gate(func(l *Limits) { l.Arrivals, l.ArrivalBurst = 1e-6, 2 })
	g.must(t, "a").Leave()
	g.must(t, "a").Leave()
	if _, reason := g.Enter("a"); reason != Rate {
		t.Errorf("a third one at once: %q", reason)
	}
	g.must(t, "b")
	l := wide()
	g.Adopt(l)
	g.must(t, "a")
}

// What a person asks does not take from the neighbours what they may ask: over
// the person's own limit nothing counts for the address.
func TestRequests(t *testing.T) {
	g := gate(func(l *Limits) {
		l.PersonRate, l.PersonBurst, l.AddressRate, l.AddressBurst = 1e-6, 3, 1e-6, 5
	})
	seat := func(address, person string) *Seat {
		s := g.must(t, address)
		s.SignIn(person)
		return s
	}
	count := func(s *Seat) (n int) {
		now := time.Now()
		for range 100 {
			if s.Allow(now) {
				n++
			}
		}
		return n
	}
	ann1, ann2, bob := seat("a", "ann"), seat("a", "ann"), seat("a", "bob")
	if a, b := count(ann1), count(ann2); a != 3 || b != 0 {
		t.Errorf("one person of two connections asks %d and %d times, want 3 and 0", a, b)
	}
	if n := count(bob); n != 2 {
		t.Errorf("the neighbour asks %d times, want 2", n)
	}
	if n := count(seat("b", "")); n != 5 {
		t.Errorf("nobody in particular asks %d times, want 5", n)
	}
}

func TestSweep(t *testing.T) {
	g := gate(func(*Limits) {})
	s := g.must(t, "a")
	s.SignIn("ann")
	g.must(t, "b").Leave()
	g.sweep(time.Now().Add(3 * sweepEvery))
	if len(g.addresses) != 1 || len(g.people) != 1 {
		t.Errorf("who is there is forgotten: %v %v", g.addresses, g.people)
	}
	s.Leave()
	g.sweep(time.Now().Add(6 * sweepEvery))
	if len(g.addresses) != 0 || len(g.people) != 0 {
		t.Errorf("who is gone is kept: %v %v", g.addresses, g.people)
	}
}

func TestKey(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1":                 "192.0.2.1",
		"::ffff:192.0.2.1":          "192.0.2.1",
		"2001:db8:1:2:3:4:5:6":      "2001:db8:1:2::/64",
		"2001:db8:1:2::1":           "2001:db8:1:2::/64",
		"2001:db8:1:3::1":           "2001:db8:1:3::/64",
		"fe80::1%eth0":              "fe80::/64",
		"@":                         "@",
		"not an address, of a test": "not an address, of a test",
	} {
		if got := Key(address); got != want {
			t.Errorf("%s counts as %s, want %s", address, got, want)
		}
	}
}
