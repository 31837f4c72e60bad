package session

import (
	"context"
	"errors"
	"slices"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// keptEntries is how many requests a Session remembers.
const keptEntries = 500

// Outcome says what has become of a request. The words are part of the
// elements' events.
type Outcome string

// The outcomes. The first two are still under way.
const (
	Sending    Outcome = "sending"
	Waiting    Outcome = "waiting"    // for a connection; goes out with the next one
	Done       Outcome = "done"       // OCS acknowledged
	Incomplete Outcome = "incomplete" // OCS canceled all but the records on an agent's desktop
	Refused    Outcome = "refused"    // OCS answered with an error
	NoAnswer   Outcome = "no-answer"  // sent, and what OCS did is not known
	NotSent    Outcome = "not-sent"   // the relay or the client refused; OCS knows nothing of it
)

// Entry is one request, from the click on.
type Entry struct {
	ID      int            // 1 and above, unique in the session
	Req     commdn.Request // as it is sent; not to be changed
	Asked   time.Time
	Outcome Outcome
	At      time.Time // when Outcome began
	Err     error     // of Do; nil while under way and where it went well
	Answers []commdn.Message
}

// UnderWay says whether the request has no result yet.
func (e *Entry) UnderWay() bool { return e.Outcome == Sending || e.Outcome == Waiting }

// OK says whether OCS did what was asked, at least in part.
func (e *Entry) OK() bool { return e.Outcome == Done || e.Outcome == Incomplete }

// CanRetry says whether sending the same again makes sense.
func (e *Entry) CanRetry() bool { return !e.UnderWay() && e.Outcome != Done }

// Fault gives OCS's refusal, if that is what became of the request.
func (e *Entry) Fault() *commdn.Fault {
	fault, _ := errors.AsType[*commdn.Fault](e.Err)
	return fault
}

// Refusal gives the relay's refusal, if that is what became of the request.
func (e *Entry) Refusal() *frame.Refusal {
	refusal, _ := errors.AsType[*frame.Refusal](e.Err)
	return refusal
}

func outcome(answers []commdn.Message, err error) Outcome {
	switch client.OutcomeOf(answers, err) {
	case client.Done:
		return Done
	case client.Incomplete:
		return Incomplete
	case client.Refused:
		return Refused
	case client.Unknown:
		return NoAnswer
	}
	return NotSent
}

// Send starts a request and gives it as it is now; what becomes of it comes as
// changes. req is not to be changed from then on.
func (s *Session) Send(req commdn.Request) Entry {
	e := s.begin(req)
	go s.finish(context.Background(), e)
	return e
}

// Do sends a request and blocks until it is settled. It is then given up when
// ctx ends, whatever OCS does.
func (s *Session) Do(ctx context.Context, req commdn.Request) Entry {
	return s.finish(ctx, s.begin(req))
}

func (s *Session) begin(req commdn.Request) Entry {
	s.mu.Lock()
	s.asked++
	now := s.now()
	e := Entry{ID: s.asked, Req: req, Asked: now, Outcome: s.underWay(), At: now}
	if !req.Repeatable() {
		e.Outcome = Sending // or it fails at once
	}
	s.entries = append(s.entries, e)
	s.forget()
	s.changed(Change{Kind: EntryChanged, Entry: e})
	s.rowChanged(e)
	_, campaign := About(req)
	named := campaign && !s.board.named
	s.board.named = s.board.named || campaign
	s.mu.Unlock()
	s.tell()
	if named {
		s.readDirectory()
	}
	return e
}

func (s *Session) finish(ctx context.Context, e Entry) Entry {
	answers, err := s.client.Do(ctx, e.Req)
	order(answers)
	s.mu.Lock()
	e.Answers, e.Err, e.Outcome, e.At = answers, err, outcome(answers, err), s.now()
	if i := s.find(e.ID); i >= 0 {
		s.entries[i] = e
	}
	s.changed(Change{Kind: EntryChanged, Entry: e})
	s.rowChanged(e)
	s.mu.Unlock()
	s.tell()
	return e
}

// order puts the answers of several OCS in the order of their DBIDs, whichever
// came first.
func order(answers []commdn.Message) {
	for i := range answers {
		for j := i; j > 0 && answers[j].Addr().Origin < answers[j-1].Addr().Origin; j-- {
			answers[j], answers[j-1] = answers[j-1], answers[j]
		}
	}
}

// Entries gives the requests of the session, newest first.
func (s *Session) Entries() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Clone(s.entries)
	slices.Reverse(all)
	return all
}

// underWay is the outcome of a request that has none yet; s.mu is held.
func (s *Session) underWay() Outcome {
	if s.status.State == client.Connected {
		return Sending
	}
	return Waiting
}

// setOutcome is for a request under way; s.mu is held.
func (s *Session) setOutcome(e *Entry, o Outcome) {
	if e.Outcome != o && e.Req.Repeatable() {
		e.Outcome, e.At = o, s.now()
		s.changed(Change{Kind: EntryChanged, Entry: *e})
		s.rowChanged(*e)
	}
}

func (s *Session) find(id int) int {
	i, found := slices.BinarySearchFunc(s.entries, id, func(e Entry, id int) int { return e.ID - id })
	if !found {
		return -1
	}
	return i
}

// forget drops the oldest settled requests beyond those that are kept; one that
// is under way is never dropped.
func (s *Session) forget() {
	for i := 0; i < len(s.entries) && len(s.entries) > keptEntries; {
		if s.entries[i].UnderWay() {
			i++
		} else {
			s.entries = slices.Delete(s.entries, i, i+1)
		}
	}
}
