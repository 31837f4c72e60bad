package client

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/frame"
)

func TestStateNames(t *testing.T) {
	for s, want := range map[State]string{
		Connecting: "connecting", Connected: "connected", Disconnected: "disconnected", Failed: "failed", Closed: "closed",
	} {
		if s.String() != want {
			t.Errorf("state %d is %q, want %q", s, s, want)
		}
	}
}

// watch records what a watcher is told.
type watch struct {
	mu   sync.Mutex
	told []Status
}

func (w *watch) tell(s Status) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, s)
}

func (w *watch) states() (states []State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.told {
		states = append(states, s.State)
	}
	return states
}

func (w *watch) last(t *testing.T) Status {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.told) == 0 {
		t.Fatal("the watcher was told nothing")
	}
	return w.told[len(w.told)-1]
}

func TestWatch(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, r *relay, c *Client) {
		synctest.Wait() // it is connecting: the next status is news to all
		var all, some, one watch
		c.Watch(all.tell)
		stop := c.Watch(some.tell)
		stopOne := make(chan func(), 1)
		stopOne <- c.Watch(func(s Status) {
			one.tell(s)
			(<-stopOne)() // from inside, too
		})

		p := r.accept(t)
		p.send(t, frame.Frame{Kind: frame.KindLink}) // the same state, but another status
		synctest.Wait()
		stop()
		stop()
		r.set(errRefused)
		p.drop(frame.CloseGoingAway)
		c.Close()
		if got, want := all.states(), []State{Connected, Connected, Disconnected, Closed}; !slices.Equal(got, want) {
			t.Errorf("watched %v, want %v", got, want)
		}
		if got, want := some.states(), []State{Connected, Connected}; !slices.Equal(got, want) {
			t.Errorf("watched %v until stopped, want %v", got, want)
		}
		if got, want := one.states(), []State{Connected}; !slices.Equal(got, want) {
			t.Errorf("watched %v until stopped from inside, want %v", got, want)
		}
	})
}

func TestStatusErr(t *testing.T) {
	bubble(t, Options{MinBackoff: time.Second, MaxBackoff: time.Second}, func(t *testing.T, r *relay, c *Client) {
		var w watch
		c.Watch(w.tell)
		p := r.accept(t)
		r.set(errRefused)
		p.drop(frame.CloseIdle)
		var closed *frame.CloseError
		if last := w.last(t); last.State != Disconnected || !errors.As(last.Err, &closed) || closed.Code != frame.CloseIdle {
			t.Errorf("%v: %v, want disconnected as idle", last.State, last.Err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if last := w.last(t); last.State != Disconnected || !errors.Is(last.Err, errRefused) {
			t.Errorf("%v: %v, want disconnected with the reason of the last dial", last.State, last.Err)
		}
		r.set(nil)
		r.accept(t)
		if last := w.last(t); last.State != Connected || last.Err != nil {
			t.Errorf("%v: %v, want connected without a reason", last.State, last.Err)
		}
	})
}

func TestNewWithoutDialer(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	New(Options{})
}

func TestDefaults(t *testing.T) {
	got := Options{}.orDefault()
	if got.AnswerTimeout != 15*time.Second || got.DialTimeout != 10*time.Second ||
		got.MinBackoff != 250*time.Millisecond || got.MaxBackoff != 10*time.Second || got.MaxPending != 1024 {
		t.Errorf("defaults %+v", got)
	}
	dial := func(context.Context) (Conn, error) { return nil, errRefused }
	set := Options{Dial: dial, Agent: "a", AnswerTimeout: 1, DialTimeout: 2, MinBackoff: 3, MaxBackoff: 4, MaxPending: 5}
	got = set.orDefault()
	if got.AnswerTimeout != 1 || got.DialTimeout != 2 || got.MinBackoff != 3 || got.MaxBackoff != 4 || got.MaxPending != 5 || got.Agent != "a" {
		t.Errorf("%+v is not kept: %+v", set, got)
	}
}
