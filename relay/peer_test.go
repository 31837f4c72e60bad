//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package relay

import (
	"context"
	"errors"
	"strings"
	"testing"

	"nhooyr.io/websocket"

	"commdn/protocol/frame"
)

// peer is the client side of one WebSocket.
type peer struct {
	t         testing.TB
	ws        *websocket.Conn
	frames    frame.Reader
	welcome   frame.Welcome
	identity  frame.Identity
	directory frame.Directory

	linkUp func() bool   // what the relay knows of its links
	early  []frame.Frame // about requests that it resumes, read before the news of the links
}

// dial connects without a word of our protocol.
func (r *rig) dial(o *websocket.DialOptions) *peer {
	r.t.Helper()
	if o == nil {
		o = &websocket.DialOptions{Subprotocols: []string{frame.Subprotocol}}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, "ws://"+r.addr+"/ws", o)
	if err != nil {
		r.t.Fatal(err)
	}
	ws.SetReadLimit(frame.MaxLen)
	r.t.Cleanup(func() { _ = ws.CloseNow() })
	return &peer{t: r.t, ws: ws, linkUp: func() bool { return r.srv.linkState().Up }}
}

// session connects and says hello without a token.
func (r *rig) session() *peer {
	r.t.Helper()
	return r.sessionOf("")
}

// sessionOf connects and says hello with a token.
func (r *rig) sessionOf(token string) *peer {
	r.t.Helper()
	c := r.dial(nil)
	c.hello(token)
	return c
}

func (c *peer) hello(token string) {
	c.t.Helper()
	c.send(frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Agent: "test", Token: token}.Body()})
	c.welcomed()
}

// welcomed reads what the relay says to a hello.
func (c *peer) welcomed() {
	c.t.Helper()
	f := c.next()
	if f.Kind != frame.KindWelcome {
		c.t.Fatalf("got %v, want welcome", f.Kind)
	}
	c.welcome = frame.ReadWelcome(f.Body)
	if f = c.greeting(); f.Kind != frame.KindIdentity {
		c.t.Fatalf("after the welcome came %v, want identity", f.Kind)
	}
	c.identity = frame.ReadIdentity(f.Body)
	c.readDirectoryOf(c.greeting)
	c.firstUp()
}

// greeting reads what belongs to the welcome. News that the links are up may come in
// between, where the session began in the moment between their rise and its news.
func (c *peer) greeting() frame.Frame {
	c.t.Helper()
	f := c.next()
	for ; f.Kind == frame.KindLink; f = c.next() {
		c.welcome.Link = frame.ReadLink(f.Body)
	}
	return f
}

// firstUp reads the news that the links are up, where they are and the session does
// not know it yet. What comes of requests that it resumes is read later.
func (c *peer) firstUp() {
	c.t.Helper()
	for !c.welcome.Link.Up && strings.Contains(c.welcome.Link.Reason, "the link is down") && c.linkUp() {
		f, err := c.receive()
		switch {
		case err != nil:
			c.t.Fatalf("welcomed while %q, then no link: %v", c.welcome.Link.Reason, err)
		case f.Kind == frame.KindAccepted || f.Kind == frame.KindQueued || f.Kind == frame.KindOutcome:
			c.early = append(c.early, f)
			continue
		case f.Kind != frame.KindLink:
			c.t.Fatalf("welcomed while %q, then came %v, want a link", c.welcome.Link.Reason, f.Kind)
		}
		c.welcome.Link = frame.ReadLink(f.Body)
	}
}

// readDirectory reads a directory, which must be the next thing that comes.
func (c *peer) readDirectory() {
	c.t.Helper()
	c.readDirectoryOf(c.next)
}

func (c *peer) readDirectoryOf(next func() frame.Frame) {
	c.t.Helper()
	c.directory = frame.Directory{}
	for more := true; more; {
		f := next()
		if f.Kind != frame.KindDirectory {
			c.t.Fatalf("got %v, want a directory", f.Kind)
		}
		more = c.directory.Read(f.Body)
	}
}

// closeCode gives the code that a connection was closed with.
func closeCode(err error) frame.CloseCode {
	var closed websocket.CloseError
	if !errors.As(err, &closed) {
		return frame.CloseAbnormal
	}
	return frame.CloseCode(closed.Code)
}

// ping fails unless the pong is the next thing that comes.
func (c *peer) ping() {
	c.t.Helper()
	c.send(frame.Frame{Kind: frame.KindPing, Number: 7})
	if f := c.next(); f.Kind != frame.KindPong || f.Number != 7 {
		c.t.Fatalf("before the pong came %v %v", f.Kind, f.Body)
	}
}

func (c *peer) bye() { _ = c.ws.Close(websocket.StatusNormalClosure, "") }

// leave closes a session and waits until the relay is done with it.
func (r *rig) leave(c *peer) {
	r.t.Helper()
	c.bye()
	r.log.wait(r.t, `msg="session ended" session=`+c.welcome.Session+" ")
}

func (c *peer) send(f frame.Frame) {
	c.t.Helper()
	message, err := f.Append(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	c.sendBytes(websocket.MessageBinary, message)
}

func (c *peer) sendBytes(kind websocket.MessageType, message []byte) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.ws.Write(ctx, kind, message); err != nil {
		c.t.Fatal(err)
	}
}

// read gives the next frame, which may come in parts.
func (c *peer) read() (frame.Frame, error) {
	if len(c.early) > 0 {
		f := c.early[0]
		c.early = c.early[1:]
		return f, nil
	}
	return c.receive()
}

// receive gives the next frame from the wire.
func (c *peer) receive() (frame.Frame, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		_, message, err := c.ws.Read(ctx)
		if err != nil {
			return frame.Frame{}, err
		}
		if f, err := c.frames.Read(message); f.Kind != frame.KindPart || err != nil {
			return f, err
		}
	}
}

// next gives the next frame but for those that say that a request waits.
func (c *peer) next() frame.Frame {
	c.t.Helper()
	for {
		f, err := c.read()
		if err != nil {
			c.t.Fatal(err)
		}
		if f.Kind != frame.KindQueued {
			return f
		}
	}
}

// settled gives the next frame that belongs to a request, passing over links.
func (c *peer) settled() frame.Frame {
	c.t.Helper()
	for {
		if f := c.next(); f.Kind != frame.KindLink {
			return f
		}
	}
}

// closedWith reads to the end and fails unless the relay closes with this code.
// It gives the frames that came before.
func (c *peer) closedWith(code frame.CloseCode) (before []frame.Frame, reason string) {
	c.t.Helper()
	for {
		f, err := c.read()
		if err == nil {
			before = append(before, f)
			continue
		}
		var closed websocket.CloseError
		if !errors.As(err, &closed) || frame.CloseCode(closed.Code) != code {
			c.t.Fatalf("connection ended with %v, want close code %d", err, code)
		}
		return before, closed.Reason
	}
}
