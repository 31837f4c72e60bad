package journal

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/desk"
	"commdn/relay/lease"
)

// leased opens the journal of one of several relays.
func (c *cluster) leased(keep time.Duration) *Journal {
	c.t.Helper()
	j, err := Open(Options{NATS: NATS{URLs: []string{c.server.ClientURL()}, Replicas: 1}, InFlight: 64, Keep: keep, Leased: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		c.t.Fatal(err)
	}
	return j
}

func (r *rig) hold(term uint64) {
	r.t.Helper()
	if err := r.journal.Hold(r.t.Context(), "a", term); err != nil {
		r.t.Fatal(err)
	}
}

// What one relay accepts is sent by the one that holds the lease, also where it uses a
// set of links for the first time, and both hear the outcome. When the lease goes over,
// what waits goes with it, at once.
func TestHolderSends(t *testing.T) {
	c := newCluster(t)
	first, second := startOn(t, c.leased(time.Hour), one(true)), startOn(t, c.leased(time.Hour), one(true))
	first.hold(1)
	ticket := second.dnc("k1", "5550100001")
	next(t, ticket, 0, desk.Accepted)
	if e := next(t, ticket, 1, desk.Settled); e.Refusal != nil {
		t.Fatal(e.Refusal)
	}
	if heard := first.links["a"].heard(); !slices.Equal(heard, []string{"5550100001"}) {
		t.Errorf("the holder sent %q", heard)
	}
	if e, done := second.Find(t.Context(), "ann", "k1").Done(); !done || e.Refusal != nil {
		t.Errorf("outcome %+v", e)
	}

	// One in flight and one that waits for the link, at the one that loses the lease.
	first.links["a"].set(func(o *ocs) { o.hangs = true })
	hangs, waits := first.dnc("k2", "5550100002"), second.dnc("k3", "5550100003")
	first.until("both are sent", func() bool { return len(first.links["a"].heard()) == 3 })
	first.journal.Lose("a")
	second.hold(2)
	for _, ticket := range []*desk.Ticket{hangs, waits} {
		next(t, ticket, 0, desk.Accepted)
	}
	if e := next(t, waits, 1, desk.Settled); e.Refusal != nil {
		t.Error(e.Refusal)
	}
	second.until("nothing waits", func() bool { return second.counts().Waiting == 0 })
	heard := second.links["a"].heard()
	if slices.Sort(heard); !slices.Equal(heard, []string{"5550100002", "5550100003"}) {
		t.Errorf("the new holder sent %q", heard)
	}
	first.until("the one without the lease knows the outcome", func() bool {
		e, done := first.Find(t.Context(), "ann", "k3").Done()
		return done && e.Refusal == nil
	})
}

// A relay that has lost its lease and does not know it can keep nothing: no outcome, no
// attempt, nothing put aside. The entry is that of the new holder.
func TestLateOneKeepsNothing(t *testing.T) {
	c := newCluster(t)
	old, young := c.leased(time.Hour), c.leased(time.Hour)
	defer old.Close()
	defer young.Close()
	jobs := func(j *Journal) chan desk.Job {
		all := make(chan desk.Job, 16)
		if err := j.Begin(func(w desk.Job) { all <- w }, func(desk.ID, desk.Outcome) {}); err != nil {
			t.Fatal(err)
		}
		return all
	}
	oldJobs, youngJobs := jobs(old), jobs(young)
	if err := old.Hold(t.Context(), "a", 1); err != nil {
		t.Fatal(err)
	}
	e := desk.Entry{ID: desk.ID{Subject: "ann", Key: "k1"}, Data: (&commdn.DoNotCall{Phone: "5550100001"}).UserData(), Links: []string{"a"}, At: time.Now()}
	if _, err := old.Put(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	late := <-oldJobs
	if err := late.Try(t.Context(), 2); err != nil {
		t.Errorf("within the term: %v", err)
	}
	if err := young.Hold(t.Context(), "a", 2); err != nil {
		t.Fatal(err)
	}
	now := <-youngJobs
	outcome := desk.Outcome{Answer: &commdn.DoNotCallProcessed{Phone: "5550100001"}}
	for what, err := range map[string]error{
		"attempt": late.Try(t.Context(), 3), "outcome": late.Settle(t.Context(), outcome),
		"put aside": late.Bury(t.Context(), 3, &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "no answer"}),
	} {
		if !errors.Is(err, ErrFenced) {
			t.Errorf("%s of the late one: %v", what, err)
		}
	}
	if now.Tries() != 2 {
		t.Errorf("the new holder knows of %d attempts", now.Tries())
	}
	if r, err := young.Find(t.Context(), e.ID); err != nil || r == nil || r.Outcome != nil {
		t.Errorf("the journal has %+v %v", r, err)
	}
	if counts, err := young.Counts(t.Context()); err != nil || counts.Dead != 0 || counts.Waiting != 1 {
		t.Errorf("counts %+v %v", counts, err)
	}
	late.Release()
	if err := now.Settle(t.Context(), outcome); err != nil {
		t.Fatal(err)
	}
	if counts, err := young.Counts(t.Context()); err != nil || counts.Waiting != 0 {
		t.Errorf("counts %+v %v", counts, err)
	}
	var behind *lease.BehindError
	if err := old.Hold(t.Context(), "a", 2); !errors.As(err, &behind) || behind.Term != 2 {
		t.Errorf("an old term once more: %v", err)
	}
}

// Fences outlive outcomes.
func TestFenceStays(t *testing.T) {
	c := newCluster(t)
	j := c.leased(time.Second)
	defer j.Close()
	jobs := make(chan desk.Job, 16)
	if err := j.Begin(func(w desk.Job) { jobs <- w }, func(desk.ID, desk.Outcome) {}); err != nil {
		t.Fatal(err)
	}
	if err := j.Hold(t.Context(), "a", 1); err != nil {
		t.Fatal(err)
	}
	settle := func(key string) {
		e := desk.Entry{ID: desk.ID{Subject: "ann", Key: key}, Data: (&commdn.DoNotCall{Phone: "5550100001"}).UserData(), Links: []string{"a"}, At: time.Now()}
		if _, err := j.Put(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if err := (<-jobs).Settle(t.Context(), desk.Outcome{Answer: &commdn.DoNotCallProcessed{Phone: "5550100001"}}); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
	}
	settle("k1")
	for late := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		r, err := j.Find(context.Background(), desk.ID{Subject: "ann", Key: "k1"})
		if err != nil {
			t.Fatal(err)
		}
		if r == nil {
			break
		}
		if time.Now().After(late) {
			t.Fatal("the outcome stays")
		}
	}
	for n := range 2 * shards {
		settle("l" + string(rune('a'+n)))
	}
}

// An outcome of another relay at which the desk panics costs that outcome alone.
func TestPanicAtAnOutcome(t *testing.T) {
	c := newCluster(t)
	holder := startOn(t, c.leased(time.Hour), one(true))
	holder.hold(1)
	other := c.leased(time.Hour)
	defer other.Close()
	told := make(chan string, 4)
	if err := other.Begin(func(desk.Job) {}, func(id desk.ID, _ desk.Outcome) {
		told <- id.Key
		if id.Key == "k1" {
			panic("a mistake")
		}
	}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"k1", "k2"} {
		holder.dnc(key, "5550100001")
		if got := <-told; got != key {
			t.Errorf("told of %s, want %s", got, key)
		}
	}
}
