package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Erase takes away what the chain says of a person: of every entry about the phone, or
// about the customer, the phone, its forms, the customer id and the words of OCS. The
// hash of that stays, keyed with a salt that goes, too, so that nobody can try numbers
// against it. It gives how many entries that were. That it was done is an entry.
func (l *Log) Erase(ctx context.Context, phone, customer string) (n int, err error) {
	if digits(phone) == "" && customer == "" {
		return 0, errors.New("give a phone or a customer id")
	}
	l.changing.Lock()
	defer l.changing.Unlock()
	by := "by a phone"
	if phone == "" {
		by = "by a customer id"
	}
	// The entry is behind every block that is changed: the last message of the stream
	// stays, which says where the chain ends.
	if err := l.keep(ctx, &Entry{Kind: Erasing, Text: by}); err != nil {
		return 0, fmt.Errorf("audit: %w", err)
	}
	if err := l.tidy(ctx); err != nil {
		return 0, fmt.Errorf("audit: %w", err)
	}
	var found []*placed
	_, err = l.scan(ctx, time.Time{}, func(p *placed, broken *UnreadableError) error {
		if broken != nil {
			return fmt.Errorf("%w; commdn audit verify says more", broken)
		}
		erased, err := p.erase(phone, customer)
		n += erased
		if erased > 0 {
			found = append(found, p)
		}
		return err
	})
	for _, p := range found {
		if err == nil {
			err = l.replace(ctx, p)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("audit: the person is not wholly erased, do it again: %w", err)
	}
	if err := l.keep(ctx, &Entry{Kind: Erased, Text: fmt.Sprintf("%s, in %d entries", by, n)}); err != nil {
		return n, fmt.Errorf("audit: %w", err)
	}
	return n, nil
}

// erase erases a person in a block, and gives in how many entries.
func (b *block) erase(phone, customer string) (n int, err error) {
	for i := range b.records {
		r := &b.records[i]
		if r.form != plain {
			continue
		}
		e, err := r.read()
		if err != nil {
			return n, err
		}
		if (phone == "" || !e.Person.is(phone, "")) && (customer == "" || !e.Person.is("", customer)) {
			continue
		}
		before := b.hash(r)
		r.erase()
		if b.hash(r) != before {
			return n, fmt.Errorf("entry %d would have another hash", r.seq)
		}
		n++
	}
	return n, nil
}

// replace puts a block in the place of the one that it was. The new one is on disk
// before the old one goes, and the old one is overwritten.
func (l *Log) replace(ctx context.Context, p *placed) error {
	r := p.replaces
	if r == (replaced{}) {
		r = replaced{p.first(), p.message}
	}
	if _, err := l.js.Publish(ctx, r.subject(), p.encode()); err != nil {
		return err
	}
	if p.replaces == r {
		return l.erased.SecureDeleteMsg(ctx, p.message)
	}
	return l.blocks.SecureDeleteMsg(ctx, p.message)
}

// clean is tidy at the start.
func (l *Log) clean(ctx context.Context) error {
	l.changing.Lock()
	defer l.changing.Unlock()
	return l.tidy(ctx)
}

// tidy takes away what a process left that ended while it erased somebody: the old
// blocks beside the new ones.
func (l *Log) tidy(ctx context.Context) error {
	all, err := l.replacements(ctx)
	if err != nil {
		return err
	}
	for _, r := range all {
		m, err := l.blocks.GetMsg(ctx, r.message)
		if err == nil && m.Subject == subjectBlock {
			err = l.blocks.SecureDeleteMsg(ctx, r.message)
		}
		if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
			return err
		}
		last, err := l.erased.GetLastMsgForSubject(ctx, r.subject())
		for err == nil {
			var old *jetstream.RawStreamMsg
			old, err = l.erased.GetMsg(ctx, 1, jetstream.WithGetMsgSubject(r.subject()))
			if err != nil || old.Sequence >= last.Sequence {
				break
			}
			err = l.erased.SecureDeleteMsg(ctx, old.Sequence)
		}
		if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
			return err
		}
	}
	return nil
}
