package bench

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
)

// dncClients is how many agents ask.
const dncClients = 50

// inFlight is how many requests are under way at most; those above it wait here,
// which counts as part of the time they take. A T-Server that has too much
// waiting for a client hangs up on it.
const inFlight = 256

// tick is how often requests that are due are sent.
const tick = time.Millisecond

// dnc measures requests that go all the way: through the client that programs
// use, the relay and T-Server to OCS, and back.
func dnc(ctx context.Context, r *run) error {
	s, err := r.start(ctx)
	if err != nil {
		return err
	}
	defer s.end()
	a, err := hire(ctx, r, s.relay)
	if err != nil {
		return err
	}
	defer a.end()
	if err := a.ask(ctx, r.Rate, min(r.Duration, slice)/4); err != nil { // for buffers
		return err
	}
	a.all()
	used, err := s.relay.cpu()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := a.ask(ctx, r.Rate, r.Duration); err != nil {
		return err
	}
	in := time.Since(began)
	now, err := s.relay.cpu()
	if err != nil {
		return err
	}
	res := Result{Measurement: "dnc", Server: "relay", Sessions: dncClients, Unit: "requests", Goal: "a median under 2 ms at 2,000 a second"}
	res.times(a.all(), in, now-used)
	return r.report(res)
}

// agents are clients that put numbers on the Do Not Call list.
type agents struct {
	clients []*client.Client
	next    atomic.Int64 // number
	slots   chan struct{}

	mu   sync.Mutex
	took []time.Duration
}

// hire connects the clients.
func hire(ctx context.Context, r *run, relay *process) (*agents, error) {
	dial, err := r.Dial(relay.url())
	if err != nil {
		return nil, err
	}
	a := &agents{slots: make(chan struct{}, inFlight)}
	for range dncClients {
		a.clients = append(a.clients, client.New(client.Options{Dial: dial, Agent: "commdn bench"}))
	}
	for _, c := range a.clients {
		waiting, cancel := context.WithTimeout(ctx, patience)
		_, err := c.Directory(waiting) // comes after the welcome
		cancel()
		if err != nil {
			a.end()
			return nil, err
		}
	}
	return a, nil
}

func (a *agents) end() {
	var all sync.WaitGroup
	for _, c := range a.clients {
		all.Go(c.Close)
	}
	all.Wait()
}

// all gives how long each request took since the last call.
func (a *agents) all() []time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	took := a.took
	a.took = nil
	return took
}

// ask sends so many requests a second, or with 0 the next one of each client as
// soon as the last one is answered, for a time, and waits for the answers.
//
// With a rate, requests go out when they are due, whether or not those before
// have been answered: a server that stops for a moment is not asked less for it.
func (a *agents) ask(ctx context.Context, perSecond int, length time.Duration) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var asking sync.WaitGroup
	one := func() {
		asked := time.Now()
		a.slots <- struct{}{}
		defer func() { <-a.slots }()
		n := a.next.Add(1)
		c := a.clients[n%int64(len(a.clients))]
		if _, err := c.DoNotCall(ctx, commdn.DoNotCall{Phone: fmt.Sprintf("666%07d", n)}); err != nil {
			if ctx.Err() == nil {
				cancel(err)
			}
			return
		}
		took := time.Since(asked)
		a.mu.Lock()
		a.took = append(a.took, took)
		a.mu.Unlock()
	}
	began := time.Now()
	if perSecond == 0 {
		for range 2 * len(a.clients) {
			asking.Go(func() {
				for ctx.Err() == nil && time.Since(began) < length {
					one()
				}
			})
		}
	} else {
		pace(ctx, perSecond, length, func() { asking.Go(one) })
	}
	asking.Wait()
	return context.Cause(ctx)
}

// pace calls do so many times a second, evenly, as near as the system's timers
// come to it.
func pace(ctx context.Context, perSecond int, length time.Duration, do func()) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	began := time.Now()
	for sent := 0; ; {
		select {
		case <-ticker.C:
			since := min(time.Since(began), length)
			for due := int(since.Seconds() * float64(perSecond)); sent < due; sent++ {
				do()
			}
			if since == length {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}
