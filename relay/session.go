package relay

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/auth"
)

// tooFast is how many requests in a row a client may send that are refused as
// too many.
const tooFast = 1000

// session is one connection of one client, from its hello on. While nothing
// happens it is the one goroutine that reads.
type session struct {
	srv   *Server
	sock  *socket
	id    string
	from  string // the client's address
	log   *slog.Logger
	ctx   context.Context // ends with the session
	quit  context.CancelCauseFunc
	out   outbox
	rate  *rate.Limiter
	asks  sync.WaitGroup // requests under way; begun by the goroutine that reads
	write sync.WaitGroup // of frames; begun by out

	tooFast int // requests in a row that came too fast; of the goroutine that reads

	telling sync.Mutex // over the frames of one directory

	mu         sync.Mutex
	underWay   map[uint32]struct{} // numbers of requests
	asking     int                 // requests whose settling frame is not queued
	subscribed frame.Subscribe
	person     auth.Identity
	grant      *auth.Grant
	open       bool        // nobody is authenticated: everything is allowed, and grant nil
	expiry     *time.Timer // of the token and the grace; nil: never
}

// serve runs a connection until it ends and closes it with the code that says
// why. It returns when nothing of the session runs any more.
func (srv *Server) serve(ctx context.Context, sock *socket, id, from string) {
	limits := srv.settings().Limits
	s := &session{
		srv: srv, sock: sock, id: id, from: from, log: srv.log.With("session", id),
		rate: rate.NewLimiter(rate.Limit(limits.Rate), limits.Burst),
	}
	s.out.limit = limits.Queue
	s.out.begin = func() { s.write.Go(s.flush) }
	s.ctx, s.quit = context.WithCancelCause(ctx)
	ended := make(chan struct{})
	context.AfterFunc(s.ctx, func() {
		defer close(ended)
		s.finish()
	})
	err := s.read()
	if lost := (*frame.CloseError)(nil); errors.As(err, &lost) && lost.Code == frame.CloseAbnormal {
		// A write that took too long cuts the connection: it says why first.
		s.sock.cut()
		s.out.close()
		s.write.Wait()
	}
	s.quit(err)
	srv.remove(s)
	<-ended
	s.asks.Wait()
	s.unsettle()
	srv.metrics.closed(s.reason().Code)
	s.log.Info("session ended", "reason", context.Cause(s.ctx))
}

// finish writes what is queued, within closeTimeout, and closes the socket,
// which ends a blocked read.
func (s *session) finish() {
	s.sock.expire()
	s.out.close()
	s.write.Wait()
	closed := s.reason()
	s.sock.close(closed.Code, closed.Reason)
}

// reason gives the code that the session has ended with, and words for it.
func (s *session) reason() *frame.CloseError {
	closed := &frame.CloseError{Code: frame.CloseGoingAway}
	errors.As(context.Cause(s.ctx), &closed)
	if closed.Reason == "" {
		return &frame.CloseError{Code: closed.Code, Reason: closed.Code.String()}
	}
	return closed
}

// read takes in frames. A timer, not a deadline of the read, ends a silent
// client, so that it is closed with its own code.
func (s *session) read() error {
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
	hello := frame.ReadHello(f.Body)
	if err := s.identify(hello.Token); err != nil {
		return err
	}
	silence.Stop()
	patience := 3 * s.srv.opts.PingInterval
	silence = time.AfterFunc(patience, func() {
		s.quit(&frame.CloseError{Code: frame.CloseIdle})
	})
	s.log.Info("session began", "agent", short(hello.Agent), "person", s.person.Name, "roles", strings.Join(s.roles(), ","))
	s.srv.welcome(s)
	for _, r := range hello.Resume {
		s.refuse(r.Number, &frame.Refusal{Code: frame.RefusedUnknownKey, Message: "the relay knows no request with this key; send it again"})
	}
	for {
		f, err := s.next()
		if err != nil {
			return err
		}
		silence.Reset(patience)
		if err := s.frame(f); err != nil {
			return err
		}
	}
}

