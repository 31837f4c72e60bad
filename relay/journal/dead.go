package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/desk"
)

var errGone = errors.New("the request is not in the journal any more")

// Retry has a request that was put aside sent again.
func (j *Journal) Retry(ctx context.Context, id string) (Item, error) {
	item, err := j.Show(ctx, id)
	if err != nil {
		return item, err
	}
	if !item.Dead {
		return item, errors.New("the request was not put aside; it waits, and is sent by itself")
	}
	m, err := j.streams.Last(ctx, streamState, subjectDead+item.ID)
	if m == nil && err == nil {
		err = errGone
	}
	if err != nil {
		return item, fmt.Errorf("journal: %w", err)
	}
	r, err := read(m.Data)
	if err != nil {
		return item, err
	}
	before := r.Seq
	r.Seq, r.Refusal, r.Tries, r.Ended, r.NotBefore = 0, nil, 0, time.Time{}, time.Time{}
	data, err := json.Marshal(r)
	if err != nil {
		return item, err
	}
	token, err := j.route(ctx, route(r.Links), r.Links)
	if err != nil {
		return item, fmt.Errorf("journal: %w", err)
	}
	// First it is work again: a crash between the two leaves it in both places, and
	// the key of the message makes a second retry the same one.
	if _, err := j.streams.Publish(ctx, subjectWork+token+"."+item.ID, fmt.Sprintf("%s again after %d", item.ID, before), data); err != nil {
		return item, fmt.Errorf("journal: %w", err)
	}
	return item, j.purge(ctx, subjectDead+item.ID)
}

// Drop takes a request out of the journal: it is not sent any more. Who asked hears
// that.
func (j *Journal) Drop(ctx context.Context, id string) (Item, error) {
	item, err := j.Show(ctx, id)
	if err != nil || item.Dead {
		if err == nil {
			err = j.purge(ctx, subjectDead+item.ID)
		}
		return item, err
	}
	m, err := j.streams.Last(ctx, streamWork, subjectWork+"*."+item.ID)
	if m == nil && err == nil {
		err = errGone
	}
	if err != nil {
		return item, fmt.Errorf("journal: %w", err)
	}
	r, err := read(m.Data)
	if err != nil { // nobody knows who asked for it
		return item, j.remove(ctx, m)
	}
	o := desk.Outcome{Refusal: &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "an administrator took the request out of the journal; it may have been carried out before"}}
	if r, err = r.ended(m.Sequence, o, 0); err != nil {
		return item, err
	}
	if err := j.keep(ctx, subjectDone+item.ID, r); err != nil {
		return item, fmt.Errorf("journal: %w", err)
	}
	if err := j.remove(ctx, m); err != nil {
		return item, err
	}
	if err := j.purge(ctx, subjectWindow+item.ID); err != nil {
		return item, err
	}
	j.mu.Lock()
	delete(j.jobs, m.Sequence)
	j.gone[m.Sequence] = true
	dropped := j.dropped
	j.mu.Unlock()
	if dropped != nil {
		dropped(item.Entry.ID, o)
	}
	return item, nil
}

// remove takes a message out of the work.
func (j *Journal) remove(ctx context.Context, m *Message) error {
	if err := j.streams.Delete(ctx, streamWork, m.Sequence); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

func (j *Journal) purge(ctx context.Context, subject string) error {
	if err := j.streams.Purge(ctx, streamState, subject); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}
