package desk_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/desk"
	"commdn/relay/link"
	"commdn/relay/numbers"
)

// long is a window whose end no test waits for.
const long = time.Minute

// hold hands in a do-not-call of Ann's that can be undone.
func (r *rig) hold(key, phone string, window time.Duration) *desk.Ticket {
	r.t.Helper()
	ticket, _, refusal := r.Submit(context.Background(), desk.Submission{Key: key, Actor: ann(), Source: source(), Data: dnc(phone), Undo: window})
	if refusal != nil {
		r.t.Fatal(refusal)
	}
	return ticket
}

// nth gives the event n of a ticket.
func nth(t *testing.T, ticket *desk.Ticket, n int) desk.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	e, err := ticket.Next(ctx, n)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func kinds(all []desk.Event) (k []desk.EventKind) {
	for _, e := range all {
		k = append(k, e.Kind)
	}
	return k
}

func undone(e desk.Event) bool { return e.Refusal != nil && e.Refusal.Code == frame.RefusedUndone }

// What is undone in its window reaches no link, in no form of the number, and stays
// undone: the same click once more is the same request.
func TestUndo(t *testing.T) {
	o := &ocs{answer: acknowledge}
	r := newRig(t, desk.NewMemory(), func(o *desk.Options) {
		o.Forms = func(_, phone string) ([]numbers.Form, error) {
			return []numbers.Form{{Rule: "national", Text: phone}, {Rule: "e164", Text: "+34" + phone}}, nil
		}
	}, o, o)
	ticket := r.hold("k1", "600111222", long)
	if e := nth(t, ticket, 0); e.Kind != desk.Held || time.Until(e.Until) > long || time.Until(e.Until) < long/2 {
		t.Fatalf("%+v", e)
	}
	r.Undo("ann", "k1")
	r.Undo("ann", "k1") // twice is once
	all := events(t, ticket)
	if len(all) != 2 || !undone(all[1]) {
		t.Fatalf("%+v", all)
	}
	if e := last(t, r.hold("k1", "600111222", long)); !undone(e) {
		t.Errorf("the same click once more: %+v", e)
	}
	r.Undo("ann", "k1") // nothing is left to undo
	r.Undo("ann", "no such key")
	r.Close()
	if n := o.count(); n != 0 {
		t.Errorf("OCS was asked %d times", n)
	}
	if log := r.log.String(); strings.Count(log, "msg=undone") != 1 || strings.Contains(log, "600111222") || !strings.Contains(log, "phone_hash") {
		t.Errorf("the log:\n%s", log)
	}
}

// What is not undone goes out when its window is over, not before; undo is too late
// then.
func TestWindowEnds(t *testing.T) {
	asked := make(chan time.Time, 1)
	release := make(chan struct{})
	o := &ocs{}
	o.answer = func(ctx context.Context, req commdn.Request, waits func(), answer func(link.Answer, bool)) *frame.Refusal {
		asked <- time.Now()
		<-release
		return acknowledge(ctx, req, waits, answer)
	}
	r := newRig(t, desk.NewMemory(), nil, o)
	began := time.Now()
	const window = 50 * time.Millisecond
	ticket := r.hold("k1", "5550100001", window)
	if held := (<-asked).Sub(began); held < window {
		t.Errorf("it went out after %s", held)
	}
	if e := nth(t, ticket, 1); e.Kind != desk.Released {
		t.Errorf("%+v", e)
	}
	r.Undo("ann", "k1")
	close(release)
	if all := events(t, ticket); all[len(all)-1].Answer == nil {
		t.Errorf("%+v", all)
	}
}

// The relay has the last word on how long the window is.
func TestWindowOfTheRelay(t *testing.T) {
	o := &ocs{answer: acknowledge}
	most := 20 * time.Millisecond
	r := newRig(t, desk.NewMemory(), func(o *desk.Options) { o.Undo = func() time.Duration { return most } }, o)
	if all := events(t, r.hold("k1", "5550100001", time.Hour)); !reflect.DeepEqual(kinds(all), []desk.EventKind{desk.Held, desk.Released, desk.Settled}) || time.Until(all[0].Until) > most {
		t.Errorf("shortened: %+v", all)
	}
	most = 0
	if all := events(t, r.hold("k2", "5550100001", time.Hour)); !reflect.DeepEqual(kinds(all), []desk.EventKind{desk.Released, desk.Settled}) {
		t.Errorf("without a window: %+v", all)
	}
	if all := events(t, r.hold("k3", "5550100001", 0)); !reflect.DeepEqual(kinds(all), []desk.EventKind{desk.Settled}) {
		t.Errorf("not asked for: %+v", all)
	}
}

// Only who clicked can take a click back.
func TestUndoOfSomebodyElse(t *testing.T) {
	r := newRig(t, desk.NewMemory(), nil, &ocs{answer: acknowledge})
	ticket := r.hold("k1", "5550100001", 100*time.Millisecond)
	r.Undo("ben", "k1")
	r.Undo("", "k1")
	if e := last(t, ticket); e.Answer == nil {
		t.Errorf("%+v", e)
	}
}

