package journal

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/desk"
)

// long is a window whose end no test waits for.
const long = time.Minute

// window hands in a do-not-call that can be undone.
func (r *rig) window(key, phone string, window time.Duration) *desk.Ticket {
	r.t.Helper()
	source := desk.NewSource("192.0.2.1", desk.Limits{Rate: 1e6, Burst: 1e6, Requests: 1000}, nil)
	ticket, _, refusal := r.Submit(r.t.Context(), desk.Submission{
		Key: key, Actor: ann(), Source: source, Data: (&commdn.DoNotCall{Phone: phone}).UserData(), Undo: window,
	})
	if refusal != nil {
		r.t.Fatal(refusal)
	}
	return ticket
}

// ended gives the last event of a ticket, and whether the request was undone.
func (r *rig) ended(ticket *desk.Ticket) (e desk.Event, undone bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	for n := 0; e.Kind != desk.Settled; n++ {
		var err error
		if e, err = ticket.Next(ctx, n); err != nil {
			r.t.Fatal(err)
		}
	}
	return e, e.Refusal != nil && e.Refusal.Code == frame.RefusedUndone
}

// crash ends the rig as a process that is killed does: nothing of it writes any more.
func (r *rig) crash() {
	r.t.Helper()
	r.journal.streams.(*jetStreams).conn.Close()
	r.close()
}

// A request that can be undone is on disk at once. What is undone is not sent, by this
// process or a later one, and stays undone.
func TestUndo(t *testing.T) {
	folder := t.TempDir()
	r := start(t, folder, one(true))
	ticket := r.window("k1", "5550100001", long)
	next(t, ticket, 0, desk.Accepted)
	next(t, ticket, 1, desk.Held)
	r.Undo("ann", "k1")
	if e, undone := r.ended(ticket); !undone {
		t.Fatalf("%+v", e)
	}
	r.until("the journal is empty", func() bool { return r.counts().Waiting == 0 })
	r.close()

	r = start(t, folder, one(true))
	if e, undone := r.ended(r.Find(t.Context(), "ann", "k1")); !undone {
		t.Errorf("after a restart: %+v", e)
	}
	if e, undone := r.ended(r.window("k1", "5550100001", long)); !undone {
		t.Errorf("the same click once more: %+v", e)
	}
	if heard := r.links["a"].heard(); len(heard) != 0 {
		t.Errorf("sent: %q", heard)
	}
}

// A relay that dies in the window loses nothing: the next one waits for the rest of it,
// and undo works there too.
func TestCrashInTheWindow(t *testing.T) {
	folder := t.TempDir()
	r := start(t, folder, one(true))
	const window = 3 * time.Second
	began := time.Now()
	for key, phone := range map[string]string{"k1": "5550100001", "k2": "5550100002"} {
		next(t, r.window(key, phone, window), 0, desk.Accepted)
	}
	r.crash()
	if heard := r.links["a"].heard(); len(heard) != 0 && time.Since(began) < window {
		t.Fatalf("sent: %q", heard)
	}

	r = start(t, folder, one(true))
	second := r.Find(t.Context(), "ann", "k2")
	if second == nil {
		t.Fatal("it is lost")
	}
	r.Undo("ann", "k2")
	_, undone := r.ended(second)
	if late := time.Since(began) > window; !undone && !late {
		t.Error("undo in the window does nothing")
	}
	if e, undone := r.ended(r.Find(t.Context(), "ann", "k1")); undone || e.Refusal != nil {
		t.Errorf("%+v", e)
	}
	if held := time.Since(began); held < window {
		t.Errorf("it went out after %s", held)
	}
	if heard := r.links["a"].heard(); len(heard) > 2 || undone && len(heard) != 1 {
		t.Errorf("sent: %q", heard)
	}
}

// What was said to be undone stays so, although the process was killed before it could
// take the request out of the journal.
func TestUndoneBeforeTheCrash(t *testing.T) {
	folder := t.TempDir()
	r := start(t, folder, one(true))
	next(t, r.window("k1", "5550100001", long), 0, desk.Accepted)
	if undone, err := r.journal.Decide(t.Context(), desk.ID{Subject: "ann", Key: "k1"}, true); err != nil || !undone {
		t.Fatal(undone, err)
	}
	r.crash()
	if c := len(r.links["a"].heard()); c != 0 {
		t.Fatal("sent")
	}
	r = startOn(t, open(t, folder), one(true), func(o *desk.Options) { // when the window is over
		o.Wall = func() time.Time { return time.Now().Add(long) }
	})
	if e, undone := r.ended(r.Find(t.Context(), "ann", "k1")); !undone {
		t.Errorf("%+v", e)
	}
	r.until("the journal is empty", func() bool { return r.counts().Waiting == 0 })
	if heard := r.links["a"].heard(); len(heard) != 0 {
		t.Errorf("sent: %q", heard)
	}
}

