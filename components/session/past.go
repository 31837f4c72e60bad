package session

import (
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Unknown is the status of a Span without knowledge of the state.
const Unknown = frame.StatusUnknown

// maxSpans is how many changes of a campaign group a Session keeps.
const maxSpans = 2 * frame.MaxChanges

// Span is a state of a campaign group from a time on, up to the next span.
type Span struct {
	From   time.Time
	Status commdn.GroupStatus // Unknown while there was no connection or link
}

// Since returns when the present status began; zero if unknown.
func (g *Group) Since() time.Time {
	if n := len(g.Past); n > 0 && g.Known && g.Past[n-1].Status == g.Status {
		return g.Past[n-1].From
	}
	return time.Time{}
}

// add notes a new state; the same state again adds nothing.
func (g *Group) add(span Span) {
	if n := len(g.Past); n > 0 && g.Past[n-1].Status == span.Status {
		return
	}
	g.Past = append(g.Past, span)
	if len(g.Past) > maxSpans {
		g.Past = g.Past[len(g.Past)-maxSpans:]
	}
}

// history takes the changes of campaign groups from a time when nobody here followed
// them. It replaces what was known from its first change on.
func (s *Session) history(h frame.History) {
	s.mu.Lock()
	known := len(s.board.groups)
	for _, told := range h.Groups {
		if told.Campaign == 0 || len(told.Changes) == 0 {
			continue
		}
		g := s.group(GroupKey{told.OCS, told.Campaign, told.Group})
		first := time.Unix(told.Changes[0].Since, 0)
		past := make([]Span, 0, len(g.Past)+len(told.Changes))
		for _, span := range g.Past {
			if span.From.Before(first) {
				past = append(past, span)
			}
		}
		g.Past = past
		for _, c := range told.Changes {
			g.add(Span{time.Unix(c.Since, 0), c.Status})
		}
		s.changed(Change{Kind: CampaignChanged, Group: g.Key})
	}
	if len(s.board.groups) != known {
		s.changed(Change{Kind: CampaignsChanged})
	}
	s.mu.Unlock()
	s.tell()
}

// unknown notes that from now on nobody follows the states. The caller holds s.mu.
func (s *Session) unknown() {
	for _, g := range s.board.groups {
		if len(g.Past) > 0 {
			g.add(Span{s.now(), Unknown})
		}
	}
}
