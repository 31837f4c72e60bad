package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"commdn/relay/desk"
)

// Put keeps an entry. When it returns without an error, the entry is on disk.
func (j *Journal) Put(ctx context.Context, e desk.Entry) (*desk.Record, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime) // who asks may go; the request is theirs all the same
	defer cancel()
	if j.data != nil {
		if err := j.data.writable(); err != nil {
			return nil, err
		}
	}
	name := id(e.ID)
	if r, err := j.outcome(ctx, name); r != nil || err != nil {
		return r, err
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
	ack, err := j.js.Publish(ctx, subjectWork+token+"."+name, data, jetstream.WithMsgID(name), jetstream.WithRetryAttempts(0))
	if err != nil {
		return nil, j.notKept(err)
	}
	if !ack.Duplicate {
		j.accepted.Add(1)
		return nil, nil
	}
	known, err := j.Find(ctx, e.ID)
	if known == nil && err == nil {
		return nil, errors.New("the same request was just taken in; ask again")
	}
	return known, err
}

// notKept says what an error of a publication means: only JetStream's own "no" is one.
func (j *Journal) notKept(err error) error {
	var no *jetstream.APIError
	if errors.As(err, &no) {
		return fmt.Errorf("the journal refuses it: %w", err)
	}
	return fmt.Errorf("%w: %w", desk.ErrUnsure, err)
}

// outcome gives the record of a request that has its outcome; nil: it has none.
func (j *Journal) outcome(ctx context.Context, name string) (*desk.Record, error) {
	m, err := j.done.GetLastMsgForSubject(ctx, subjectDone+name)
	if missing(err) {
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
	m, err := j.work.GetLastMsgForSubject(ctx, subjectWork+"*."+id(of))
	if missing(err) {
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

// Settle corrects the outcome of a request that was put aside.
func (j *Journal) Settle(ctx context.Context, of desk.ID, o desk.Outcome) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	m, err := j.done.GetLastMsgForSubject(ctx, subjectDone+id(of))
	if missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	before, err := read(m.Data)
	if err != nil {
		return err
	}
	before.Refusal, before.Answer = nil, nil
	after, err := before.ended(before.Seq, o, before.Tries)
	if err != nil {
		return err
	}
	if err := j.keep(ctx, subjectDone+id(of), after); err != nil {
		return err
	}
	return j.state.Purge(ctx, jetstream.WithPurgeSubject(subjectDead+id(of)))
}

// keep writes a record, in place of an earlier one with the subject.
func (j *Journal) keep(ctx context.Context, subject string, r any) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = j.js.Publish(ctx, subject, data)
	return err
}
