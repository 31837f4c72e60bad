package desk_test

import (
	"context"
	"sync/atomic"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/desk"
	"commdn/relay/link"
)

// A mistake in the way to OCS settles the request, and the desk goes on.
func TestPanic(t *testing.T) {
	link := &ocs{answer: func(context.Context, commdn.Request, func(), func(link.Answer, bool)) *frame.Refusal {
		panic("a mistake")
	}}
	r := newRig(t, desk.NewMemory(), nil, link)
	if e := last(t, r.must(source(), "k1", "5550100001")); e.Refusal == nil || e.Refusal.Code != frame.RefusedNoAnswer {
		t.Errorf("outcome %+v", e)
	}
	link.answer = acknowledge
	if e := last(t, r.must(source(), "k2", "5550100001")); e.Refusal != nil {
		t.Errorf("outcome %+v", e)
	}
}

// failingStore panics when it is to keep an outcome.
type failingStore struct {
	*desk.Memory
	fails atomic.Bool
}

func (s *failingStore) Settle(ctx context.Context, id desk.ID, o desk.Outcome) error {
	if s.fails.Load() {
		panic("a mistake")
	}
	return s.Memory.Settle(ctx, id, o)
}

// Nor does a mistake in what keeps the outcome: whoever asked is told, and may ask on.
func TestPanicOfTheStore(t *testing.T) {
	store := &failingStore{Memory: desk.NewMemory()}
	store.fails.Store(true)
	r, s := newRig(t, store, nil, &ocs{answer: acknowledge}), source()
	for _, key := range []string{"k1", "k2", "k3", "k4"} { // 3 may be in flight
		if e := last(t, r.must(s, key, "5550100001")); e.Refusal == nil || e.Refusal.Code != frame.RefusedNoAnswer {
			t.Errorf("outcome %+v", e)
		}
	}
	store.fails.Store(false)
	if e := last(t, r.must(s, "k5", "5550100001")); e.Refusal != nil {
		t.Errorf("outcome %+v", e)
	}
}
