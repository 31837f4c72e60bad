package linkcheck

import (
	"commdn/relay/link"
	"commdn/relay/tserver"
)

// running uses the link of a relay that runs, and says how it is; nil: it cannot be
// used.
func (c *check) running(l *link.Link) *opened {
	if l == nil {
		c.out.say(StepConnect, Fail, "the relay that runs has no such link", "restart the relay, so that it takes over the links of its configuration")
		return nil
	}
	now := l.Connection()
	if !now.Up && now.Err == nil {
		c.out.say(StepConnect, Fail, "the relay has not connected yet", "check again in a few seconds")
		return nil
	}
	c.tell([]attempt{{now.Server, now.Err}}, now.Up)
	switch {
	case !now.Up:
		return nil
	case l.State().Standby:
		c.out.say(StepCommDN, OK, "this relay stands by: another one sends on the link", "check through the relay that sends")
		return nil
	}
	p := newPassed(c.conf)
	stop, ok := l.Watch(&link.Watch{
		UserEvent: p.observer.userEvent, Taken: p.taken, Complaint: p.complaining,
		State: func(s tserver.State) {
			if !s.Up && s.Err != nil {
				p.losing(s.Err)
			}
		},
	})
	if !ok {
		c.out.say(StepCommDN, Fail, "another check of this link is under way", "wait until it is over, and check again")
		return nil
	}
	return &opened{l, p, stop}
}
