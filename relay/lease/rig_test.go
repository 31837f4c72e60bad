package lease

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
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
