package frame

import (
	"strconv"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

const keyChanges = "changes"

// MaxChanges is how many changes of one campaign group a history holds.
const MaxChanges = 64

// StatusUnknown in a history: from then on the relay had no link, and what OCS
// did was not heard of.
const StatusUnknown commdn.GroupStatus = -1

// History is what campaign groups did lately, as far as the relay knows. It goes
// in as many frames as it needs; each of them stands for itself. What it tells
// of a group takes the place of everything from its first change on that the
// receiver knew of that group.
type History struct{ Groups []GroupHistory }

// GroupHistory is the part of one campaign group.
type GroupHistory struct {
	CampaignGroup          // campaign 0 is a sequence; OCS is told
	Changes       []Change // oldest first; the last one holds still
}

// Change says which status a group had from then on.
type Change struct {
	Status commdn.GroupStatus // CM_GCS_…, or StatusUnknown
	Since  int64              // Unix seconds
}

// Bodies gives the lists of the frames, none for an empty history. Of more than
// MaxChanges the oldest are left out. Since goes as an unsigned 32-bit number,
// good until 2106.
func (h History) Bodies() []tkvlist.List {
	var bodies []tkvlist.List
	room := 0
	for _, g := range h.Groups {
		newest := g.Changes[max(0, len(g.Changes)-MaxChanges):]
		changes := make(tkvlist.List, 0, len(newest))
		size := 96
		for _, c := range newest {
			key := strconv.Itoa(int(c.Status))
			size += 9 + len(key)
			changes.Add(key, tkvlist.Int(int32(uint32(c.Since))))
		}
		if size > room {
			bodies, room = append(bodies, nil), directoryRoom
		}
		room -= size
		bodies[len(bodies)-1].Add(keyCampaignGroup, tkvlist.Nested(tkvlist.List{
			{Key: keyCampaign, Value: tkvlist.Int(int32(g.Campaign))},
			{Key: keyGroup, Value: tkvlist.Int(int32(g.Group))},
			{Key: keyOCS, Value: tkvlist.Int(int32(g.OCS))},
			{Key: keyChanges, Value: tkvlist.Nested(changes)},
		}))
	}
	return bodies
}

// ReadHistory reads the list of one frame. Entries that lack a part or a change,
// and changes that are none, are passed over.
func ReadHistory(l tkvlist.List) History {
	var h History
	for _, p := range l {
		entry, _ := p.Value.List()
		campaign, hasCampaign := entry.Int(keyCampaign)
		group, hasGroup := entry.Int(keyGroup)
		ocs, hasOCS := entry.Int(keyOCS)
		list, _ := entry.List(keyChanges)
		g := GroupHistory{CampaignGroup: CampaignGroup{commdn.DBID(campaign), commdn.DBID(group), commdn.DBID(ocs)}}
		for _, c := range list {
			status, err := strconv.ParseInt(c.Key, 10, 32)
			if since, ok := c.Value.Int(); ok && err == nil {
				g.Changes = append(g.Changes, Change{commdn.GroupStatus(status), int64(uint32(since))})
			}
		}
		if p.Key == keyCampaignGroup && hasCampaign && hasGroup && hasOCS && g.Changes != nil {
			h.Groups = append(h.Groups, g)
		}
	}
	return h
}
