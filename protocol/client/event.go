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
	Released                      // of Hold: it cannot be undone, or no longer; it goes out
)

// Event is what the relay tells of a request before it is settled, or with it.
// On each connection that resumes the request the relay tells all of it again.
type Event struct {
	Kind   EventKind
	Queued frame.Queued   // of Queued
	Answer commdn.Message // of Answered
}

// Follow is Do that tells what happens meanwhile. It calls told from the
// client's own goroutine: told must not block and must not call Do, Follow or
// Close. One call of told may still be under way when Follow returns because ctx
// has ended. A nil told is told nothing.
func (c *Client) Follow(ctx context.Context, req commdn.Request, told func(Event)) ([]commdn.Message, error) {
	return c.do(ctx, req, 0, commdn.DecodeEvent, told)
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
