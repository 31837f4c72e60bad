package relay

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// session is one connection of one client, from its hello on.
type session struct {
	srv  *Server
	sock *socket
	log  *slog.Logger
	ctx  context.Context // ends with the session
	quit context.CancelCauseFunc
	out  chan []byte // frames to be written; full closes the session as slow

	mu       sync.Mutex
	underWay map[uint32]struct{} // numbers of requests
	watching bool                // wants notifications
	requests sync.WaitGroup
}

// serve runs a connection until it ends and closes it with the code that says
// why. It returns when all goroutines of the session have ended.
func (srv *Server) serve(ctx context.Context, sock *socket, id string) {
	s := &session{
		srv: srv, sock: sock, log: srv.log.With("session", id),
		out: make(chan []byte, srv.opts.QueueLen), underWay: map[uint32]struct{}{},
	}
	s.ctx, s.quit = context.WithCancelCause(ctx)
	var goroutines sync.WaitGroup
	goroutines.Go(s.write)
	goroutines.Go(func() {
		<-s.ctx.Done()
		sock.expire()
	})
	err := s.read(id)
	s.quit(err)
	srv.remove(s)
	s.requests.Wait()
	goroutines.Wait()
	s.log.Info("session ended", "reason", context.Cause(s.ctx))
}

// read takes in frames. A timer, not a deadline of the read, ends a silent
// client, so that it is closed with its own code.
func (s *session) read(id string) error {
	if s.sock.subprotocol() != frame.Subprotocol {
		return &frame.CloseError{Code: frame.CloseSubprotocol, Reason: "ask for the sub-protocol " + frame.Subprotocol}
	}
	silence := time.AfterFunc(s.srv.opts.HelloTimeout, func() {
		s.quit(&frame.CloseError{Code: frame.CloseHelloTimeout})
	})
	defer func() { silence.Stop() }()
	f, err := s.next()
	if err != nil {
		return err
	}
	if f.Kind != frame.KindHello {
		return &frame.CloseError{Code: frame.CloseNoHello, Reason: "first frame is " + f.Kind.String()}
	}
	silence.Stop()
	silence = time.AfterFunc(3*s.srv.opts.PingInterval, func() {
		s.quit(&frame.CloseError{Code: frame.CloseIdle})
	})
	s.log.Info("session began", "agent", frame.ReadHello(f.Body).Agent)
	s.srv.welcome(s, id)
	for {
		f, err := s.next()
		if err != nil {
			return err
		}
		silence.Reset(3 * s.srv.opts.PingInterval)
		switch f.Kind {
		case frame.KindPing:
			s.send(frame.Frame{Kind: frame.KindPong, Number: f.Number})
		case frame.KindRequest:
			if err := s.request(f); err != nil {
				return err
			}
		case frame.KindSubscribe:
			s.watch(frame.ReadSubscribe(f.Body).On)
		case frame.KindHello:
			return &frame.CloseError{Code: frame.CloseSecondHello}
		default:
			return &frame.CloseError{Code: frame.CloseMalformed, Reason: "a client does not send " + f.Kind.String()}
		}
	}
}

// next reads one frame; what is none ends the session.
func (s *session) next() (frame.Frame, error) {
	message, err := s.sock.read()
	if err != nil {
		return frame.Frame{}, err
	}
	f, err := frame.Decode(message)
	if err != nil {
		return frame.Frame{}, &frame.CloseError{Code: frame.CloseMalformed, Reason: short(err.Error())}
	}
	return f, nil
}

// short cuts a reason to what fits a WebSocket close frame, which is UTF-8.
func short(s string) string { return strings.ToValidUTF8(s[:min(len(s), 120)], "") }

// request starts a request. Its error is fatal to the session.
func (s *session) request(f frame.Frame) error {
	s.mu.Lock()
	_, duplicate := s.underWay[f.Number]
	full := len(s.underWay) >= s.srv.opts.MaxRequests
	if !duplicate && !full {
		s.underWay[f.Number] = struct{}{}
	}
	s.mu.Unlock()
	switch {
	case duplicate:
		return &frame.CloseError{Code: frame.CloseDuplicate}
	case full:
		s.sendRefusal(f.Number, &frame.Refusal{Code: frame.RefusedBusy, Message: "too many requests of this session are under way; wait for an answer"})
		return nil
	}
	s.requests.Go(func() { s.ask(f) })
	return nil
}

// ask passes a request on and its answers back.
func (s *session) ask(f frame.Frame) {
	started := time.Now()
	req, refusal := s.srv.admit(f.Body)
	if refusal == nil {
		refusal = s.srv.router.ask(s.ctx, req, func(m commdn.Message, last bool) {
			s.log.Info("answered", "number", f.Number, "message", commdn.Trace(m, false), "took", time.Since(started))
			kind := frame.KindAnswer
			if last {
				kind = frame.KindResponse
				s.release(f.Number)
			}
			s.send(frame.Frame{Kind: kind, Number: f.Number, Body: m.UserData()})
		})
	}
	if s.ctx.Err() != nil {
		return // a refusal would settle what the client asks again on its next connection
	}
	if refusal != nil {
		s.release(f.Number)
		s.log.Warn("refused", "number", f.Number, "code", refusal.Code, "reason", refusal.Message, "took", time.Since(started))
		s.sendRefusal(f.Number, refusal)
	}
}

func (s *session) watch(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watching = on
}

func (s *session) watches() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.watching
}

// release makes a number free for the client before the settling frame leaves.
func (s *session) release(number uint32) {
	s.mu.Lock()
	delete(s.underWay, number)
	s.mu.Unlock()
}

func (s *session) sendRefusal(number uint32, r *frame.Refusal) {
	s.send(frame.Frame{Kind: frame.KindRefusal, Number: number, Body: r.Body()})
}

// send queues a frame.
func (s *session) send(f frame.Frame) {
	message, err := f.Append(nil)
	if err != nil {
		s.log.Error("frame not sent", "kind", f.Kind.String(), "error", err)
		s.quit(&frame.CloseError{Code: frame.CloseMalformed, Reason: "the relay could not encode a frame"})
		return
	}
	s.queue(message)
}

// queue queues a frame's bytes, which may be other sessions' too. It never
// blocks: a full queue ends the session.
func (s *session) queue(message []byte) {
	select {
	case s.out <- message:
	default:
		s.quit(&frame.CloseError{Code: frame.CloseSlow})
	}
}

// write writes frames until the session ends, then those still queued, and
// closes the socket, which ends a blocked read.
func (s *session) write() {
	defer s.close()
	for s.ctx.Err() == nil || len(s.out) > 0 {
		select {
		case message := <-s.out:
			if err := s.sock.write(message); err != nil {
				if !errors.Is(err, net.ErrClosed) {
					s.quit(err)
				}
				return
			}
		case <-s.ctx.Done():
		}
	}
}

// close closes the socket with the code that the session has ended with.
func (s *session) close() {
	closed := &frame.CloseError{Code: frame.CloseGoingAway}
	errors.As(context.Cause(s.ctx), &closed)
	reason := closed.Reason
	if reason == "" {
		reason = closed.Code.String()
	}
	s.sock.close(closed.Code, reason)
}
