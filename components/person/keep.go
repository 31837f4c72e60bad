package person

import (
	"commdn/components/session"
	"commdn/protocol/commdn"
)

// Shown implements ui.Keeper: the requests that the element shows, newest first.
func (c *Person) Shown() []int {
	ids := make([]int, len(c.lines))
	for i, a := range c.lines {
		ids[i] = a.entry.ID
	}
	return ids
}

// Restore implements ui.Keeper.
func (c *Person) Restore(entries []session.Entry) {
	for _, e := range entries {
		c.lines = append(c.lines, &line{who: about(e.Req), entry: e})
		c.unanswered.Note(e)
	}
	c.moved()
	c.forget()
}

// about is the subject of a request; kind.request is the way back.
func about(req commdn.Request) subject {
	p, _ := commdn.PersonOf(req)
	s := subject{chain: p.Chain, target: req.Addr().Target}
	s.text[phone], s.text[customer], s.text[campaign] = p.Phone, p.CustomerID, p.Campaign
	return s
}
