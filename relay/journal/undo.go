package journal

import (
	"context"
	"fmt"
	"strings"

	"commdn/relay/desk"
)

// What is written when the window of an entry ends: its first writer decides.
const (
	markUndone = "undone"
	markSent   = "sent" // or about to be
)

// mostHeld is how many entries of a set of links may be handed out to wait for the end
// of their windows. They have a consumer of their own: what may go out at once does not
// wait behind them.
const mostHeld = 10_000

// heldPrefix begins the route of such a consumer.
const heldPrefix = "held-"

// routeOf gives the route of an entry.
func routeOf(e desk.Entry) string {
	if e.NotBefore.IsZero() {
		return route(e.Links)
	}
	return heldPrefix + route(e.Links)
}

// most is how many entries of a route may be handed out at once.
func (j *Journal) most(token string) int {
	if strings.HasPrefix(token, heldPrefix) {
		return max(j.o.InFlight, mostHeld)
	}
	return j.o.InFlight
}

// Decide keeps whether an entry was undone, or gives what an earlier call has kept.
func (j *Journal) Decide(ctx context.Context, of desk.ID, undone bool) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	name, mark := id(of), markSent
	if undone {
		mark = markUndone
	}
	there, err := j.streams.First(ctx, streamState, subjectWindow+name, []byte(mark))
	if err != nil {
		return false, fmt.Errorf("the journal does not say whether a request was undone: %w", err)
	}
	if there != nil {
		undone = string(there.Data) == markUndone
	}
	// The mark goes when the entry is settled. A relay that was handed out the entry
	// before, or has not heard of the outcome, writes another one: then the outcome counts.
	r, err := j.outcome(ctx, name)
	if r == nil || err != nil {
		return undone, err
	}
	_ = j.streams.Purge(ctx, streamState, subjectWindow+name)
	return wasUndone(r), nil
}

func wasUndone(r *desk.Record) bool { return r.Outcome != nil && r.Outcome.Undone() }
