package session

import (
	"context"
	"errors"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// keptEntries is how many requests a Session keeps.
const keptEntries = 500

// Outcome is the state of a request. The words are part of the elements' events.
type Outcome string

// The outcomes. The first five are not settled yet.
const (
	Sending    Outcome = "sending"
	Waiting    Outcome = "waiting"    // for a connection; the next one sends it
	Held       Outcome = "held"       // till Entry.Until, so that Undo can take it back
	Accepted   Outcome = "accepted"   // the relay has it on disk
	Queued     Outcome = "queued"     // it waits in the relay, see Entry.Queued
	Done       Outcome = "done"       // OCS acknowledged
	Incomplete Outcome = "incomplete" // OCS canceled all but the records on an agent's desktop
	Refused    Outcome = "refused"    // OCS answered with an error
	NoAnswer   Outcome = "no-answer"  // sent, with an unknown result
	NotSent    Outcome = "not-sent"   // the relay or the client refused; it did not reach OCS
	Expired    Outcome = "expired"    // there was no connection for as long as requests are kept; it did not reach OCS
	Undone     Outcome = "undone"     // taken back in time; it did not reach OCS
)

// Entry is one request, from the click on.
type Entry struct {
	ID      int            // 1 and above, unique in the session
	Req     commdn.Request // as sent; read-only
	Asked   time.Time
	Outcome Outcome
	At      time.Time // when Outcome began
	Err     error     // error of Do; nil until it is settled and after a success
	Answers []commdn.Message
	Window  time.Duration // it was asked for with this window for Undo; 0: none
	Until   time.Time     // Undo takes it back till then; zero: it does not, or no longer
	Late    bool          // OCS answered after the relay had given the request up: Outcome was NoAnswer until At
	Queued  frame.Queued  // of the outcome Queued
	Kept    bool          // the storage of the page has it: it outlives the page
	Earlier bool          // a page before made it. Req is masked until the relay has said that its person is here

	after    *client.Late    // came before the result of Do
	accepted bool            // by the relay
	hidden   *client.Earlier // what is masked in Req
}

// UnderWay reports whether the request is not settled yet.
func (e *Entry) UnderWay() bool {
	return e.Outcome == Sending || e.Outcome == Waiting || e.Outcome == Held || e.Outcome == Accepted || e.Outcome == Queued
}

// OK reports whether OCS executed the request, at least in part.
func (e *Entry) OK() bool { return e.Outcome == Done || e.Outcome == Incomplete }

// CanRetry reports whether it makes sense to send the same request again.
func (e *Entry) CanRetry() bool { return !e.UnderWay() && e.Outcome != Done && e.Outcome != Undone }

// Fault returns OCS's refusal, or nil.
func (e *Entry) Fault() *commdn.Fault {
	fault, _ := errors.AsType[*commdn.Fault](e.Err)
	return fault
}

// Refusal returns the relay's refusal, or nil.
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
	case client.Undone:
		return Undone
	}
	if errors.Is(err, client.ErrExpired) {
		return Expired
	}
	return NotSent
}

// Send starts a request and returns its current state; changes report the rest. req is
// read-only from then on.
func (s *Session) Send(req commdn.Request) Entry { return s.Hold(req, 0) }

// Do sends a request and blocks until it is settled. When ctx ends, Do gives it up,
// whatever OCS does. With a window Undo can take it back, as with Hold.
func (s *Session) Do(ctx context.Context, req commdn.Request, window time.Duration) Entry {
	return s.finish(ctx, s.begin(req, window))
}

// previewAfter is how long Preview waits: the click that opens a confirmation is the faster
// for it, and a confirmation that goes at once asks nothing.
const previewAfter = 20 * time.Millisecond

// Preview asks in which forms a request would name its number, and tells them unless the
// question is given up before.
func (s *Session) Preview(req commdn.Request, told func(frame.Forms)) (giveUp func()) {
	ctx, cancel := context.WithCancel(s.ctx)
	ask := time.AfterFunc(previewAfter, func() {
		if forms, err := s.client.Preview(ctx, req); err == nil {
			told(forms)
		}
	})
	return func() {
		ask.Stop()
		cancel()
	}
}

func (s *Session) begin(req commdn.Request, window time.Duration) Entry {
	s.mu.Lock()
	s.asked++
	now := s.now()
	e := Entry{ID: s.asked, Req: req, Asked: now, At: now}
	if s.status.Session != "" { // else the relay has not said yet how long it may be
		window = min(window, s.status.Undo)
	}
	if e.Window = window; window > 0 {
		e.Until = now.Add(window)
	}
	e.Outcome = s.underWay(&e)
	s.entries = append(s.entries, e)
	s.forget()
	s.entryChanged(&e)
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
	answers, err := s.client.Hold(ctx, e.Req, e.Window, func(news client.Event) { s.told(e.ID, news) })
	return s.settle(e, answers, err)
}

