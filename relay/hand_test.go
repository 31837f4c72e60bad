package relay

import (
	"context"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
)

// hand is an application on the CommDN that a test plays by hand.
type hand struct {
	t        testing.TB
	link     *tserver.Link
	requests chan commdn.Request // that are on the CommDN
}

func (r *rig) hand(application string) *hand {
	r.t.Helper()
	h := &hand{t: r.t, requests: make(chan commdn.Request, 1024)}
	up := make(chan struct{}, 1)
	o := tserverAt(r.sim.Addr(), application)
	if backup := r.sim.BackupAddr(); backup != "" {
		o.Servers = append(o.Servers, backup)
	}
	o.OnUserEvent = func(l tkvlist.List) {
		if req, err := commdn.DecodeRequest(l); err == nil {
			h.requests <- req
		}
	}
	o.OnState = func(s tserver.State) {
		if s.Up {
			select {
			case up <- struct{}{}:
			default: // not the first time
			}
		}
	}
	var err error
	if h.link, err = tserver.New(o); err != nil {
		r.t.Fatal(err)
	}
	h.link.Start()
	r.t.Cleanup(func() { _ = h.link.Close() })
	<-up
	return h
}

func (h *hand) send(userData tkvlist.List) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := h.link.SendUserEvent(ctx, userData); err != nil {
		h.t.Fatal(err)
	}
}

// request waits for the next request on the CommDN, which must be a
// do-not-call.
func (h *hand) request() *commdn.DoNotCall {
	h.t.Helper()
	req, ok := h.any().(*commdn.DoNotCall)
	if !ok {
		h.t.Fatal("the next request on the CommDN is no do-not-call")
	}
	return req
}

// any waits for the next request on the CommDN.
func (h *hand) any() commdn.Request {
	h.t.Helper()
	select {
	case req := <-h.requests:
		return req
	case <-time.After(patience):
		h.t.Fatal("no request on the CommDN")
		return nil
	}
}
