package client

import (
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// mostUnanswered is how many requests without an answer a Client remembers. The relay
// waits for a late answer as long as for one in time, so the newest ones matter.
const mostUnanswered = 256

// Late is what became of a request after all: OCS answered it after the relay had
// given it up (frame.RefusedNoAnswer).
type Late struct {
	Request commdn.Request   // the very one that Do or Follow was given
	Answers []commdn.Message // all so far, those that came in time included
	Err     error            // what Do would return now: nil, a *commdn.Fault, or still the refusal while another OCS has not answered
}

// WatchLate calls f with each late answer to a request that the relay gave up
// during the watch, from the client's own goroutine: f must not block and must not
// call Do or Close. It may come before Do has returned. The answers may be sorted
// until f returns, and not be changed afterwards. There is one watch: another one
// takes its place. It returns a function that ends the watch.
func (c *Client) WatchLate(f func(Late)) (stop func()) {
	c.mu.Lock()
	c.late = f
	c.mu.Unlock()
	return func() {
		c.mu.Lock()
		c.late = nil
		c.mu.Unlock()
	}
}

// remember keeps a call that the relay gives up, as long as somebody wants to hear
// of a late answer. When there are too many it begins anew. mu is held.
func (c *Client) remember(k *call, r *frame.Refusal) {
	if c.late == nil || r.Code != frame.RefusedNoAnswer {
		return
	}
	if len(c.unanswered) == mostUnanswered {
		clear(c.unanswered)
	}
	k.late = append(k.late, k.answers...) // the others are the caller's by now
	c.unanswered[k.key] = k
}

// answeredLate takes in a late answer. It passes over one that belongs to nothing or
// cannot be read: what was told stays.
func (c *Client) answeredLate(l tkvlist.List) {
	f := frame.ReadLate(l)
	c.mu.Lock()
	k, told := c.unanswered[f.Key], c.late
	known := len(c.status.OCS)
	c.mu.Unlock()
	if k == nil || told == nil {
		return
	}
	m, err := k.decode(f.Data)
	if err != nil || !k.request.AnsweredBy(m) {
		return
	}
	n := len(k.late)
	k.late = append(k.late[:n:n], m) // in memory of its own
	now := Late{Request: k.request, Answers: k.late, Err: firstFault(k.late)}
	if k.request.Addr().Target != 0 || Origins(k.late) >= known {
		c.mu.Lock()
		delete(c.unanswered, k.key)
		c.mu.Unlock()
	} else if now.Err == nil {
		now.Err = k.err
	}
	told(now)
}

// Origins counts the OCS that have answered. One answers for each form of a number.
func Origins(answers []commdn.Message) (n int) {
	for i, m := range answers {
		seen := false
		for _, before := range answers[:i] {
			seen = seen || before.Addr().Origin == m.Addr().Origin
		}
		if !seen {
			n++
		}
	}
	return n
}
