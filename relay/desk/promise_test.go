package desk_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/desk"
	"commdn/relay/link"
)

// The answer of OCS stands, whatever comes late: it may be to an earlier attempt.
func TestLateAfterTheAnswer(t *testing.T) {
	r := newRig(t, desk.NewMemory(), nil, &ocs{answer: acknowledge})
	told := make(chan desk.Event, 8)
	ticket, _, refusal := r.Submit(t.Context(), desk.Submission{Key: "k1", Actor: ann(), Source: source(), Data: dnc("5550100001"), Tell: func(e desk.Event) { told <- e }})
	if refusal != nil {
		t.Fatal(refusal)
	}
	if e, err := ticket.Next(t.Context(), 0); err != nil || e.Kind != desk.Settled {
		t.Fatal(e, err)
	}
	r.links[0].late(link.Answer{Message: &commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: 4}})
	r.Close() // waits for what it began
	close(told)
	for e := range told {
		if e.Kind == desk.Late {
			t.Errorf("told %+v", e)
		}
	}
	if e, done := r.Find(t.Context(), "ann", "k1").Done(); !done {
		t.Error("not settled")
	} else if _, ok := e.Answer.(*commdn.DoNotCallProcessed); !ok {
		t.Errorf("the outcome is %+v", e)
	}
}

// slow is a store that takes requests in when the test says so.
type slow struct {
	*desk.Memory
	begun, open chan struct{}
	err         error
}

func (s *slow) Put(ctx context.Context, e desk.Entry) (*desk.Record, error) {
	s.begun <- struct{}{}
	<-s.open
	if s.err != nil {
		return nil, s.err
	}
	return s.Memory.Put(ctx, e)
}

// A request that comes twice at one moment is one request, or is refused twice.
func TestTwiceAtOneMoment(t *testing.T) {
	for _, broken := range []error{nil, errors.New("the disk is full")} {
		s := &slow{Memory: desk.NewMemory(), begun: make(chan struct{}, 2), open: make(chan struct{}), err: broken}
		r := newRig(t, s, nil, &ocs{answer: acknowledge})
		type result struct {
			ticket  *desk.Ticket
			refusal *frame.Refusal
		}
		results := make(chan result, 3)
		submit := func() {
			ticket, refusal := r.submit(source(), "k1", "5550100001")
			results <- result{ticket, refusal}
		}
		go submit()
		<-s.begun
		go submit()
		go func() { results <- result{ticket: r.Find(t.Context(), "ann", "k1")} }()
		select {
		case early := <-results:
			t.Fatalf("before it is taken in: %+v", early)
		case <-time.After(20 * time.Millisecond):
		}
		close(s.open)
		refused := 0
		for range 3 {
			switch got := <-results; {
			case got.refusal != nil:
				refused++
			case got.ticket != nil:
				if e, err := got.ticket.Next(t.Context(), 0); err != nil || e.Kind != desk.Settled {
					t.Errorf("%+v %v", e, err)
				}
			}
		}
		want := 0
		if broken != nil {
			want = 2
		}
		if n := r.links[0].count(); refused != want || n > 1 || broken == nil && n != 1 {
			t.Errorf("store %v: %d refused, %d sent", broken, refused, n)
		}
	}
}

