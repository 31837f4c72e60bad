package desk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/desk"
	"commdn/relay/link"
)

// A request lives on when nobody listens any more, and tells everything to who
// comes back with its key.
func TestOutlivesItsListener(t *testing.T) {
	release := make(chan struct{})
	r := newRig(t, desk.NewMemory(), nil, &ocs{answer: silent(release)})
	ticket := r.must(source(), "k1", "5550100001")
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for n := 0; ; n++ {
		if _, err := ticket.Next(gone, n); err != nil {
			break
		}
	}
	again := r.Find(t.Context(), "ann", "k1")
	if again == nil {
		t.Fatal("the desk does not find it")
	}
	if other := r.Find(t.Context(), "ben", "k1"); other != nil {
		t.Error("somebody else finds it")
	}
	close(release)
	for _, one := range []*desk.Ticket{ticket, again} {
		all := events(t, one)
		if len(all) != 2 || all[0].Kind != desk.Queued || all[0].Queued.Reason != frame.QueuedBehind || all[1].Refusal != nil {
			t.Errorf("events %+v", all)
		}
	}
	r.over()
	settled := r.Find(t.Context(), "ann", "k1")
	if settled == nil {
		t.Fatal("the desk has forgotten the outcome")
	}
	if e, done := settled.Done(); !done || e.Answer.(*commdn.DoNotCallProcessed).Phone != "5550100001" {
		t.Errorf("outcome %+v", e)
	}
}

// Who submits a new request may be told its events without a goroutine of its
// own, in order and each once; of one that the desk has already the ticket tells.
func TestTell(t *testing.T) {
	r := newRig(t, &disk{Memory: desk.NewMemory()}, nil, &ocs{answer: acknowledge})
	var mu sync.Mutex
	var told []desk.EventKind
	submit := func() (*desk.Ticket, bool) {
		ticket, begun, refusal := r.Submit(t.Context(), desk.Submission{
			Key: "k1", Actor: ann(), Source: source(), Data: dnc("5550100001"),
			Tell: func(e desk.Event) {
				mu.Lock()
				defer mu.Unlock()
				told = append(told, e.Kind)
			},
		})
		if refusal != nil {
			t.Fatal(refusal)
		}
		return ticket, begun
	}
	ticket, begun := submit()
	if !begun {
		t.Error("a new request did not begin")
	}
	last(t, ticket)
	<-r.Drain()
	mu.Lock()
	defer mu.Unlock()
	if want := []desk.EventKind{desk.Accepted, desk.Settled}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

// An answer that comes after the request was given up corrects what the store
// has, and who asked is told.
func TestLate(t *testing.T) {
	asked := &ocs{answer: func(context.Context, commdn.Request, func(), func(link.Answer, bool)) *frame.Refusal {
		return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "OCS did not answer"}
	}}
	r := newRig(t, desk.NewMemory(), nil, asked)
	told := make(chan desk.Event, 8)
	ticket, _, refusal := r.Submit(t.Context(), desk.Submission{
		Key: "k1", Actor: ann(), Source: source(), Data: dnc("5550100001"), Tell: func(e desk.Event) { told <- e },
	})
	if refusal != nil {
		t.Fatal(refusal)
	}
	if e := last(t, ticket); e.Refusal == nil {
		t.Fatalf("settled as %+v", e)
	}
	<-told
	r.over()
	asked.late(link.Answer{Message: &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 101}}})
	if e := <-told; e.Kind != desk.Late || e.Key != "k1" || e.Answer.Type() != commdn.EvDoNotCallProcessed {
		t.Errorf("told %+v", e)
	}
	if e := last(t, r.must(source(), "k1", "5550100001")); e.Refusal != nil || asked.count() != 1 {
		t.Errorf("asked again with the same key: %+v, sent %d times", e, asked.count())
	}
}

// A key is one request: in flight, settled, and never with another content.
func TestSameKey(t *testing.T) {
	release := make(chan struct{})
	link := &ocs{answer: silent(release)}
	r := newRig(t, desk.NewMemory(), nil, link)
	s := source()
	first := r.must(s, "k1", "5550100001")
	for range 10 { // more than may be in flight
		if again := r.must(s, "k1", "5550100001"); again != first {
			t.Fatal("another ticket")
		}
	}
	if _, refusal := r.submit(s, "k1", "5550100002"); refusal == nil || refusal.Code != frame.RefusedInvalid {
		t.Errorf("another number with the key: %v", refusal)
	}
	close(release)
	last(t, first)
	r.over()
	if e := last(t, r.must(s, "k1", "5550100001")); e.Refusal != nil {
		t.Errorf("after it was settled: %+v", e)
	}
	if _, refusal := r.submit(s, "k1", "5550100002"); refusal == nil || refusal.Code != frame.RefusedInvalid {
		t.Errorf("another number with the key of a settled one: %v", refusal)
	}
	if link.count() != 1 {
		t.Errorf("%d requests went out", link.count())
	}
	for _, key := range []string{"", strings.Repeat("k", frame.MaxKey+1), "k 1", "é"} {
		if _, refusal := r.submit(s, key, "5550100001"); refusal == nil || refusal.Code != frame.RefusedInvalid {
			t.Errorf("key %q: %v", key, refusal)
		}
	}
}

// disk is a store that survives a crash, as far as the desk can tell.
type disk struct {
	*desk.Memory
	full bool
}

func (*disk) Durable() bool { return true }
func (d *disk) Put(ctx context.Context, e desk.Entry) (*desk.Record, error) {
	if d.full {
		return nil, errors.New("no space left on device")
	}
	return d.Memory.Put(ctx, e)
}

