package client

import (
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
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
// A relay that knows no previews never answers. There is one question at a time:
// another one takes its place. It returns a function that gives the question up; one
// call of told may still be under way when that returns.
func (c *Client) Preview(req commdn.Request, told func(frame.Forms)) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nextWatch++
	n := uint32(c.nextWatch)
	// A request that cannot be packed cannot be sent either, and says why.
	if message, err := pack(frame.KindPreview, n, frame.Answer{Data: req.UserData()}.Body()); err == nil {
		c.preview = preview{number: n, message: message, told: told}
		nudge(c.wake)
	}
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
	return p.message, nil
}

// pack gives the bytes of a frame.
func pack(kind frame.Kind, number uint32, body tkvlist.List) ([]byte, error) {
	return frame.Frame{Kind: kind, Number: number, Body: body}.Append(nil)
}
