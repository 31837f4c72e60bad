package journal

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"commdn/relay/desk"
)

// Item is a request in the journal, for an administrator.
type Item struct {
	ID         string // 32 hexadecimal digits
	Entry      desk.Entry
	Dead       bool   // put aside; else it waits for its outcome
	Unreadable bool   // Entry is empty, and Reason says why
	Tries      int    // of one that was put aside
	Reason     string // why it was
	Ended      time.Time
}

// Listing is what the journal has, and how much more of it.
type Listing struct {
	Items                  []Item
	MoreAside, MoreWaiting uint64
}

// List gives what was put aside, and what waits, the oldest first and at most that many
// of each.
func (j *Journal) List(ctx context.Context, most int) (l Listing, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for item, err := range j.Aside(ctx) {
		if err != nil {
			return Listing{}, err
		}
		if l.Items = append(l.Items, item); len(l.Items) == most {
			break
		}
	}
	slices.SortStableFunc(l.Items, func(a, b Item) int { return a.Entry.At.Compare(b.Entry.At) })
	aside := len(l.Items)
	for m, err := range j.work(ctx) {
		if err != nil {
			return Listing{}, err
		}
		if l.Items = append(l.Items, j.waitingItem(m)); len(l.Items) == aside+most {
			break
		}
	}
	c, err := j.Counts(ctx)
	if err != nil {
		return Listing{}, err
	}
	l.MoreAside = c.Dead - min(c.Dead, uint64(aside))
	l.MoreWaiting = c.Waiting - min(c.Waiting, uint64(len(l.Items)-aside))
	return l, nil
}

// Aside gives what is put aside when it is asked, in that order.
func (j *Journal) Aside(ctx context.Context) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for m, err := range j.messages(ctx, streamState, subjectDead+"*") {
			var item *Item
			if err == nil {
				item, err = j.asideItem(ctx, m)
			}
			switch {
			case err != nil:
				yield(Item{}, fmt.Errorf("journal: %w", err))
				return
			case item != nil && !yield(*item, nil):
				return
			}
		}
	}
}

// work gives the messages of the entries without an outcome.
func (j *Journal) work(ctx context.Context) iter.Seq2[*Message, error] {
	return j.messages(ctx, streamWork, subjectWork+"*.*")
}

// messages gives the messages that a stream has by now. An error is the last one.
func (j *Journal) messages(ctx context.Context, stream, pattern string) iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		st, err := j.streams.State(ctx, stream)
		for seq := uint64(1); err == nil && st.Messages > 0 && seq <= st.LastSequence; {
			var m *Message
			if m, err = j.streams.Next(ctx, stream, pattern, seq); m == nil || err != nil || m.Sequence > st.LastSequence {
				break
			}
			if !yield(m, nil) {
				return
			}
			seq = m.Sequence + 1
		}
		if err != nil {
			yield(nil, fmt.Errorf("journal: %w", err))
		}
	}
}

// asideItem gives what a message of state says was put aside; nil: OCS has answered it
// since. A crash may bring back the message that says that it was put aside.
func (j *Journal) asideItem(ctx context.Context, m *Message) (*Item, error) {
	item := &Item{ID: last(m.Subject), Dead: true}
	r, err := read(m.Data)
	if err != nil {
		j.unreadable(m, err)
		item.Unreadable, item.Reason = true, err.Error()
		return item, nil
	}
	if answered, err := j.answered(ctx, item.ID, r.Seq); err != nil {
		return nil, err
	} else if answered {
		return nil, j.streams.Purge(ctx, streamState, m.Subject)
	}
	item.Entry, item.Tries, item.Ended = r.entry(), r.Tries, r.Ended
	if r.Refusal != nil {
		item.Reason = r.Refusal.Message
	}
	return item, nil
}

// waitingItem gives what a message of work says.
func (j *Journal) waitingItem(m *Message) Item {
	item := Item{ID: last(m.Subject)}
	r, err := read(m.Data)
	if err != nil {
		j.unreadable(m, err)
		item.Unreadable, item.Reason = true, err.Error()
		return item
	}
	item.Entry = r.entry()
	return item
}

// unreadable says once that an entry cannot be read: it is passed over.
func (j *Journal) unreadable(m *Message, err error) {
	name := fmt.Sprintf("%s %d", m.Subject, m.Sequence)
	j.mu.Lock()
	told := j.told[name]
	j.told[name] = true
	j.mu.Unlock()
	if !told { // its checksum was right: it was written so
		j.log.Error("an entry of the journal cannot be read, and is left where it is; commdn journal drop takes it out", "id", last(m.Subject), "sequence", m.Sequence, "error", err)
	}
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

// Show gives one request by its ID, or by the beginning of that. One that is put aside
// and waits again waits.
func (j *Journal) Show(ctx context.Context, id string) (Item, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	names, err := j.names(ctx, id)
	switch {
	case err != nil:
		return Item{}, fmt.Errorf("journal: %w", err)
	case len(names) > 1:
		return Item{}, fmt.Errorf("%d requests begin with %q; give more of the ID", len(names), id)
	}
	for _, name := range names {
		m, err := j.streams.Last(ctx, streamWork, subjectWork+"*."+name)
		if err != nil {
			return Item{}, fmt.Errorf("journal: %w", err)
		}
		if m != nil {
			return j.waitingItem(m), nil
		}
		if m, err = j.streams.Last(ctx, streamState, subjectDead+name); m == nil && err == nil {
			break
		}
		var item *Item
		if err == nil {
			item, err = j.asideItem(ctx, m)
		}
		switch {
		case err != nil:
			return Item{}, fmt.Errorf("journal: %w", err)
		case item != nil:
			return *item, nil
		}
	}
	return Item{}, fmt.Errorf("the journal has no request %q; commdn journal list has their IDs", id)
}

// names gives the IDs that begin so.
func (j *Journal) names(ctx context.Context, id string) (all []string, err error) {
	if id == "" || strings.Trim(id, "0123456789abcdef") != "" || len(id) > idLength {
		return nil, nil
	}
	if len(id) == idLength {
		return []string{id}, nil
	}
	for stream, pattern := range map[string]string{streamWork: subjectWork + "*.*", streamState: subjectDead + "*"} {
		subjects, err := j.streams.Subjects(ctx, stream, pattern)
		if err != nil {
			return nil, err
		}
		for _, subject := range subjects {
			if name := last(subject); strings.HasPrefix(name, id) {
				all = append(all, name)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// last gives the last token of a subject.
func last(subject string) string { return subject[strings.LastIndexByte(subject, '.')+1:] }
