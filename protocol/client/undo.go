package client

import (
	"context"
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// hold is what a call that can be undone has beside the others.
type hold struct {
	can      bool      // it was asked for with a window
	until    time.Time // the window ends then; zero: it is over
	released bool      // the relay has said that it is
	wanted   bool      // Undo was called in time
	asked    bool      // the relay knows so on the present connection
}

// left gives the rest of the window in milliseconds.
func (h *hold) left() int { return int(max(time.Until(h.until), 0) / time.Millisecond) }

// heard takes in what the relay says of the window.
func (h *hold) heard(f frame.Held) Event {
	if f.Left == 0 {
		h.until, h.released = time.Time{}, true
		return Event{Kind: Released}
	}
	h.until = time.Now().Add(time.Duration(f.Left) * time.Millisecond)
	return Event{Kind: Held, Until: h.until}
}

func windowOf(l frame.Limits) time.Duration { return time.Duration(l.UndoMillis) * time.Millisecond }

// Hold is Follow for a do-not-call or cancel that Undo can take back: the relay holds
// it for the window, and no longer than Status.Undo, before OCS hears of it. The
// window begins now, with a connection or without. Its error is a *frame.Refusal with
// the code RefusedUndone where the request was undone. With a window of 0 it is Follow.
func (c *Client) Hold(ctx context.Context, req commdn.Request, window time.Duration, told func(Event)) ([]commdn.Message, error) {
	return c.held(ctx, req, window, commdn.DecodeEvent, told)
}

// Undo takes back the very request that Hold was given. It is false where there is
// nothing to undo, or no longer: the request goes on, or has its outcome. Else Hold
// returns what became of it: mostly that it is undone, but the window may end before
// the relay hears of Undo. Without a connection that waits for the next one.
func (c *Client) Undo(req commdn.Request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.table.calls, func(k *call) bool { return k.request == req && k.can && !k.released })
	if i < 0 {
		return false
	}
	k := c.table.calls[i]
	if !k.sent {
		c.finish(k, &frame.Refusal{Code: frame.RefusedUndone, Message: "taken back before it was sent to the relay"})
		return true
	}
	k.wanted = true
	nudge(c.wake)
	return true
}

// nextUndo gives the next undo that has to be written; nil: none has.
func (c *Client) nextUndo() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range c.table.calls {
		if k.wanted && k.onWire && !k.asked {
			k.asked = true
			message, _ := pack(frame.KindUndo, k.number, frame.Undo{Key: k.key}.Body()) // a key always fits
			return message
		}
	}
	return nil
}

// lostUndo ends a call that was taken back, and that the relay is not known to have: it
// may have gone out before, and to send it again is not what was asked for. mu is held.
func (c *Client) lostUndo(k *call) { c.finish(k, &NoAnswerError{Sent: true, Err: ErrLost}) }

// noWindow tells those whose requests wait for a connection that a relay without a
// window has no window. Only the goroutine that reads calls it.
func (c *Client) noWindow(l frame.Limits) {
	if l.UndoMillis > 0 {
		return // it says so of each request
	}
	var all []func(Event)
	c.mu.Lock()
	for _, k := range c.table.calls {
		if k.can && !k.sent && !k.released {
			k.heard(frame.Held{})
			if k.told != nil {
				all = append(all, k.told)
			}
		}
	}
	c.mu.Unlock()
	for _, told := range all {
		told(Event{Kind: Released})
	}
}
