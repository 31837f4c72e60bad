package client

import (
	"context"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// EventKind says what an Event tells.
type EventKind uint8

// The kinds of Event.
const (
	Accepted EventKind = iota + 1 // the relay has the request on disk: it is not lost from here on
	Queued                        // the request waits in the relay, see Event.Queued
	Answered                      // an OCS has answered, see Event.Answer
	Kept                          // Options.Store has it: it outlives this client
	Released                      // of Hold: it cannot be undone, or no longer; it goes out
)

// Event is what is told of a request before it is settled, or with it. On each
// connection that resumes the request the relay tells all of its own again.
type Event struct {
	Kind   EventKind
	Queued frame.Queued   // of Queued
	Answer commdn.Message // of Answered
}

// Follow is Do that tells what happens meanwhile. It calls told from the
// client's own goroutines, one call at a time: told must not block and must not call
// Do, Follow or Close. One call of told may still be under way when Follow returns because ctx
// has ended. A nil told is told nothing.
func (c *Client) Follow(ctx context.Context, req commdn.Request, told func(Event)) ([]commdn.Message, error) {
	return c.Hold(ctx, req, 0, told)
}

// DoAs is Do for a request whose key the caller has made: whoever repeats a request
// under its key asks for the same one, and the relay sends it once. The key is one that
// frame.ValidKey takes and nobody can guess whom it is about from; empty: a new one.
func (c *Client) DoAs(ctx context.Context, key string, req commdn.Request) ([]commdn.Message, error) {
	return c.do(ctx, key, req, 0, commdn.DecodeEvent, nil)
}

// newKey makes the key of a request: 128 random bits as hex digits.
func (c *Client) newKey() string {
	const digits = "0123456789abcdef"
	var key [32]byte
	for half := range 2 {
		bits := c.opts.Random()
		for i := range 16 {
			key[half*16+i] = digits[bits>>(4*i)&15]
		}
	}
	return string(key[:])
}
