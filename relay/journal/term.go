package journal

import (
	"context"
	"errors"
	"fmt"
)

// term is a lease of a link that this relay holds. In it the relay is handed out the
// requests of all sets of links that begin with the link.
type term struct {
	link        string
	number      uint64
	before      uint64 // the last sequence of work that an earlier term may have begun
	lost        chan struct{}
	done, state [shards]fence
	stops       []func() // of its consumers; guarded by Journal.mu
}

// Hold takes a link over: nothing of an earlier term is kept any more, and what is in
// the journal is handed out to this relay. number is that of the term. The error may be
// a *lease.BehindError.
func (j *Journal) Hold(ctx context.Context, link string, number uint64) error {
	t := &term{link: link, number: number, lost: make(chan struct{})}
	if err := j.raise(ctx, t); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	st, err := j.streams.State(ctx, streamWork)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	t.before = st.LastSequence
	if err := j.readRoutes(ctx); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.mu.Lock()
	if j.routes == nil {
		j.mu.Unlock()
		return errors.New("journal: it is closed")
	}
	j.terms[link] = t
	var mine []string
	for token, first := range j.known {
		if first == link {
			mine = append(mine, token)
		}
	}
	j.mu.Unlock()
	for _, token := range mine {
		if err := j.consumeIn(ctx, token, t); err != nil {
			j.Lose(link)
			return fmt.Errorf("journal: %w", err)
		}
	}
	return nil
}

// Lose ends the term of a link: nothing of it is handed out, and nothing kept.
func (j *Journal) Lose(link string) {
	j.mu.Lock()
	t := j.terms[link]
	if t == nil {
		j.mu.Unlock()
		return
	}
	delete(j.terms, link)
	close(t.lost)
	for seq, w := range j.jobs {
		if w.t == t {
			delete(j.jobs, seq)
		}
	}
	stops := t.stops
	t.stops = nil
	j.mu.Unlock()
	for _, stop := range stops {
		stop()
	}
}

// Lost is closed when the lease under which the job came is over.
func (w *job) Lost() <-chan struct{} {
	if w.t == nil {
		return nil
	}
	return w.t.lost
}

func (w *job) isLost() bool {
	select {
	case <-w.Lost():
		return true
	default:
		return false
	}
}
