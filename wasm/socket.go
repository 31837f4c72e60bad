//go:build js && wasm

package wasm

import (
	"context"
	"errors"
	"sync"

	"github.com/hack-pad/safejs"

	"commdn/protocol/client"
	"commdn/protocol/frame"
)

// maxUnread bounds the messages from the browser that nobody has read yet; one more ends
// the connection.
const maxUnread = 1024

var errUnread = errors.New("too many unread messages")

// socket is the browser's WebSocket as a client.Conn. Its callbacks only hand over: they
// never block the page.
type socket struct {
	ws     safejs.Value
	arrive chan struct{} // capacity 1: look again
	funcs  []safejs.Func // released once the browser reports the close

	mu     sync.Mutex
	opened bool
	unread [][]byte
	err    error // set once: why nothing more will come
}

// dial opens a WebSocket and waits until it is open.
func dial(ctx context.Context, url string) (client.Conn, error) {
	ctor, err := safejs.Global().Get("WebSocket")
	if err != nil {
		return nil, err
	}
	ws, err := ctor.New(url, []any{frame.Subprotocol})
	if err != nil {
		return nil, err
	}
	if err := ws.Set("binaryType", "arraybuffer"); err != nil {
		return nil, err
	}
	s := &socket{ws: ws, arrive: make(chan struct{}, 1)}
	// First the one that releases all.
	if err := firstOf(s.listen("close", s.onClose), s.listen("open", s.onOpen), s.listen("message", s.onMessage)); err != nil {
		s.end(err)
		return nil, err
	}
	for {
		s.mu.Lock()
		opened, err := s.opened, s.err
		s.mu.Unlock()
		switch {
		case err != nil:
			return nil, err
		case opened:
			return s, nil
		}
		select {
		case <-s.arrive:
		case <-ctx.Done():
			s.Close(frame.CloseNormal, "")
			return nil, ctx.Err()
		}
	}
}

// listen registers a callback that cannot end the program.
func (s *socket) listen(event string, f func(safejs.Value) error) error {
	fn, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		c := &call{args: args}
		if err := f(c.value()); err != nil {
			s.fail(err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if _, err = s.ws.Call("addEventListener", event, fn); err != nil {
		fn.Release()
		return err
	}
	s.funcs = append(s.funcs, fn)
	return nil
}

func (s *socket) onOpen(safejs.Value) error {
	s.mu.Lock()
	s.opened = true
	s.mu.Unlock()
	s.nudge()
	return nil
}

func (s *socket) onMessage(event safejs.Value) error {
	data, err := event.Get("data")
	if err != nil {
		return err
	}
	ctor, err := safejs.Global().Get("Uint8Array")
	if err != nil {
		return err
	}
	array, err := ctor.New(data)
	if err != nil {
		return err
	}
	n, err := array.Length()
	if err != nil {
		return err
	}
	message := make([]byte, n)
	if _, err := safejs.CopyBytesToGo(message, array); err != nil {
		return err
	}
	s.mu.Lock()
	full := len(s.unread) >= maxUnread
	if !full {
		s.unread = append(s.unread, message)
	}
	s.mu.Unlock()
	if full {
		s.end(errUnread)
		return nil
	}
	s.nudge()
	return nil
}

func (s *socket) onClose(event safejs.Value) error {
	for _, f := range s.funcs {
		f.Release()
	}
	code, err := event.Get("code")
	if err != nil {
		return err
	}
	reason, err := event.Get("reason")
	if err != nil {
		return err
	}
	c := &call{args: []safejs.Value{code, reason}}
	s.fail(&frame.CloseError{Code: frame.CloseCode(c.int()), Reason: c.text()})
	return c.err
}

// fail sets why nothing more will come, unless that is already known.
func (s *socket) fail(err error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	s.mu.Unlock()
	s.nudge()
}

func (s *socket) nudge() {
	select {
	case s.arrive <- struct{}{}:
	default:
	}
}

// Read implements client.Conn.
func (s *socket) Read() ([]byte, error) {
	for {
		s.mu.Lock()
		if len(s.unread) > 0 {
			message := s.unread[0]
			s.unread = s.unread[1:]
			s.mu.Unlock()
			return message, nil
		}
		err := s.err
		s.mu.Unlock()
		if err != nil {
			return nil, err
		}
		<-s.arrive
	}
}

// Write implements client.Conn; the browser queues the message.
func (s *socket) Write(message []byte) error {
	ctor, err := safejs.Global().Get("Uint8Array")
	if err != nil {
		return err
	}
	array, err := ctor.New(len(message))
	if err != nil {
		return err
	}
	if _, err := safejs.CopyBytesToJS(array, message); err != nil {
		return err
	}
	_, err = s.ws.Call("send", array)
	return err
}

// Close implements client.Conn. A browser closes with 1000 only.
func (s *socket) Close(frame.CloseCode, string) {
	s.end(&frame.CloseError{Code: frame.CloseNormal})
}

// end closes the socket for a reason of our own, which Read tells. The browser's close
// event comes later, after minutes if the network is gone, and releases the callbacks;
// Read does not wait for it.
func (s *socket) end(reason error) {
	s.fail(reason)
	_, _ = s.ws.Call("close", int(frame.CloseNormal))
}
