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
	number  int       // in the order of connecting
	since   time.Time // by Options.Now
	endOnce sync.Once
	ended   chan struct{}
	queue   chan outgoing

	// Guarded by Server.mu.
	known        bool             // RequestRegisterClient came
	application  string           // its AttributeApplicationName
	dns          map[string]int32 // registered, with AttributeRegisterMode
	stalledUntil time.Time        // machine's time
	leaving      bool             // its connection closes once the queue is written; it gets nothing else done
}

// outgoing is a frame, or an action for the time when all before it is written.
type outgoing struct {
	frame []byte // nobody may change it
	stall bool   // rest until client.stalledUntil
	hang  bool   // close the connection
}

var (
	errShutdown = errors.New("server shuts down")
	errSlow     = errors.New("client reads too slowly, its queue is full")
	errFault    = errors.New("a fault was asked for")
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
	c.enqueue(outgoing{frame: frame})
}

func (c *client) enqueue(o outgoing) {
	select {
	case c.queue <- o:
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
		for !c.serve(&m) {
			c.rest()
		}
	}
	c.s.mu.Lock()
	delete(c.s.clients, c)
	c.s.mu.Unlock()
}

// serve acts on one request; false says that the request must wait for the end of
// a stall.
func (c *client) serve(m *tlink.Message) bool {
	c.s.mu.Lock()
	defer c.s.unlock()
	if !c.stalledUntil.IsZero() && !c.hasEnded() && time.Now().Before(c.stalledUntil) {
		return false
	}
	if !c.leaving {
		c.handle(m)
	}
	return true
}

func (c *client) hasEnded() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// rest waits for the end of a stall or of the connection.
func (c *client) rest() {
	for {
		c.s.mu.Lock()
		left := time.Until(c.stalledUntil)
		c.s.mu.Unlock()
		if left <= 0 {
			return
		}
		select {
		case <-c.ended:
			return
		case <-time.After(left):
		}
	}
}

func (c *client) write() {
	out := bufio.NewWriter(c.nc)
	for {
		select {
		case <-c.ended:
			return
		case o := <-c.queue:
			c.nc.SetWriteDeadline(time.Now().Add(c.s.o.WriteTimeout))
			_, err := out.Write(o.frame)
			if err == nil && (len(c.queue) == 0 || o.stall || o.hang) {
				err = out.Flush()
			}
			if err == nil && o.hang {
				err = errFault
			}
			if err != nil {
				c.end(err)
				return
			}
			if o.stall {
				c.rest()
			}
		}
	}
}
