package client

import (
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// How many requests without an answer a Client remembers, and for how long. The
// relay itself waits for a late answer as long as for one in time.
const (
	mostUnanswered = 256
	unansweredFor  = 5 * time.Minute
)

// Late is what became of a request after all: OCS answered it after the relay had
// given it up (frame.RefusedNoAnswer).
type Late struct {
	Request commdn.Request   // the very one that Do or Follow was given
	Answers []commdn.Message // all so far, those that came in time included; the receiver's own
	Err     error            // what Do would return now: nil, a *commdn.Fault, or still the refusal while another OCS has not answered
}

// unanswered is a request that the relay has given up.
type unanswered struct {
	key     string
	request commdn.Request
	decode  decodeFunc
	answers []commdn.Message
	refusal *frame.Refusal
	since   time.Time
}

// WatchLate calls f with each late answer to a request that the relay gave up
// during the watch, from the client's own goroutine: f must not block and must not
// call Do or Close. It may come before Do has returned. It returns a function that
// ends the watch, like that of Watch.
func (c *Client) WatchLate(f func(Late)) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nextWatch++
	id := c.nextWatch
	if c.lates == nil {
		c.lates = map[int]func(Late){}
	}
	c.lates[id] = f
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.lates, id)
	}
}

// remember keeps a call that the relay gives up, as long as somebody wants to hear
// of a late answer; mu is held.
func (c *Client) remember(k *call, r *frame.Refusal) {
	if len(c.lates) == 0 || r.Code != frame.RefusedNoAnswer {
		return
	}
	now := time.Now()
	old := 0
	for old < len(c.unanswered) && (len(c.unanswered)-old >= mostUnanswered || now.Sub(c.unanswered[old].since) > unansweredFor) {
		old++
	}
	c.unanswered = append(slices.Delete(c.unanswered, 0, old), &unanswered{
		key: k.key, request: k.request, decode: k.decode, answers: slices.Clone(k.answers), refusal: r, since: now,
	})
}

// late takes in a late answer. It passes over one that belongs to nothing or
// cannot be read: the outcome that was told stays.
func (c *Client) late(l tkvlist.List) {
	told, watches := c.corrected(frame.ReadLate(l))
	for _, f := range watches {
		told.Answers = slices.Clone(told.Answers)
		f(told)
	}
}

func (c *Client) corrected(l frame.Late) (told Late, watches []func(Late)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.unanswered, func(u *unanswered) bool { return u.key == l.Key })
	if i < 0 {
		return told, nil
	}
	u := c.unanswered[i]
	m, err := u.decode(l.Data)
	if err != nil || !u.request.AnsweredBy(m) || time.Since(u.since) > unansweredFor {
		return told, nil
	}
	if slices.ContainsFunc(u.answers, func(a commdn.Message) bool { return a.Addr().Origin == m.Addr().Origin }) {
		return told, nil // that OCS has answered
	}
	u.answers = append(u.answers, m)
	told = Late{Request: u.request, Answers: u.answers}
	if complete := u.request.Addr().Target != 0 || len(u.answers) >= len(c.status.OCS); complete {
		c.unanswered = slices.Delete(c.unanswered, i, i+1)
	} else {
		told.Err = u.refusal
	}
	if fault := firstFault(u.answers); fault != nil {
		told.Err = fault
	}
	for _, f := range c.lates {
		watches = append(watches, f)
	}
	return told, watches
}

// firstFault gives the refusal of the OCS that refused first, or nil.
func firstFault(answers []commdn.Message) error {
	for _, m := range answers {
		if fault, ok := m.(*commdn.Fault); ok {
			return fault
		}
	}
	return nil
}
