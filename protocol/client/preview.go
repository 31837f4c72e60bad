package client

import (
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// preview is a question for the forms of a number.
type preview struct {
	number uint32
	data   tkvlist.List
	sent   bool // on the present connection
	told   func(frame.Forms)
}

// Preview asks the relay in which forms a do-not-call or cancel would name its
// number. It does not block. told is called once, from the client's own goroutine,
// and must not block: at once where there is a connection, else when there is one.
// A relay that knows no previews never answers. There is one question at a time:
// another one takes its place. It returns a function that gives the question up; one
// call of told may still be under way when that returns.
func (c *Client) Preview(req commdn.Request, told func(frame.Forms)) (stop func()) {
	data := req.UserData()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nextWatch++
	n := uint32(c.nextWatch)
	c.preview = preview{number: n, data: data, told: told}
	nudge(c.wake)
	return func() { c.takePreview(n) }
}

// takePreview ends the question with a number and gives whom to tell; nil: nobody
// waits for that one.
func (c *Client) takePreview(number uint32) (told func(frame.Forms)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.preview.number == number {
		told, c.preview = c.preview.told, preview{}
	}
	return told
}

// nextQuestion gives what this connection has to ask beside requests, or nil: first
// the preview, then nextSubscribe.
func (c *Client) nextQuestion() ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := &c.preview
	if p.told == nil || p.sent {
		return c.nextSubscribe()
	}
	p.sent = true
	nudge(c.wake)
	return frame.Frame{Kind: frame.KindPreview, Number: p.number, Body: frame.Answer{Data: p.data}.Body()}.Append(nil)
}
