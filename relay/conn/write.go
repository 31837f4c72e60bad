package conn

import (
	"errors"
	"net"

	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// send queues a frame.
func (c *Conn) send(f frame.Frame) {
	if message, ok := c.encode(f); ok {
		c.queue(message, statusKey{})
	}
}

func (c *Conn) encode(f frame.Frame) (message []byte, ok bool) {
	message, err := f.Append(nil)
	if err != nil {
		c.unsendable(f.Kind, err)
	}
	return message, err == nil
}

func (c *Conn) unsendable(kind frame.Kind, err error) {
	c.log.Error("frame not sent", "kind", kind.String(), "error", err)
	c.quit(&frame.CloseError{Code: frame.CloseMalformed, Reason: "the relay could not encode a frame"})
}

// parts queues frames of which only the newest count.
func (c *Conn) parts(what part, kind frame.Kind, bodies []tkvlist.List) {
	var messages [][]byte
	for _, body := range bodies {
		message, ok := c.encode(frame.Frame{Kind: kind, Body: body})
		if !ok {
			return
		}
		messages = append(messages, message)
	}
	c.out.putParts(what, messages)
}

// queue queues a frame's bytes, which may be other connections' too. It never
// blocks: a full queue ends the connection.
func (c *Conn) queue(message []byte, key statusKey) {
	if !c.out.put(message, key) {
		c.slow()
	}
}

// slow ends a connection whose client does not read what it is told.
func (c *Conn) slow() {
	if c.ctx.Err() == nil {
		c.log.Warn("slow consumer: too much waits to be written")
	}
	c.quit(&frame.CloseError{Code: frame.CloseSlow})
}

// queueOwn is queue for the goroutine that reads: it writes by itself what it
// has said, unless somebody writes already. A client that does not read what it
// asked for has its next request read later.
func (c *Conn) queueOwn(message []byte) {
	ok, first := c.out.putOwn(message)
	if !ok {
		c.slow()
	}
	if !first {
		return
	}
	defer c.write.Done()
	if !c.writeAll(c.out.take()) {
		return
	}
	if more := c.out.take(); more != nil { // of others: reading goes on meanwhile
		c.spawn(&c.write, func() {
			if c.writeAll(more) {
				c.flush()
			}
		})
	}
}

// flush writes frames until none is queued.
func (c *Conn) flush() {
	for batch := c.out.take(); batch != nil; batch = c.out.take() {
		if !c.writeAll(batch) {
			return
		}
	}
}

// writeAll writes frames; false: the connection is over.
func (c *Conn) writeAll(batch []queued) bool {
	for _, q := range batch {
		if q.message == nil {
			continue
		}
		if err := c.sock.write(q.message); err != nil {
			c.out.close()
			if !errors.Is(err, net.ErrClosed) {
				c.quit(err)
			}
			return false
		}
	}
	return true
}
