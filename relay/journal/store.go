package journal

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"commdn/relay/desk"
)

// Put keeps an entry. When it returns without an error, the entry is on disk.
func (j *Journal) Put(ctx context.Context, e desk.Entry) (*desk.Record, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime) // who asks may go; the request is theirs all the same
	defer cancel()
	name := id(e.ID)
	// The window of JetStream alone is too short: a request can wait for longer, and the
	// same key then is the same request.
	switch r, err := j.Find(ctx, e.ID); {
	case err != nil: // it may have it since an earlier submission
		return nil, fmt.Errorf("%w: %w", desk.ErrUnsure, err)
	case r != nil:
		return r, nil // also where nothing new can be kept
	}
	if err := j.streams.Writable(); err != nil {
		return nil, err
	}
	token, err := j.route(ctx, routeOf(e), e.Links)
	if err != nil {
		return nil, err
	}
	r, err := encode(e)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	duplicate, err := j.streams.Publish(ctx, subjectWork+token+"."+name, name, data)
	switch {
	case errors.Is(err, ErrRefused):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", desk.ErrUnsure, err)
	case !duplicate:
		j.accepted.Add(1)
		return nil, nil
	}
	known, err := j.Find(ctx, e.ID)
	if known == nil {
		return nil, fmt.Errorf("%w: it was just taken in: %w", desk.ErrUnsure, cmp.Or(err, errGone))
	}
	return known, nil
}

// outcome gives the record of a request that has its outcome; nil: it has none.
func (j *Journal) outcome(ctx context.Context, name string) (*desk.Record, error) {
	m, err := j.streams.Last(ctx, streamDone, subjectDone+name)
	if m == nil && err == nil {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the journal does not say whether it has the request: %w", err)
	}
	r, err := read(m.Data)
	if err != nil {
		return nil, err
	}
	return r.known()
}

// Find gives what the journal has of a request.
func (j *Journal) Find(ctx context.Context, of desk.ID) (*desk.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	if r, err := j.outcome(ctx, id(of)); r != nil || err != nil {
		return r, err
	}
	m, err := j.streams.Last(ctx, streamWork, subjectWork+"*."+id(of))
	if m == nil && err == nil {
		return j.outcome(ctx, id(of)) // it may have come meanwhile
	}
	if err != nil {
		return nil, fmt.Errorf("the journal does not answer: %w", err)
	}
	r, err := read(m.Data)
	if err != nil {
		return nil, err
	}
	return r.known()
}

// Settle corrects the outcome of a request that was put aside. An answer stands, but for
// one that came late itself.
func (j *Journal) Settle(ctx context.Context, of desk.ID, o desk.Outcome) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	m, err := j.streams.Last(ctx, streamDone, subjectDone+id(of))
	if m == nil || err != nil {
		return err
	}
	before, err := read(m.Data)
	if err != nil {
		return err
	}
	if before.Answer != nil && !before.Late {
		return nil
	}
	before.Refusal, before.Answer, before.Late = nil, nil, true
	after, err := before.ended(before.Seq, o, before.Tries)
	if err != nil {
		return err
	}
	if err := j.keep(ctx, subjectDone+id(of), after); err != nil {
		return err
	}
	return j.streams.Purge(ctx, streamState, subjectDead+id(of))
}

// keep writes a record, in place of an earlier one with the subject.
func (j *Journal) keep(ctx context.Context, subject string, r any) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = j.streams.Publish(ctx, subject, "", data)
	return err
}
