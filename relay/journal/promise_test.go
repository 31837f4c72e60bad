package journal

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/desk"
)

// failing is JetStream with faults that the test sets.
type failing struct {
	Streams
	mu        sync.Mutex
	full      bool // no outcome can be written
	silent    bool // it does not say what it has
	forgetful bool // the window in which an id is known is over
	crowded   bool // there is no room for new requests
}

func (f *failing) set(change func(f *failing)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *failing) Publish(ctx context.Context, subject, id string, data []byte) (bool, error) {
	f.mu.Lock()
	full, forgetful := f.full, f.forgetful
	f.mu.Unlock()
	if full && strings.HasPrefix(subject, subjectDone) {
		return false, ErrRefused
	}
	if forgetful {
		id = ""
	}
	return f.Streams.Publish(ctx, subject, id, data)
}

func (f *failing) Writable() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.crowded {
		return errors.New("the disk is full")
	}
	return f.Streams.Writable()
}

func (f *failing) Last(ctx context.Context, stream, pattern string) (*Message, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.silent {
		return nil, errors.New("no answer")
	}
	return f.Streams.Last(ctx, stream, pattern)
}

func openFailing(t *testing.T, folder string) (*Journal, *failing) {
	t.Helper()
	o := Options{Folder: folder, InFlight: 1, Keep: time.Hour, Log: slog.New(slog.DiscardHandler)}
	s, err := openJetStreams(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	f := &failing{Streams: s}
	j, err := OpenOn(f, o)
	if err != nil {
		t.Fatal(err)
	}
	return j, f
}

// Nobody hears an outcome before it is kept: the request would be sent once more after a
// crash, and OCS may say something else then.
func TestOutcomeIsToldOnceItIsKept(t *testing.T) {
	j, f := openFailing(t, t.TempDir())
	r := startOn(t, j, one(true))
	f.set(func(f *failing) { f.full = true })
	ticket := r.dnc("k1", "5550100001")
	next(t, ticket, 0, desk.Accepted)
	r.until("OCS is asked", func() bool { return len(r.links["a"].heard()) == 1 })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if e, err := ticket.Next(ctx, 1); err == nil {
		t.Fatalf("told before it is kept: %+v", e)
	}
	f.set(func(f *failing) { f.full = false })
	if e := next(t, ticket, 1, desk.Settled); e.Refusal != nil {
		t.Error(e.Refusal)
	}
	if n := len(r.links["a"].heard()); n != 1 {
		t.Errorf("OCS was asked %d times", n)
	}
}

// A relay that ends before an outcome is kept tells none, and the next one sends the
// request again.
func TestEndsBeforeTheOutcomeIsKept(t *testing.T) {
	folder := t.TempDir()
	j, f := openFailing(t, folder)
	r := startOn(t, j, one(true))
	f.set(func(f *failing) { f.full = true })
	ticket := r.dnc("k1", "5550100001")
	next(t, ticket, 0, desk.Accepted)
	r.until("OCS is asked", func() bool { return len(r.links["a"].heard()) == 1 })
	r.close()
	next(t, ticket, 1, desk.Left)
	r = start(t, folder, one(true))
	r.until("it is sent again", func() bool { return len(r.links["a"].heard()) == 1 && r.counts().Waiting == 0 })
}

// JetStream knows an id for two minutes; a request can wait for longer.
func TestSameKeyAfterTheWindow(t *testing.T) {
	j, f := openFailing(t, t.TempDir())
	f.set(func(f *failing) { f.forgetful = true })
	r := startOn(t, j, one(false))
	next(t, r.dnc("k1", "5550100001"), 0, desk.Accepted) // handed out, and nothing else is
	next(t, r.dnc("k2", "5550100002"), 0, desk.Accepted)
	entry := desk.Entry{ID: desk.ID{Subject: "ann", Key: "k2"}, Data: (&commdn.DoNotCall{Phone: "5550100002"}).UserData(), Links: []string{"a"}}
	known, err := j.Put(t.Context(), entry)
	if err != nil || known == nil || known.Outcome != nil {
		t.Errorf("put again: %+v %v", known, err)
	}
	if c := r.counts(); c.Waiting != 2 {
		t.Errorf("%d wait", c.Waiting)
	}
}

// A click that comes once more is no new request: with a full disk, too, it has the
// outcome that it has.
func TestSameKeyOnAFullDisk(t *testing.T) {
	j, f := openFailing(t, t.TempDir())
	r := startOn(t, j, one(true))
	settled := next(t, r.dnc("k1", "5550100001"), 1, desk.Settled)
	f.set(func(f *failing) { f.crowded = true })
	again := next(t, r.dnc("k1", "5550100001"), 0, desk.Settled)
	if again.Refusal != nil || settled.Refusal != nil {
		t.Errorf("first %v, then %v", settled.Refusal, again.Refusal)
	}
	if _, refusal := r.submit("k2", &commdn.DoNotCall{Phone: "5550100002"}); refusal == nil || refusal.Code != frame.RefusedBusy {
		t.Errorf("a new request: %v", refusal)
	}
}

// A journal that does not say whether it has a request refuses it without saying that it
// was not kept: an earlier submission may have been.
func TestUnsureWhetherItIsThere(t *testing.T) {
	j, f := openFailing(t, t.TempDir())
	r := startOn(t, j, one(true))
	f.set(func(f *failing) { f.silent = true })
	_, refusal := r.submit("k1", &commdn.DoNotCall{Phone: "5550100001"})
	if refusal == nil || refusal.Code != frame.RefusedNoAnswer || !strings.Contains(refusal.Message, desk.ErrUnsure.Error()) {
		t.Errorf("refused with %v", refusal)
	}
}

// The answer of OCS stands: what comes late, to an earlier attempt, changes nothing. A
// refusal is corrected, and by another OCS once more.
func TestAnswerStands(t *testing.T) {
	r := start(t, t.TempDir(), map[string]*ocs{"a": {up: true, silent: true}})
	id := desk.ID{Subject: "ann", Key: "k1"}
	next(t, r.dnc("k1", "5550100001"), 1, desk.Settled) // put aside
	answer := func(phone string) desk.Outcome {
		return desk.Outcome{Answer: &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 101}, Phone: phone}}
	}
	says := func(id desk.ID) string {
		t.Helper()
		k, err := r.journal.Find(t.Context(), id)
		if err != nil || k == nil || k.Outcome == nil || k.Outcome.Answer == nil {
			t.Fatalf("%+v %v", k, err)
		}
		return k.Outcome.Answer.(*commdn.DoNotCallProcessed).Phone
	}
	for _, phone := range []string{"1", "2"} {
		if err := r.journal.Settle(t.Context(), id, answer(phone)); err != nil {
			t.Fatal(err)
		}
		if got := says(id); got != phone {
			t.Errorf("the outcome is about %s", got)
		}
	}
	r.links["a"].set(func(o *ocs) { o.silent = false })
	next(t, r.dnc("k2", "5550100002"), 1, desk.Settled)
	id.Key = "k2"
	if err := r.journal.Settle(t.Context(), id, answer("1")); err != nil {
		t.Fatal(err)
	}
	if got := says(id); got != "5550100002" {
		t.Errorf("the outcome is about %s", got)
	}
}

