package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// askers is how many sessions ask at a time, enough to keep a server busy.
const askers = 100

// slice is how long one server is measured before it is the other's turn, so
// that a machine that becomes slower or faster does it to both.
const slice = time.Second

// status measures requests that the relay answers by itself, one after the other
// on each of many sessions, as fast as they are answered.
func status(ctx context.Context, r *run) error {
	s, err := r.start(ctx)
	if err != nil {
		return err
	}
	defer s.end()
	echo, err := r.echo()
	if err != nil {
		return err
	}
	defer echo.end()
	sides := []*side{{kind: toRelay, server: s.relay}, {kind: toEcho, server: echo}}
	for _, one := range sides {
		if one.sessions, err = fill(ctx, askers, one.kind, one.server.host(), false); err != nil {
			return err
		}
		defer one.sessions.close()
	}
	question, err := encoded(frame.Frame{Kind: frame.KindRequest, Number: 1, Body: frame.Request{Key: "status", Data: (&commdn.GetCampaignStatus{
		Address: commdn.Address{Target: ocs}, CampaignGroup: measured,
	}).UserData()}.Body()})
	if err != nil {
		return err
	}
	// All sessions ask under one key, which is one request: so the relay knows the
	// answer before they do.
	if err := sides[0].sessions.all[0].first(question); err != nil {
		return err
	}
	// Buffers are there before the first slice.
	for _, one := range sides {
		if err := one.saturate(ctx, question, min(r.Duration, slice)/4); err != nil {
			return err
		}
		one.took, one.in, one.cpu = nil, 0, 0
	}
	for sides[1].in < r.Duration {
		for _, one := range sides {
			if err := one.saturate(ctx, question, min(r.Duration, slice)); err != nil {
				return err
			}
		}
	}
	relay, of := sides[0].result("status"), sides[1].result("status")
	relay.Ratio, relay.CPURatio, relay.Goal = ratio(relay.PerSecond, of.PerSecond), ratio(of.CPU, relay.CPU), "at least 0.4 times echo's rate"
	if err := r.report(of); err != nil {
		return err
	}
	return r.report(relay)
}

// side is one of two servers that are compared.
type side struct {
	kind     kind
	server   *process
	sessions *pool
	took     []time.Duration
	in       time.Duration // measured for so long
	cpu      time.Duration // that the server used
}

func (one *side) result(measurement string) Result {
	res := Result{Measurement: measurement, Server: one.kind.String(), Sessions: len(one.sessions.all), Unit: "requests"}
	res.times(one.took, one.in, one.cpu)
	return res
}

// saturate has every session ask again as soon as it is answered.
func (one *side) saturate(ctx context.Context, question []byte, length time.Duration) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	used, err := one.server.cpu()
	if err != nil {
		return err
	}
	var over atomic.Bool
	time.AfterFunc(length, func() { over.Store(true) })
	stop := context.AfterFunc(ctx, func() { over.Store(true) })
	defer stop()
	var mu sync.Mutex
	began := time.Now()
	err = one.sessions.each(func(s *socket) error {
		_ = s.net.SetDeadline(began.Add(length + patience))
		var took []time.Duration
		buf := make([]byte, frame.MaxLen)
		for !over.Load() {
			asked := time.Now()
			if err := s.write(question); err != nil {
				return err
			}
			answer, err := s.read(buf)
			if err != nil {
				return err
			}
			if one.kind == toRelay {
				if err := answered(answer); err != nil {
					return err
				}
			}
			took = append(took, time.Since(asked))
		}
		mu.Lock()
		defer mu.Unlock()
		one.took = append(one.took, took...)
		return nil
	})
	one.in += time.Since(began)
	if err != nil {
		return err
	}
	now, err := one.server.cpu()
	one.cpu += now - used
	return err
}

// first asks once and waits for the answer.
func (s *socket) first(question []byte) error {
	_ = s.net.SetDeadline(time.Now().Add(patience))
	if err := s.write(question); err != nil {
		return err
	}
	answer, err := s.read(make([]byte, frame.MaxLen))
	if err != nil {
		return err
	}
	return answered(answer)
}

// answered says whether bytes are an outcome with an answer.
func answered(b []byte) error {
	// The first key of the body, behind count, kind and length, says it without
	// reading the rest.
	if key := frame.HeaderLen + 5; len(b) > key+4 && frame.Kind(b[0]) == frame.KindOutcome && string(b[key:key+4]) == "data" {
		return nil
	}
	f, err := frame.Decode(b)
	if err != nil {
		return err
	}
	if f.Kind == frame.KindOutcome {
		if o := frame.ReadOutcome(f.Body); o.Refusal != nil {
			return o.Refusal
		}
		return nil
	}
	return errors.New("a " + f.Kind.String() + " instead of an answer; " + fmt.Sprint(len(b), " bytes"))
}
