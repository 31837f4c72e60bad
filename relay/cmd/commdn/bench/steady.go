package bench

import (
	"context"
	"errors"
	"sync"
	"time"
)

// steadySubscribers is how many sessions are told of changes meanwhile.
func steadySubscribers(o Options) int { return max(1, min(o.Subscribers, o.Sessions, 1000)) }

const (
	samples     = 20               // of the memory, at least
	sampleEvery = 30 * time.Second // at most
	changeEvery = time.Second
	visitEvery  = 100 * time.Millisecond
)

// errOver ends what goes on until it is told to end.
var errOver = errors.New("the time is over")

// steady looks at the memory of a relay that has everything to do for a time:
// requests that go through to OCS, changes for subscribers, and clients that
// come and go.
func steady(ctx context.Context, r *run) error {
	s, err := r.start(ctx)
	if err != nil {
		return err
	}
	defer s.end()
	watching, err := fill(ctx, steadySubscribers(r.Options), toRelay, s.relay.host(), true)
	if err != nil {
		return err
	}
	c := listen(watching)
	defer c.end()
	a, err := hire(ctx, r, s.relay)
	if err != nil {
		return err
	}
	defer a.end()
	console, err := newConsole(s.control)
	if err != nil {
		return err
	}

	working, stop := context.WithCancelCause(ctx)
	var work sync.WaitGroup
	goes := func(do func(context.Context) error) {
		work.Go(func() {
			if err := do(working); err != nil {
				stop(err)
			}
		})
	}
	goes(func(ctx context.Context) error { return a.ask(ctx, r.Rate, 2*r.Duration) })
	goes(c.keepAlive)
	goes(func(ctx context.Context) error {
		load := false
		return repeat(ctx, changeEvery, func() error {
			load = !load
			_, _, err := tell(ctx, s.relay, c, news[load], func() error { return console.load(ctx, load) })
			return err
		})
	})
	goes(func(ctx context.Context) error {
		return repeat(ctx, visitEvery, func() error {
			visitor, err := open(ctx, toRelay, s.relay.host(), true)
			if err == nil {
				_ = visitor.net.Close()
			}
			return err
		})
	})
	err = r.watchMemory(working, s.relay, a, len(watching.all)+dncClients)
	stop(errOver)
	work.Wait()
	if why := context.Cause(working); why != errOver {
		return why
	}
	return err
}

// repeat calls do once in an interval until ctx ends; its error is do's.
func repeat(ctx context.Context, every time.Duration, do func() error) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
		if err := do(); err != nil {
			return err
		}
	}
}

// watchMemory reports samples until the time is over. The last one says how much
// the memory grew; the first quarter is left out of that, as a heap grows to its
// size in it.
func (r *run) watchMemory(ctx context.Context, relay *process, a *agents, sessions int) error {
	every := min(sampleEvery, r.Duration/samples)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	used, err := relay.cpu()
	if err != nil {
		return err
	}
	began := time.Now()
	last := began
	var at, kb []float64
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		now := time.Now()
		cpu, err := relay.cpu()
		if err != nil {
			return err
		}
		res := Result{Measurement: "steady", Server: "relay", Sessions: sessions, Unit: "requests"}
		res.times(a.all(), now.Sub(last), cpu-used)
		if res.RSS, err = relay.memory(); err != nil {
			return err
		}
		last, used = now, cpu
		if now.Sub(began) > r.Duration/4 {
			at, kb = append(at, now.Sub(began).Minutes()), append(kb, res.RSS)
		}
		over := now.Sub(began) >= r.Duration-every/2
		if over {
			res.Slope, res.Goal = slope(at, kb), "memory does not grow"
		}
		if err := r.report(res); err != nil || over {
			return err
		}
	}
}
