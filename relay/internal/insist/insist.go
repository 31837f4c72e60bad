// Package insist asks again where an answer is lost. A cluster of NATS that chooses a
// leader passes over what it is asked meanwhile, and whoever asked waits in vain.
package insist

import (
	"context"
	"errors"
	"time"
)

// patience is how long one attempt may take. A cluster chooses a leader in a few seconds.
const patience = 10 * time.Second

// Until calls do, which may be done twice, until it has an answer or ctx ends. do gets a
// context for the attempt; where that ends before ctx, there is another attempt.
func Until[T any](ctx context.Context, do func(context.Context) (T, error)) (T, error) {
	for {
		attempt, cancel := context.WithTimeout(ctx, patience)
		v, err := do(attempt)
		late := attempt.Err() != nil && ctx.Err() == nil
		cancel()
		if !late || !errors.Is(err, context.DeadlineExceeded) {
			return v, err
		}
	}
}
