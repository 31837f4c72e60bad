package person

import (
	"commdn/components/ui"
	"commdn/protocol/commdn"
)

// Shown implements ui.Keeper.
func (c *Person) Shown() []ui.Shown {
	shown := make([]ui.Shown, len(c.lines))
	for i, a := range c.lines {
		shown[i] = ui.Shown{Entry: a.entry, Past: a.past}
	}
	return shown
}

// Restore implements ui.Keeper.
func (c *Person) Restore(shown []ui.Shown) {
	for _, s := range shown {
		c.lines = append(c.lines, &line{who: about(s.Entry.Req), entry: s.Entry, past: s.Past})
		c.unanswered.Note(s.Entry)
	}
	c.forget()
}

// about is the subject of a request; kind.request is the way back.
func about(req commdn.Request) subject {
	p, _ := commdn.PersonOf(req)
	s := subject{chain: p.Chain, target: req.Addr().Target}
	s.text[phone], s.text[customer], s.text[campaign] = p.Phone, p.CustomerID, p.Campaign
	return s
}
