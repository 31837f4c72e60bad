package link

import (
	"context"
	"runtime/debug"
	"sync"

	"commdn/protocol/commdn"
)

// askers is how many of the relay's own questions are in flight at a time.
const askers = 8

// resync holds the relay's own questions after a link came up or the directory
// changed. The newest questions take the place of those not asked yet.
type resync struct {
	mu      sync.Mutex
	cancel  context.CancelFunc // of the questions in flight; nil before the first
	closed  bool
	running sync.WaitGroup
}

// Resync asks OCS in the background for the status of campaign groups. The
// answers come as events, like all others.
func (l *Link) Resync(wanted []*commdn.GetCampaignStatus) {
	next := make(chan *commdn.GetCampaignStatus, len(wanted))
	for _, w := range wanted {
		next <- w
	}
	close(next)
	l.resync.begin(min(askers, len(wanted)), func(ctx context.Context) { l.askAll(ctx, next) })
}

func (l *Link) askAll(ctx context.Context, next <-chan *commdn.GetCampaignStatus) {
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("the questions for the status of campaign groups ended", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	for w := range next {
		refusal := l.Ask(ctx, w, nil, func(Answer, bool) {})
		if ctx.Err() != nil {
			return
		}
		if refusal != nil {
			l.log.Info("status not known", "campaign_group", w.CampaignGroup.String(), "reason", refusal.Message)
		}
	}
}

func (r *resync) begin(n int, ask func(context.Context)) {
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
	for range n {
		r.running.Go(func() { ask(ctx) })
	}
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
