package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/desk"
)

// Item is a request in the journal, for an administrator.
type Item struct {
	ID     string // 32 hexadecimal digits
	Entry  desk.Entry
	Dead   bool   // put aside; else it waits for its outcome
	Tries  int    // of one that was put aside
	Reason string // why it was
	Ended  time.Time
}

// mostItems bounds a list.
const mostItems = 1000

var errGone = errors.New("the request is not in the journal any more")

// List gives what was put aside, and what waits, the oldest first and at most 1000
// of each.
func (j *Journal) List(ctx context.Context) ([]Item, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	all, err := j.dead(ctx)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	all = all[:min(len(all), mostItems)]
	for seq, n := uint64(1), 0; n < mostItems; n++ {
		m, err := j.streams.Next(ctx, streamWork, subjectWork+"*.*", seq)
		if err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
		if m == nil {
			break
		}
		r, err := read(m.Data)
		if err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
		all = append(all, Item{ID: last(m.Subject), Entry: r.entry()})
		seq = m.Sequence + 1
	}
	return all, nil
}

// dead gives what was put aside, the oldest first. What OCS has answered since is not
// aside any more: a crash may bring back the message that says so.
func (j *Journal) dead(ctx context.Context) ([]Item, error) {
	subjects, err := j.streams.Subjects(ctx, streamState, subjectDead+"*")
	if err != nil {
		return nil, err
	}
	var all []Item
	for _, subject := range subjects {
		m, err := j.streams.Last(ctx, streamState, subject)
		if err != nil {
			return nil, err
		}
		if m == nil {
			continue // it was sent again or dropped meanwhile
		}
		r, err := read(m.Data)
		if err != nil {
			return nil, err
		}
		switch answered, err := j.answered(ctx, last(subject), r.Seq); {
		case err != nil:
			return nil, err
		case answered:
			if err := j.streams.Purge(ctx, streamState, subject); err != nil {
				return nil, err
			}
			continue
		}
		all = append(all, Item{ID: last(subject), Entry: r.entry(), Dead: true, Tries: r.Tries, Reason: r.Refusal.Message, Ended: r.Ended})
	}
	slices.SortFunc(all, func(a, b Item) int { return a.Entry.At.Compare(b.Entry.At) })
	return all, nil
}

// answered says whether OCS has answered the request that a message of work began.
func (j *Journal) answered(ctx context.Context, name string, seq uint64) (bool, error) {
	m, err := j.streams.Last(ctx, streamDone, subjectDone+name)
	if m == nil || err != nil {
		return false, err
	}
	r, err := read(m.Data)
	return err == nil && r.Answer != nil && r.Seq >= seq, err
}

// Show gives one request by its ID, or by the beginning of that.
func (j *Journal) Show(ctx context.Context, id string) (Item, error) {
	all, err := j.List(ctx)
	if err != nil {
		return Item{}, err
	}
	var found []Item
	for _, item := range all {
		if strings.HasPrefix(item.ID, id) {
			found = append(found, item)
		}
	}
	switch {
	case id == "" || len(found) == 0:
		return Item{}, fmt.Errorf("the journal has no request %q; commdn journal list has their IDs", id)
	case len(found) > 1:
		return Item{}, fmt.Errorf("%d requests begin with %q; give more of the ID", len(found), id)
	}
	return found[0], nil
}

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
	if err != nil {
		return item, err
	}
	o := desk.Outcome{Refusal: &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "an administrator took the request out of the journal; it may have been carried out before"}}
	if r, err = r.ended(m.Sequence, o, 0); err != nil {
		return item, err
	}
	if err := j.keep(ctx, subjectDone+item.ID, r); err != nil {
		return item, fmt.Errorf("journal: %w", err)
	}
	if err := j.streams.Delete(ctx, streamWork, m.Sequence); err != nil {
		return item, fmt.Errorf("journal: %w", err)
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

func (j *Journal) purge(ctx context.Context, subject string) error {
	if err := j.streams.Purge(ctx, streamState, subject); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// last gives the last token of a subject.
func last(subject string) string { return subject[strings.LastIndexByte(subject, '.')+1:] }
