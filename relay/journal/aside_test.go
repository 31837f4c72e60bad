package journal

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/desk"
	"commdn/relay/link"
	"commdn/relay/numbers"
)

// A refusal of T-Server that cannot pass is the outcome at once, like one of OCS. One that
// may pass is tried again, and the log says what it was.
func TestRefusedByTServer(t *testing.T) {
	forms := func(_, phone string) ([]numbers.Form, error) {
		return []numbers.Form{{Rule: "given", Text: phone}, {Rule: "with 1", Text: "1" + phone}}, nil
	}
	for name, c := range map[string]struct {
		codes   map[string][]int32 // of T-Server, by form
		silent  string             // the form that OCS does not answer at first
		refusal string             // in the outcome; empty: OCS answers
		answers int                // told before the outcome
		sent    int
		log     string
		dead    uint64
	}{
		"permanent":           {codes: map[string][]int32{"7": {53}, "17": {51}}, refusal: "error 53", sent: 2},
		"one form, permanent": {codes: map[string][]int32{"17": {53}}, refusal: "the number as with 1: ", answers: 1, sent: 2},
		"one form, the other late": {codes: map[string][]int32{"17": {53}}, silent: "7", refusal: "the number as with 1: ", answers: 1, sent: 3,
			log: `msg="a request in the journal has no answer and is tried again"`},
		"it passes": {codes: map[string][]int32{"7": {54, 57}}, answers: 1, sent: 4,
			log: `msg="a request in the journal was refused and is tried again, as that may pass"`},
		"unknown": {codes: map[string][]int32{"7": {999, 999, 999}}, refusal: "error 999: no; the relay has put the request aside", answers: 1, sent: 4,
			log: "error 999: no", dead: 1},
		"permanent and unknown": {codes: map[string][]int32{"7": {999, 999, 999}, "17": {53}}, refusal: "error 53: no; the number as given: ", sent: 4, dead: 1},
	} {
		t.Run(name, func(t *testing.T) {
			var log lockedLog
			links := one(true)
			links["a"].tserver, links["a"].once = c.codes, map[string]bool{c.silent: true}
			links["a"].late = make(map[string]func(link.Answer))
			folder := t.TempDir()
			r := startOn(t, open(t, folder), links, func(o *desk.Options) {
				o.Forms, o.Log = forms, slog.New(slog.NewTextHandler(&log, nil))
			})
			ticket := r.dnc("k1", "7")
			next(t, ticket, 0, desk.Accepted)
			for n := range c.answers {
				next(t, ticket, 1+n, desk.Answer)
			}
			e := next(t, ticket, 1+c.answers, desk.Settled)
			if c.refusal == "" && e.Refusal != nil || c.refusal != "" && (e.Refusal == nil || e.Refusal.Code != frame.RefusedTServer || !strings.Contains(e.Refusal.Message, c.refusal)) {
				t.Errorf("outcome %+v", e)
			}
			if heard := links["a"].heard(); len(heard) != c.sent {
				t.Errorf("sent %q", heard)
			}
			if c.log != "" && !strings.Contains(log.String(), c.log) || c.log == "" && c.dead == 0 && strings.Contains(log.String(), "tried again") {
				t.Errorf("log: %s", log.String())
			}
			r.until("nothing waits", func() bool { return r.counts().Waiting == 0 })
			if n := r.counts().Dead; n != c.dead {
				t.Errorf("%d put aside", n)
			}
			if c.answers > 0 && c.dead == 0 { // an answer to one form that comes twice says nothing of the other one
				links["a"].late["7"](link.Answer{Message: &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 101}, Phone: "7"}})
			}
			r.close()

			r = start(t, folder, one(true))
			if again, done := r.Find(t.Context(), "ann", "k1").Done(); !done || (again.Refusal == nil) != (c.refusal == "") {
				t.Errorf("after a restart %+v", again)
			}
		})
	}
}

