package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"commdn/protocol/frame"
)

// socket is a WebSocket with as little of a client as there can be, so that
// thousands of them cost less than the server that is measured.
type socket struct {
	net net.Conn
	in  *bufio.Reader
}

// dial connects; what does not succeed within patience fails.
func dial(ctx context.Context, host string) (*socket, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, err
	}
	s := &socket{c, bufio.NewReaderSize(c, 512)}
	_ = c.SetDeadline(time.Now().Add(patience))
	_, err = fmt.Fprintf(c, "GET /ws HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: %s\r\n\r\n", host, frame.Subprotocol)
	if err == nil {
		err = s.upgraded()
	}
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	return s, nil
}

// patience is how long anything may take.
const patience = 30 * time.Second

func (s *socket) upgraded() error {
	res, err := http.ReadResponse(s.in, nil)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusSwitchingProtocols {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 200))
		return fmt.Errorf("the upgrade was answered with %s: %s", res.Status, text)
	}
	return nil
}

// Opcodes of RFC 6455, with the bit that says that the message ends.
const (
	opText   = 0x80 | 1
	opBinary = 0x80 | 2
	opClose  = 0x80 | 8
)

// message gives the bytes of a WebSocket message from a client. Its mask is 0,
// which a server has to apply as any other.
func message(opcode byte, payload []byte) []byte {
	b := []byte{opcode}
	if n := len(payload); n < 126 {
		b = append(b, 0x80|byte(n))
	} else {
		b = append(b, 0x80|126, byte(n>>8), byte(n))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

// encoded gives the message of a frame.
func encoded(f frame.Frame) ([]byte, error) {
	b, err := f.Append(nil)
	return message(opBinary, b), err
}

func (s *socket) write(message []byte) error {
	_, err := s.net.Write(message)
	return err
}

// read gives the payload of the next message, valid until the next read.
func (s *socket) read(buf []byte) ([]byte, error) {
	var h [2]byte
	if _, err := io.ReadFull(s.in, h[:]); err != nil {
		return nil, err
	}
	n := int(h[1])
	if n == 126 {
		var long [2]byte
		if _, err := io.ReadFull(s.in, long[:]); err != nil {
			return nil, err
		}
		n = int(binary.BigEndian.Uint16(long[:]))
	}
	if n > len(buf) {
		return nil, fmt.Errorf("a message of %d bytes", n)
	}
	if _, err := io.ReadFull(s.in, buf[:n]); err != nil {
		return nil, err
	}
	switch h[0] {
	case opText, opBinary:
		return buf[:n], nil
	case opClose:
		if n < 2 {
			return nil, errors.New("closed")
		}
		return nil, fmt.Errorf("closed with %v: %s", frame.CloseCode(binary.BigEndian.Uint16(buf)), buf[2:n])
	}
	return nil, fmt.Errorf("opcode %#x", h[0])
}

// await reads until a frame of a kind comes, which it gives.
func (s *socket) await(kind frame.Kind, buf []byte) ([]byte, error) {
	_ = s.net.SetReadDeadline(time.Now().Add(patience))
	defer s.net.SetReadDeadline(time.Time{})
	for {
		b, err := s.read(buf)
		if err != nil {
			return nil, err
		}
		if len(b) > 0 && frame.Kind(b[0]) == kind {
			return b, nil
		}
	}
}

// What each session sends.
var (
	hello     = must(frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Agent: "commdn bench"}.Body()})
	ping      = must(frame.Frame{Kind: frame.KindPing, Number: 1})
	subscribe = must(frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true}.Body()})
)

// must is encoded for what is known to fit.
func must(f frame.Frame) []byte {
	b, err := encoded(f)
	if err != nil {
		panic(err)
	}
	return b
}

// kind says which server a socket talks to: one answers with frames, the other
// with what it was sent.
type kind int

const (
	toRelay kind = iota
	toEcho
)

func (k kind) String() string { return [...]string{"relay", "echo"}[k] }

// pong is what answers a ping.
func (k kind) pong() frame.Kind { return [...]frame.Kind{frame.KindPong, frame.KindPing}[k] }

// open connects and says hello. A ping has gone both ways when it returns, so
// that everything is done that a new session has done to it.
func open(ctx context.Context, k kind, host string, watch bool) (*socket, error) {
	s, err := dial(ctx, host)
	if err != nil {
		return nil, err
	}
	buf := make([]byte, frame.MaxLen)
	say := func(m []byte, answer frame.Kind) {
		if err == nil {
			err = s.write(m)
		}
		if err == nil {
			_, err = s.await(answer, buf)
		}
	}
	if k == toEcho {
		say(hello, frame.KindHello)
	} else {
		say(hello, frame.KindWelcome)
		if watch && err == nil {
			err = s.write(subscribe)
		}
	}
	say(ping, k.pong())
	if err == nil {
		err = s.net.SetDeadline(time.Time{})
	}
	if err != nil {
		_ = s.net.Close()
		return nil, err
	}
	return s, nil
}

// dialers is how many connections are made at a time.
const dialers = 32

// pool is many sessions with one server.
type pool struct {
	all  []*socket
	took []time.Duration // to open each
}

// fill opens n sessions.
func fill(ctx context.Context, n int, k kind, host string, watch bool) (*pool, error) {
	p := &pool{}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan struct{}, n)
	for range n {
		next <- struct{}{}
	}
	close(next)
	var mu sync.Mutex
	var dialing sync.WaitGroup
	for range min(dialers, n) {
		dialing.Go(func() {
			for range next {
				began := time.Now()
				s, err := open(ctx, k, host, watch)
				if err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				p.all, p.took = append(p.all, s), append(p.took, time.Since(began))
				mu.Unlock()
			}
		})
	}
	dialing.Wait()
	if err := context.Cause(ctx); err != nil {
		p.close()
		return nil, fmt.Errorf("connection %d of %d to the %v server: %w", len(p.all)+1, n, k, err)
	}
	return p, nil
}

// close cuts all connections.
func (p *pool) close() {
	if p == nil {
		return
	}
	for _, s := range p.all {
		_ = s.net.Close()
	}
}

// each calls do for every session, each in a goroutine of its own, and gives
// back the first error when all have returned.
func (p *pool) each(do func(*socket) error) error {
	var all sync.WaitGroup
	var once sync.Once
	var first error
	for _, s := range p.all {
		all.Go(func() {
			if err := do(s); err != nil {
				once.Do(func() { first = err })
			}
		})
	}
	all.Wait()
	return first
}
