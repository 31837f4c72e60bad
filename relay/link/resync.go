package link

import (
	"context"
	"sync"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

const (
	askers = 2 // of the relay's own questions in flight at a time
	// rounds is how often a question is asked that OCS leaves unanswered: after a
	// switchover OCS may come back to the CommDN later than the relay does.
	rounds = 3
)

// resync holds the relay's own questions after a link came up or the directory
// changed. The newest questions take the place of those not answered yet.
type resync struct {
	mu      sync.Mutex
	cancel  context.CancelFunc // of the questions in flight; nil before the first
	closed  bool
	running sync.WaitGroup
}

// Resync asks OCS in the background for the status of campaign groups. The
// answers come as events, like all others.
func (l *Link) Resync(wanted []*commdn.GetCampaignStatus) {
	l.resync.begin(func(ctx context.Context) {
		for n := 1; len(wanted) > 0 && ctx.Err() == nil; n++ {
			silent := l.askAll(ctx, wanted)
			if n == rounds {
				for _, w := range silent {
					l.log.Info("status not known: OCS does not answer", "campaign_group", w.CampaignGroup.String())
				}
				return
			}
			wanted = silent
		}
	})
}

// askAll asks a few at a time, and gives the questions that OCS left unanswered.
func (l *Link) askAll(ctx context.Context, wanted []*commdn.GetCampaignStatus) (silent []*commdn.GetCampaignStatus) {
	var mu sync.Mutex // over silent
	next := make(chan *commdn.GetCampaignStatus)
	var asking sync.WaitGroup
	for range min(askers, len(wanted)) {
		asking.Go(func() {
			for w := range next {
				if l.unanswered(ctx, w) {
					mu.Lock()
					silent = append(silent, w)
					mu.Unlock()
				}
			}
		})
	}
	for _, w := range wanted {
		if ctx.Err() != nil {
			break
		}
		next <- w
	}
	close(next)
	asking.Wait()
	return silent
}

// unanswered asks one question, and says whether OCS left it unanswered. A
// mistake in here costs the question, never the process.
func (l *Link) unanswered(ctx context.Context, w *commdn.GetCampaignStatus) bool {
	defer l.report("a question for a status failed")
	l.quiet(ctx, l.o.AnswerTimeout/4)
	_, refusal, gaveWay := l.Question(ctx, w)
	switch {
	case refusal == nil || gaveWay || ctx.Err() != nil:
		return false
	case refusal.Code == frame.RefusedNoAnswer:
		return true
	}
	l.log.Info("status not known", "campaign_group", w.CampaignGroup.String(), "reason", refusal.Message)
	return false
}

// Question asks OCS something for the relay itself. It is given up as soon as a
// person asks about the same campaign group; gaveWay says so. A status comes as an
// event, too; m is nil where there is no answer.
func (l *Link) Question(ctx context.Context, q *commdn.GetCampaignStatus) (m commdn.Message, refusal *frame.Refusal, gaveWay bool) {
	asking, giveUp := context.WithCancel(ctx)
	defer giveUp()
	refusal = l.ask(asking, Call{Request: q, Answer: func(a Answer, _ bool) { m = a.Message }}, &exchange{req: q, giveUp: giveUp})
	return m, refusal, asking.Err() != nil
}

// Conclude has OnEvent told what follows from an answer of OCS, in its place among
// the events.
func (l *Link) Conclude(e *commdn.CampaignEvent) {
	l.handling.Lock()
	defer l.handling.Unlock()
	if !l.ended {
		l.o.OnEvent(e)
	}
}

// begin has ask ask, and gives up what was asked before.
func (r *resync) begin(ask func(context.Context)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	if r.cancel != nil {
		r.cancel()
	}
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(context.Background())
	r.running.Go(func() { ask(ctx) })
}

// stop gives up the questions that are not answered yet.
func (r *resync) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancel != nil {
		r.cancel()
	}
}

// close is stop for good, and waits.
func (r *resync) close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.stop()
	r.running.Wait()
}