// frame acts on one frame. Its error is fatal to the session.
func (s *session) frame(f frame.Frame) error {
	switch f.Kind {
	case frame.KindPing:
		s.send(frame.Frame{Kind: frame.KindPong, Number: f.Number})
	case frame.KindRequest:
		return s.request(f)
	case frame.KindSubscribe:
		s.slowDown()
		s.watch(frame.ReadSubscribe(f.Body))
	case frame.KindRefresh:
		s.slowDown()
		return s.refresh(frame.ReadRefresh(f.Body).Token)
	case frame.KindHello:
		return &frame.CloseError{Code: frame.CloseSecondHello}
	default:
		if !f.Kind.Known() {
			return nil
		}
		return &frame.CloseError{Code: frame.CloseMalformed, Reason: "a client does not send " + f.Kind.String()}
	}
	return nil
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

// slowDown waits where a client asks for what costs the relay much faster than
// it may make requests: what it sends meanwhile waits with it.
func (s *session) slowDown() { _ = s.rate.Wait(s.ctx) }

// request starts a request. Its error is fatal to the session.
func (s *session) request(f frame.Frame) error {
	s.mu.Lock()
	_, duplicate := s.underWay[f.Number]
	full := len(s.underWay) >= s.srv.settings().Limits.Requests
	s.mu.Unlock()
	switch {
	case duplicate:
		return &frame.CloseError{Code: frame.CloseDuplicate}
	case !s.rate.Allow() || !s.srv.addresses.allow(s.from):
		if s.tooFast++; s.tooFast > tooFast {
			return &frame.CloseError{Code: frame.CloseTooFast}
		}
		s.refuse(f.Number, &frame.Refusal{Code: frame.RefusedRateLimited, Message: "too many requests in a short time; wait a moment"})
		return nil
	case full:
		s.refuse(f.Number, &frame.Refusal{Code: frame.RefusedBusy, Message: "too many requests of this session are under way; wait for an answer"})
		return nil
	}
	s.tooFast = 0
	asked := frame.ReadRequest(f.Body)
	if !frame.ValidKey(asked.Key) {
		s.refuse(f.Number, &frame.Refusal{Code: frame.RefusedInvalid, Message: "key: the request has none of 1 to 64 visible ASCII characters"})
		return nil
	}
	req, sites, refusal := s.srv.admit(s.rights(), asked.Data)
	if refusal != nil {
		s.refuse(f.Number, refusal)
		return nil
	}
	s.begin(f.Number) // first: a session without requests is sent away when the relay shuts down
	if !s.srv.requests.begin() {
		s.release(f.Number)
		s.refuse(f.Number, &frame.Refusal{Code: frame.RefusedBusy, Message: "the relay is shutting down; connect again and ask there"})
		s.end()
		return nil
	}
	if s.srv.fromBoard(s, f.Number, sites, req) {
		s.release(f.Number)
		s.end()
		s.srv.requests.end()
		return nil
	}
	s.asks.Go(func() {
		s.ask(f.Number, sites, req)
		s.end()
		s.srv.requests.end()
	})
	return nil
}

// begin takes the number of a request into use.
func (s *session) begin(number uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.underWay == nil {
		s.underWay = make(map[uint32]struct{})
	}
	s.underWay[number] = struct{}{}
	s.asking++
}

// end is called when what settles a request is queued. Its number was free
// before, and may be another request's by now.
func (s *session) end() {
	s.mu.Lock()
	s.asking--
	s.mu.Unlock()
	if s.srv.draining.Load() {
		s.leaveIfIdle()
	}
}

// ask passes a request on and its answers back.
func (s *session) ask(number uint32, sites []*site, req commdn.Request) {
	started := time.Now()
	refusal := s.srv.ask(s.ctx, sites, req, func(m commdn.Message, last bool) {
		s.log.Info("answered", "number", number, "message", commdn.Trace(m, false), "took", time.Since(started))
		kind := frame.KindAnswer
		if last {
			kind = frame.KindOutcome
			s.release(number)
			s.srv.metrics.answered(req, m, time.Since(started))
		}
		s.send(frame.Frame{Kind: kind, Number: number, Body: frame.Answer{Data: m.UserData()}.Body()}) // an outcome looks the same
	})
	if s.ctx.Err() != nil {
		return // a refusal would settle what the client asks again on its next connection
	}
	if refusal != nil {
		s.release(number)
		s.refuse(number, refusal)
	}
}

// leaveIfIdle ends a session without requests, to connect again elsewhere.
func (s *session) leaveIfIdle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asking == 0 {
		s.quit(&frame.CloseError{Code: frame.CloseGoingAway})
	}
}

// watch begins or ends notifications; whoever asks for them gets all that is
// known.
func (s *session) watch(to frame.Subscribe) {
	s.mu.Lock()
	s.subscribed = to
	s.mu.Unlock()
	if to.On {
		s.srv.watch(s)
	}
}

// watches says whether the session is to be told of a campaign group.
func (s *session) watches(o auth.Object) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.subscribed.On && (s.open || s.grant.May(auth.RightWatch, o))
}

// recalls says whether the session is to be told what was before.
func (s *session) recalls() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.subscribed.On && s.subscribed.History
}

// release makes a number free for the client before the settling frame leaves.
func (s *session) release(number uint32) {
	s.mu.Lock()
	delete(s.underWay, number)
	s.mu.Unlock()
}

func (s *session) refuse(number uint32, r *frame.Refusal) {
	s.log.Warn("refused", "number", number, "code", r.Code.String(), "reason", r.Message)
	s.srv.metrics.refused(r.Code)
	s.send(frame.Frame{Kind: frame.KindOutcome, Number: number, Body: frame.Outcome{Refusal: r}.Body()})
}

// send queues a frame.
func (s *session) send(f frame.Frame) {
	if message, ok := s.encode(f); ok {
		s.queue(message, statusKey{})
	}
}

func (s *session) encode(f frame.Frame) (message []byte, ok bool) {
	message, err := f.Append(nil)
	if err != nil {
		s.log.Error("frame not sent", "kind", f.Kind.String(), "error", err)
		s.quit(&frame.CloseError{Code: frame.CloseMalformed, Reason: "the relay could not encode a frame"})
	}
	return message, err == nil
}

// parts queues frames of which only the newest count.
func (s *session) parts(what commdn.DBID, kind frame.Kind, bodies []tkvlist.List) {
	var messages [][]byte
	for _, body := range bodies {
		message, ok := s.encode(frame.Frame{Kind: kind, Body: body})
		if !ok {
			return
		}
		messages = append(messages, message)
	}
	s.out.putParts(what, messages)
}

// queue queues a frame's bytes, which may be other sessions' too. It never
// blocks: a full queue ends the session.
func (s *session) queue(message []byte, key statusKey) {
	if !s.out.put(message, key) {
		s.quit(&frame.CloseError{Code: frame.CloseSlow})
	}
}

// flush writes frames until none is queued.
func (s *session) flush() {
	for batch := s.out.take(); batch != nil; batch = s.out.take() {
		for _, q := range batch {
			if q.message == nil {
				continue
			}
			if err := s.sock.write(q.message); err != nil {
				s.out.close()
				if !errors.Is(err, net.ErrClosed) {
					s.quit(err)
				}
				return
			}
		}
	}
}