// A request without an answer is tried again, put aside after the last attempt, and
// sent again by an administrator.
func TestPutAside(t *testing.T) {
	folder := t.TempDir()
	r := start(t, folder, map[string]*ocs{"a": {up: true, silent: true}})
	ticket := r.dnc("k1", "5550100001")
	next(t, ticket, 0, desk.Accepted)
	e := next(t, ticket, 1, desk.Settled)
	if e.Refusal == nil || e.Refusal.Code != frame.RefusedNoAnswer || !strings.Contains(e.Refusal.Message, "administrator") {
		t.Errorf("outcome %+v", e)
	}
	if n := len(r.links["a"].heard()); n != 3 {
		t.Errorf("sent %d times", n)
	}
	if c := r.counts(); c.Dead != 1 {
		t.Errorf("counts %+v", c)
	}
	r.until("it is no work any more", func() bool { return r.counts().Waiting == 0 })
	r.close()

	r = start(t, folder, one(true))
	all, err := r.journal.listed(t)
	if err != nil || len(all) != 1 || !all[0].Dead || all[0].Tries != 3 || all[0].Entry.ID.Key != "k1" {
		t.Fatalf("list %+v %v", all, err)
	}
	if _, err := r.journal.Retry(t.Context(), all[0].ID[:8]); err != nil {
		t.Fatal(err)
	}
	r.until("it is sent", func() bool { return len(r.links["a"].heard()) == 1 && r.counts() == Counts{} })
	if e, done := r.Find(t.Context(), "ann", "k1").Done(); !done || e.Refusal != nil {
		t.Errorf("outcome %+v", e)
	}
	if _, err := r.journal.Retry(t.Context(), all[0].ID); err == nil {
		t.Error("sent again twice")
	}
}

// What an administrator drops is not sent, whether it waits or was put aside, and who
// asked hears it.
func TestDrop(t *testing.T) {
	r := start(t, t.TempDir(), one(false))
	ticket := r.dnc("k1", "5550100001")
	next(t, ticket, 1, desk.Queued)
	all, err := r.journal.listed(t)
	if err != nil || len(all) != 1 || all[0].Dead {
		t.Fatalf("list %+v %v", all, err)
	}
	if _, err := r.journal.Retry(t.Context(), all[0].ID); err == nil {
		t.Error("what waits is sent again")
	}
	if _, err := r.journal.Drop(t.Context(), all[0].ID); err != nil {
		t.Fatal(err)
	}
	if e := next(t, ticket, 2, desk.Settled); e.Refusal == nil {
		t.Errorf("outcome %+v", e)
	}
	r.up("a", true)
	next(t, r.dnc("k2", "5550100002"), 1, desk.Settled)
	if heard := r.links["a"].heard(); !slices.Equal(heard, []string{"5550100002"}) {
		t.Errorf("OCS heard %q", heard)
	}
	if _, err := r.journal.Drop(t.Context(), all[0].ID); err == nil {
		t.Error("dropped twice")
	}
}

// onItsWay is an entry that JetStream has handed out, and that comes late.
type onItsWay struct {
	Delivery
	m Message
}

func (o onItsWay) Message() Message { return o.m }

func (onItsWay) Again() bool { return false }

// Nor is one sent that was on its way to the desk as it was dropped.
func TestDropOnItsWay(t *testing.T) {
	r := start(t, t.TempDir(), one(false))
	ticket := r.dnc("k1", "5550100001")
	next(t, ticket, 1, desk.Queued)
	all, err := r.journal.listed(t)
	if err != nil || len(all) != 1 {
		t.Fatalf("list %+v %v", all, err)
	}
	m, err := r.journal.streams.Last(t.Context(), streamWork, subjectWork+"*."+all[0].ID)
	if err != nil || m == nil {
		t.Fatal(m, err)
	}
	if _, err := r.journal.Drop(t.Context(), all[0].ID); err != nil {
		t.Fatal(err)
	}
	next(t, ticket, 2, desk.Settled)
	r.until("the request is over", func() bool { return r.InFlight() == 0 })
	r.journal.take(onItsWay{m: *m}, nil)
	if n := r.InFlight(); n != 0 {
		t.Errorf("%d in flight", n)
	}
}
