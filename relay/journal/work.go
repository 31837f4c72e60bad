package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/desk"
)

// Begin hands out what earlier processes left, and from then on what Put keeps.
func (j *Journal) Begin(do func(desk.Job), dropped func(desk.ID, desk.Outcome)) error {
	j.mu.Lock()
	j.do, j.dropped = do, dropped
	j.mu.Unlock()
	ctx, cancel := context.WithTimeout(j.ctx, time.Minute)
	defer cancel()
	if j.o.Leased {
		return j.follow(ctx)
	}
	known, err := j.streams.Subjects(ctx, streamState, subjectRoute+"*")
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	for _, subject := range known {
		if err := j.consume(ctx, strings.TrimPrefix(subject, subjectRoute)); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
	}
	return nil
}

// route sees to it that the route of a set of links is on disk and has a consumer from
// then on. Each set has its own, so that a link which is down holds up nothing of
// the others.
func (j *Journal) route(ctx context.Context, token string, links []string) (string, error) {
	if j.o.Leased {
		return token, j.sharedRoute(ctx, token, links)
	}
	j.mu.Lock()
	_, known := j.routes[token]
	j.mu.Unlock()
	if known {
		return token, nil
	}
	if err := j.keep(ctx, subjectRoute+token, links); err != nil {
		return "", err
	}
	return token, j.consume(ctx, token)
}

// consume begins to hand out what waits for a set of links.
func (j *Journal) consume(ctx context.Context, token string) error {
	j.opening.Lock()
	defer j.opening.Unlock()
	j.mu.Lock()
	closed, known := j.routes == nil || j.do == nil, j.routes[token] != nil
	j.mu.Unlock()
	switch {
	case closed:
		return errors.New("it is closed")
	case known:
		return nil
	}
	stop, err := j.streams.Consume(ctx, token, subjectWork+token+".*", j.most(token), func(d Delivery) { j.take(d, nil) }, j.silent)
	if err != nil {
		return err
	}
	j.mu.Lock()
	closed = j.routes == nil
	if !closed {
		j.routes[token] = stop
	}
	j.mu.Unlock()
	if closed { // meanwhile
		stop()
		return errors.New("it is closed")
	}
	return nil
}

// silent says why nothing is handed out at the moment.
func (j *Journal) silent(err error) {
	if j.ctx.Err() == nil {
		j.log.Warn("the journal hands nothing out", "error", err)
	}
}

