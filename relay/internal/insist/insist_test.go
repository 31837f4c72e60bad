package insist

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// What is lost is asked again; an answer, a failure and the end of the time are told.
func TestUntil(t *testing.T) {
	const limit = 55*time.Second + 500*time.Millisecond
	failure := errors.New("no suitable peers")
	unavailable := fmt.Errorf("nats: %w", &jetstream.APIError{Code: 503, ErrorCode: noLeader, Description: "JetStream system temporarily unavailable"})
	lost := func(ctx context.Context) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	for name, test := range map[string]struct {
		do    func(n int, ctx context.Context) (int, error) // n from 1 on
		value int
		err   error
		asked int
		took  time.Duration
	}{
		"an answer at once": {func(n int, _ context.Context) (int, error) { return 7, nil }, 7, nil, 1, 0},
		"a failure at once": {func(n int, _ context.Context) (int, error) { return 0, failure }, 0, failure, 1, 0},
		"the first two lost": {func(n int, ctx context.Context) (int, error) {
			if n < 3 {
				return lost(ctx)
			}
			return 7, nil
		}, 7, nil, 3, 2 * patience},
		"a failure after a loss": {func(n int, ctx context.Context) (int, error) {
			if n < 2 {
				return lost(ctx)
			}
			return 0, failure
		}, 0, failure, 2, patience},
		"no leader twice": {func(n int, ctx context.Context) (int, error) {
			if n < 3 {
				return 0, unavailable
			}
			return 7, nil
		}, 7, nil, 3, 2 * pause},
		"another refusal": {func(n int, ctx context.Context) (int, error) { return 0, jetstream.ErrJetStreamNotEnabled }, 0, jetstream.ErrJetStreamNotEnabled, 1, 0},
		"all lost":        {func(n int, ctx context.Context) (int, error) { return lost(ctx) }, 0, context.DeadlineExceeded, 6, limit},
		"never a leader":  {func(n int, ctx context.Context) (int, error) { return 0, unavailable }, 0, unavailable, 56, limit},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				began, n := time.Now(), 0
				v, err := Until(ctx, func(ctx context.Context) (int, error) {
					n++
					return test.do(n, ctx)
				})
				if v != test.value || !errors.Is(err, test.err) || n != test.asked || time.Since(began) != test.took {
					t.Errorf("%d, %v after %d attempts and %s", v, err, n, time.Since(began))
				}
			})
		})
	}
}
