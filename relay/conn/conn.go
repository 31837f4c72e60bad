package conn

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/campaigns"
	"commdn/relay/desk"
	"commdn/relay/hub"
	"commdn/relay/internal/admission"
	"commdn/relay/internal/loglimit"
	"commdn/relay/policy"
)

// Conn is one connection of one client. While nothing happens it is the one
// goroutine that reads.
type Conn struct {
	s       *Server
	sock    *socket
	id      string
	log     *slog.Logger
	ctx     context.Context // ends with the connection
	quit    context.CancelCauseFunc
	out     outbox
	source  *desk.Source
	seat    *admission.Seat
	noise   noise
	started time.Time
	heard   atomic.Int64   // when the last frame came, in nanoseconds of Unix time
	welcome chan struct{}  // closed when the client was welcomed
	asks    sync.WaitGroup // of followers of tickets; the goroutine that reads begins them
	write   sync.WaitGroup // of frames; begun by out

	telling  sync.Mutex // over the frames of one directory, and over what is told of the links
	link     frame.Link // what the client heard last of them; guarded by telling
	watching sync.Mutex // over one snapshot

	mu         sync.Mutex      // guards the rest; no other room is called with it
	numbers    map[uint32]bool // of requests; true: an answer to it could not be told
	following  int             // requests whose outcome is not queued
	person     auth.Identity
	grant      *auth.Grant  // of person in view
	view       *policy.View // nil: grant is to be worked out
	expiry     *time.Timer  // of the token and the grace; nil: never
	told       frame.Limits
	links      hub.Links // as they are
	subscribed frame.Subscribe
	met        uint64                   // the number of the newest snapshot that is queued
	holding    bool                     // a snapshot is on its way, news wait
	newest     map[campaigns.Key]uint64 // of answers about campaign groups whose news are still on their way
	held       []held
}

func (s *Server) connection(sock *socket, id, from string, seat *admission.Seat) *Conn {
	now := s.o.Settings()
	c := &Conn{
		s: s, sock: sock, id: id, log: s.o.Log.With("session", id), seat: seat,
		source: desk.NewSource(from, now.Limits, seat.Allow), welcome: make(chan struct{}), started: time.Now(),
	}
	c.heard.Store(c.started.UnixNano())
	c.out.limit = now.Queue
	c.out.begin = func() { c.spawn(&c.write, c.flush) }
	c.out.own = func() { c.write.Add(1) }
	c.ctx, c.quit = context.WithCancelCause(s.ctx)
	sock.onPong(func() bool {
		if !c.noise.tooMuch(time.Now()) {
			return false
		}
		c.quit(tooFast())
		return true
	})
	return c
}

// spawn starts a goroutine of the connection. Every one starts here.
func (c *Conn) spawn(group *sync.WaitGroup, f func()) {
	group.Go(func() { c.guard(f) })
}

// guard keeps a mistake in one connection from every other one: it ends with a
// report, and the process goes on.
func (c *Conn) guard(f func()) {
	defer func() {
		if p := recover(); p != nil {
			c.failed(p)
			c.sock.cut()
			c.out.close()
			c.quit(&frame.CloseError{Code: frame.CloseAbnormal, Reason: "the relay failed"})
		}
	}()
	f()
}

func (c *Conn) failed(p any) {
	c.log.Error("a session failed", "panic", p, "stack", string(debug.Stack()))
}

// serve runs the connection until it ends and closes it with the code that says
// why. It returns when nothing of the connection runs any more.
func (c *Conn) serve() {
	ended := make(chan struct{})
	context.AfterFunc(c.ctx, func() {
		defer close(ended)
		c.guard(c.finish)
	})
	defer c.over(ended)
	c.seat.OnEvict(func() {
		c.quit(&frame.CloseError{Code: frame.CloseHelloTimeout, Reason: "too many connections of this address wait to say hello"})
	})
	err := c.reading()
	if lost := (*frame.CloseError)(nil); errors.As(err, &lost) && lost.Code == frame.CloseAbnormal {
		// A write that took too long cuts the connection: it says why first.
		c.sock.cut()
		c.out.close()
		c.write.Wait()
	}
	c.quit(err)
}

