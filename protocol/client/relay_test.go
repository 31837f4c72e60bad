package client

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

var errRefused = errors.New("connection refused")

// relay is the other end of a client's connections. They are in memory, so
// that time inside a synctest bubble is virtual; the frames are real.
type relay struct {
	mu    sync.Mutex
	fail  error         // dialing fails with it
	hang  bool          // dialing takes as long as its context
	dials []time.Time   // when the client dialed
	conns chan *peer    // one for each that was dialed
	block chan struct{} // given to each peer
	late  time.Duration // given to each peer
}

func newRelay() *relay { return &relay{conns: make(chan *peer, 100)} }

func (r *relay) set(fail error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = fail
}

func (r *relay) dialed() []time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]time.Time(nil), r.dials...)
}

func (r *relay) dial(ctx context.Context) (Conn, error) {
	r.mu.Lock()
	r.dials = append(r.dials, time.Now())
	fail, hang := r.fail, r.hang
	r.mu.Unlock()
	if hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if fail != nil {
		return nil, fail
	}
	p := &peer{
		toRelay: make(chan []byte, 2048), toClient: make(chan []byte, 2048),
		closed: make(chan struct{}), block: r.block, late: r.late,
	}
	r.conns <- p
	return p, nil
}

// accept takes the next connection and welcomes the client.
func (r *relay) accept(t *testing.T) *peer {
	t.Helper()
	return r.acceptWith(t, frame.Welcome{Relay: "relay", Session: "s-1", Limits: frame.Limits{PingSeconds: 3600}, Link: frame.Link{Up: true, Since: 1}})
}

func (r *relay) acceptWith(t *testing.T, w frame.Welcome) *peer {
	t.Helper()
	p := <-r.conns
	f := p.recv(t)
	if f.Kind != frame.KindHello {
		t.Fatalf("first frame is %v, want hello", f.Kind)
	}
	p.resumed = frame.ReadHello(f.Body).Resume
	p.send(t, frame.Frame{Kind: frame.KindWelcome, Body: w.Body()})
	synctest.Wait()
	return p
}

// peer is one connection: a Conn for the client, recv, send and drop for the test.
type peer struct {
	toRelay, toClient chan []byte
	closed            chan struct{}
	resumed           []frame.Resume // by hello
	block             chan struct{}  // if not nil, Write waits for it
	late              time.Duration  // how long such a Write takes to notice the close

	mu       sync.Mutex
	why      *frame.CloseError // why the client's Read and Write fail
	writeErr error             // why Write fails before that
	byClient int               // Close calls
	code     frame.CloseCode   // of the first of them
}

func (p *peer) Read() ([]byte, error) {
	select { // what came before the end is read before it
	case m := <-p.toClient:
		return m, nil
	default:
	}
	select {
	case m := <-p.toClient:
		return m, nil
	case <-p.closed:
		return nil, p.why
	}
}

func (p *peer) Write(m []byte) error {
	p.mu.Lock()
	err := p.writeErr
	p.mu.Unlock()
	switch {
	case err != nil:
		return err
	case p.block != nil:
		select {
		case <-p.block:
		case <-p.closed:
			time.Sleep(p.late)
			return p.why
		}
	}
	select {
	case <-p.closed:
		return p.why
	case p.toRelay <- append([]byte(nil), m...):
		return nil
	}
}

func (p *peer) Close(code frame.CloseCode, _ string) {
	p.mu.Lock()
	if p.byClient++; p.byClient == 1 {
		p.code = code
	}
	p.mu.Unlock()
	p.end(&frame.CloseError{Code: frame.CloseAbnormal})
}

func (p *peer) end(why *frame.CloseError) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.why == nil {
		p.why = why
		close(p.closed)
	}
}

// drop closes the connection from the relay's side and lets the client notice.
func (p *peer) drop(code frame.CloseCode) {
	p.end(&frame.CloseError{Code: code})
	synctest.Wait()
}

func (p *peer) closedByClient() (times int, code frame.CloseCode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byClient, p.code
}

