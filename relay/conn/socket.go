//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package conn

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/frame"
)

// socket is the server side of one WebSocket. It is the only code of the relay
// that knows the library.
type socket struct {
	conn *websocket.Conn
	net  *once // below conn, for what the library has no limit of time for
	buf  []byte
}

// hijacked keeps the connection that the library takes from the HTTP server.
type hijacked struct {
	http.ResponseWriter
	timeout time.Duration // of a write
	net     *once
}

func (h *hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.net = &once{Conn: c, timeout: h.timeout}
	return h.net, buffers(h.net, rw.Reader), nil
}

// once is a connection on which nothing is written after our close frame. The
// library answers the other side's close frame also where that is the answer to
// its own; a browser takes the second one for a fault, and the page is told 1006
// in place of the code.
//
// It also bounds the time of each write. A deadline of the connection costs a
// fifth of a context, which the library would need for that.
type once struct {
	net.Conn
	closing atomic.Bool  // our close frame may come
	closed  atomic.Bool  // it has been written
	after   atomic.Int64 // bytes that were read since then
	pong    func() bool  // counts a pong that is to be written; true: one too many
	flood   atomic.Bool  // it is closed for sending too much: pings are not answered any more

	timeout  time.Duration // of a write
	mu       sync.Mutex    // guards the rest, and that expire has the last word
	by       time.Time     // the deadline of writes that is set
	expiring bool
}

// slack is how much longer than its time a write may last, so that not every
// write sets a deadline.
const slack = time.Second

// hurry gives a write its time.
func (c *once) hurry() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if c.expiring || c.by.Sub(now) >= c.timeout {
		return nil
	}
	c.by = now.Add(c.timeout + slack)
	return c.SetWriteDeadline(c.by)
}

// expire gives everything on the connection d more.
func (c *once) expire(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expiring = true
	_ = c.SetDeadline(time.Now().Add(d))
}

// How many bytes are read for the other side's close frame once ours is out, and
// of a flood. Whoever goes on sending is cut off.
const (
	mostAfterClose = 4 << 20
	mostAfterFlood = 64 << 10
)

// slower is how long a flood waits between two reads, until it is cut, and sip how
// many bytes each of these has at most: a ping has six, and each keeps a processor
// busy for microseconds.
const (
	slower = 5 * time.Millisecond
	sip    = 64
)

func (c *once) Read(b []byte) (int, error) {
	most := int64(mostAfterClose)
	if c.flood.Load() {
		time.Sleep(slower)
		most, b = mostAfterFlood, b[:min(len(b), sip)]
	}
	if !c.closed.Load() {
		return c.Conn.Read(b)
	}
	if c.after.Load() > most {
		return 0, io.EOF
	}
	n, err := c.Conn.Read(b)
	c.after.Add(int64(n))
	return n, err
}

func (c *once) Write(b []byte) (int, error) {
	if err := c.hurry(); err != nil {
		return 0, err
	}
	if c.closing.Load() {
		if c.closed.Load() {
			return len(b), nil
		}
		c.closed.Store(isControl(b, 0x88))
	}
	if c.pong != nil && isControl(b, 0x8A) && (c.flood.Load() || c.pong()) {
		c.flood.Store(true)
		return len(b), nil
	}
	return c.Conn.Write(b)
}

// isControl says whether b is a control frame with this first byte, which the
// library writes in one piece.
func isControl(b []byte, first byte) bool {
	return len(b) >= 2 && b[0] == first && len(b) == 2+int(b[1])
}

// Sizes of the buffers of a socket. Nearly all messages fit into them; a longer
// one goes past them, in one more call of the system. Those of the HTTP server
// have 4 KB each, for as long as a session is connected.
const (
	readBuffer  = 512
	writeBuffer = 1024
)

// buffers gives those of a connection. What the HTTP server has read already is
// in them.
func buffers(c net.Conn, read *bufio.Reader) *bufio.ReadWriter {
	r := bufio.NewReaderSize(read, max(readBuffer, read.Buffered()))
	_, _ = r.Peek(read.Buffered())
	return bufio.NewReadWriter(r, bufio.NewWriterSize(c, writeBuffer))
}

// accept answers the upgrade of a page whose origin may connect.
func accept(w http.ResponseWriter, r *http.Request, writeTimeout time.Duration) (*socket, error) {
	h := &hijacked{ResponseWriter: w, timeout: writeTimeout}
	conn, err := websocket.Accept(h, r, &websocket.AcceptOptions{
		Subprotocols:       []string{frame.Subprotocol},
		InsecureSkipVerify: true, // the origin has been looked at
	})
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(-1) // read keeps the limit itself, to close with a code of our own
	return &socket{conn: conn, net: h.net}, nil
}

// read gives the bytes of the next binary message, valid until the next read.
// It fails with a *frame.CloseError: the code to close the socket with, or the
// one that it ended with. Only close and expire end a blocked read: a context
// would cut the connection before the close code is sent.
func (s *socket) read() ([]byte, error) {
	kind, r, err := s.conn.Reader(context.Background())
	if err != nil {
		return nil, ended(err)
	}
	if kind != websocket.MessageBinary {
		return nil, &frame.CloseError{Code: frame.CloseText}
	}
	if s.buf == nil {
		s.buf = make([]byte, 512)
	}
	n := 0
	for {
		m, err := r.Read(s.buf[n:])
		n += m
		switch {
		case errors.Is(err, io.EOF):
			return s.buf[:n], nil
		case err != nil:
			return nil, ended(err)
		case n > frame.MaxLen:
			return nil, &frame.CloseError{Code: frame.CloseTooBig}
		case n == len(s.buf):
			s.buf = append(s.buf, make([]byte, min(n, frame.MaxLen+1-n))...)
		}
	}
}

// ended words what the library says of a connection that is no more.
func ended(err error) error {
	var closed websocket.CloseError
	if errors.As(err, &closed) {
		return &frame.CloseError{Code: frame.CloseCode(closed.Code), Reason: closed.Reason}
	}
	return &frame.CloseError{Code: frame.CloseAbnormal, Reason: err.Error()}
}

// write sends one message within its time; later the connection is cut. It
// fails with a *frame.CloseError, or with net.ErrClosed when read knows why.
func (s *socket) write(message []byte) error {
	err := s.conn.Write(context.Background(), websocket.MessageBinary, message)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.cut() // part of the message may be out
		return &frame.CloseError{Code: frame.CloseSlow}
	case errors.Is(err, net.ErrClosed):
		return net.ErrClosed
	}
	return ended(err)
}

// How long a closing handshake may take, with a client and with one that never
// said who it is.
const (
	closeTimeout    = 5 * time.Second
	strangerTimeout = time.Second
)

// onPong has f called whenever the library would answer a WebSocket ping, which it
// does by itself; true: it is one too many. It is called before the first read.
func (s *socket) onPong(f func() bool) { s.net.pong = f }

// expire gives the socket so much time more, whatever it is doing. The library's
// own limit does not cover a client that stops within a message.
func (s *socket) expire(d time.Duration) { s.net.expire(d) }

// close sends a close code and waits for the other side's until the time that
// expire has set is over. A socket that has ended is only released.
func (s *socket) close(code frame.CloseCode, reason string) {
	s.net.closing.Store(true)
	if code == frame.CloseTooFast {
		s.net.flood.Store(true)
	}
	_ = s.conn.Close(websocket.StatusCode(code), reason)
}

// cut ends the connection without a word.
func (s *socket) cut() { _ = s.net.Close() }

func (s *socket) subprotocol() string { return s.conn.Subprotocol() }
