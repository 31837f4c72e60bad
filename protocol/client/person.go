package client

import (
	"slices"

	"commdn/protocol/frame"
)

// person is who uses the page, for the clicks that are made while the relay cannot say
// it; Client.mu guards it.
type person struct {
	subject string // see frame.Identity
	known   bool   // by the relay's word, or by what the Store remembers of an earlier one
	token   string // the last one that Options.Token gave
	ask     bool   // the Store is to be asked
	noted   string // the token that the Store is to remember subject for; empty: none
}

// presents takes in what Options.Token gives. A token that may be another person's makes
// who uses the page unknown, until the Store knows the token or the relay has answered.
// Where there is an error, nobody has signed in since the Store was told.
func (c *Client) presents(token string, err error) {
	if c.opts.Store == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p := &c.person
	if err == nil && token != p.token {
		p.token, p.known = token, false
	}
	if p.ask = !p.known && (err != nil || token != ""); p.ask {
		nudge(c.keeper.wake)
	}
}

// learn asks the Store who uses the page, or has it remember that. Only keep's goroutine
// calls it. A Store that fails at it keeps requests all the same.
func (c *Client) learn() {
	c.mu.Lock()
	p := c.person
	c.person.ask, c.person.noted = false, ""
	c.mu.Unlock()
	if p.noted != "" {
		_ = c.opts.Store.Remember(c.opts.Relay, p.noted, p.subject)
	}
	if !p.ask {
		return
	}
	subject, ok := c.opts.Store.Recall(c.opts.Relay, p.token)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !ok || c.person.known || c.person.token != p.token {
		return
	}
	c.person.subject, c.person.known = subject, true
	for _, k := range c.table.calls {
		c.bind(k)
		c.touch(k)
	}
}

// me gives whom the relay takes this client for, and whether it has said so. Where there
// is no source of tokens, everybody is the same nobody. mu is held.
func (c *Client) me() (subject string, known bool) {
	if c.opts.Token == nil {
		return "", true
	}
	return c.status.Identity.Subject, c.table.known
}

// bind says whose a new call is, if that is known; mu is held.
func (c *Client) bind(k *call) {
	switch {
	case !k.kept || k.bound:
	case c.opts.Token == nil || c.table.open && c.table.identified:
		k.subject, k.bound = c.me()
	default:
		k.subject, k.bound = c.person.subject, c.person.known
	}
}

// mine says whether a call may go out on the present connection; mu is held.
func (c *Client) mine(k *call) bool {
	subject, _ := c.me()
	return !k.bound || k.subject == subject && (c.table.identified || c.opts.Token == nil)
}

// identified takes in whom the relay takes this client for. Requests of somebody else
// are not sent; they stay in the store.
func (c *Client) identified(i frame.Identity) {
	c.setStatus(func(s *Status) {
		s.Identity = i
		c.table.known, c.table.identified = true, true // mu is held
		p := &c.person
		p.subject, p.known, p.ask, p.noted = i.Subject, true, false, p.token
		for _, k := range slices.Clone(c.table.calls) {
			if c.bind(k); !c.mine(k) {
				k.leave = true
				c.finish(k, &NoAnswerError{Sent: k.sent(), Err: ErrOtherPerson})
			}
			c.touch(k)
		}
		c.keeper.look = true
		nudge(c.keeper.wake)
		nudge(c.wake)
	})
}
