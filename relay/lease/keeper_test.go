package lease

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The first relay sends at once. When it ends in order the next one sends within one
// look; when it is cut off, within TTL and a look, and not before it has stopped.
func TestTakeover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		a := start(t, m, "a")
		if took := until(t, "a sends", a.sends); took > 10*time.Millisecond {
			t.Errorf("the first one waited for %s", took)
		}
		b := start(t, m, "b")
		time.Sleep(time.Minute)
		if got := b.told(); got != "another: a" {
			t.Errorf("b was told %q", got)
		}
		a.end()
		if took := until(t, "b sends", b.sends); took > ttl/looks+10*time.Millisecond {
			t.Errorf("given back, taken after %s", took)
		}
		if got := a.told(); got != "begin 1 after 0s; self; end 1; nobody" {
			t.Errorf("a was told %q", got)
		}
		c := start(t, m, "c")
		time.Sleep(time.Minute)
		b.set(func(r *relay) { r.away = true })
		stopped := until(t, "b stops", func() bool { return !b.sends() })
		taken := stopped + until(t, "c sends", c.sends)
		if stopped > ttl-Margin(ttl) || taken > ttl+ttl/looks+10*time.Millisecond || taken < stopped+Margin(ttl)/2 {
			t.Errorf("cut off, b stopped after %s and c sent after %s", stopped, taken)
		}
		if got := c.told(); got != "another: b; begin 3 after 3s; self" {
			t.Errorf("c was told %q", got)
		}
		time.Sleep(ttl)
		if got := b.told(); !strings.HasPrefix(got, "another: a; begin 2 after 0s; self; end 2; nobody") {
			t.Errorf("b was told %q", got)
		}
		b.set(func(r *relay) { r.away = false })
		time.Sleep(ttl)
		if got := b.told(); !strings.HasSuffix(got, "nobody; another: c") {
			t.Errorf("b was told %q", got)
		}
		b.end()
		c.end()
	})
}

// A relay that stood still, or whose machine was suspended, may not send from the
// moment on at which its clock has seen the end of the lease, although nothing else of
// it has run yet.
func TestSuspended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := start(t, &memory{}, "a")
		until(t, "a sends", a.sends)
		time.Sleep(ttl)
		a.mu.Lock()
		a.ahead = time.Hour
		a.mu.Unlock()
		if a.sends() {
			t.Error("it sends after an hour in which it did not renew")
		}
		until(t, "a sends again", a.sends)
		if got := a.told(); !strings.HasSuffix(got, "self; end 1; nobody; begin 2 after 0s; self") {
			t.Errorf("told %q", got)
		}
		a.end()
	})
}

// A renewal whose answer is lost is found again; nobody else sends meanwhile.
func TestAnswerLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		a, b := start(t, m, "a"), start(t, m, "b")
		until(t, "one sends", func() bool { return a.sends() || b.sends() })
		if b.sends() {
			a, b = b, a
		}
		for range 20 {
			a.set(func(r *relay) { r.deaf = true })
			time.Sleep(ttl / renewals)
			a.set(func(r *relay) { r.deaf = false })
			time.Sleep(ttl)
			if !a.sends() || b.sends() {
				t.Fatalf("a was told %q", a.told())
			}
		}
		if got := a.told(); !strings.HasSuffix(got, "begin 1 after 0s; self") {
			t.Errorf("a was told %q", got)
		}
		a.end()
		b.end()
	})
}

// One without a link gives the lease back and takes none; when nobody has a link, nobody
// sends, and all are told.
func TestWithoutLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		a := start(t, m, "a")
		until(t, "a sends", a.sends)
		b := start(t, m, "b")
		time.Sleep(time.Second)
		a.set(func(r *relay) { r.up = false })
		if took := until(t, "b sends", b.sends); took > ttl/looks+10*time.Millisecond {
			t.Errorf("b sends after %s", took)
		}
		b.set(func(r *relay) { r.up = false })
		time.Sleep(ttl)
		if a.sends() || b.sends() || a.State().Sender != Nobody || b.State().Sender != Nobody {
			t.Errorf("without a link: a %+v b %+v", a.State(), b.State())
		}
		a.set(func(r *relay) { r.up = true })
		if took := until(t, "a sends", a.sends); took > 10*time.Millisecond {
			t.Errorf("a sends after %s", took)
		}
		a.end()
		b.end()
	})
}

