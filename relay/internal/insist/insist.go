// Package insist asks again where an answer is lost. A cluster of NATS that chooses a
// leader passes over what it is asked meanwhile, and whoever asked waits in vain, or it
// says that it has none.
package insist

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// patience is how long one attempt may take. A cluster chooses a leader in a few
	// seconds.
	patience = 10 * time.Second
	// pause is before the next attempt where there was an answer.
	pause = time.Second
	// noLeader is what NATS answers while it has none; its client has no name for it.
	noLeader jetstream.ErrorCode = 10008
)

// Until calls do, which may be done twice, until it has an answer or ctx ends. do gets a
// context for the attempt; where that ends before ctx, or JetStream has no leader, there is
// another attempt.
func Until[T any](ctx context.Context, do func(context.Context) (T, error)) (T, error) {
	for {
		attempt, cancel := context.WithTimeout(ctx, patience)
		v, err := do(attempt)
		late := attempt.Err() != nil && errors.Is(err, context.DeadlineExceeded)
		cancel()
		var no *jetstream.APIError
		switch {
		case ctx.Err() != nil:
			return v, err
		case late:
		case errors.As(err, &no) && no.ErrorCode == noLeader:
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return v, err
			}
		default:
			return v, err
		}
	}
}
