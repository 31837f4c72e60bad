package lease

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"commdn/relay/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

const ttl = 3 * time.Second

// memory is a store in memory, behind a network of each relay.
type memory struct {
	mu       sync.Mutex
	value    []byte
	revision uint64
}

// write replaces a revision; 0: there is none.
func (m *memory) write(value []byte, revision uint64) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.revision != revision {
		return 0, ErrTaken
	}
	m.value = value
	m.revision++
	return m.revision, nil
}

// relay is a process with a keeper.
type relay struct {
	*Keeper
	t       testing.TB
	store   *memory
	mu      sync.Mutex
	delay   func() time.Duration // of each way
	away    bool                 // the store cannot be reached
	deaf    bool                 // what is written is taken, and no answer comes
	up      bool
	ahead   time.Duration // of its clock
	fails   error         // of Begin
	breaks  string        // the next call of that kind panics
	paused  time.Time     // its process stands still until then
	log     []string
	end     func()
	stopped chan struct{}
}

// network waits for a way; the error is that it leads nowhere.
func (r *relay) network(ctx context.Context) error {
	r.mu.Lock()
	delay, away, paused := r.delay(), r.away, r.paused
	r.mu.Unlock()
	time.Sleep(time.Until(paused))
	if away {
		<-ctx.Done()
		return ctx.Err()
	}
	select {
	case <-time.After(delay):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *relay) Get(ctx context.Context) ([]byte, uint64, error) {
	if err := r.network(ctx); err != nil {
		return nil, 0, err
	}
	r.store.mu.Lock()
	value, revision := r.store.value, r.store.revision
	r.store.mu.Unlock()
	if err := r.network(ctx); err != nil {
		return nil, 0, err
	}
	if revision == 0 {
		return nil, 0, ErrNone
	}
	return value, revision, nil
}

func (r *relay) Create(ctx context.Context, value []byte) (uint64, error) {
	return r.Update(ctx, value, 0)
}

func (r *relay) Update(ctx context.Context, value []byte, revision uint64) (uint64, error) {
	if err := r.network(ctx); err != nil {
		return 0, err
	}
	next, err := r.store.write(value, revision)
	r.mu.Lock()
	deaf := r.deaf
	r.mu.Unlock()
	if deaf {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	if err := r.network(ctx); err != nil {
		return 0, err
	}
	return next, err
}

func (r *relay) set(change func(*relay)) {
	r.mu.Lock()
	change(r)
	r.mu.Unlock()
	r.Kick()
}

// line notes what the keeper told.
func (r *relay) line(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log = append(r.log, fmt.Sprintf(format, args...))
}

// mistake panics where the test wants it, once.
func (r *relay) mistake(at string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.breaks == at {
		r.breaks = ""
		panic("a mistake at " + at)
	}
}

func (r *relay) told() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.log, "; ")
}

// start starts a relay of a store.
func start(t testing.TB, m *memory, name string) *relay {
	r := &relay{t: t, store: m, up: true, delay: func() time.Duration { return time.Millisecond }, stopped: make(chan struct{})}
	began := time.Now()
	r.Keeper = New(Options{
		Name: name, Run: name + "'s first", TTL: ttl, Store: r,
		Now: func() time.Duration {
			r.mu.Lock()
			defer r.mu.Unlock()
			return time.Since(began) + r.ahead
		},
		Ready: func() bool {
			r.mistake("ready")
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.up
		},
		Begin: func(_ context.Context, term uint64, idle time.Duration) error {
			r.line("begin %d after %s", term, idle.Round(time.Second))
			r.mistake("begin")
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.fails
		},
		End: func(term uint64) {
			r.line("end %d", term)
			r.mistake("end")
		},
		Changed: func(s State) {
			r.line("%s", []string{"nobody", "another: " + s.Holder, "self"}[s.Sender])
			r.mistake([]string{"nobody", "another", "self"}[s.Sender])
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(r.stopped)
		r.Run(ctx)
	}()
	r.end = func() {
		cancel()
		<-r.stopped
	}
	return r
}

// sends says whether a relay may send now.
func (r *relay) sends() bool {
	_, leave, err := r.Enter()
	if err != nil {
		return false
	}
	leave()
	return true
}

// until lets the time go until something is so, and gives how long that took.
func until(t testing.TB, what string, is func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !is() {
		time.Sleep(time.Millisecond)
		if time.Since(began) > time.Minute {
			t.Fatalf("%s: not within a minute", what)
		}
	}
	return time.Since(began)
}

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

// Whatever happens to the network, the links and the clocks' speed, no two relays may
// send at the same moment, and one does when nothing happens any more.
func TestNeverTwo(t *testing.T) {
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 17))
			m := &memory{}
			var all []*relay
			for _, name := range []string{"a", "b", "c"} {
				r := start(t, m, name)
				own := rand.New(rand.NewPCG(seed, uint64(len(all))))
				r.set(func(r *relay) {
					r.delay = func() time.Duration { return time.Duration(own.ExpFloat64() * float64(30*time.Millisecond)) }
				})
				all = append(all, r)
			}
			check := func(steps int) {
				for range steps {
					time.Sleep(10 * time.Millisecond)
					n := 0
					for _, r := range all {
						if r.sends() {
							n++
						}
					}
					if n > 1 {
						t.Fatalf("seed %d: %d relays send", seed, n)
					}
				}
			}
			for range 40 {
				r := all[random.IntN(len(all))]
				what := random.IntN(6)
				r.set(func(r *relay) {
					switch what {
					case 0:
						r.away = !r.away
					case 1:
						r.deaf = !r.deaf
					case 2:
						r.up = !r.up
					case 3:
						r.paused = time.Now().Add(time.Duration(random.IntN(5000)) * time.Millisecond)
					default:
						r.away, r.deaf, r.up = false, false, true
					}
				})
				check(random.IntN(200))
			}
			for _, r := range all {
				r.set(func(r *relay) { r.away, r.deaf, r.up = false, false, true })
			}
			check(int(2 * ttl / (10 * time.Millisecond)))
			n := 0
			for _, r := range all {
				if r.sends() {
					n++
				}
			}
			if n != 1 {
				t.Errorf("seed %d: in the end %d relays send", seed, n)
			}
			for _, r := range all {
				r.end()
			}
		})
	}
}
