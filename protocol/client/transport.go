package client

import (
	"context"

	"commdn/protocol/frame"
)

// Conn is one open connection to a relay that speaks frame.Subprotocol. Each
// message is one frame. A Conn is used by one reader and one writer at a time.
type Conn interface {
	// Read blocks for the next message. It fails with a *frame.CloseError when
	// the relay closed or the connection broke, and with the context's error.
	// A Conn whose Read or Write failed is of no more use.
	Read(ctx context.Context) ([]byte, error)
	// Write sends one message; it may return before the message has left. It
	// fails like Read, so that the relay's reason is not lost to whichever of
	// the two is first.
	Write(ctx context.Context, message []byte) error
	// Close ends the connection. It does not block, may be called while Read
	// or Write run, which then fail, and more than once.
	Close(code frame.CloseCode, reason string)
}

// Dialer opens a connection. It must come back when the context ends, which
// is for dialing only: the Conn outlives it. An error that wraps a final
// *frame.CloseError ends the client.
type Dialer func(ctx context.Context) (Conn, error)