// One OCS answers late, and another one not at all, or not yet: the request is not done.
func TestLateOfOneOfTwo(t *testing.T) {
	gives := func(context.Context, commdn.Request, func(), func(link.Answer, bool)) *frame.Refusal {
		return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "OCS did not answer"}
	}
	r := newRig(t, desk.NewMemory(), nil, &ocs{answer: gives}, &ocs{answer: gives})
	told := make(chan desk.Event, 8)
	ticket, _, refusal := r.Submit(t.Context(), desk.Submission{Key: "k1", Actor: ann(), Source: source(), Data: dnc("5550100001"), Tell: func(e desk.Event) { told <- e }})
	if refusal != nil {
		t.Fatal(refusal)
	}
	if e, err := ticket.Next(t.Context(), 0); err != nil || e.Refusal == nil {
		t.Fatal(e, err)
	}
	<-told
	for _, late := range []struct {
		link int
		owed bool
		done bool
	}{{1, true, false}, {1, false, false}, {0, false, true}} {
		r.links[late.link].late(link.Answer{Owed: late.owed, Message: &commdn.DoNotCallProcessed{
			Address: commdn.Address{Origin: commdn.DBID(201 + late.link), Target: 101}, Phone: "5550100001",
		}})
		if e := <-told; e.Kind != desk.Late { // the store is written before
			t.Errorf("told %+v", e)
		}
		if e, _ := r.Find(t.Context(), "ann", "k1").Done(); (e.Refusal == nil) != late.done {
			t.Errorf("after an answer over link %d the outcome is %+v", late.link, e)
		}
	}
}

// lent is a journal that hands out one entry, which another relay then takes over.
type lent struct {
	*desk.Memory
	entry desk.Entry
	lost  chan struct{}
	did   chan string
}

func (*lent) Durable() bool                                         { return true }
func (l *lent) Entry() desk.Entry                                   { return l.entry }
func (*lent) Tries() int                                            { return 0 }
func (*lent) Try(context.Context, int) error                        { return nil }
func (l *lent) Lost() <-chan struct{}                               { return l.lost }
func (l *lent) Release()                                            { l.did <- "release" }
func (l *lent) Settle(context.Context, desk.ID, desk.Outcome) error { return nil }

type lentJob struct{ *lent }

func (l lentJob) Settle(context.Context, desk.Outcome) error      { l.did <- "settle"; return nil }
func (l lentJob) Bury(context.Context, int, *frame.Refusal) error { l.did <- "bury"; return nil }

func (l *lent) Find(context.Context, desk.ID) (*desk.Record, error) {
	answer := &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201, Target: 102}, Phone: "5550100001"}
	return &desk.Record{Entry: l.entry, Outcome: &desk.Outcome{Answer: answer}}, nil
}

// A relay is handed out a request, loses it to another one, and has heard of the outcome
// before it had the request: it looks, so that who asks this relay is told.
func TestLostAfterTheOutcome(t *testing.T) {
	asked := make(chan struct{}, 1)
	l := &lent{Memory: desk.NewMemory(), lost: make(chan struct{}), did: make(chan string, 4)}
	l.entry = desk.Entry{ID: desk.ID{Subject: "ann", Key: "k1"}, Data: dnc("5550100001"), Links: []string{"a"}}
	r := newRig(t, desk.NewMemory(), func(o *desk.Options) {
		o.Journal, o.Retry = lentJournal{l}, desk.Retry{Attempts: 3, Min: time.Millisecond, Max: time.Millisecond}
	}, &ocs{answer: func(ctx context.Context, _ commdn.Request, _ func(), _ func(link.Answer, bool)) *frame.Refusal {
		asked <- struct{}{}
		<-ctx.Done()
		return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "given up"}
	}})
	r.LinkState("a", frame.Link{Up: true})
	if err := r.Resume(); err != nil {
		t.Fatal(err)
	}
	<-asked
	ticket := r.Find(t.Context(), "ann", "k1")
	close(l.lost)
	for n := 0; ; n++ {
		e, err := ticket.Next(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == desk.Settled {
			if e.Refusal != nil {
				t.Error(e.Refusal)
			}
			break
		}
	}
	if did := <-l.did; did != "release" {
		t.Errorf("the job: %s", did)
	}
}

func (*lent) Decide(_ context.Context, _ desk.ID, undone bool) (bool, error) { return undone, nil }

func (*lent) Recent(context.Context, time.Time) ([]desk.Entry, error) { return nil, nil }

type lentJournal struct{ *lent }

func (l lentJournal) Begin(do func(desk.Job), _ func(desk.ID, desk.Outcome)) error {
	do(lentJob(l))
	return nil
}
