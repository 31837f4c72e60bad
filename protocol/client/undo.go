package client

import (
	"context"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// undoState says how it stands with taking a call back.
type undoState uint8

const (
	_          undoState = iota // it cannot be undone, or no longer
	undoable                    // it can
	undoWanted                  // Undo was called in time
	undoAsked                   // and the relay knows so on the present connection
)

// undoIn writes into the message of a call what is left of its window. That is the last
// value of the list, a number of four bytes.
func (k *call) undoIn() {
	left := uint32(max(time.Until(k.until), 0) / time.Millisecond)
	if left == 0 && k.undo == undoable { // the relay will not say so
		k.undo, k.until = 0, time.Time{}
	}
	for i := range 4 {
		k.message[len(k.message)-1-i] = byte(left >> (8 * i))
	}
}

// again says whether a request that an earlier page has taken back may be sent once more,
// for the undo that follows it. No relay forgets a request while its window is open. mu
// is held.
func (c *Client) again(k *call) bool {
	return k.progress&unwanted != 0 && k.holds && min(time.Until(k.until), windowOf(c.table.limits)) > time.Second
}

func windowOf(l frame.Limits) time.Duration { return time.Duration(l.UndoMillis) * time.Millisecond }

// Hold is Follow for a do-not-call or cancel that Undo can take back: the relay holds
// it for the window, and no longer than Status.Undo, before OCS hears of it. The
// window begins now, with a connection or without. Its error is a *frame.Refusal with
// the code RefusedUndone where the request was undone. With a window of 0 it is Follow.
func (c *Client) Hold(ctx context.Context, req commdn.Request, window time.Duration, told func(Event)) ([]commdn.Message, error) {
	return c.do(ctx, "", req, window, commdn.DecodeEvent, told)
}

// HoldPerson is Hold for a browser that sends nothing but DoNotCall and CancelRecord: it
// links no other messages.
func (c *Client) HoldPerson(ctx context.Context, req commdn.Request, window time.Duration, told func(Event)) ([]commdn.Message, error) {
	return c.do(ctx, "", req, window, commdn.DecodePersonAnswer, told)
}

// Undo takes back the very request that Hold was given. It is false where there is
// nothing to undo, or no longer: the request goes on, or has its outcome. Else Hold
// returns what became of it: mostly that it is undone, but the window may end before
// the relay hears of Undo. Without a connection that waits for the next one, and with
// Options.Store for the next client, too. What Hold says is undone stays so over a crash:
// it waits for the Store to forget a request that no relay has heard of.
func (c *Client) Undo(req commdn.Request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range c.table.calls {
		if k.request != req || k.undo == 0 {
			continue
		}
		if k.undo == undoable {
			k.undo = undoWanted
			c.touch(k)
			nudge(c.keeper.wake) // not in keepAfter: a crash must not forget it
		}
		c.dropUnsent(k)
		nudge(c.wake)
		return true
	}
	return false
}

// dropUnsent takes back a call that was to be undone before any relay could hear of it;
// mu is held.
func (c *Client) dropUnsent(k *call) {
	if k.undo >= undoWanted && !k.sent() {
		c.takeBack(k, &frame.Refusal{Code: frame.RefusedUndone, Message: "taken back before it was sent"})
	}
}

// takeBack ends a call that was undone, once its record is gone: a crash after its caller
// was told so must not leave it to a client that sends it. Until then it does not go out.
// mu is held.
func (c *Client) takeBack(k *call, r *frame.Refusal) {
	if !k.inStore {
		c.finish(k, r)
		return
	}
	k.stop()
	k.onWire, k.undone = false, r
	c.touch(k)
	nudge(c.keeper.wake)
	nudge(c.wake) // there may be room for another one
}