// A late answer takes a request from what was put aside. That is not on disk at once: where
// the machine loses its power the request is there again, and must not be sent once more.
func TestAsideAgainAfterACrash(t *testing.T) {
	r := start(t, t.TempDir(), map[string]*ocs{"a": {up: true, silent: true}})
	of := desk.ID{Subject: "ann", Key: "k1"}
	next(t, r.dnc("k1", "5550100001"), 1, desk.Settled)
	m, err := r.journal.streams.Last(t.Context(), streamState, subjectDead+id(of))
	if err != nil || m == nil {
		t.Fatal(m, err)
	}
	answer := &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 101}, Phone: "5550100001"}
	if err := r.journal.Settle(t.Context(), of, desk.Outcome{Answer: answer}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.journal.streams.Publish(t.Context(), m.Subject, "", m.Data); err != nil {
		t.Fatal(err)
	}
	if item, err := r.journal.Retry(t.Context(), id(of)); err == nil {
		t.Errorf("sent again: %+v", item)
	}
	if c := r.counts(); c.Dead != 0 || c.Waiting != 0 {
		t.Errorf("%+v", c)
	}
}

// A relay that is ending leaves a request that is in the journal to the next one, and
// says so.
func TestAskedWhileItEnds(t *testing.T) {
	r := start(t, t.TempDir(), one(false))
	r.Drain()
	entry := desk.Entry{ID: desk.ID{Subject: "ann", Key: "k1"}, Data: (&commdn.DoNotCall{Phone: "5550100001"}).UserData(), Links: []string{"a"}}
	if known, err := r.journal.Put(t.Context(), entry); known != nil || err != nil {
		t.Fatal(known, err)
	}
	for _, again := range []func() *desk.Ticket{
		func() *desk.Ticket { return r.Find(t.Context(), "ann", "k1") },
		func() *desk.Ticket { return r.dnc("k1", "5550100001") },
	} {
		ticket := again()
		next(t, ticket, 0, desk.Accepted)
		next(t, ticket, 1, desk.Left)
	}
}
