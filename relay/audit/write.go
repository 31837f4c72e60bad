package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/time/rate"

	"commdn/relay/desk"
)

// pending is an entry on its way.
type pending struct {
	e      *Entry
	origin uint64 // sequence in the journal, of a waiting request; 0: it is none
	done   chan error
}

// ErrClosed says that the audit has been closed.
var ErrClosed = errors.New("the audit is closed")

// Record keeps a deed. When it returns nil, the deed is on disk. After another error
// than that of ctx it is not.
func (l *Log) Record(ctx context.Context, d *desk.Deed) error {
	if d.Kind == desk.DeedAsked { // what is left of a disk is for outcomes
		if err := l.o.Share.Writable(); err != nil {
			return err
		}
	}
	return l.keep(ctx, entryOf(d))
}

func (l *Log) keep(ctx context.Context, e *Entry) error {
	return l.wait(ctx, l.send(ctx, &pending{e: e, done: make(chan error, 1)}))
}

// send hands an entry to the writer.
func (l *Log) send(ctx context.Context, p *pending) *pending {
	select {
	case <-l.closing: // first: the writer may be gone
		p.done <- ErrClosed
		return p
	default:
	}
	select {
	case l.queue <- p:
	case <-ctx.Done():
		p.done <- ctx.Err()
	case <-l.closing:
		p.done <- ErrClosed
	}
	return p
}

func (l *Log) wait(ctx context.Context, p *pending) error {
	select {
	case err := <-p.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-l.written:
		select {
		case err := <-p.done:
			return err
		default:
			return ErrClosed
		}
	}
}

// allowance bounds what anybody can cause without limit.
type allowance struct {
	rate   *rate.Limiter
	missed uint64
}

// Denials that are written in a second, and at once.
const (
	deniedRate  = 20
	deniedBurst = 200
)

// Note keeps a deed soon. Of what comes too fast or cannot be kept the next one says
// how much was missed.
func (l *Log) Note(d *desk.Deed) {
	l.mu.Lock()
	if !l.denied.rate.Allow() || l.o.Share.Writable() != nil {
		l.denied.missed++
		l.mu.Unlock()
		return
	}
	missed := l.denied.missed
	l.denied.missed = 0
	l.mu.Unlock()
	e := entryOf(d)
	e.Missed = missed
	select {
	case l.queue <- &pending{e: e}:
	default:
		l.mu.Lock()
		l.denied.missed += missed + 1
		l.mu.Unlock()
	}
}

// write is the goroutine that appends: all that waits at a moment is one block.
func (l *Log) write() {
	defer close(l.written)
	for {
		select {
		case p := <-l.queue:
			l.append(l.gather(p))
		case <-l.closing:
			for {
				select {
				case p := <-l.queue:
					l.append(l.gather(p))
				default:
					return
				}
			}
		}
	}
}

// gather gives the entries that wait, as many as a block takes.
func (l *Log) gather(first *pending) []*pending {
	all := []*pending{first}
	for size := first.e.size(); size < mostBytes && len(all) < mostEntries; {
		select {
		case p := <-l.queue:
			all = append(all, p)
			size += p.e.size()
		default:
			return all
		}
	}
	return all
}

// size is about how many bytes an entry takes, and never much less.
func (e *Entry) size() int {
	n := 600 + len(e.Asked) + len(e.Text) + 120*len(e.Sent) + 200*len(e.Answers) + 150*len(e.Objects) + 100*len(e.Marks)
	for _, s := range e.Links {
		n += len(s)
	}
	if e.Person != nil {
		for _, s := range e.Person.Words {
			n += len(s)
		}
		n += 40 * len(e.Person.Forms)
	}
	return n
}

// append writes entries as one block. Where another relay was quicker, it does so
// behind that one's block.
func (l *Log) append(all []*pending) {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	err := l.publish(ctx, all)
	for _, p := range all {
		if err != nil {
			l.failures.Add(1)
			if p.done == nil {
				l.log.Error("an entry of the audit is lost", "kind", p.e.Kind, "key", p.e.Key, "error", err)
			}
		}
		if p.done != nil {
			p.done <- err
		}
	}
}

func (l *Log) publish(ctx context.Context, all []*pending) error {
	for h := l.now(); ; {
		b, next, err := l.block(h, all)
		if err != nil || b == nil {
			return err
		}
		if next.message, h, err = l.place(ctx, h, b.encode()); err != nil {
			return err
		}
		if next.message > 0 {
			l.adopt(next)
			return nil
		}
	}
}

// place puts a block behind h and gives its sequence in the stream; 0: another relay
// was quicker, and the end of the chain is now.
func (l *Log) place(ctx context.Context, h head, data []byte) (message uint64, now head, err error) {
	for {
		ack, err := l.js.Publish(ctx, subjectBlock, data, jetstream.WithExpectLastSequence(h.message), jetstream.WithRetryAttempts(0))
		if err == nil {
			return ack.Sequence, h, nil
		}
		var no *jetstream.APIError
		if errors.As(err, &no) && !moved(err) {
			return 0, h, fmt.Errorf("the audit refuses it: %w", err)
		}
		// The place is taken, or nobody knows. The same bytes have it, or may have it later.
		mine, asked := l.same(ctx, h.message+1, data)
		if mine {
			return h.message + 1, h, nil
		}
		if asked == nil {
			now, asked = l.end(ctx)
		}
		switch {
		case asked != nil:
		case now.chain != h.chain || now.message < h.message:
			return 0, h, fmt.Errorf("the chain %x has ended at entry %d, and another one is in its place", h.chain, h.seq)
		case now.message > h.message:
			return 0, now, nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return 0, h, fmt.Errorf("the audit does not answer: %w", err)
		}
	}
}

// block gives the entries as the block behind h, and the end of the chain with it; nil:
// the chain has them all.
func (l *Log) block(h head, all []*pending) (*block, head, error) {
	b := &block{chain: h.chain, mark: h.mark}
	for _, p := range all {
		if p.origin > b.mark {
			b.mark = p.origin
		}
	}
	at := utc(time.Now())
	next := head{chain: h.chain, seq: h.seq, hash: h.hash, mark: b.mark, at: at}
	for _, p := range all {
		if p.origin != 0 && p.origin <= h.mark { // another relay has written it
			continue
		}
		p.e.At, p.e.Relay = at, l.o.Relay
		var err error
		if next.hash, err = b.add(p.e, next.seq+1, next.hash); err != nil {
			return nil, next, err
		}
		next.seq++
	}
	if len(b.records) == 0 {
		return nil, h, nil
	}
	return b, next, nil
}

func (l *Log) adopt(h head) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.head = h
}