// What nobody could repeat has no window either.
func TestNoUndoOfCampaignControl(t *testing.T) {
	o := &ocs{answer: acknowledge}
	r := newRig(t, desk.NewMemory(), nil, o)
	for _, req := range []commdn.Request{
		&commdn.StopDialing{CampaignGroup: commdn.CampaignGroup{Campaign: 1001, Group: 501}},
		&commdn.GetCampaignStatus{CampaignGroup: commdn.CampaignGroup{Campaign: 1001, Group: 501}},
	} {
		_, _, refusal := r.Submit(context.Background(), desk.Submission{Key: "k1", Actor: ann(), Source: source(), Data: req.UserData(), Undo: long})
		if refusal == nil || refusal.Code != frame.RefusedInvalid || !strings.Contains(refusal.Message, req.Type().String()) {
			t.Errorf("%s: %v", req.Type(), refusal)
		}
	}
	if o.count() != 0 {
		t.Error("it was sent all the same")
	}
}

// A desk that ends in the window has sent nothing, and says that the request is not
// settled: its client asks the next relay.
func TestCloseInTheWindow(t *testing.T) {
	o := &ocs{answer: acknowledge}
	r := newRig(t, desk.NewMemory(), nil, o)
	ticket := r.hold("k1", "5550100001", long)
	idle := r.Drain()
	select {
	case <-idle:
		t.Error("a request that is held holds up no end")
	case <-time.After(10 * time.Millisecond):
	}
	r.Close()
	if e := nth(t, ticket, 1); e.Kind != desk.Left || o.count() != 0 {
		t.Errorf("%+v, asked %d times", e, o.count())
	}
}

// Undo meets the end of the window: one of the two happens, everybody hears the same
// one, and OCS is asked in the one case only.
func TestUndoMeetsTheEnd(t *testing.T) {
	o := &ocs{answer: acknowledge}
	r := newRig(t, desk.NewMemory(), nil, o)
	var taken, sent int
	for i := range 400 {
		key, window := "k"+string(rune('a'+i%26))+string(rune('a'+i/26)), 2*time.Millisecond
		var told []desk.Event // of the ticket's goroutine until over
		over := make(chan struct{})
		before := o.count()
		ticket, _, refusal := r.Submit(context.Background(), desk.Submission{
			Key: key, Actor: ann(), Source: source(), Data: dnc("5550100001"), Undo: window,
			Tell: func(e desk.Event) {
				if told = append(told, e); e.Kind == desk.Settled {
					close(over)
				}
			},
		})
		if refusal != nil {
			t.Fatal(refusal)
		}
		var undoing sync.WaitGroup
		for range 2 {
			wait := window - time.Millisecond + rand.N(2*time.Millisecond)
			undoing.Go(func() {
				time.Sleep(wait)
				r.Undo("ann", key)
			})
		}
		all := events(t, ticket)
		undoing.Wait()
		again := last(t, r.hold(key, "5550100001", window))
		want := []desk.EventKind{desk.Held, desk.Released, desk.Settled}
		if undone(all[len(all)-1]) {
			taken++
			want = []desk.EventKind{desk.Held, desk.Settled}
		} else {
			sent++
		}
		<-over
		end := told[len(told)-1]
		if !reflect.DeepEqual(kinds(all), want) || !reflect.DeepEqual(kinds(told), want) || undone(end) != undone(all[len(all)-1]) || undone(again) != undone(end) {
			t.Fatalf("round %d: %v, told %v, again %+v", i, kinds(all), kinds(told), again)
		}
		if asked := o.count() - before; (asked == 0) != undone(again) || asked > 1 {
			t.Fatalf("round %d: OCS was asked %d times, and undone is %v", i, asked, undone(again))
		}
	}
	if taken == 0 || sent == 0 {
		t.Errorf("undone %d times, sent %d times: the rounds do not meet the end of the window", taken, sent)
	}
}

// absent is a journal that keeps requests and hands none out: another relay has them. It
// fails a few times before it keeps how a window ended.
type absent struct {
	*lent
	fails   int
	decided chan bool
}

func (*absent) Begin(func(desk.Job), func(desk.ID, desk.Outcome)) error { return nil }

func (a *absent) Decide(_ context.Context, _ desk.ID, undone bool) (bool, error) {
	if a.fails > 0 {
		a.fails--
		return false, errors.New("no answer")
	}
	a.decided <- undone
	return undone, nil
}

// What is undone at a relay that does not send it is kept, also where the journal does
// not take it at once: else the relay that sends would not know.
func TestUndoAtAnotherRelay(t *testing.T) {
	a := &absent{lent: &lent{Memory: desk.NewMemory()}, fails: 2, decided: make(chan bool, 1)}
	r := newRig(t, desk.NewMemory(), func(o *desk.Options) {
		o.Journal, o.Retry = a, desk.Retry{Attempts: 3, Min: time.Millisecond, Max: time.Millisecond}
	}, &ocs{answer: acknowledge})
	if err := r.Resume(); err != nil {
		t.Fatal(err)
	}
	r.hold("k1", "5550100001", long)
	r.Undo("ann", "k1")
	select {
	case undone := <-a.decided:
		if !undone {
			t.Error("it is kept as sent")
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the undo is lost")
	}
}
