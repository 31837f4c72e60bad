package tlink

import (
	"errors"
	"fmt"
	"os"
	"time"

	"commdn/relay/tserver"
)

// incoming is the source of a conn's Reader: the connection, with the limits of its
// silence. They are below the Reader, so that a timeout never loses the first part of a
// frame whose rest comes late. The reading goroutine keeps them, so that a Handler's time
// is no silence.
type incoming struct{ *conn }

// Read waits for bytes. Every byte is a sign of life. During a registration only the
// registration's own time limit applies.
func (c incoming) Read(b []byte) (int, error) {
	for asked := false; ; asked = true {
		c.nc.SetReadDeadline(c.until(asked))
		n, err := c.nc.Read(b)
		switch {
		case n > 0 || !errors.Is(err, os.ErrDeadlineExceeded):
			return n, err
		case c.registration != 0:
			return 0, fmt.Errorf("tlink: no answer to %v within %s", RequestRegisterAddress, c.answerWithin)
		case asked:
			return 0, fmt.Errorf("tlink: %w for %s: no answer to %v within %s",
				tserver.ErrSilent, c.keepAlive.Idle+c.keepAlive.Timeout, KeepAlive, c.keepAlive.Timeout)
		}
		if err := c.write(&Message{ID: KeepAlive, Reference: c.pending.reference()}); err != nil {
			return 0, err
		}
	}
}

// until returns when T-Server will have been silent for too long; the zero time is never.
func (c incoming) until(asked bool) time.Time {
	switch {
	case c.registration != 0:
		return c.answerBy
	case c.keepAlive.Idle <= 0:
		return time.Time{}
	case asked:
		return time.Now().Add(c.keepAlive.Timeout)
	default:
		return time.Now().Add(c.keepAlive.Idle)
	}
}
