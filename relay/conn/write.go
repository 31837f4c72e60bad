package conn

import (
	"errors"
	"net"

	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// send queues a frame. It is false for one that cannot be encoded, which costs
// that frame alone.
func (c *Conn) send(f frame.Frame) bool {
	m, err := f.Message()
	if err != nil {
		c.unsent(f.Kind, err)
		return false
	}
	c.queue(m, statusKey{})
	return true
}

func (c *Conn) unsent(kind frame.Kind, err error) {
	c.log.Error("frame not sent: it cannot be encoded", "kind", kind.String(), "error", err)
}

// parts queues frames of which only the newest count. The bodies fit a frame each.
func (c *Conn) parts(what part, kind frame.Kind, bodies []tkvlist.List) {
	var messages [][]byte
	for _, body := range bodies {
		message, err := frame.Frame{Kind: kind, Body: body}.Append(nil)
		if err != nil {
			c.unsent(kind, err)
			continue
		}
		messages = append(messages, message)
	}
	c.out.putParts(what, messages)
}

// queue queues a frame's bytes, which may be other connections' too. It never
// blocks: a full queue ends the connection.
func (c *Conn) queue(m frame.Message, key statusKey) {
	if !c.out.put(m, key) {
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
	ok, first := c.out.putOwn(frame.Message{Frame: message})
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
		for _, part := range q.parts {
			if !c.writeOne(part) {
				return false
			}
		}
		if !c.writeOne(q.message) {
			return false
		}
	}
	return true
}

// writeOne is writeAll for one message.
func (c *Conn) writeOne(message []byte) bool {
	err := c.sock.write(message)
	if err == nil {
		return true
	}
	c.out.close()
	if !errors.Is(err, net.ErrClosed) {
		c.quit(err)
	}
	return false
}
