package relay

import (
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// board is what OCS said last of each campaign group and sequence, for those who
// begin to watch and for those who ask often.
type board struct {
	mu      sync.Mutex
	entries map[statusKey]*posted
}

// posted is a status. It is not changed once it is on the board.
type posted struct {
	event   *commdn.CampaignEvent
	key     statusKey
	message []byte // the notification, encoded once for everybody
	status  []byte // the same as CM_EvCampaignStatus, for those who begin to watch or ask
	at      time.Time
	site    *site
}

func newBoard() *board { return &board{entries: make(map[statusKey]*posted)} }

// post keeps a status and gives it back. An event without one says that
// something was done; it is nothing to be kept.
func (b *board) post(s *site, event *commdn.CampaignEvent) (*posted, error) {
	message, err := notification(event)
	if err != nil {
		return nil, err
	}
	p := &posted{event: event, message: message, status: message, at: time.Now(), site: s}
	if !event.HasStatus {
		return p, nil
	}
	p.key = statusKey{s, event.Origin, event.CampaignGroup}
	status := *event
	status.Event = commdn.EvCampaignStatus
	if event.Event != commdn.EvCampaignStatus {
		if p.status, err = notification(&status); err != nil {
			return nil, err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries[p.key] = p
	return p, nil
}

func notification(event *commdn.CampaignEvent) ([]byte, error) {
	return frame.Frame{Kind: frame.KindNotification, Body: event.UserData()}.Append(nil)
}

// forget takes away what came over a link that is lost: OCS may say nothing of
// what changes meanwhile.
func (b *board) forget(s *site) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, p := range b.entries {
		if p.site == s {
			delete(b.entries, key)
		}
	}
}

func (b *board) len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.entries)
}

// all gives everything on the board, in no order.
func (b *board) all() []*posted {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]*posted, 0, len(b.entries))
	for _, p := range b.entries {
		all = append(all, p)
	}
	return all
}

// find gives a status that is no older than maxAge; nil is none.
func (b *board) find(s *site, ocs commdn.DBID, of commdn.CampaignGroup, maxAge time.Duration) *posted {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.entries[statusKey{s, ocs, of}]
	if p == nil || time.Since(p.at) > maxAge {
		return nil
	}
	return p
}
