package audit

import (
	"context"
	"time"
)

// waitingAtOnce is how many waiting requests are read from the journal in one piece.
const waitingAtOnce = 256

// follow writes down what waits in the journal: what earlier processes left at once,
// and then what has no outcome a moment after it was accepted. A request that has its
// outcome by then is one entry in all.
func (l *Log) follow() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	l.running.Go(func() {
		<-l.closing
		cancel()
	})
	if err := l.clean(ctx); err != nil && ctx.Err() == nil {
		l.log.Error("what was left of an erased person is still in the audit", "error", err)
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	remove := time.NewTimer(firstRemoval)
	defer remove.Stop()
	mark := time.NewTicker(markEvery)
	defer mark.Stop()
	upTo, failed, clock := ^uint64(0), false, newClock()
	for {
		newest, err := l.look(ctx, upTo)
		if err != nil && ctx.Err() == nil && !failed {
			l.log.Error("what waits in the journal is not in the audit yet", "error", err)
		}
		failed = err != nil
		if err == nil {
			upTo = newest
		}
		l.tellMissed()
		select {
		case <-tick.C:
		case <-mark.C:
			l.markSoon()
		case <-remove.C:
			remove.Reset(l.removeOld(ctx, clock))
		case <-ctx.Done():
			return
		}
	}
}

// look writes down the requests that wait, up to a sequence of the journal. It gives
// the newest that there is.
func (l *Log) look(ctx context.Context, upTo uint64) (newest uint64, err error) {
	for {
		mark := l.now().mark
		all, newest, err := l.o.Waiting(ctx, mark, waitingAtOnce)
		if err != nil {
			return 0, err
		}
		if newest < mark {
			if upTo == ^uint64(0) { // the first look
				l.log.Error("the journal is another one than that of the audit, or lacks its end: a request that waits is in the audit from its outcome on only, until the journal has grown so far", "journal", newest, "audit", mark)
			}
			return newest, nil
		}
		sent := make([]*pending, 0, len(all))
		for i := range all {
			if all[i].Sequence <= upTo {
				sent = append(sent, l.send(ctx, &pending{e: waitingEntry(&all[i]), origin: all[i].Sequence, done: make(chan error, 1)}))
			}
		}
		for _, p := range sent {
			if err := l.wait(ctx, p); err != nil {
				return 0, err
			}
		}
		if len(sent) < waitingAtOnce {
			return newest, nil
		}
	}
}

// tellMissed says how many denials were not written, once there is room.
func (l *Log) tellMissed() {
	l.mu.Lock()
	missed := l.denied.missed
	if missed == 0 || !l.denied.rate.Allow() {
		l.mu.Unlock()
		return
	}
	l.denied.missed = 0
	l.mu.Unlock()
	select {
	case l.queue <- &pending{e: &Entry{Kind: Denied, Missed: missed, Text: "too many were denied something at once"}}:
	default:
		l.mu.Lock()
		l.denied.missed += missed
		l.mu.Unlock()
	}
}
