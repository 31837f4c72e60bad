package client

import (
	"slices"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// preview is a question for the forms of a number.
type preview struct {
	number  uint32
	message []byte
	sent    bool // on the present connection
	told    func(frame.Forms)
}

// Preview asks the relay in which forms a do-not-call or cancel would name its
// number. It does not block. told is called once, from the client's own goroutine,
// and must not block: at once where there is a connection, else when there is one.
// A relay that knows no previews never answers. It returns a function that gives
// the question up; one call of told may still be under way when that returns.
func (c *Client) Preview(req commdn.Request, told func(frame.Forms)) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nextWatch++
	p := &preview{number: uint32(c.nextWatch), told: told}
	p.message, _ = frame.Frame{Kind: frame.KindPreview, Number: p.number, Body: frame.Preview{Data: req.UserData()}.Body()}.Append(nil)
	if p.message != nil { // else the request cannot be sent either, and says why
		c.previews = append(c.previews, p)
		nudge(c.wake)
	}
	return func() { c.takePreview(p.number) }
}

// takePreview takes a question off the list; nil: it is not there.
func (c *Client) takePreview(number uint32) *preview {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, p := range c.previews {
		if p.number == number {
			c.previews = slices.Delete(c.previews, i, i+1)
			return p
		}
	}
	return nil
}

// nextPreview gives the next question that this connection has to ask, or nil.
func (c *Client) nextPreview() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.previews {
		if !p.sent {
			p.sent = true
			return p.message
		}
	}
	return nil
}

// formsTold takes in the answer to a question.
func (c *Client) formsTold(f frame.Frame) {
	if p := c.takePreview(f.Number); p != nil {
		p.told(frame.ReadForms(f.Body))
	}
}