// reading is read; a mistake in it ends the connection without a word.
func (c *Conn) reading() (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.failed(p)
			err = &frame.CloseError{Code: frame.CloseAbnormal, Reason: "the relay failed"}
		}
	}()
	return c.read()
}

// over waits for what the connection has started.
func (c *Conn) over(ended <-chan struct{}) {
	c.s.o.Hub.Leave(c)
	<-ended
	c.asks.Wait()
	c.forget()
	c.s.o.Metrics.Closed(c.reason().Code)
	c.log.Info("session ended", c.ending()...)
}

// finish writes what is queued, within closeTimeout, and closes the socket,
// which ends a blocked read.
func (c *Conn) finish() {
	if c.welcomed() {
		c.sock.expire(closeTimeout)
	} else {
		c.sock.expire(strangerTimeout)
	}
	c.out.close()
	c.write.Wait()
	closed := c.reason()
	c.sock.close(closed.Code, closed.Reason)
}

// reason gives the code that the connection has ended with, and words for it.
func (c *Conn) reason() *frame.CloseError {
	closed := &frame.CloseError{Code: frame.CloseGoingAway}
	errors.As(context.Cause(c.ctx), &closed)
	if closed.Reason == "" {
		return &frame.CloseError{Code: closed.Code, Reason: closed.Code.String()}
	}
	return closed
}

// read takes in frames. A timer, not a deadline of the read, ends a silent
// client, so that it is closed with its own code.
func (c *Conn) read() error {
	if c.sock.subprotocol() != frame.Subprotocol {
		return &frame.CloseError{Code: frame.CloseSubprotocol, Reason: "ask for the sub-protocol " + frame.Subprotocol}
	}
	silence := time.AfterFunc(c.s.o.HelloTimeout, func() {
		c.quit(&frame.CloseError{Code: frame.CloseHelloTimeout})
	})
	defer func() { silence.Stop() }()
	hello, err := c.hello()
	if err != nil {
		return err
	}
	silence.Stop() // first: the check of the token has a time of its own
	if err := c.identify(hello.Token); err != nil {
		return err
	}
	patience := 3 * c.s.o.PingInterval
	silence = time.AfterFunc(patience, func() {
		c.quit(&frame.CloseError{Code: frame.CloseIdle})
	})
	if err := c.join(hello); err != nil {
		return err
	}
	for {
		f, err := c.next()
		if err != nil {
			return err
		}
		silence.Reset(patience)
		if err := c.frame(f); err != nil {
			return err
		}
	}
}

// hello takes the first frame in.
func (c *Conn) hello() (frame.Hello, error) {
	f, err := c.next()
	if err != nil {
		return frame.Hello{}, err
	}
	if f.Kind != frame.KindHello {
		return frame.Hello{}, &frame.CloseError{Code: frame.CloseNoHello, Reason: "first frame is " + f.Kind.String()}
	}
	return frame.ReadHello(f.Body), nil
}

// join enters the hub, waits until it has told how the links are, and tells the
// client the rest.
func (c *Conn) join(hello frame.Hello) error {
	c.mu.Lock()
	name := c.person.Name
	c.mu.Unlock()
	c.log.Info("session began", "agent", loglimit.Foreign(hello.Agent), "person", name, "roles", strings.Join(c.roles(), ","), "address", c.source.Address())
	c.s.o.Metrics.Opened()
	c.s.o.Hub.Join(c)
	select {
	case <-c.welcome:
	case <-c.ctx.Done():
		return context.Cause(c.ctx)
	}
	c.directory()
	return c.resume(hello.Resume)
}

// next reads one frame. Bytes that are no frame end the connection.
func (c *Conn) next() (frame.Frame, error) {
	message, err := c.sock.read()
	if err != nil {
		return frame.Frame{}, err
	}
	c.heard.Store(time.Now().UnixNano())
	f, err := frame.Decode(message)
	if err != nil {
		return frame.Frame{}, &frame.CloseError{Code: frame.CloseMalformed, Reason: short(err.Error())}
	}
	return f, nil
}

// short cuts a reason to what fits a WebSocket close frame, which is UTF-8.
func short(s string) string { return strings.ToValidUTF8(s[:min(len(s), 120)], "") }
