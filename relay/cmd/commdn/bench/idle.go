package bench

import (
	"context"
	"time"

	"commdn/protocol/frame"
)

// settle is how long a server has to come to rest: its garbage is collected and
// what it has no more use for goes back to the system.
const settle = 3 * time.Second

// idle measures the memory of sessions that are connected and do nothing but
// what keeps them alive.
func idle(ctx context.Context, r *run) error {
	echo, err := r.echo()
	if err != nil {
		return err
	}
	of, err := idleOf(ctx, r, toEcho, echo)
	echo.end()
	if err != nil {
		return err
	}
	if err := r.report(of); err != nil {
		return err
	}
	s, err := r.start(ctx)
	if err != nil {
		return err
	}
	defer s.end()
	relay, err := idleOf(ctx, r, toRelay, s.relay)
	if err != nil {
		return err
	}
	relay.Ratio, relay.CPURatio, relay.Goal = ratio(relay.SessionKB, of.SessionKB), ratio(of.CPU, relay.CPU), "memory of a session at most 1.25 times echo's"
	return r.report(relay)
}

func idleOf(ctx context.Context, r *run, k kind, p *process) (Result, error) {
	res := Result{Measurement: "idle", Server: k.String(), Sessions: r.Sessions, Unit: "connections"}
	before, err := p.memory()
	if err != nil {
		return res, err
	}
	used, err := p.cpu()
	if err != nil {
		return res, err
	}
	began := time.Now()
	sessions, err := fill(ctx, r.Sessions, k, p.host(), false)
	if err != nil {
		return res, err
	}
	defer sessions.close()
	in := time.Since(began)
	cpu, err := p.cpu()
	if err != nil {
		return res, err
	}
	res.times(sessions.took, in, cpu-used)
	if err := pause(ctx, settle); err != nil {
		return res, err
	}
	// As long as a client stays, it pings.
	buf := make([]byte, frame.MaxLen)
	for _, s := range sessions.all {
		if err := s.write(ping); err != nil {
			return res, err
		}
		if _, err := s.await(k.pong(), buf); err != nil {
			return res, err
		}
	}
	if err := pause(ctx, settle); err != nil {
		return res, err
	}
	if res.RSS, err = p.memory(); err != nil {
		return res, err
	}
	res.SessionKB = (res.RSS - before) / float64(r.Sessions)
	return res, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
