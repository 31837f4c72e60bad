package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"runtime/debug"
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

// follow tells the desk of outcomes that other relays keep, and finds sets of links that
// they begin to use.
func (j *Journal) follow(ctx context.Context) error {
	all := j.streams.(Fenced)
	done, err := all.Follow(ctx, streamDone, subjectDone+"*", false, func(m Message) {
		defer func() { // the goroutine is that of JetStream
			if p := recover(); p != nil {
				j.log.Error("an outcome of another relay is passed over", "panic", p, "stack", string(debug.Stack()))
			}
		}()
		r, err := read(m.Data)
		if err != nil {
			j.log.Error("an outcome of another relay is passed over", "error", err)
			return
		}
		if k, err := r.known(); err == nil && k.Outcome != nil {
			j.dropped(k.ID, *k.Outcome)
		}
	})
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	routes, err := all.Follow(ctx, streamState, subjectRoute+"*", true, func(m Message) {
		j.running.Go(func() {
			if err := j.learn(j.ctx, &m); err != nil && j.ctx.Err() == nil {
				j.log.Error("a set of links of another relay waits", "error", err)
			}
		})
	})
	if err != nil {
		done()
		return fmt.Errorf("journal: %w", err)
	}
	j.mu.Lock()
	j.follows = []func(){done, routes}
	j.mu.Unlock()
	return nil
}

// learn takes in a set of links, and has it handed out where this relay holds its first
// link.
func (j *Journal) learn(ctx context.Context, m *Message) error {
	var links []string
	if err := json.Unmarshal(m.Data, &links); err != nil || len(links) == 0 {
		return fmt.Errorf("a set of links cannot be read: %s", m.Data)
	}
	return j.learned(ctx, last(m.Subject), links)
}

func (j *Journal) learned(ctx context.Context, token string, links []string) error {
	j.mu.Lock()
	j.known[token] = links[0]
	t := j.terms[links[0]]
	j.mu.Unlock()
	if t == nil {
		return nil
	}
	return j.consumeIn(ctx, token, t)
}

// sharedRoute has a set of links known to all relays.
func (j *Journal) sharedRoute(ctx context.Context, token string, links []string) error {
	j.mu.Lock()
	_, known := j.known[token]
	j.mu.Unlock()
	if known {
		return nil
	}
	if err := j.keep(ctx, subjectRoute+token, links); err != nil {
		return err
	}
	return j.learned(ctx, token, links)
}

func (j *Journal) readRoutes(ctx context.Context) error {
	subjects, err := j.streams.Subjects(ctx, streamState, subjectRoute+"*")
	if err != nil {
		return err
	}
	for _, subject := range subjects {
		m, err := j.streams.Last(ctx, streamState, subject)
		if err != nil {
			return err
		}
		if m != nil {
			if err := j.learn(ctx, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// consumeIn begins to hand out what waits for a set of links, in a term.
func (j *Journal) consumeIn(ctx context.Context, token string, t *term) error {
	j.opening.Lock()
	defer j.opening.Unlock()
	name := token + "-" + strconv.FormatUint(t.number, 10)
	j.mu.Lock()
	over, known := j.routes == nil || j.terms[t.link] != t, j.routes[name] != nil
	j.mu.Unlock()
	if over || known {
		return nil
	}
	stop, err := j.streams.(Fenced).ConsumeAlone(ctx, token, t.number, subjectWork+token+".*", j.most(token), func(d Delivery) { j.take(d, t) }, j.silent)
	if err != nil {
		return err
	}
	stop = sync.OnceFunc(stop)
	j.mu.Lock()
	over = j.routes == nil || j.terms[t.link] != t
	if !over {
		j.routes[name] = stop
		t.stops = append(t.stops, func() {
			j.mu.Lock()
			delete(j.routes, name)
			j.mu.Unlock()
			stop()
		})
	}
	j.mu.Unlock()
	if over { // meanwhile
		stop()
	}
	return nil
}