// A panic in what a keeper calls ends no process. Who could not take in that it sends
// gives the lease back; who could not take in another state is told again.
func TestPanic(t *testing.T) {
	for at, want := range map[string][2]string{ // what a and b are told
		"ready": {"nobody; begin 1 after 0s; self; end 1; nobody; nobody; another: b; begin 3 after 0s; self",
			"another: a; nobody; begin 2 after 0s; self; end 2; nobody"},
		"begin": {"begin 1 after 0s; end 1; nobody; begin 2 after 0s; self; end 2; nobody; nobody; nobody; another: b; begin 5 after 0s; self",
			"another: a; begin 3 after 0s; end 3; nobody; begin 4 after 0s; self; end 4; nobody"},
		"self": {"begin 1 after 0s; self; end 1; nobody; begin 2 after 0s; self; end 2; nobody; nobody; nobody; another: b; begin 5 after 0s; self",
			"another: a; begin 3 after 0s; self; end 3; nobody; begin 4 after 0s; self; end 4; nobody"},
		"end": {"begin 1 after 0s; self; end 1; nobody; nobody; another: b; begin 3 after 0s; self",
			"another: a; begin 2 after 0s; self; end 2; nobody"},
		"nobody": {"begin 1 after 0s; self; end 1; nobody; nobody; another: b; begin 3 after 0s; self",
			"another: a; begin 2 after 0s; self; end 2; nobody"},
		"another": {"begin 1 after 0s; self; end 1; nobody; nobody; another: b; another: b; begin 3 after 0s; self",
			"another: a; another: a; begin 2 after 0s; self; end 2; nobody"},
	} {
		t.Run(at, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &memory{}
				a := start(t, m, "a")
				a.set(func(r *relay) { r.breaks = at })
				until(t, "a sends", a.sends)
				b := start(t, m, "b")
				b.set(func(r *relay) { r.breaks = at })
				time.Sleep(ttl)
				a.set(func(r *relay) { r.up = false })
				until(t, "b sends", b.sends)
				time.Sleep(2 * ttl)
				b.end()
				a.set(func(r *relay) { r.up = true })
				until(t, "a sends again", a.sends)
				if got := [2]string{a.told(), b.told()}; got != want {
					t.Errorf("told %q,\nwant %q", got, want)
				}
				for _, r := range []*relay{a, b} {
					if r.breaks != "" {
						t.Error("nothing panicked")
					}
				}
				a.end()
			})
		})
	}
}

// One that cannot begin gives the lease to another one. One whose store has forgotten
// the lease takes a later term.
func TestBeginFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		a := start(t, m, "a")
		a.set(func(r *relay) { r.fails = errors.New("no fence") })
		time.Sleep(ttl / 2)
		b := start(t, m, "b")
		until(t, "b sends", b.sends)
		time.Sleep(ttl)
		if got := a.told(); !strings.HasPrefix(got, "begin 1 after 0s; end 1; nobody; another: b") {
			t.Errorf("a was told %q", got)
		}
		b.end()
		a.set(func(r *relay) { r.fails = &BehindError{Term: 41} })
		time.Sleep(2 * ttl)
		a.set(func(r *relay) { r.fails = nil })
		until(t, "a sends", a.sends)
		if term := a.State().Term; term < 42 {
			t.Errorf("the term is %d", term)
		}
		a.end()
	})
}

// While the store is away nobody sends, and those who stand by say that they do not
// know who does.
func TestStoreAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		a := start(t, m, "a")
		until(t, "a sends", a.sends)
		b := start(t, m, "b")
		time.Sleep(time.Second)
		for _, r := range []*relay{a, b} {
			r.set(func(r *relay) { r.away = true })
		}
		time.Sleep(3 * ttl)
		for _, r := range []*relay{a, b} {
			if s := r.State(); r.sends() || s.Sender != Nobody || s.Reason == "" {
				t.Errorf("%+v", s)
			}
			r.set(func(r *relay) { r.away = false })
		}
		until(t, "one sends", func() bool { return a.sends() || b.sends() })
		a.end()
		b.end()
	})
}

// A lease is not given back while something is being sent.
func TestSendingHoldsUpTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		a := start(t, m, "a")
		until(t, "a sends", a.sends)
		b := start(t, m, "b")
		left, leave, err := a.Enter()
		if err != nil || left <= 0 || left > ttl-Margin(ttl) {
			t.Fatalf("left %s %v", left, err)
		}
		a.set(func(r *relay) { r.up = false })
		time.Sleep(ttl / 2)
		if b.sends() {
			t.Error("b sends while a does")
		}
		leave()
		until(t, "b sends", b.sends)
		a.end()
		b.end()
	})
}

// A record that is gone, as where somebody has deleted the bucket, counts as one that
// is not renewed: who held it stops first.
func TestRecordGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{}
		a := start(t, m, "a")
		until(t, "a sends", a.sends)
		b := start(t, m, "b")
		time.Sleep(time.Second)
		a.set(func(r *relay) { r.away = true }) // it does not know
		m.mu.Lock()
		m.value, m.revision = nil, 0
		m.mu.Unlock()
		stopped := until(t, "a stops", func() bool { return !a.sends() })
		if took := until(t, "b sends", b.sends); took == 0 {
			t.Errorf("b sends as soon as a has stopped, after %s", stopped)
		}
		a.end()
		b.end()
	})
}
