package person

import (
	"commdn/components/session"
	"commdn/protocol/commdn"
)

// subjectOf is what a request of this element's kind is about.
func (c *Person) subjectOf(req commdn.Request) (s subject, ok bool) {
	p, ok := commdn.PersonOf(req)
	_, cancel := req.(*commdn.CancelRecord)
	return subject{[len(fields)]string{p.Phone, p.CustomerID, p.Campaign}, p.Chain, req.Addr().Target}, ok && cancel == c.kind.cancel
}

// adopt shows a request under way that a page before has left, if it is about the person
// whom the element shows; else it gives nil.
func (c *Person) adopt(e session.Entry) *line {
	who, ok := c.subjectOf(e.Req)
	if !ok || !e.UnderWay() || !who.same(c.wanted()) {
		return nil
	}
	a := &line{who: who, entry: e}
	c.lines = append([]*line{a}, c.lines...)
	c.emitEntry(e, "commdn-state")
	if c.canUndo(a) {
		c.count()
	}
	return a
}

// adoptAll is adopt for every such request that the element does not show yet.
func (c *Person) adoptAll() {
	for _, e := range c.env.Session.Entries() {
		shown := !e.Earlier
		for _, a := range c.lines {
			shown = shown || a.entry.ID == e.ID
		}
		if !shown {
			c.adopt(e)
		}
	}
}
