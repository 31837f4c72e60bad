package client

import (
	"context"

	"commdn/protocol/frame"
)

// Conn is one open connection to a relay that speaks frame.Subprotocol. Each
// message is one frame. A Conn is used by one reader and one writer at a time.
type Conn interface {
	// Read blocks for the next message. It fails with a *frame.CloseError when
	// the relay closed (with its code) or the connection broke (CloseAbnormal).
	// A Conn whose Read or Write failed is of no more use.
	Read() ([]byte, error)
	// Write sends one message; it may return before the message has left, and
	// does not keep it. It must come back within seconds.
	Write(message []byte) error
	// Close ends the connection; Read and Write that are running then fail. It
	// may take seconds, for the other side to answer the close, and may be
	// called more than once, from any goroutine.
	Close(code frame.CloseCode, reason string)
}

// Dialer opens a connection. It must come back when the context ends, which
// has no further meaning once the Dialer has returned.
type Dialer func(ctx context.Context) (Conn, error)
