package simulation

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// host is a process with its network: what it does to others goes through pass. The
// goroutines of a process that was killed go on, as nothing ends a goroutine from
// outside; but nothing of what they do reaches anybody.
type host struct {
	w    *world
	name string
	run  int           // which one of this name it is
	dead chan struct{} // closed when the process is gone

	lots *dice
}

func (w *world) host(name string) *host {
	w.mu.Lock()
	w.hosts[name]++
	run := w.hosts[name]
	w.mu.Unlock()
	return &host{w: w, name: name, run: run, dead: make(chan struct{}), lots: newDice(w.plan.seed+uint64(run), name)}
}

var errDead = errors.New("the process is gone")

// pass waits while the process is paused.
func (h *host) pass() error { return h.passUnless(nil) }

// passUnless waits until done is closed at most: who closes a connection may hold a
// mutex until its reader has come back, and while somebody waits for a mutex time
// stands still.
func (h *host) passUnless(done <-chan struct{}) error {
	now := h.w.now()
	if until := h.w.plan.pauses[h.name].after(now); until > now {
		until += between(h.lots.of("pause"), 0, time.Millisecond) // one goroutine after the other
		h.sleep(until-now, done)
	}
	select {
	case <-h.dead:
		return errDead
	default:
		return nil
	}
}

// sleep waits, until the process is gone or done is closed at most.
func (h *host) sleep(d time.Duration, done <-chan struct{}) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-h.dead:
	case <-done:
	}
}

// arrival says when what leaves a host now arrives at another one: what is sent
// into a way that is shut arrives when it is open again.
func (w *world) arrival(from, to string, r *rand.Rand) time.Time {
	took := 100*time.Microsecond + time.Duration(r.Int64N(int64(time.Millisecond)))
	if r.IntN(8) == 0 {
		took += time.Duration(r.Int64N(int64(w.plan.slow)))
	}
	at := w.now() + took
	if open := w.plan.shut[pair(from, to)].after(at); open > at {
		at = open + took
	}
	return w.began.Add(at)
}

// wire is one end of a connection. Like TCP it loses nothing and keeps the order,
// until somebody ends it.
type wire struct {
	w         *world
	me        *host
	peer      *wire
	from      net.Addr // of the peer
	random    *rand.Rand
	closed    chan struct{}
	closeOnce sync.Once

	mu       sync.Mutex
	wake     chan struct{} // something of the rest has changed
	coming   []chunk
	last     time.Time // when the last chunk arrives
	deadline time.Time // of Read
}

// chunk is what was written at once; end is not nil for the last one.
type chunk struct {
	at   time.Time
	data []byte
	end  error
}

// connect makes a connection between two hosts.
func (w *world) connect(a, b *host, r *rand.Rand) (*wire, *wire) {
	one := &wire{w: w, me: a, random: r, closed: make(chan struct{}), wake: make(chan struct{}, 1), from: address(b.name)}
	two := &wire{w: w, me: b, random: random(r.Uint64(), "back"), closed: make(chan struct{}), wake: make(chan struct{}, 1), from: address(a.name)}
	one.peer, two.peer = two, one
	w.mu.Lock()
	w.wires = append(w.wires, one, two)
	w.mu.Unlock()
	return one, two
}

// address makes an IP address of a name.
func address(name string) net.Addr {
	return &net.TCPAddr{IP: net.IPv4(192, 0, 2, name[len(name)-1]), Port: 1024}
}

// arrive puts a chunk in the way to this end.
func (c *wire) arrive(k chunk) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !k.at.After(c.last) {
		k.at = c.last.Add(1)
	}
	c.last = k.at
	c.coming = append(c.coming, k)
	nudge(c.wake)
}

func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (c *wire) Read(b []byte) (int, error) {
	for {
		if c.me.passUnless(c.closed) != nil {
			return 0, net.ErrClosed
		}
		n, wait, err := c.take(b)
		if n > 0 || err != nil {
			return n, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-c.wake:
		case <-timer.C:
		case <-c.closed:
		case <-c.me.dead:
		}
		timer.Stop()
	}
}

