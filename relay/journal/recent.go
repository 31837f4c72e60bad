package journal

import (
	"context"
	"fmt"
	"sort"
	"time"

	"commdn/relay/desk"
)

// mostRecent bounds the outcomes that are looked at when a relay starts, and the entries
// that wait.
const mostRecent = 1000

// Recent gives the entries that were put aside since a time, those of the last mostRecent
// outcomes since then, and the mostRecent oldest that wait: these may have been sent, and
// a cluster hands them out again only when it takes the earlier process for gone.
func (j *Journal) Recent(ctx context.Context, since time.Time) ([]desk.Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var all []desk.Entry
	known := make(map[desk.ID]bool)
	for item, err := range j.Aside(ctx) {
		if err != nil {
			return nil, err
		}
		if !item.Unreadable && !item.Ended.Before(since) {
			all = append(all, item.Entry)
			known[item.Entry.ID] = true
		}
	}
	ended, err := j.outcomes(ctx, since)
	if err != nil {
		return all, fmt.Errorf("journal: %w", err)
	}
	for _, e := range ended {
		if !known[e.ID] { // what was put aside has a refusal for its outcome
			all = append(all, e)
		}
	}
	waiting, err := j.waiting(ctx)
	return append(all, waiting...), err
}

// waiting gives the mostRecent oldest entries without an outcome.
func (j *Journal) waiting(ctx context.Context) (all []desk.Entry, err error) {
	for m, err := range j.work(ctx) {
		if err != nil {
			return all, err
		}
		item := j.waitingItem(m)
		if item.Unreadable {
			continue
		}
		if all = append(all, item.Entry); len(all) == mostRecent {
			break
		}
	}
	return all, nil
}

// outcomes gives the entries of the last mostRecent outcomes since a time, the oldest
// first.
func (j *Journal) outcomes(ctx context.Context, since time.Time) (all []desk.Entry, err error) {
	st, err := j.streams.State(ctx, streamDone)
	if err != nil {
		return nil, err
	}
	next := func(from uint64) (seq uint64, r *record) { // nil: there is none, or err
		for r == nil {
			m, failed := j.streams.Next(ctx, streamDone, subjectDone+"*", from)
			if failed != nil {
				err = failed
			}
			if m == nil || failed != nil {
				return 0, nil
			}
			if r, failed = read(m.Data); failed != nil {
				j.unreadable(m, failed)
				r = nil
			}
			seq, from = m.Sequence, m.Sequence+1
		}
		return seq, r
	}
	many := int(min(st.LastSequence, mostRecent))
	first := st.LastSequence - uint64(many) + 1
	first += uint64(sort.Search(many, func(n int) bool {
		_, r := next(first + uint64(n))
		return r == nil || !r.Ended.Before(since)
	}))
	for seq, r := next(first); r != nil; seq, r = next(seq + 1) {
		if !r.Ended.Before(since) { // the clock may have jumped
			all = append(all, r.entry())
		}
	}
	return all, err
}