// take makes a job of a message, unless it is one that is handed out, or has its
// outcome already. t is the term in which it comes; nil: nothing is leased.
func (j *Journal) take(d Delivery, t *term) {
	m := d.Message()
	seq := m.Sequence
	r, err := read(m.Data)
	if err != nil { // the checksum was right: it was written so
		j.log.Error("an entry of the journal is left where it is", "sequence", seq, "error", err)
		return
	}
	w := &job{j: j, d: d, t: t, seq: seq, name: last(m.Subject), record: r, e: r.entry()}
	before := j.before
	if t != nil {
		before = t.before
	}
	j.mu.Lock()
	_, twice := j.jobs[seq]
	late := j.gone[seq] || t != nil && j.terms[t.link] != t
	if !twice && !late {
		j.jobs[seq] = w
	}
	do := j.do
	j.mu.Unlock()
	if twice || late {
		return
	}
	if seq <= before || d.Again() {
		j.again.Add(1)
		if ended, err := w.look(); err != nil {
			j.log.Error("an entry of the journal waits, as it is not known whether it has its outcome", "id", w.name, "error", err)
			w.Release()
			return
		} else if ended {
			w.ack()
			return
		}
	}
	defer func() { // the goroutine is that of JetStream
		if p := recover(); p != nil {
			w.forget()
			j.log.Error("an entry of the journal is left where it is, as it could not be handled", "id", w.name, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	do(w)
}

// heartbeat keeps what is handed out from being handed out again by a cluster.
func (j *Journal) heartbeat() {
	tick := time.NewTicker(AckWait / 3)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-j.ctx.Done():
			return
		}
		j.mu.Lock()
		all := make([]*job, 0, len(j.jobs))
		for _, w := range j.jobs {
			all = append(all, w)
		}
		j.mu.Unlock()
		for _, w := range all {
			_ = w.d.InProgress()
		}
	}
}

// job is an entry that is handed out.
type job struct {
	j      *Journal
	d      Delivery
	t      *term // nil: nothing is leased
	seq    uint64
	name   string
	record *record
	e      desk.Entry
	tries  int
}

var _ desk.Job = (*job)(nil)

func (w *job) Entry() desk.Entry { return w.e }
func (w *job) Tries() int        { return w.tries }

// look says whether the job has its outcome, and finds out how often it was tried.
// One that was handed out before counts as tried once.
func (w *job) look() (ended bool, err error) {
	ctx, cancel := context.WithTimeout(w.j.ctx, answerTime)
	defer cancel()
	m, err := w.j.streams.Last(ctx, streamDone, subjectDone+w.name)
	if err != nil {
		return false, err
	}
	if m != nil {
		r, err := read(m.Data)
		if err != nil {
			return false, err
		}
		if r.Seq >= w.seq {
			return true, nil
		}
	}
	if !w.e.NotBefore.IsZero() { // it was handed out to wait, perhaps for no more than that
		if m, err := w.j.streams.Last(ctx, streamState, subjectWindow+w.name); m == nil || err != nil {
			return false, err
		}
	}
	w.tries = 1
	m, err = w.j.streams.Last(ctx, streamState, subjectTry+w.name)
	if m == nil || err != nil {
		return false, err
	}
	if n, err := strconv.Atoi(string(m.Data)); err == nil {
		w.tries = max(w.tries, n)
	}
	return false, nil
}

// Try notes that the attempt n begins.
func (w *job) Try(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	w.tries = n
	return w.write(ctx, subjectTry+w.name, strconv.AppendInt(nil, int64(n), 10))
}

// Settle keeps the outcome, and then the entry is done.
func (w *job) Settle(ctx context.Context, o desk.Outcome) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	r, err := w.record.ended(w.seq, o, w.tries)
	if err != nil {
		return err
	}
	if err := w.keep(ctx, subjectDone+w.name, r); err != nil {
		return err
	}
	w.ack()
	return nil
}

// Bury puts the entry aside, with a refusal for its outcome.
func (w *job) Bury(ctx context.Context, n int, why *frame.Refusal) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	r, err := w.record.ended(w.seq, desk.Outcome{Refusal: why}, n)
	if err != nil {
		return err
	}
	w.tries = n
	for _, subject := range []string{subjectDead + w.name, subjectDone + w.name} {
		if err := w.keep(ctx, subject, r); err != nil {
			return err
		}
	}
	w.ack()
	return nil
}

// keep writes a record.
func (w *job) keep(ctx context.Context, subject string, r any) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return w.write(ctx, subject, data)
}

// ack takes the entry out of the work.
func (w *job) ack() {
	if err := w.d.Ack(); err != nil { // it is handed out again, and has its outcome then
		w.j.log.Warn("the journal was not told that a request is done", "id", w.name, "error", err)
	}
	if w.tries > 0 {
		_ = w.j.streams.Purge(w.j.ctx, streamState, subjectTry+w.name)
	}
	if !w.e.NotBefore.IsZero() {
		_ = w.j.streams.Purge(w.j.ctx, streamState, subjectWindow+w.name)
	}
	w.forget()
}

// Release leaves the entry for another process, or for the next start.
func (w *job) Release() {
	w.forget()
	if w.j.streams.Shared() && !w.isLost() {
		_ = w.d.GiveBack()
	}
}

func (w *job) forget() {
	w.j.mu.Lock()
	defer w.j.mu.Unlock()
	if w.j.jobs[w.seq] == w {
		delete(w.j.jobs, w.seq)
	}
}
