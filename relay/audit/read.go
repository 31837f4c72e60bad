package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// placed is a block with its place in the streams.
type placed struct {
	*block
	message  uint64   // sequence in its stream
	replaces replaced // zero: it is where it was written
}

func (p *placed) first() uint64 { return p.records[0].seq }

// replaced names a block in which somebody was erased: the sequence of its first entry,
// and of the message that it was.
type replaced struct{ first, message uint64 }

func (r replaced) subject() string {
	return subjectErased + strconv.FormatUint(r.first, 10) + "." + strconv.FormatUint(r.message, 10)
}

// UnreadableError says that a block of the chain is not one.
type UnreadableError struct {
	Message uint64    // sequence in the stream
	At      time.Time // when JetStream took it
	Err     error
}

func (e *UnreadableError) Error() string {
	return fmt.Sprintf("message %d of %s, of %s, cannot be read: %v", e.Message, streamBlocks, e.At.UTC().Format(time.RFC3339), e.Err)
}

func (e *UnreadableError) Unwrap() error { return e.Err }

// errStop ends a scan early.
var errStop = errors.New("stop")

// scan gives every block from a time on, or from the beginning where it is zero, in the
// order of the chain, up to its end at this moment, which it returns. f gets an error in
// place of a block that cannot be read; an error of f ends the scan.
func (l *Log) scan(ctx context.Context, since time.Time, f func(*placed, *UnreadableError) error) (head, error) {
	end, err := l.end(ctx)
	if err != nil {
		return end, err
	}
	erased, err := l.replacements(ctx)
	if err != nil {
		return end, err
	}
	behind := func(upTo uint64) (found bool, err error) { // found: upTo itself is one
		for len(erased) > 0 && erased[0].first <= upTo && err == nil && !found {
			var p *placed
			if p, err = l.replacement(ctx, erased[0]); err == nil && p != nil {
				found = erased[0].first == upTo
				err = f(p, nil)
			}
			erased = erased[1:]
		}
		return found, err
	}
	conf := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy}
	if !since.IsZero() {
		conf.DeliverPolicy, conf.OptStartTime = jetstream.DeliverByStartTimePolicy, &since
		if end.at.Before(since) {
			return end, nil
		}
	}
	c, err := l.blocks.OrderedConsumer(ctx, conf)
	if err != nil {
		return end, err
	}
	all, err := c.Messages(jetstream.PullMaxMessages(1000))
	if err != nil {
		return end, err
	}
	defer all.Stop()
	for {
		m, err := all.Next(jetstream.NextContext(ctx))
		if err != nil {
			return end, err
		}
		meta, err := m.Metadata()
		if err != nil {
			return end, err
		}
		b, err := decode(m.Data())
		if err != nil {
			err = f(nil, &UnreadableError{meta.Sequence.Stream, meta.Timestamp, err})
		} else {
			p := &placed{block: b, message: meta.Sequence.Stream}
			var found bool
			if found, err = behind(p.first()); err == nil && !found {
				err = f(p, nil)
			}
		}
		if err == nil && meta.Sequence.Stream >= end.message {
			_, err = behind(end.seq)
			return end, ended(err)
		}
		if err != nil {
			return end, ended(err)
		}
	}
}

func ended(err error) error {
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// replacements gives the blocks in which somebody was erased, in their order.
func (l *Log) replacements(ctx context.Context) ([]replaced, error) {
	info, err := l.erased.Info(ctx, jetstream.WithSubjectFilter(subjectErased+"*.*"))
	if err != nil {
		return nil, err
	}
	all := make([]replaced, 0, len(info.State.Subjects))
	for subject := range info.State.Subjects {
		first, message, _ := strings.Cut(strings.TrimPrefix(subject, subjectErased), ".")
		f, wrong := strconv.ParseUint(first, 10, 64)
		m, wrongToo := strconv.ParseUint(message, 10, 64)
		if wrong == nil && wrongToo == nil {
			all = append(all, replaced{f, m})
		}
	}
	slices.SortFunc(all, func(a, b replaced) int { return cmp.Compare(a.first, b.first) })
	return all, nil
}

// replacement gives a block in which somebody was erased; nil: it has gone meanwhile.
func (l *Log) replacement(ctx context.Context, r replaced) (*placed, error) {
	m, err := l.erased.GetLastMsgForSubject(ctx, r.subject())
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	b, err := decode(m.Data)
	if err != nil {
		return nil, fmt.Errorf("message %d of %s cannot be read: %w", m.Sequence, streamErased, err)
	}
	return &placed{block: b, message: m.Sequence, replaces: r}, nil
}

// Query says which entries are wanted. What is empty does not count.
type Query struct {
	Since, Until time.Time // of Entry.At: from Since on, before Until
	Phone        string    // as it was asked or sent; what is not a digit does not count
	Customer     string
	User         string // subject or name
	Campaign     string // name or DBID
	Key          string // of the request, or its ID in the journal
	Allowed      func(*Entry) bool
}

// margin is how far the clock of JetStream may have been from that of the entries.
const margin = 2 * time.Hour

// Find gives the entries that fit, in their order.
func (l *Log) Find(ctx context.Context, q Query, f func(*Entry) error) error {
	since := q.Since
	if !since.IsZero() {
		since = since.Add(-margin)
	}
	l.changing.RLock()
	defer l.changing.RUnlock()
	_, err := l.scan(ctx, since, func(p *placed, broken *UnreadableError) error {
		if broken != nil {
			return fmt.Errorf("%w; commdn audit verify says more", broken)
		}
		for i := range p.records {
			e, err := p.records[i].read()
			if err != nil {
				return err
			}
			if q.fits(e) {
				if err := f(e); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

func (q *Query) fits(e *Entry) bool {
	switch {
	case !q.Since.IsZero() && e.At.Before(q.Since), !q.Until.IsZero() && !e.At.Before(q.Until):
		return false
	case q.User != "" && e.Subject != q.User && !strings.EqualFold(e.Name, q.User):
		return false
	case q.Key != "" && e.Key != q.Key && e.ID != q.Key:
		return false
	case q.Campaign != "" && !slices.ContainsFunc(e.Objects, func(o Object) bool { return o.Campaign.is(q.Campaign) }):
		return false
	case (q.Phone != "" || q.Customer != "") && !e.Person.is(q.Phone, q.Customer):
		return false
	}
	return q.Allowed == nil || q.Allowed(e)
}

func (n *Named) is(campaign string) bool {
	return n != nil && (strings.EqualFold(n.Name, campaign) || strconv.Itoa(int(n.DBID)) == campaign)
}

// is says whether a person has this phone and this customer id, as far as they are given.
func (p *Person) is(phone, customer string) bool {
	if p == nil || customer != "" && p.Customer != customer {
		return false
	}
	if phone == "" {
		return true
	}
	wanted := digits(phone)
	same := func(s string) bool { return s == phone || wanted != "" && digits(s) == wanted }
	return same(p.Phone) || slices.ContainsFunc(p.Forms, same)
}

// digits gives the digits of a number.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
