package web

import (
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"

	"commdn/relay/internal/pace"
)

// turns let strangers in as fast as those who are signed in leave them room to,
// however many they are, from wherever. What has to wait, waits in the kernel.
type turns struct {
	pacer pace.Pacer
	queue sync.Mutex // of connections that have something to do
}

// take waits for a turn.
func (t *turns) take() {
	t.queue.Lock()
	defer t.queue.Unlock()
	t.pacer.Yield()
}

// listener gives connections that take turns.
type listener struct {
	net.Listener
	turns *turns
}

// Accept stands in no queue: a new connection need not wait for a turn of all the
// others.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.turns.pacer.Yield()
	return &turnConn{Conn: c, turns: l.turns}, nil
}

// turnConn takes a turn for whatever it has read, and before it writes part of a
// download, until it is a WebSocket.
type turnConn struct {
	net.Conn
	turns     *turns
	waits     func(bool) // told of the wait after something was read; may be nil
	webSocket atomic.Bool
}

// download is more than the bytes of any other answer that are written at once.
const download = 8 << 10

func (c *turnConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n == 0 || c.webSocket.Load() {
		return n, err
	}
	if c.waits != nil {
		c.waits(true)
		defer c.waits(false)
	}
	c.turns.take()
	return n, err
}

func (c *turnConn) Write(b []byte) (int, error) {
	if len(b) > download && !c.webSocket.Load() {
		c.turns.take()
	}
	return c.Conn.Write(b)
}

// CloseWrite lets the client read an answer before the end of a connection whose
// request was not read to its end: the HTTP server looks for this method.
func (c *turnConn) CloseWrite() error { return c.Conn.(*net.TCPConn).CloseWrite() }

// turnsOf gives what takes the turns of a connection of the HTTP server; nil: it
// does not come from Listen.
func turnsOf(c net.Conn) *turnConn {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	t, _ := c.(*turnConn)
	return t
}
