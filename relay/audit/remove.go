package audit

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// When entries that are too old are looked for, after the start and from then on.
const (
	firstRemoval = 10 * time.Minute
	removalEvery = 24 * time.Hour
	removalAgain = time.Hour // after the clock jumped, or an error
	jump         = 5 * time.Minute
	mostMarks    = 500 // checkpoints that an entry about removed ones names

	// A clock that is wrong when the machine boots is no jump for this process. Where the
	// newest entry from before the start is older than longAway, either nobody asked anything
	// for so long, which holidays and a repair rarely make, or the clock is wrong: then
	// nothing is removed before the relay has run for settling, in which a clock is set
	// right, or somebody has seen the warning.
	longAway = 7 * 24 * time.Hour
	settling = 24 * time.Hour
)

// started is when a process opened the audit, and what it found.
type started struct {
	at     time.Time // with what Go knows of the time that runs
	newest time.Time // when the newest entry was written; zero: there was none
}

// doubtful says that the clock may be wrong since the start.
func (s started) doubtful(now time.Time) bool {
	return !s.newest.IsZero() && now.Sub(s.newest) > longAway && now.Sub(s.at) < settling
}

// clock finds out whether the clock on the wall has jumped.
type clock struct {
	wall time.Time // without what Go knows of the time that ran
	ran  time.Time
}

func newClock() *clock {
	now := time.Now()
	return &clock{now.Round(0), now}
}

// jumped gives by how much since it was last asked.
func (c *clock) jumped() time.Duration {
	before := *c
	*c = *newClock()
	return c.wall.Sub(before.wall) - c.ran.Sub(before.ran)
}

// removeOld removes what is too old, and says when to look again.
func (l *Log) removeOld(ctx context.Context, c *clock) time.Duration {
	if by := c.jumped(); by.Abs() > jump {
		l.log.Warn("the clock has jumped; no entry of the audit is removed for its age now", "by", by.Round(time.Second))
		return removalAgain
	}
	if now := time.Now(); l.started.doubtful(now) {
		l.log.Warn("the newest entry of the audit from before the start is old: the relay was away for long, or its clock is wrong; no entry is removed for its age until it has run for a day",
			"newest", l.started.newest.UTC(), "now", now.UTC(), "left", (settling - now.Sub(l.started.at)).Round(time.Minute))
		return removalAgain
	}
	n, err := l.Remove(ctx, time.Now().Add(-l.o.Keep))
	switch {
	case err != nil && ctx.Err() == nil:
		l.log.Error("old entries of the audit are not removed", "error", err)
		return removalAgain
	case n > 0:
		l.log.Info("entries of the audit were removed for their age", "entries", n, "keep", l.o.Keep)
	}
	return removalEvery
}

// Remove removes whole blocks from the beginning of the chain, whose entries are all
// from before a time. First it proves them, and writes from where on the chain goes.
func (l *Log) Remove(ctx context.Context, before time.Time) (n uint64, err error) {
	l.changing.Lock()
	defer l.changing.Unlock()
	old := &verifier{r: &Report{}}
	var keepFrom uint64 // message of the first block that stays
	var through Point
	var marks []Point
	var hash digest
	_, err = l.scan(ctx, time.Time{}, func(p *placed, broken *UnreadableError) error {
		if broken != nil {
			return broken
		}
		for i := range p.records {
			if at, _, err := peek(p.records[i].public); err != nil || !at.Before(before) {
				if p.replaces == (replaced{}) {
					keepFrom = p.message
					return errStop
				}
				return errStays
			}
		}
		old.block(p)
		if len(old.r.Problems) > 0 {
			return fmt.Errorf("the chain is damaged, and nothing is removed: %s", old.r.Problems[0])
		}
		marks = append(marks, p.marks()...)
		hash = old.hash
		through = Point{old.r.Last, hex.EncodeToString(old.hash[:])}
		n = old.r.Entries
		return nil
	})
	if errors.Is(err, errStays) {
		keepFrom, err = l.messageBehind(ctx, through.Sequence)
	}
	if err != nil || n == 0 || keepFrom == 0 {
		return 0, err
	}
	note := &Entry{Kind: Removed, Through: &through, Marks: marks[max(0, len(marks)-mostMarks):]}
	if l.o.Key != nil {
		note.Signed = l.sign(old.chain, through.Sequence, hash)
	}
	if err := l.keep(ctx, note); err != nil {
		return 0, err
	}
	if err := l.blocks.Purge(ctx, jetstream.WithPurgeSequence(keepFrom)); err != nil {
		return 0, err
	}
	return n, l.forget(ctx, through.Sequence)
}

// errStays says that the first block that is not too old is one in which somebody was
// erased: its place in the stream is empty.
var errStays = errors.New("it stays")

// messageBehind gives the first message of the stream whose entries are behind one.
func (l *Log) messageBehind(ctx context.Context, seq uint64) (message uint64, err error) {
	_, err = l.scan(ctx, time.Time{}, func(p *placed, _ *UnreadableError) error {
		if p != nil && p.replaces == (replaced{}) && p.first() > seq {
			message = p.message
			return errStop
		}
		return nil
	})
	return message, err
}

// forget removes the blocks in which somebody was erased up to an entry.
func (l *Log) forget(ctx context.Context, upTo uint64) error {
	all, err := l.replacements(ctx)
	for _, r := range all {
		if r.first <= upTo && err == nil {
			err = l.erased.Purge(ctx, jetstream.WithPurgeSubject(r.subject()))
		}
	}
	return err
}

// marks gives the checkpoints that a block names.
func (b *block) marks() (all []Point) {
	for i := range b.records {
		if _, kind, _ := peek(b.records[i].public); kind != Checkpoint && kind != Removed {
			continue
		}
		if e, err := b.records[i].read(); err == nil {
			all = append(all, e.Marks...)
			if e.Kind == Checkpoint && e.Signed != nil {
				all = append(all, e.Signed.Point)
			}
		}
	}
	return all
}
