package journal

import (
	"context"
	"errors"
	"hash/fnv"
	"strconv"
	"strings"
	"sync"
	"time"

	"commdn/relay/lease"
)

// shards is how many fences a link has in each stream. A cluster lets one message at a
// time look at a fence, so that many of them let many be written.
const shards = 8

// fence is a message whose sequence names a term: what is written in the term is
// conditional on it.
type fence struct {
	subject  string
	sequence uint64
	turn     chan struct{} // of one writer at a time
}

// raise writes the fences of a term over those of the one before.
func (j *Journal) raise(ctx context.Context, t *term) error {
	var raising sync.WaitGroup
	errs := make([]error, 2*shards)
	for n := range shards {
		for i, f := range []struct {
			to             *fence
			stream, prefix string
		}{{&t.done[n], streamDone, fenceDone}, {&t.state[n], streamState, fenceState}} {
			raising.Go(func() {
				f.to.subject = f.prefix + route([]string{t.link}) + "." + strconv.Itoa(n)
				f.to.turn = make(chan struct{}, 1)
				errs[2*n+i] = j.raiseOne(ctx, f.stream, f.to, t.number)
			})
		}
	}
	raising.Wait()
	for _, err := range errs {
		var behind *lease.BehindError
		if errors.As(err, &behind) {
			return err
		}
	}
	return errors.Join(errs...)
}

func (j *Journal) raiseOne(ctx context.Context, stream string, f *fence, number uint64) error {
	for {
		m, err := j.streams.Last(ctx, stream, f.subject)
		if err != nil {
			return err
		}
		before := uint64(0)
		if m != nil {
			before = m.Sequence
			if n, err := strconv.ParseUint(string(m.Data), 10, 64); err != nil || n >= number {
				return &lease.BehindError{Term: n}
			}
		}
		f.sequence, err = j.streams.(Fenced).PublishIf(ctx, f.subject, strconv.AppendUint(nil, number, 10), f.subject, before)
		if !errors.Is(err, ErrFenced) {
			return err
		}
		select { // what was read may have been behind
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(fencePause):
		}
	}
}

// fencePause is between two looks at a fence.
const fencePause = 20 * time.Millisecond

// write writes what became of a job; in a term, only if no later one has begun.
func (w *job) write(ctx context.Context, subject string, data []byte) error {
	if w.t == nil {
		_, err := w.j.streams.Publish(ctx, subject, "", data)
		return err
	}
	all, stream := &w.t.state, streamState
	if strings.HasPrefix(subject, subjectDone) {
		all, stream = &w.t.done, streamDone
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(subject))
	f := &all[sum.Sum32()%shards]
	select {
	case f.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-f.turn }()
	for {
		if w.isLost() {
			return ErrFenced
		}
		_, err := w.j.streams.(Fenced).PublishIf(ctx, subject, data, f.subject, f.sequence)
		if !errors.Is(err, ErrFenced) {
			return err
		}
		// One of an earlier term may be on its way, which is refused too.
		m, err := w.j.streams.Last(ctx, stream, f.subject)
		if err != nil {
			return err
		}
		if m == nil || m.Sequence != f.sequence {
			return ErrFenced
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(fencePause):
		}
	}
}
