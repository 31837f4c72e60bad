package simulation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/client/ws"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// person is somebody with a page, which has the client of a browser.
type person struct {
	w    *world
	n    int
	name string

	mu    sync.Mutex
	page  *client.Client
	pages int
	dials int
}

func (w *world) person(n int) *person {
	return &person{w: w, n: n, name: personName(n)}
}

// live opens the page, and reloads it as the plan says.
func (p *person) live() {
	p.open()
	for _, at := range p.w.plan.reloads[p.n] {
		if wait := at - p.w.now(); wait > 0 {
			time.Sleep(wait)
		}
		p.w.note(p.name, "reloads the page")
		p.leave()
		p.open()
	}
}

func (p *person) open() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pages++
	h := p.w.host(p.name)
	var mu sync.Mutex
	keys := random(p.w.plan.seed, fmt.Sprintf("%s keys %d", p.name, p.pages))
	p.page = client.New(client.Options{
		Dial: p.dialer(h), Agent: p.name, MinBackoff: 1, MaxBackoff: 1,
		Random: func() uint64 {
			mu.Lock()
			defer mu.Unlock()
			return keys.Uint64()
		},
		Token: func(context.Context) (string, error) { return p.name, nil },
	})
}

// leave closes the page.
func (p *person) leave() {
	p.mu.Lock()
	page := p.page
	p.mu.Unlock()
	page.Close()
}

// dialer connects to one of the relays, as a load balancer does.
func (p *person) dialer(h *host) client.Dialer {
	return func(ctx context.Context) (client.Conn, error) {
		p.mu.Lock()
		p.dials++
		n := p.dials
		p.mu.Unlock()
		r := random(p.w.plan.seed, fmt.Sprintf("%s dial %d", p.name, n))
		if !sleep(ctx, between(r, time.Millisecond, time.Second)) {
			return nil, ctx.Err()
		}
		return p.w.dialRelay(ctx, h, r.IntN(p.w.plan.relays), r, n > 1 && p.w.planted == NewKey)
	}
}

// dialRelay opens a WebSocket to a relay; renamed says that keys are others on it.
func (w *world) dialRelay(ctx context.Context, h *host, relay int, r *rand.Rand, renamed bool) (*observed, error) {
	name := relayName(relay)
	r = random(r.Uint64(), "dial") // http.Transport has it in a goroutine of its own
	dial := ws.Dialer("ws://"+name+"/ws", ws.Options{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return w.dial(ctx, h, name, r) // that of http.Transport does not end
	}})
	c, err := dial(ctx)
	if err != nil {
		return nil, err
	}
	return &observed{Conn: c, w: w, who: h.name, relay: name, renamed: renamed, asked: make(map[uint32]asking)}, nil
}

// observed is a connection whose frames the ledger hears of.
type observed struct {
	client.Conn
	w          *world
	who, relay string
	renamed    bool

	mu    sync.Mutex
	asked map[uint32]asking // on this connection, by number
}

// asking is when somebody asked about a key.
type asking struct {
	key string
	at  time.Duration
}

func (o *observed) Write(message []byte) error {
	f, err := frame.Decode(message)
	must(err)
	switch f.Kind {
	case frame.KindHello:
		hello := frame.ReadHello(f.Body)
		for i := range hello.Resume {
			one := &hello.Resume[i]
			one.Key = o.rename(one.Key)
			o.know(one.Number, one.Key)
			o.w.note(o.who, "asks %s for %s", o.relay, short(one.Key))
		}
		f.Body = hello.Body()
	case frame.KindRequest:
		req := frame.ReadRequest(f.Body)
		req.Key = o.rename(req.Key)
		o.know(f.Number, req.Key)
		o.w.ledger.asked(o.who, req)
		o.w.note(o.who, "sends %s to %s: %s", short(req.Key), o.relay, subject(req.Data))
		f.Body = req.Body()
	case frame.KindUndo:
		req := frame.ReadRequest(f.Body)
		req.Key = o.rename(req.Key)
		o.w.ledger.wanted(o.who, o.relay, req.Key)
		f.Body = req.Body()
	}
	message, err = f.Append(nil)
	must(err)
	return o.Conn.Write(message)
}

func (o *observed) rename(key string) string {
	if o.renamed {
		return key[:len(key)-1] + "+"
	}
	return key
}

func (o *observed) know(number uint32, key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked[number] = asking{key, o.w.now()}
}

func (o *observed) Read() ([]byte, error) {
	message, err := o.Conn.Read()
	if err != nil {
		return nil, err
	}
	f, err := frame.Decode(message)
	must(err)
	o.mu.Lock()
	asked := o.asked[f.Number]
	o.mu.Unlock()
	switch f.Kind {
	case frame.KindAccepted:
		o.w.ledger.accepted(o.who, o.relay, asked.key)
	case frame.KindHeld:
		if frame.ReadHeld(f.Body).Left == 0 {
			o.w.ledger.released(o.who, o.relay, asked.key)
		}
	case frame.KindOutcome:
		o.w.ledger.outcome(o.who, o.relay, asked, frame.ReadOutcome(f.Body))
	case frame.KindLate:
		late := frame.ReadLate(f.Body)
		o.w.ledger.late(o.who, o.relay, late.Key, late.Data)
	}
	return message, nil
}

