package journal

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/desk"
	"commdn/relay/numbers"
)

// lockedLog is a log that several goroutines write.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func one(up bool) map[string]*ocs { return map[string]*ocs{"a": {up: up}} }

// A request is accepted, sent and settled; its outcome is known after a restart, and
// its key is the same request then.
func TestAcceptedAndSettled(t *testing.T) {
	folder := t.TempDir()
	r := start(t, folder, one(true))
	ticket := r.dnc("k1", "5550100001")
	next(t, ticket, 0, desk.Accepted)
	if e := next(t, ticket, 1, desk.Settled); e.Refusal != nil {
		t.Fatal(e.Refusal)
	}
	r.until("the journal is empty", func() bool { return r.counts().Waiting == 0 })
	r.close()

	r = start(t, folder, one(true))
	found := r.Find(t.Context(), "ann", "k1")
	if found == nil {
		t.Fatal("the outcome is forgotten")
	}
	if e, done := found.Done(); !done || e.Answer.(*commdn.DoNotCallProcessed).Phone != "5550100001" {
		t.Errorf("outcome %+v", e)
	}
	if r.Find(t.Context(), "ben", "k1") != nil {
		t.Error("somebody else finds it")
	}
	if e, done := r.dnc("k1", "5550100001").Done(); !done || e.Refusal != nil {
		t.Errorf("the same click once more: %+v", e)
	}
	if _, refusal := r.submit("k1", &commdn.DoNotCall{Phone: "5550100002"}); refusal == nil || refusal.Code != frame.RefusedInvalid {
		t.Errorf("another number with the key: %v", refusal)
	}
	if heard := r.links["a"].heard(); len(heard) != 0 {
		t.Errorf("sent again: %q", heard)
	}
}

// A refusal of OCS is an outcome, and stays one.
func TestRefusedByOCS(t *testing.T) {
	folder := t.TempDir()
	r := start(t, folder, map[string]*ocs{"a": {up: true, fault: true}})
	ticket := r.dnc("k1", "5550100001")
	next(t, ticket, 0, desk.Accepted)
	next(t, ticket, 1, desk.Settled)
	r.close()
	r = start(t, folder, one(true))
	e, done := r.Find(t.Context(), "ann", "k1").Done()
	if f, ok := e.Answer.(*commdn.Fault); !done || !ok || f.Message != "no such list" {
		t.Errorf("outcome %+v", e)
	}
}

// A number in two forms: OCS refuses one at the first attempt, and acknowledges the
// other one at the second. The number is not on the list in every form.
func TestFormRefusedAtAnEarlierAttempt(t *testing.T) {
	o := &ocs{up: true, refused: map[string]bool{"600111222": true}, once: map[string]bool{"+34600111222": true}}
	r := startOn(t, open(t, t.TempDir()), map[string]*ocs{"a": o}, func(o *desk.Options) {
		o.Forms = func(_, phone string) ([]numbers.Form, error) {
			return []numbers.Form{{Rule: "national", Text: phone}, {Rule: "e164", Text: "+34" + phone}}, nil
		}
	})
	ticket := r.dnc("k1", "600111222")
	for n := 0; ; n++ {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		e, err := ticket.Next(ctx, n)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind != desk.Settled {
			continue
		}
		if f, ok := e.Answer.(*commdn.Fault); !ok || f.Phone != "600111222" {
			t.Errorf("settled by %+v", e)
		}
		break
	}
	if heard := o.heard(); len(heard) != 3 {
		t.Errorf("OCS was asked for %v", heard)
	}
}

// While the link is down a do-not-call is accepted and says that it waits; it is sent
// when the link is back, also by the next process. Campaign control fails at once.
func TestLinkDown(t *testing.T) {
	folder := t.TempDir()
	r := start(t, folder, one(false))
	ticket := r.dnc("k1", "5550100001")
	next(t, ticket, 0, desk.Accepted)
	if e := next(t, ticket, 1, desk.Queued); e.Queued.Reason != frame.QueuedLinkDown || e.Queued.Since != 1 {
		t.Errorf("queued %+v", e.Queued)
	}
	control, refusal := r.submit("k2", &commdn.StopDialing{CampaignGroup: commdn.CampaignGroup{Campaign: 1001, Group: 501}})
	if refusal != nil {
		t.Fatal(refusal)
	}
	if e := next(t, control, 0, desk.Settled); e.Refusal == nil || e.Refusal.Code != frame.RefusedLinkDown {
		t.Errorf("campaign control: %+v", e)
	}
	<-r.Drain() // what waits on disk holds up no end
	r.close()

	r = start(t, folder, one(false))
	r.until("the request is taken up", func() bool { return r.InFlight() == 1 })
	found := r.Find(t.Context(), "ann", "k1")
	next(t, found, 0, desk.Accepted)
	next(t, found, 1, desk.Queued)
	other := r.dnc("k1", "5550100001")
	if other != found {
		t.Error("the same click once more is another request")
	}
	r.up("a", true)
	if e := next(t, found, 2, desk.Settled); e.Refusal != nil {
		t.Error(e.Refusal)
	}
	if heard := r.links["a"].heard(); !slices.Equal(heard, []string{"5550100001"}) {
		t.Errorf("OCS heard %q", heard)
	}
}

