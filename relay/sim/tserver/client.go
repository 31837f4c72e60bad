package tserver

import (
	"bufio"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"commdn/relay/tserver/tlink"
)

// client is one connection: a goroutine that reads requests and acts on them,
// and one that writes what is in the queue.
type client struct {
	s       *Server
	nc      net.Conn
	endOnce sync.Once
	ended   chan struct{}
	queue   chan []byte

	// Guarded by Server.mu.
	known       bool            // RequestRegisterClient came
	application string          // its AttributeApplicationName
	dns         map[string]bool // registered
}

var (
	errShutdown = errors.New("server shuts down")
	errSlow     = errors.New("client reads too slowly, its queue is full")
)

// end closes the connection; the goroutines notice.
func (c *client) end(reason error) {
	c.endOnce.Do(func() {
		if reason != io.EOF && reason != errShutdown {
			c.s.o.Log.Warn("sim T-Server drops a client", "client", c.nc.RemoteAddr(), "reason", reason)
		}
		close(c.ended)
		c.nc.Close()
	})
}

// send queues a message and never blocks.
func (c *client) send(m *tlink.Message) {
	frame, err := m.Append(nil)
	if err != nil {
		c.end(err)
		return
	}
	c.enqueue(frame)
}

// enqueue queues a frame, which from then on nobody may change.
func (c *client) enqueue(frame []byte) {
	select {
	case c.queue <- frame:
	default:
		c.end(errSlow)
	}
}

func (c *client) read() {
	in := tlink.NewReader(c.nc)
	for {
		m, err := in.ReadMessage()
		if err != nil {
			c.end(err)
			break
		}
		c.s.mu.Lock()
		c.handle(&m)
		c.s.mu.Unlock()
	}
	c.s.mu.Lock()
	delete(c.s.clients, c)
	c.s.mu.Unlock()
}

func (c *client) write() {
	out := bufio.NewWriter(c.nc)
	for {
		select {
		case <-c.ended:
			return
		case frame := <-c.queue:
			c.nc.SetWriteDeadline(time.Now().Add(c.s.o.WriteTimeout))
			_, err := out.Write(frame)
			if err == nil && len(c.queue) == 0 {
				err = out.Flush()
			}
			if err != nil {
				c.end(err)
				return
			}
		}
	}
}