// The first decision counts, for whoever asks, and goes with the entry.
func TestDecide(t *testing.T) {
	r := start(t, t.TempDir(), one(false))
	for key, first := range map[string]bool{"k1": true, "k2": false} {
		next(t, r.window(key, "5550100001", long), 0, desk.Accepted)
		for _, later := range []bool{first, !first, first} {
			if got, err := r.journal.Decide(t.Context(), desk.ID{Subject: "ann", Key: key}, later); err != nil || got != first {
				t.Errorf("%s: %v, %v, want %v", key, got, err, first)
			}
		}
	}
	marks := func() int {
		all, err := r.journal.streams.Subjects(t.Context(), streamState, subjectWindow+"*")
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	if n := marks(); n != 2 {
		t.Errorf("%d marks", n)
	}
	r.Undo("ann", "k1")
	r.Undo("ann", "k2") // too late: it is decided, and waits for the link
	if _, undone := r.ended(r.Find(t.Context(), "ann", "k1")); !undone {
		t.Error("k1 is not undone")
	}
	r.up("a", true)
	if e, undone := r.ended(r.Find(t.Context(), "ann", "k2")); undone || e.Refusal != nil {
		t.Errorf("k2: %+v", e)
	}
	r.until("the marks are gone", func() bool { return marks() == 0 })
	// A relay that knows of no outcome, or still has the job, asks once more: the outcome
	// counts, and no mark stays.
	for range 2 {
		for key, want := range map[string]bool{"k1": true, "k2": false} {
			if undone, err := r.journal.Decide(t.Context(), desk.ID{Subject: "ann", Key: key}, !want); err != nil || undone != want {
				t.Errorf("%s is settled, and undone is %v, %v", key, undone, err)
			}
		}
	}
	if n := marks(); n != 0 {
		t.Errorf("%d marks stay", n)
	}
}

// Clocks on the wall jump. In a live process that changes nothing; after a start the
// rest of the window is no longer than the longest one.
func TestClockJumps(t *testing.T) {
	folder := t.TempDir()
	var jump time.Duration // in force for the process that starts next
	begin := func(most time.Duration) *rig {
		by := jump
		return startOn(t, open(t, folder), one(true), func(o *desk.Options) {
			o.Undo, o.Wall = func() time.Duration { return most }, func() time.Time { return time.Now().Add(by) }
		})
	}
	t.Run("alive", func(t *testing.T) {
		var wall time.Duration
		r := startOn(t, open(t, t.TempDir()), one(true), func(o *desk.Options) {
			o.Wall = func() time.Time { wall += time.Hour; return time.Now().Add(wall) }
		})
		const window = 100 * time.Millisecond
		began := time.Now()
		r.ended(r.window("k1", "5550100001", window))
		if held := time.Since(began); held < window {
			t.Errorf("it went out after %s", held)
		}
	})
	for name, by := range map[string]time.Duration{"forward": time.Hour, "back": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			jump = 0
			r := begin(long)
			next(t, r.window(name, "5550100001", long), 0, desk.Accepted)
			r.crash()
			jump = by
			began := time.Now()
			r = begin(300 * time.Millisecond)
			ticket := r.Find(t.Context(), "ann", name)
			if e, undone := r.ended(ticket); undone || e.Refusal != nil {
				t.Errorf("%+v", e)
			}
			if held := time.Since(began); by < 0 && held < 300*time.Millisecond {
				t.Errorf("the rest of the window was %s", held)
			}
			r.close()
		})
	}
}

// A link that is down in the window changes nothing, and what is held is tried as often
// as any other request: a start of the relay in its window counts for nothing.
func TestLinkDownInTheWindow(t *testing.T) {
	folder := t.TempDir()
	r := start(t, folder, one(false))
	next(t, r.window("k1", "5550100001", 500*time.Millisecond), 0, desk.Accepted)
	r.crash()
	r = startOn(t, open(t, folder), one(false), func(o *desk.Options) { o.Retry.Attempts = 1 })
	ticket := r.Find(t.Context(), "ann", "k1")
	next(t, ticket, 0, desk.Accepted)
	for n := 1; ; n++ {
		e, err := ticket.Next(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == desk.Released {
			break
		}
	}
	r.up("a", true)
	if e, undone := r.ended(ticket); undone || e.Refusal != nil {
		t.Errorf("%+v", e)
	}
	if heard := r.links["a"].heard(); len(heard) != 1 {
		t.Errorf("sent: %q", heard)
	}
}

// What can be undone holds up nothing that cannot, however much of it waits.
func TestHeldBeside(t *testing.T) {
	j, err := Open(Options{Folder: t.TempDir(), InFlight: 2, Keep: time.Hour, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	r := startOn(t, j, one(true))
	for _, key := range []string{"h1", "h2", "h3", "h4"} {
		r.window(key, "5550100001", long)
	}
	if e, _ := r.ended(r.dnc("k1", "5550100002")); e.Refusal != nil {
		t.Errorf("%+v", e)
	}
	r.Undo("ann", "h4")
	if _, undone := r.ended(r.Find(t.Context(), "ann", "h4")); !undone {
		t.Error("the last of many is not undone")
	}
}

// Two relays on one NATS: each has the ticket of its own client, and only one of them
// was handed out the request. Undo at either counts for both.
func TestUndoOnNATS(t *testing.T) {
	c := newCluster(t)
	links := one(true)
	first, second := startOn(t, c.open(), links), startOn(t, c.open(), links)
	for _, key := range []string{"k1", "k2", "k3", "k4", "k5", "k6"} {
		next(t, first.window(key, "5550100001", 5*time.Second), 0, desk.Accepted)
		first.Undo("ann", key)
	}
	first.until("they are undone", func() bool { return first.counts().Waiting == 0 })
	for _, r := range []*rig{first, second} {
		for _, key := range []string{"k1", "k2", "k3", "k4", "k5", "k6"} {
			record, err := r.journal.Find(t.Context(), desk.ID{Subject: "ann", Key: key})
			if err != nil || record == nil || record.Outcome == nil || !record.Outcome.Undone() {
				t.Errorf("%s: %+v, %v", key, record, err)
			}
		}
	}
	if heard := links["a"].heard(); len(heard) != 0 {
		t.Errorf("sent: %q", heard)
	}
}