// Only what is on disk is accepted, and what is not on disk is not sent.
func TestAccepted(t *testing.T) {
	store, link := &disk{Memory: desk.NewMemory()}, &ocs{answer: acknowledge}
	r := newRig(t, store, nil, link)
	if all := events(t, r.must(source(), "k1", "5550100001")); len(all) != 2 || all[0].Kind != desk.Accepted {
		t.Errorf("events %+v", all)
	}
	store.full = true
	if _, refusal := r.submit(source(), "k2", "5550100002"); refusal == nil || !strings.Contains(refusal.Message, "no space left") {
		t.Errorf("with a full disk: %v", refusal)
	}
	r.over()
	if n := link.count(); n != 1 {
		t.Errorf("%d asked", n)
	}
	memory := newRig(t, desk.NewMemory(), nil, &ocs{answer: acknowledge})
	if all := events(t, memory.must(source(), "k1", "5550100001")); len(all) != 1 {
		t.Errorf("in memory: %+v", all)
	}
}

// One of two links that refuses makes the refusal the outcome, with its name.
func TestSeveralLinks(t *testing.T) {
	good := &ocs{answer: acknowledge}
	bad := &ocs{answer: func(context.Context, commdn.Request, func(), func(link.Answer, bool)) *frame.Refusal {
		return &frame.Refusal{Code: frame.RefusedLinkDown, Message: "gone"}
	}}
	worse := &ocs{answer: func(context.Context, commdn.Request, func(), func(link.Answer, bool)) *frame.Refusal {
		panic("a mistake")
	}}
	both := newRig(t, desk.NewMemory(), nil, good, &ocs{answer: acknowledge})
	if all := events(t, both.must(source(), "k", "5550100001")); len(all) != 2 || all[0].Kind != desk.Answer || all[1].Refusal != nil {
		t.Errorf("both: %+v", all)
	}
	one := newRig(t, desk.NewMemory(), nil, good, bad)
	if all := events(t, one.must(source(), "k", "5550100001")); len(all) != 2 || all[1].Refusal == nil || all[1].Refusal.Message != "b: gone" {
		t.Errorf("one: %+v", all)
	}
	failed := newRig(t, desk.NewMemory(), nil, good, worse)
	if e := last(t, failed.must(source(), "k", "5550100001")); e.Refusal == nil || !strings.HasPrefix(e.Refusal.Message, "b: ") {
		t.Errorf("one that fails: %+v", e)
	}
}

// Rights fail closed at the desk too.
func TestNoGrantNoRequest(t *testing.T) {
	link := &ocs{answer: acknowledge}
	r := newRig(t, desk.NewMemory(), nil, link)
	for name, g := range map[string]*auth.Grant{"nil": nil, "zero": {}} {
		actor := ann()
		actor.Grant = g
		if _, _, refusal := r.Submit(t.Context(), desk.Submission{Key: "k", Actor: actor, Source: source(), Data: dnc("5550100001")}); refusal == nil || refusal.Code != frame.RefusedForbidden {
			t.Errorf("%s: %v", name, refusal)
		}
	}
	if link.count() != 0 {
		t.Error("it was sent")
	}
}

// A status that OCS told not long ago answers a question at once.
func TestKnownStatus(t *testing.T) {
	link := &ocs{answer: func(context.Context, commdn.Request, func(), func(link.Answer, bool)) *frame.Refusal {
		return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "asked"}
	}}
	r := newRig(t, desk.NewMemory(), nil, link)
	of := commdn.CampaignGroup{Campaign: 1001, Group: 501}
	u, err := r.cache.Note("a", &commdn.CampaignEvent{
		Address: commdn.Address{Origin: 201}, Event: commdn.EvCampaignStatus, CampaignGroup: of, HasStatus: true, Status: commdn.StatusRunning,
		Dialing: commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(g commdn.CampaignGroup) desk.Event {
		t.Helper()
		ticket, _, refusal := r.Submit(t.Context(), desk.Submission{
			Key: "k", Actor: ann(), Source: source(), Data: (&commdn.GetCampaignStatus{CampaignGroup: g}).UserData(),
		})
		if refusal != nil {
			t.Fatal(refusal)
		}
		return last(t, ticket)
	}
	if e := ask(of); e.Refusal != nil || string(e.Packed) != string(u.Data()) || link.count() != 0 {
		t.Errorf("%+v, %d asked", e, link.count())
	}
	if e := ask(commdn.CampaignGroup{Campaign: 1002, Group: 501}); e.Refusal == nil || link.count() != 1 {
		t.Errorf("of an unknown group: %+v, %d asked", e, link.count())
	}
}

// The desk drains: no request begins, and those in flight come to their end.
func TestDrain(t *testing.T) {
	release := make(chan struct{})
	r := newRig(t, desk.NewMemory(), nil, &ocs{answer: silent(release)})
	ticket := r.must(source(), "k1", "5550100001")
	idle := r.Drain()
	if _, refusal := r.submit(source(), "k2", "5550100002"); refusal == nil || refusal.Code != frame.RefusedBusy {
		t.Errorf("a request after Drain: %v", refusal)
	}
	select {
	case <-idle:
		t.Error("idle with a request in flight")
	default:
	}
	close(release)
	<-idle
	if e := last(t, ticket); e.Refusal != nil {
		t.Errorf("outcome %+v", e)
	}
	<-r.Drain()
}

// Close gives up what is in flight.
func TestClose(t *testing.T) {
	r := newRig(t, desk.NewMemory(), nil, &ocs{answer: silent(nil)})
	ticket := r.must(source(), "k1", "5550100001")
	r.Close()
	if e := last(t, ticket); e.Refusal == nil || r.InFlight() != 0 {
		t.Errorf("outcome %+v, %d in flight", e, r.InFlight())
	}
}
