package journal

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/desk"
)

// A link is told of a request that an earlier process may have sent, before anything
// else goes over it: a late answer to that one names its number.
func TestSentByAnEarlierProcess(t *testing.T) {
	folder := t.TempDir()
	r := start(t, folder, map[string]*ocs{"a": {up: true, hangs: true}})
	next(t, r.dnc("k1", "5550100001"), 0, desk.Accepted)
	r.until("it is sent", func() bool { return len(r.links["a"].heard()) == 1 })
	r.close()
	r = start(t, folder, one(false))
	r.until("the link knows of it", func() bool {
		r.links["a"].mu.Lock()
		defer r.links["a"].mu.Unlock()
		return slices.Contains(r.links["a"].known, "5550100001")
	})
}

// So it is of all that wait, also before they are handed out: a cluster takes its time.
func TestWaitedInAnEarlierProcess(t *testing.T) {
	folder := t.TempDir()
	r := start(t, folder, one(false))
	next(t, r.dnc("k1", "5550100001"), 0, desk.Accepted)
	r.close()
	r = start(t, folder, one(false))
	r.links["a"].mu.Lock()
	defer r.links["a"].mu.Unlock()
	if !slices.Contains(r.links["a"].known, "5550100001") {
		t.Errorf("the link knows of %q", r.links["a"].known)
	}
}

// So it is of one that an earlier process put aside, unless that is long ago.
func TestPutAsideByAnEarlierProcess(t *testing.T) {
	folder := t.TempDir()
	r := start(t, folder, map[string]*ocs{"a": {up: true, silent: true}})
	next(t, r.dnc("k1", "5550100001"), 1, desk.Settled)
	r.close()
	r = start(t, folder, one(false))
	r.links["a"].mu.Lock()
	known := r.links["a"].known
	r.links["a"].mu.Unlock()
	if !slices.Equal(known, []string{"5550100001"}) {
		t.Errorf("the link knows of %q", known)
	}
	if aside, err := r.journal.Recent(t.Context(), time.Now().Add(time.Minute)); err != nil || len(aside) != 0 {
		t.Errorf("put aside in a minute: %v, %v", aside, err)
	}
}

// So it is of those that have their outcome: where one was sent twice, a second answer to
// it may come after a restart. Of many the links know the latest, and none from long ago.
func TestSettledByAnEarlierProcess(t *testing.T) {
	folder := t.TempDir()
	r := start(t, folder, one(true))
	long := desk.Entry{ID: desk.ID{Subject: "ann", Key: "long ago"}, Data: (&commdn.DoNotCall{Phone: "5550100009"}).UserData(), Links: []string{"a"}}
	keep := func(e desk.Entry, ended time.Time) {
		t.Helper()
		kept, err := encode(e)
		if err != nil {
			t.Fatal(err)
		}
		kept.Refusal, kept.Ended = &refusal{frame.RefusedNoAnswer, "of an earlier process"}, ended
		if err := r.journal.keep(t.Context(), subjectDone+id(e.ID), kept); err != nil {
			t.Fatal(err)
		}
	}
	keep(long, time.Now().Add(-time.Hour))
	for n, phone := range []string{"5550100001", "5550100002"} {
		next(t, r.dnc(fmt.Sprint("k", n), phone), 1, desk.Settled)
	}
	r.close()
	r = start(t, folder, one(true))
	r.links["a"].mu.Lock()
	known := r.links["a"].known
	r.links["a"].mu.Unlock()
	if !slices.Equal(known, []string{"5550100001", "5550100002"}) {
		t.Errorf("the link knows of %q", known)
	}
	for n := range mostRecent {
		long.ID.Key = fmt.Sprint("since", n)
		keep(long, time.Now())
	}
	recent, err := r.journal.Recent(t.Context(), time.Now().Add(-time.Hour/2))
	if err != nil || len(recent) != mostRecent || recent[0].ID.Key != "since0" {
		t.Errorf("%d, %v", len(recent), err)
	}
}
