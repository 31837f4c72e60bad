package relay

import (
	"slices"
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Bounds of what is remembered.
const (
	historySpan   = 12 * time.Hour
	historyGroups = 20_000 // campaign groups; each has up to frame.MaxChanges changes of 16 bytes
	historySweep  = time.Minute
)

// history is how the status of each campaign group changed lately, for those who
// begin to watch. Other than the board it outlives a link that is lost: it has a
// gap then.
type history struct {
	now func() time.Time // for tests

	mu     sync.Mutex
	groups map[statusKey][]frame.Change
	swept  time.Time
}

func newHistory() *history {
	return &history{now: time.Now, groups: make(map[statusKey][]frame.Change)}
}

// note keeps a change. A status that is the same as before is none.
func (h *history) note(key statusKey, status commdn.GroupStatus) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	changes, known := h.groups[key]
	if !known && !h.room(now) {
		return
	}
	h.groups[key] = changed(changes, status, now.Unix(), now)
}

// lost notes for every campaign group of a link that nothing is known of it from
// a time on, and gives those that something was known of.
func (h *history) lost(s *site, since int64) frame.History {
	h.mu.Lock()
	defer h.mu.Unlock()
	var gone frame.History
	for key, changes := range h.groups {
		if key.site != s || changes[len(changes)-1].Status == frame.StatusUnknown {
			continue
		}
		changes = changed(changes, frame.StatusUnknown, since, h.now())
		h.groups[key] = changes
		gone.Groups = append(gone.Groups, key.past(changes[len(changes)-1:]))
	}
	return gone
}

// all gives what is remembered of the campaign groups that may be seen, in no
// order. The changes are shared: they are not to be written to.
func (h *history) all(seen func(statusKey) bool) frame.History {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sweep(h.now())
	var all frame.History
	for key, changes := range h.groups {
		if seen(key) {
			all.Groups = append(all.Groups, key.past(changes))
		}
	}
	return all
}

// room says whether there is some for one more campaign group.
func (h *history) room(now time.Time) bool {
	if len(h.groups) >= historyGroups && now.Sub(h.swept) >= historySweep {
		h.sweep(now)
	}
	return len(h.groups) < historyGroups
}

// sweep forgets what is too old, and campaign groups of which nothing else is
// known.
func (h *history) sweep(now time.Time) {
	h.swept = now
	for key, changes := range h.groups {
		changes = recent(changes, now)
		h.groups[key] = changes
		if len(changes) == 1 && changes[0].Status == frame.StatusUnknown && old(changes[0], now) {
			delete(h.groups, key)
		}
	}
}

// changed gives the changes with one more, where it is one: a list of its own,
// as the old one may be others' too. A clock that was set back does not turn
// their order round.
func changed(changes []frame.Change, status commdn.GroupStatus, since int64, now time.Time) []frame.Change {
	if n := len(changes); n > 0 {
		if changes[n-1].Status == status {
			return changes
		}
		since = max(since, changes[n-1].Since)
	}
	changes = recent(changes, now)
	changes = changes[max(0, len(changes)-frame.MaxChanges+1):]
	return slices.Concat(changes, []frame.Change{{Status: status, Since: since}})
}

// recent leaves the changes of the last hours out of which the time before them
// is told too: the one that held when they began stays.
func recent(changes []frame.Change, now time.Time) []frame.Change {
	for len(changes) > 1 && old(changes[1], now) {
		changes = changes[1:]
	}
	return changes
}

func old(c frame.Change, now time.Time) bool {
	return now.Unix()-c.Since >= int64(historySpan/time.Second)
}

// past names what a key is of to a client.
func (k statusKey) past(changes []frame.Change) frame.GroupHistory {
	return frame.GroupHistory{
		CampaignGroup: frame.CampaignGroup{Campaign: k.of.Campaign, Group: k.of.Group, OCS: k.ocs}, Changes: changes,
	}
}
