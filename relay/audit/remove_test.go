package audit

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/relay/desk"
)

// What is removed for its age leaves a chain that is proven from where it begins, and
// from checkpoints of what has gone.
func TestRemoved(t *testing.T) {
	r := start(t)
	r.dncs(4)
	old := r.checkpoint() // of entry 5, which is entry 6
	r.dncs(2)
	time.Sleep(5 * time.Millisecond)
	before := time.Now()
	r.dncs(3)
	if _, err := r.Erase(t.Context(), "5550100001", ""); err != nil { // in blocks on both sides
		t.Fatal(err)
	}
	n, err := r.Remove(t.Context(), before)
	if err != nil || n != 8 {
		t.Fatalf("%d removed, %v", n, err)
	}
	rep := r.verify(old)
	if len(rep.Problems) > 0 || rep.First != 9 || rep.Removed != 8 || !strings.Contains(rep.Proof, "signature from entry 9") {
		t.Errorf("%+v", rep)
	}
	if rep := r.verify(nil); len(rep.Problems) > 0 || !strings.Contains(rep.Proof, "by the relay's signature") {
		t.Errorf("%+v", rep)
	}
	if n, err := r.Remove(t.Context(), before); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
	// Later: the first entry that stays is one in which somebody was erased.
	time.Sleep(5 * time.Millisecond)
	before = time.Now()
	r.dncs(2)
	if n, err := r.Remove(t.Context(), before); err != nil || n != 6 {
		t.Errorf("later: %d, %v", n, err)
	}
	if rep := r.verify(old); len(rep.Problems) > 0 {
		t.Errorf("%+v", rep)
	}
	forged := *old
	forged.Hash = strings.Repeat("ab", 32)
	forged.Signature = ed25519.Sign(key(1), forged.message())
	if rep := r.verify(&forged); len(rep.Problems) != 1 || !strings.Contains(rep.Problems[0].What, "had another hash") {
		t.Errorf("%+v", rep)
	}
	forged.Sequence = 3
	forged.Signature = ed25519.Sign(key(1), forged.message())
	if rep := r.verify(&forged); len(rep.Problems) != 1 || !strings.Contains(rep.Problems[0].What, "never had that checkpoint") {
		t.Errorf("%+v", rep)
	}
	c := r.chain(t)
	c.blocks = c.blocks[1:]
	c.put(r)
	if rep := r.verify(nil); len(rep.Problems) == 0 || !strings.Contains(rep.Problems[0].What, "no entry says") {
		t.Errorf("more was taken away: %+v", rep)
	}
}

// Without a key of the time an old checkpoint proves nothing any more, and that is said.
func TestRemovedUnsigned(t *testing.T) {
	r := start(t)
	r.dncs(2)
	cp := r.checkpoint()
	r.dncs(1)
	time.Sleep(5 * time.Millisecond)
	before := time.Now()
	r.dncs(1)
	r.o.Key = nil
	if n, err := r.Remove(t.Context(), before); err != nil || n != 5 {
		t.Fatalf("%d, %v", n, err)
	}
	rep, err := r.Verify(t.Context(), cp, key(1).Public().(ed25519.PublicKey))
	if err != nil || len(rep.Problems) != 1 || !strings.Contains(rep.Problems[0].What, "use a newer checkpoint") {
		t.Errorf("%v, %+v", err, rep)
	}
}

// A chain that is damaged is not cut: what was changed would be gone.
func TestDamagedIsKept(t *testing.T) {
	r := start(t)
	r.dncs(4)
	c := r.chain(t)
	c.blocks = slices.Delete(c.blocks, 2, 3)
	c.put(r)
	if n, err := r.Remove(t.Context(), time.Now().Add(time.Hour)); n != 0 || err == nil || !strings.Contains(err.Error(), "entry 3") {
		t.Errorf("%d, %v", n, err)
	}
}

// A clock that may be wrong since the start removes nothing; a relay that was away for
// long removes what is too old after a day.
func TestWrongClock(t *testing.T) {
	r := start(t)
	if !r.started.newest.IsZero() || r.started.doubtful(time.Now().Add(time.Hour)) {
		t.Errorf("a new chain: %+v", r.started)
	}
	r.dncs(2)
	at := r.now().at
	r.end()
	r = startIn(t, r.folder)
	if by := r.started.newest.Sub(at).Abs(); by > time.Minute {
		t.Errorf("the newest entry is of %s, and was written at %s", r.started.newest, at)
	}
	for _, c := range []struct {
		ran, away time.Duration
		again     time.Duration
	}{
		{10 * time.Minute, 4 * 365 * 24 * time.Hour, removalAgain},
		{settling - time.Hour, 31 * 24 * time.Hour, removalAgain},
		{settling + time.Hour, 31 * 24 * time.Hour, removalEvery},
		{10 * time.Minute, 3 * 24 * time.Hour, removalEvery},
	} {
		r := start(t)
		r.dncs(2)
		r.written(dnc("k", "5550100001"), time.Hour) // one that is not too old
		r.o.Keep = time.Nanosecond
		before := len(r.find(Query{}))
		now := time.Now()
		r.started = started{now.Add(-c.ran), now.Add(-c.away)}
		again := r.removeOld(t.Context(), newClock())
		if removed := len(r.find(Query{})) < before; again != c.again || removed != (c.again == removalEvery) {
			t.Errorf("after %s, away for %s: removed is %v, again in %s", c.ran, c.away, removed, again)
		}
	}
}

// A clock that jumps is no sign of tampering; it is counted, and nothing is removed.
func TestClockJumps(t *testing.T) {
	r := start(t)
	for i, by := range []time.Duration{0, time.Hour, -time.Hour, time.Hour} {
		r.written(dnc(fmt.Sprint("k", i), "5550100001"), by)
	}
	if rep := r.verify(nil); len(rep.Problems) > 0 || rep.Back != 1 {
		t.Errorf("%+v", rep)
	}
	for by, want := range map[time.Duration]bool{0: false, time.Minute: false, time.Hour: true, -time.Hour: true} {
		c := newClock()
		c.wall = c.wall.Add(-by)
		if got := c.jumped(); (got.Abs() > jump) != want || (got-by).Abs() > jump {
			t.Errorf("%s: %s", by, got)
		}
		if got := c.jumped(); got.Abs() > jump {
			t.Errorf("%s: again %s", by, got)
		}
	}
}

// written appends an entry by a clock that is off.
func (r *rig) written(d *desk.Deed, by time.Duration) {
	r.t.Helper()
	b, next, err := r.block(r.now(), []*pending{{e: entryOf(d)}})
	if err != nil {
		r.t.Fatal(err)
	}
	e, err := b.records[0].read()
	if err != nil {
		r.t.Fatal(err)
	}
	e.At = e.At.Add(by)
	b.records = nil
	if next.hash, err = b.add(e, r.now().seq+1, r.now().hash); err != nil {
		r.t.Fatal(err)
	}
	if next.message, _, err = r.place(r.t.Context(), r.now(), b.encode()); err != nil {
		r.t.Fatal(err)
	}
	r.adopt(next)
}