// take takes what has arrived, or says how long nothing more will.
func (c *wire) take(b []byte) (n int, wait time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.closed:
		return 0, 0, net.ErrClosed
	default:
	}
	now := time.Now()
	wait = time.Hour
	if !c.deadline.IsZero() {
		if wait = c.deadline.Sub(now); wait <= 0 {
			return 0, 0, os.ErrDeadlineExceeded
		}
	}
	if len(c.coming) == 0 {
		return 0, wait, nil
	}
	k := &c.coming[0]
	if k.at.After(now) {
		return 0, min(wait, k.at.Sub(now)), nil
	}
	if k.end != nil {
		return 0, 0, k.end
	}
	n = copy(b, k.data)
	if k.data = k.data[n:]; len(k.data) == 0 {
		c.coming = c.coming[1:]
	}
	return n, 0, nil
}

func (c *wire) Write(b []byte) (int, error) {
	if c.me.passUnless(c.closed) != nil {
		return 0, net.ErrClosed
	}
	select {
	case <-c.closed:
		return 0, net.ErrClosed
	default:
	}
	c.send(chunk{data: append([]byte(nil), b...)})
	return len(b), nil
}

func (c *wire) send(k chunk) {
	now := c.w.now()
	c.mu.Lock()
	k.at = c.w.arrival(c.me.name, c.peer.me.name, c.random)
	c.mu.Unlock()
	k.at = k.at.Add(c.w.plan.pauses[c.me.name].after(now) - now)
	c.peer.arrive(k)
}

// Close ends the connection; the peer hears it after what was written. It never waits,
// as who calls it may hold a mutex, and then time would stand still: where the process
// is paused the end goes out later.
func (c *wire) Close() error {
	c.closeOnce.Do(func() {
		select {
		case <-c.me.dead:
		default:
			c.send(chunk{end: io.EOF})
		}
		close(c.closed)
	})
	return nil
}

// reset ends the connection at this end at once.
func (c *wire) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.coming = []chunk{{at: time.Now(), end: syscall.ECONNRESET}}
	nudge(c.wake)
}

func (c *wire) LocalAddr() net.Addr  { return address(c.me.name) }
func (c *wire) RemoteAddr() net.Addr { return c.from }

func (c *wire) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }
func (c *wire) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	nudge(c.wake)
	return nil
}

// SetWriteDeadline does nothing: no write waits for the other end.
func (c *wire) SetWriteDeadline(time.Time) error { return nil }

// listener is where a relay takes connections.
type listener struct {
	host *host
	come chan net.Conn
	done chan struct{}
	once sync.Once
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.come:
		return c, nil
	case <-l.done:
	case <-l.host.dead:
	}
	return nil, net.ErrClosed
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *listener) Addr() net.Addr { return address(l.host.name) }

// dial connects a host to a relay. A machine without power says nothing.
func (w *world) dial(ctx context.Context, me *host, to string, r *rand.Rand) (net.Conn, error) {
	wait := func(until time.Time) error {
		t := time.NewTimer(time.Until(until))
		defer t.Stop()
		select {
		case <-t.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := wait(w.arrival(me.name, to, r)); err != nil {
		return nil, err
	}
	l, off := w.listening(to)
	if off {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if err := wait(w.arrival(to, me.name, r)); err != nil {
		return nil, err
	}
	if l == nil {
		return nil, syscall.ECONNREFUSED
	}
	mine, theirs := w.connect(me, l.host, r)
	select {
	case l.come <- theirs:
		return mine, nil
	case <-l.done:
	case <-l.host.dead:
	default: // it takes nothing
	}
	return nil, syscall.ECONNREFUSED
}

// cut ends all connections between two hosts.
func (w *world) cut(a, b string) {
	w.mu.Lock()
	all := w.wires
	w.mu.Unlock()
	for _, c := range all {
		if pair(c.me.name, c.peer.me.name) == pair(a, b) {
			c.reset()
		}
	}
}

// gone ends the connections of a process; told says that the others hear it.
func (w *world) gone(h *host, told bool) {
	w.mu.Lock()
	all := w.wires
	w.mu.Unlock()
	for _, c := range all {
		if c.me == h && told {
			c.send(chunk{end: syscall.ECONNRESET})
		}
	}
}