// short is enough of a key for people.
func short(key string) string { return key[:min(len(key), 6)] }

// How long a person waits for an outcome.
const waits = 3 * time.Minute

// request makes what a click asks for. Nobody else asks about the same number, but for
// a click that is like an earlier one.
func (c click) request() commdn.Request {
	n := c.n
	if c.like > 0 {
		n = c.like - 1
	}
	switch c.kind {
	case load:
		l := &commdn.LoadCampaign{CampaignGroup: groupOf(c), Dialing: commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}}
		l.Target = ocsDBID + commdn.DBID(c.link)
		return l
	case cancel:
		return &commdn.CancelRecord{Phone: phone(n)}
	}
	return &commdn.DoNotCall{Phone: phone(n)}
}

func phone(n int) string { return strconv.Itoa(5550100000 + n) }

// click asks for something, and waits for what becomes of it.
func (p *person) click(c click) {
	p.mu.Lock()
	page := p.page
	p.mu.Unlock()
	ctx, done := context.WithTimeout(context.Background(), waits)
	defer done()
	if c.twice {
		p.both(ctx, c)
		return
	}
	req := c.request()
	p.w.note(p.name, "clicks %s of %s", c.kind, subject(req.UserData()))
	if c.undo > 0 {
		defer time.AfterFunc(c.undo, func() { p.takeBack(page, c, req) }).Stop()
	}
	_, err := page.Hold(ctx, req, c.window, nil)
	if c.calm && client.OutcomeOf(nil, err) != client.Undone {
		p.w.ledger.unheard(c, err)
	}
	var fault *commdn.Fault
	var refusal *frame.Refusal
	switch {
	case errors.As(err, &fault), err == nil:
	case errors.As(err, &refusal) && refusal.Code == frame.RefusedUndone:
		p.w.ledger.unsent(c)
	default:
		p.w.note(p.name, "hears of click %d: %v", c.n, err)
	}
}

// both sends a request on two connections at about the same time, as two pages of one
// person do that have the same storage.
func (p *person) both(ctx context.Context, c click) {
	key := fmt.Sprintf("twice%d-%d", c.n, p.w.plan.seed)
	var running sync.WaitGroup
	for n := range 2 {
		running.Go(func() {
			r := random(p.w.plan.seed, fmt.Sprintf("%s %d", key, n))
			h := p.w.host(p.name)
			for ctx.Err() == nil {
				if !sleep(ctx, between(r, time.Millisecond, 200*time.Millisecond)) {
					return
				}
				err := p.once(ctx, h, r, c, key)
				if err == nil {
					return
				}
				p.w.note(p.name, "loses connection %d of two: %v", n+1, err)
			}
		})
	}
	if c.undo > 0 {
		running.Go(func() { p.takeBackElsewhere(ctx, c, key) })
	}
	running.Wait()
}

// once sends a request and waits for its outcome on one connection.
func (p *person) once(ctx context.Context, h *host, r *rand.Rand, c click, key string) error {
	ctx, done := context.WithTimeout(ctx, 20*time.Second)
	defer done()
	s, err := p.session(ctx, h, r.IntN(p.w.plan.relays), r)
	if err != nil {
		return err
	}
	defer s.Close(frame.CloseNormal, "")
	return s.settle(ctx, frame.Frame{Kind: frame.KindRequest, Number: 1, Body: frame.Request{Key: key, Data: c.request().UserData(), Undo: c.left(p.w.now())}.Body()})
}

// session connects without a client, and says hello.
func (p *person) session(ctx context.Context, h *host, relay int, r *rand.Rand, resume ...frame.Resume) (*observed, error) {
	s, err := p.w.dialRelay(ctx, h, relay, r, false)
	if err != nil {
		return nil, err
	}
	hello, err := frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Agent: p.name, Token: p.name, Resume: resume}.Body()}.Append(nil)
	must(err)
	if err := s.Write(hello); err != nil {
		s.Close(frame.CloseNormal, "")
		return nil, err
	}
	return s, nil
}

// settle sends a request, where there is one, and reads until an outcome has come.
func (o *observed) settle(ctx context.Context, f frame.Frame) error {
	defer context.AfterFunc(ctx, func() { o.Close(frame.CloseNormal, "") })()
	if f.Kind != 0 {
		message, err := f.Append(nil)
		must(err)
		if err := o.Write(message); err != nil {
			return err
		}
	}
	for {
		message, err := o.Read()
		if err != nil {
			return err
		}
		if f, err := frame.Decode(message); err == nil && f.Kind == frame.KindOutcome {
			return nil
		}
	}
}