// settle takes the result of a request.
func (s *Session) settle(e Entry, answers []commdn.Message, err error) Entry {
	order(answers)
	s.mu.Lock()
	i := s.find(e.ID)
	if i >= 0 {
		e = s.entries[i]
	}
	after := e.after
	e.Answers, e.Err, e.Outcome, e.At = answers, err, outcome(answers, err), s.now()
	none, _ := errors.AsType[*client.NoAnswerError](err)
	e.Kept = none != nil && none.Kept
	if after != nil {
		s.correct(&e, after)
	}
	if i >= 0 {
		s.entries[i] = e
	}
	s.entryChanged(&e)
	s.mu.Unlock()
	s.tell()
	return e
}

// told takes news of a request in flight.
func (s *Session) told(id int, news client.Event) {
	s.mu.Lock()
	if i := s.find(id); i >= 0 && s.entries[i].UnderWay() {
		e := &s.entries[i]
		switch news.Kind {
		case client.Kept:
			e.Kept = true
		case client.Released:
			e.Until = time.Time{}
		case client.Accepted: // the relay says all anew
			e.accepted, e.Queued = true, frame.Queued{}
		case client.Queued:
			e.Queued = news.Queued
		}
		if o := s.underWay(e); o != e.Outcome {
			e.Outcome, e.At = o, s.now()
		}
		if news.Kind != client.Answered {
			s.entryChanged(e)
		}
	}
	s.mu.Unlock()
	s.tell()
}

// late takes what became of a request that the relay had given up.
func (s *Session) late(l client.Late) {
	order(l.Answers)
	s.mu.Lock()
	for i := range s.entries {
		e := &s.entries[i]
		if e.Req != l.Request {
			continue
		}
		if e.UnderWay() { // Do is about to return
			e.after = &l
			break
		}
		s.correct(e, &l)
		s.entryChanged(e)
		break
	}
	s.mu.Unlock()
	s.tell()
}

// correct gives an entry without an answer its late ones. It stays without an outcome
// while another OCS has not answered. The caller holds s.mu.
func (s *Session) correct(e *Entry, l *client.Late) {
	e.Answers, e.Err, e.after = l.Answers, l.Err, nil
	if o := outcome(l.Answers, l.Err); o != e.Outcome {
		e.Outcome, e.At, e.Late = o, s.now(), true
	}
}

// order sorts the answers of several OCS by DBID, in place of arrival.
func order(answers []commdn.Message) {
	for i := range answers {
		for j := i; j > 0 && answers[j].Addr().Origin < answers[j-1].Addr().Origin; j-- {
			answers[j], answers[j-1] = answers[j-1], answers[j]
		}
	}
}

// Entries returns the requests of the session, newest first.
func (s *Session) Entries() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Entry, 0, len(s.entries))
	for i := len(s.entries) - 1; i >= 0; i-- {
		all = append(all, s.entries[i])
	}
	return all
}

// DoneAlready reports whether OCS has executed the same request about a person in this
// session, whoever asked.
func (s *Session) DoneAlready(req commdn.Request) bool {
	who, ok := commdn.PersonOf(req)
	if !ok {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.entries {
		e := &s.entries[i]
		if e.Outcome != Done {
			continue
		}
		if other, _ := commdn.PersonOf(e.Req); other == who && e.Req.Type() == req.Type() && *e.Req.Addr() == *req.Addr() {
			return true
		}
	}
	return false
}

// entryChanged queues that a request has changed. The caller holds s.mu and then calls
// tell.
func (s *Session) entryChanged(e *Entry) {
	s.changed(Change{Kind: EntryChanged, Entry: *e})
	s.rowChanged(e)
}

// underWay is the outcome of an unsettled request. What the relay has said of one stays
// true without a connection. The caller holds s.mu.
func (s *Session) underWay(e *Entry) Outcome {
	connected := s.status.State == client.Connected
	switch {
	case connected && s.now().Before(e.Until):
		return Held
	case e.Queued.Reason != 0:
		return Queued
	case e.accepted:
		return Accepted
	case !connected && e.Req.Repeatable(): // any other fails at once
		return Waiting
	}
	return Sending
}

// reconsider takes in a new status. The caller holds s.mu.
func (s *Session) reconsider(e *Entry) {
	if s.status.State == client.Connected && s.status.Undo < e.Window { // it was not known at the click
		e.Until = time.Time{}
	}
	if e.Queued.Reason == frame.QueuedLinkDown && s.status.Link.Up {
		e.Queued = frame.Queued{} // it goes out now; OCS's answer is next
	}
	if o := s.underWay(e); o != e.Outcome {
		e.Outcome, e.At = o, s.now()
		s.entryChanged(e)
	}
}

func (s *Session) find(id int) int {
	i := len(s.entries) - 1
	for i >= 0 && s.entries[i].ID != id {
		i--
	}
	return i
}

// forget drops the oldest settled requests beyond keptEntries. It never drops an
// unsettled one.
func (s *Session) forget() {
	for i := 0; i < len(s.entries) && len(s.entries) > keptEntries; {
		if s.entries[i].UnderWay() {
			i++
		} else {
			s.entries = append(s.entries[:i], s.entries[i+1:]...)
		}
	}
}