// A link that is down holds up nothing of another one, however much waits.
func TestLinksApart(t *testing.T) {
	links := map[string]*ocs{"a": {}, "b": {up: true}}
	j := open(t, t.TempDir())
	r := startOn(t, j, links)
	entry := func(key string, link string) desk.Entry {
		return desk.Entry{ID: desk.ID{Subject: "ann", Key: key}, Data: (&commdn.DoNotCall{Phone: "5550100001"}).UserData(), Links: []string{link}}
	}
	for n := range 200 { // more than are handed out at once
		if known, err := j.Put(t.Context(), entry("a"+string(rune('A'+n)), "a")); known != nil || err != nil {
			t.Fatal(known, err)
		}
	}
	if _, err := j.Put(t.Context(), entry("b", "b")); err != nil {
		t.Fatal(err)
	}
	r.until("the other link has its request", func() bool { return len(links["b"].heard()) == 1 })
	if n := r.InFlight(); n > 65 {
		t.Errorf("%d are in flight, and 64 are handed out at once", n)
	}
	r.up("a", true)
	r.until("all are sent", func() bool { return len(links["a"].heard()) == 200 && r.counts().Waiting == 0 })
}

// A link that the configuration no longer has is no way to send: the request is put
// aside at once, and not lost.
func TestLinkGone(t *testing.T) {
	folder := t.TempDir()
	r := start(t, folder, one(false))
	next(t, r.dnc("k1", "5550100001"), 1, desk.Queued)
	r.close()
	r = start(t, folder, map[string]*ocs{"b": {up: true}})
	r.until("it is put aside", func() bool { return r.counts().Dead == 1 })
	item, err := r.journal.listed(t)
	if err != nil || !strings.Contains(item[0].Reason, "no link a any more") {
		t.Errorf("%+v %v", item, err)
	}
}

// A request under which the process ends again and again is put aside in the end. A
// start without a link does not count.
func TestEndsTheProcess(t *testing.T) {
	folder := t.TempDir()
	hangs := func() map[string]*ocs { return map[string]*ocs{"a": {up: true, hangs: true}} }
	r := start(t, folder, hangs())
	r.dnc("k1", "5550100001")
	for n := range 3 {
		r.until("it is sent", func() bool { return len(r.links["a"].heard()) == 1 })
		if c := r.counts(); c.Dead != 0 || c.Waiting != 1 {
			t.Fatalf("after %d processes: %+v", n, c)
		}
		r.close()
		for range 3 {
			r = start(t, folder, one(false))
			r.until("it is taken up", func() bool { return r.InFlight() == 1 })
			r.close()
		}
		r = start(t, folder, hangs())
	}
	r.until("it is put aside", func() bool { return r.counts().Dead == 1 })
	if heard := r.links["a"].heard(); len(heard) != 0 {
		t.Error("sent once more")
	}
}

// What is no user data any more, as after a change of versions, is put aside.
func TestUnreadable(t *testing.T) {
	j := open(t, t.TempDir())
	r := startOn(t, j, one(true))
	if _, err := j.Put(t.Context(), desk.Entry{ID: desk.ID{Subject: "ann", Key: "k1"}, Links: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	r.until("it is put aside", func() bool { return r.counts().Dead == 1 })
	if all, err := j.listed(t); err != nil || !strings.Contains(all[0].Reason, "cannot read the request") {
		t.Errorf("%+v %v", all, err)
	}
}

// A mistake in the relay while it carries out a request ends neither the process nor the
// request: that stays in the journal, and the next start sends it.
func TestPanicLeavesTheRequest(t *testing.T) {
	folder := t.TempDir()
	var asked atomic.Int32
	r := startOn(t, open(t, folder), one(true), func(o *desk.Options) {
		forms := o.Forms
		o.Forms = func(link, phone string) ([]numbers.Form, error) {
			if asked.Add(1) == 2 { // the first time it is accepted
				panic("a mistake")
			}
			return forms(link, phone)
		}
	})
	ticket := r.dnc("k1", "5550100001")
	next(t, ticket, 0, desk.Accepted)
	next(t, ticket, 1, desk.Left)
	if n := r.counts().Waiting; n != 1 {
		t.Errorf("%d wait", n)
	}
	next(t, r.dnc("k2", "5550100002"), 1, desk.Settled)
	r.close()

	r = start(t, folder, one(true))
	r.until("it is sent", func() bool { return slices.Contains(r.links["a"].heard(), "5550100001") })
	r.until("nothing waits", func() bool { return r.counts().Waiting == 0 })
}

// An entry at which the desk panics is left where it is, and the next one is handed out.
func TestPanicOfTheDesk(t *testing.T) {
	j := open(t, t.TempDir())
	defer j.Close()
	did := make(chan string, 4)
	if err := j.Begin(func(w desk.Job) {
		did <- w.Entry().ID.Key
		if w.Entry().ID.Key == "k1" {
			panic("a mistake")
		}
	}, func(desk.ID, desk.Outcome) {}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"k1", "k2"} {
		e := desk.Entry{ID: desk.ID{Subject: "ann", Key: key}, Data: (&commdn.DoNotCall{Phone: "5550100001"}).UserData(), Links: []string{"a"}}
		if _, err := j.Put(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if got := <-did; got != key {
			t.Errorf("handed out %s, want %s", got, key)
		}
	}
	if c, err := j.Counts(t.Context()); err != nil || c.Waiting != 2 {
		t.Errorf("%+v %v", c, err)
	}
}
