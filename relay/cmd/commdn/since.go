package main

import (
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// history is what the relay knows of the past of campaign groups.
type history struct {
	mu     sync.Mutex
	groups map[commdn.CampaignGroup]frame.Change // the last change
	told   chan struct{}                         // closed with the first part
	stop   func()
}

// since begins to take in histories; stop ends it.
func (s *session) since() *history {
	h := &history{groups: map[commdn.CampaignGroup]frame.Change{}, told: make(chan struct{})}
	first := sync.OnceFunc(func() { close(h.told) })
	h.stop = s.WatchHistory(func(part frame.History) {
		h.mu.Lock()
		for _, g := range part.Groups {
			h.groups[commdn.CampaignGroup{Campaign: g.Campaign, Group: g.Group}] = g.Changes[len(g.Changes)-1]
		}
		h.mu.Unlock()
		first()
	})
	return h
}

// historyWithin is how long an answer waits for the history: a relay that knows
// none says nothing.
const historyWithin = 250 * time.Millisecond

// of says since when a campaign group has been in the state of an event; nil is
// not known.
func (h *history) of(e *commdn.CampaignEvent) *time.Time {
	status, known := statusOf(e)
	if h == nil || !known {
		return nil
	}
	late := time.NewTimer(historyWithin)
	defer late.Stop()
	select {
	case <-h.told:
	case <-late.C:
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	c, found := h.groups[e.CampaignGroup]
	if !found || c.Status != status {
		return nil
	}
	t := time.Unix(c.Since, 0).UTC()
	return &t
}