// recv waits for the client's next frame.
func (p *peer) recv(t *testing.T) frame.Frame {
	t.Helper()
	f, err := frame.Decode(<-p.toRelay)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// request waits for the client's next frame, which must be a request.
func (p *peer) request(t *testing.T) (number uint32, phone string) {
	t.Helper()
	f := p.recv(t)
	if f.Kind != frame.KindRequest {
		t.Fatalf("frame is %v, want a request", f.Kind)
	}
	r, err := commdn.DecodeRequest(frame.ReadRequest(f.Body).Data)
	if err != nil {
		t.Fatal(err)
	}
	return f.Number, r.(*commdn.DoNotCall).Phone
}

// pong answers the ping that the client sends next.
func (p *peer) pong(t *testing.T) {
	t.Helper()
	f := p.recv(t)
	if f.Kind != frame.KindPing {
		t.Fatalf("the client sent %v, want a ping", f)
	}
	p.send(t, frame.Frame{Kind: frame.KindPong, Number: f.Number})
	synctest.Wait()
}

// quiet fails when the client has sent something that was not received.
func (p *peer) quiet(t *testing.T) {
	t.Helper()
	synctest.Wait()
	select {
	case m := <-p.toRelay:
		t.Fatalf("the client sent %q", m)
	default:
	}
}

func (p *peer) send(t *testing.T, f frame.Frame) {
	t.Helper()
	m, err := f.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.toClient <- m
}

// answer sends a message as answer or outcome, and lets the client take it in.
func (p *peer) answer(t *testing.T, k frame.Kind, number uint32, m commdn.Message) {
	t.Helper()
	p.send(t, frame.Frame{Kind: k, Number: number, Body: frame.Answer{Data: m.UserData()}.Body()}) // an outcome looks the same
	synctest.Wait()
}

// resume gives the numbers of the requests that hello resumed, and fails unless
// there are as many.
func (p *peer) resume(t *testing.T, want int) []uint32 {
	t.Helper()
	numbers := make([]uint32, 0, want)
	for _, r := range p.resumed {
		numbers = append(numbers, r.Number)
	}
	if len(numbers) != want {
		t.Fatalf("resumed %v, want %d", p.resumed, want)
	}
	return numbers
}

// refuse settles a request with a refusal, and lets the client take it in.
func (p *peer) refuse(t *testing.T, number uint32, code frame.RefusalCode) {
	t.Helper()
	p.send(t, frame.Frame{Kind: frame.KindOutcome, Number: number, Body: frame.Outcome{Refusal: &frame.Refusal{Code: code, Message: "refused"}}.Body()})
	synctest.Wait()
}

func processed(ocs commdn.DBID, phone string) *commdn.DoNotCallProcessed {
	return &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: ocs, Target: 101}, Phone: phone}
}

// once is a request that must not be sent twice.
type once struct{ commdn.DoNotCall }

func (*once) Repeatable() bool { return false }

type result struct {
	answers []commdn.Message
	err     error
}

// do starts a request and lets it go as far as it gets.
func do(ctx context.Context, c *Client, req commdn.Request) <-chan result {
	done := make(chan result, 1)
	go func() {
		answers, err := c.Do(ctx, req)
		done <- result{answers, err}
	}()
	synctest.Wait()
	return done
}

func dnc(phone string) *commdn.DoNotCall { return &commdn.DoNotCall{Phone: phone} }

// bubble runs a test with a client of this relay in virtual time. It fails
// when a goroutine of the client is left over.
func bubble(t *testing.T, o Options, f func(t *testing.T, r *relay, c *Client)) {
	t.Helper()
	start(t, o, nil, f)
}

// down is bubble with a relay that cannot be reached at first.
func down(t *testing.T, o Options, f func(t *testing.T, r *relay, c *Client)) {
	t.Helper()
	start(t, o, errRefused, f)
}

func start(t *testing.T, o Options, fail error, f func(t *testing.T, r *relay, c *Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRelay()
		r.fail = fail
		o := o
		o.Dial = r.dial
		c := New(o)
		t.Cleanup(c.Close)
		f(t, r, c)
	})
}

// connected is bubble with the client's first connection welcomed.
func connected(t *testing.T, o Options, f func(t *testing.T, r *relay, c *Client, p *peer)) {
	t.Helper()
	bubble(t, o, func(t *testing.T, r *relay, c *Client) {
		t.Helper()
		f(t, r, c, r.accept(t))
	})
}

// checkNoAnswer fails unless err is a NoAnswerError of this kind.
func checkNoAnswer(t *testing.T, err, why error, sent bool) {
	t.Helper()
	var none *NoAnswerError
	if !errors.As(err, &none) || !errors.Is(err, why) || none.Sent != sent {
		t.Errorf("error %v, want a NoAnswerError with %v and sent %v", err, why, sent)
	}
}

// checkPending fails unless so many calls are under way.
func checkPending(t *testing.T, c *Client, calls, unsent int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting := 0
	for _, k := range c.table.calls {
		if !k.onWire {
			waiting++
		}
	}
	if len(c.table.calls) != calls || waiting != unsent {
		t.Errorf("%d calls, %d of them to be sent, want %d and %d", len(c.table.calls), waiting, calls, unsent)
	}
}
