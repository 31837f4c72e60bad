package campaigns

import (
	"slices"
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

// Past is how the status of a campaign group changed, the oldest change first.
// The changes are shared: nobody may write to them.
type Past struct {
	Key     Key
	Changes []frame.Change
}

// Frame gives the same in the words of the envelope.
func (p Past) Frame() frame.GroupHistory {
	return frame.GroupHistory{
		CampaignGroup: frame.CampaignGroup{Campaign: p.Key.Campaign, Group: p.Key.Group, OCS: p.Key.OCS}, Changes: p.Changes,
	}
}

// history is how the status of each campaign group changed lately. Unlike the
// last values it outlives a link that is lost: it has a gap then. Cache.mu
// guards it.
type history struct {
	now    func() time.Time // for tests
	groups map[Key][]frame.Change
	swept  time.Time
}

func newHistory() history {
	return history{now: time.Now, groups: make(map[Key][]frame.Change)}
}

// note keeps a change at a time. The same status as before changes nothing.
func (h *history) note(key Key, status commdn.GroupStatus, at time.Time) {
	now := h.now()
	changes, known := h.groups[key]
	if !known && !h.room(now) {
		return
	}
	h.groups[key] = changed(changes, status, at.Unix(), now)
}

// lost notes for every campaign group of a link that nothing is known of it from
// a time on, and gives the one change of each that something was known of.
func (h *history) lost(link string, since int64) []Past {
	var gone []Past
	for key, changes := range h.groups {
		if key.Link != link || changes[len(changes)-1].Status == frame.StatusUnknown {
			continue
		}
		changes = changed(changes, frame.StatusUnknown, since, h.now())
		h.groups[key] = changes
		gone = append(gone, Past{key, changes[len(changes)-1:]})
	}
	return gone
}

// all gives what is remembered, in no order.
func (h *history) all() []Past {
	h.sweep(h.now())
	all := make([]Past, 0, len(h.groups))
	for key, changes := range h.groups {
		all = append(all, Past{key, changes})
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
		if len(changes) == 1 && changes[0].Status == frame.StatusUnknown { // it is old, or there would be what was before
			delete(h.groups, key)
		}
	}
}

// changed gives the changes with one more, unless the status stays the same. It
// makes a list of its own, as others may hold the old one. A clock that was set
// back does not turn the order round.
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

// recent leaves the changes of the last hours, and the one that held when these
// hours began.
func recent(changes []frame.Change, now time.Time) []frame.Change {
	for len(changes) > 1 && old(changes[1], now) {
		changes = changes[1:]
	}
	return changes
}

func old(c frame.Change, now time.Time) bool {
	return now.Unix()-c.Since >= int64(historySpan/time.Second)
}
