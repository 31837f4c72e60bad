package session

import (
	"cmp"
	"context"
	"slices"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// GroupKey names a campaign group of one OCS. Campaign 0 is the sequence of the
// group.
type GroupKey struct{ OCS, Campaign, Group commdn.DBID }

// Unknown is the status of a Span in which nobody could know it.
const Unknown commdn.GroupStatus = -1

// maxSpans is how many changes of a campaign group are kept.
const maxSpans = 64

// Span is a state of a campaign group from a time on, up to the next span.
type Span struct {
	From   time.Time
	Status commdn.GroupStatus // Unknown while there was no connection or link
}

// Group is a campaign group that the user may see.
type Group struct {
	Key            GroupKey
	CampaignName   string // empty where the relay does not know it
	GroupName      string
	Known          bool // OCS has told a status
	Status         commdn.GroupStatus
	Dialing        commdn.Dialing // zero until OCS has told it
	AutoCompletion commdn.AutoCompletion
	Past           []Span // oldest first; the last one is the present; not to be changed
	Last           Entry  // the last request of this session about it; ID 0: none
}

// Since says when the present status began; zero where that is not known.
func (g *Group) Since() time.Time {
	if n := len(g.Past); n > 0 && g.Known && g.Past[n-1].Status == g.Status {
		return g.Past[n-1].From
	}
	return time.Time{}
}

// Busy says whether a request about the group is under way.
func (g *Group) Busy() bool { return g.Last.ID != 0 && g.Last.UnderWay() }

// board is what a Session knows of campaigns.
type board struct {
	users     int    // of WatchCampaigns
	stop      func() // ends the client's watch; nil where there is none
	groups    map[GroupKey]*Group
	sequences map[GroupKey]*commdn.CampaignEvent
	directory frame.Directory
	fresh     bool // connected, and the link is up
}

func (b *board) init() {
	b.groups = map[GroupKey]*Group{}
	b.sequences = map[GroupKey]*commdn.CampaignEvent{}
}

// WatchCampaigns has the relay tell what happens to campaigns, as long as
// anybody wants it. It returns the function that ends that.
func (s *Session) WatchCampaigns() (stop func()) {
	s.mu.Lock()
	s.board.users++
	first := s.board.users == 1 && !s.closed
	s.mu.Unlock()
	if first {
		end := s.client.WatchCampaigns(s.campaignEvent)
		s.mu.Lock()
		s.board.stop = end
		s.mu.Unlock()
		s.readDirectory()
	}
	stopped := false
	return func() {
		s.mu.Lock()
		var end func()
		if !stopped {
			stopped = true
			if s.board.users--; s.board.users == 0 {
				end, s.board.stop = s.board.stop, nil
			}
		}
		s.mu.Unlock()
		if end != nil {
			end()
		}
	}
}

// Groups gives all campaign groups that are known, by their keys.
func (s *Session) Groups() []Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Group, 0, len(s.board.groups))
	for _, g := range s.board.groups {
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b Group) int {
		return cmp.Or(int(a.Key.Campaign-b.Key.Campaign), int(a.Key.Group-b.Key.Group), int(a.Key.OCS-b.Key.OCS))
	})
	return all
}

// Group gives one of them.
func (s *Session) Group(key GroupKey) (Group, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.board.groups[key]; g != nil {
		return *g, true
	}
	return Group{}, false
}

// Sequence gives what OCS last told of the sequence of a group; nil is nothing.
// It is not to be changed.
func (s *Session) Sequence(key GroupKey) *commdn.CampaignEvent {
	s.mu.Lock()
	defer s.mu.Unlock()
	key.Campaign = 0
	return s.board.sequences[key]
}

// Directory gives the names of campaigns and groups that the relay told, and
// which of them belong together. It is empty until it is known and not to be
// changed.
func (s *Session) Directory() frame.Directory {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.board.directory
}

// CampaignName gives the name of a campaign; empty where it is not known.
func (s *Session) CampaignName(id commdn.DBID) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return nameOf(s.board.directory.Campaigns, id)
}

// GroupName gives the name of a group; empty where it is not known.
func (s *Session) GroupName(id commdn.DBID) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return nameOf(s.board.directory.Groups, id)
}

func nameOf(list []frame.Named, id commdn.DBID) string {
	for _, n := range list {
		if n.DBID == id {
			return n.Name
		}
	}
	return ""
}

// readDirectory asks the client for the directory, if anybody watches campaigns.
func (s *Session) readDirectory() {
	s.mu.Lock()
	wanted := s.board.users > 0
	s.mu.Unlock()
	if !wanted {
		return
	}
	go func() {
		d, err := s.client.Directory(context.Background())
		if err != nil {
			return // the client has ended
		}
		s.mu.Lock()
		s.board.directory = d
		for _, g := range s.board.groups {
			s.name(g)
		}
		for _, cg := range d.CampaignGroups {
			s.group(GroupKey{cg.OCS, cg.Campaign, cg.Group})
		}
		s.changed(Change{Kind: CampaignsChanged})
		s.mu.Unlock()
		s.tell()
	}()
}

func (s *Session) name(g *Group) {
	g.CampaignName = nameOf(s.board.directory.Campaigns, g.Key.Campaign)
	g.GroupName = nameOf(s.board.directory.Groups, g.Key.Group)
}

// group finds or makes the row of a key; s.mu is held. A key of an OCS takes
// over what the directory listed without one.
func (s *Session) group(key GroupKey) *Group {
	if g := s.board.groups[key]; g != nil {
		return g
	}
	open := key
	open.OCS = 0
	g := s.board.groups[open]
	if g == nil {
		g = &Group{}
	} else {
		delete(s.board.groups, open)
		s.changed(Change{Kind: CampaignsChanged})
	}
	g.Key = key
	s.name(g)
	s.board.groups[key] = g
	return g
}

// campaignEvent takes in what OCS says of a campaign group or sequence.
func (s *Session) campaignEvent(e *commdn.CampaignEvent) {
	key := GroupKey{e.Origin, e.Campaign, e.Group}
	s.mu.Lock()
	if e.Campaign == 0 {
		s.board.sequences[key] = e
		s.changed(Change{Kind: SequenceChanged, Group: key})
	} else {
		known := len(s.board.groups)
		g := s.group(key)
		if e.Dialing != (commdn.Dialing{}) {
			g.Dialing = e.Dialing
		}
		g.AutoCompletion = e.AutoCompletion
		if e.HasStatus {
			g.Known, g.Status = true, e.Status
			g.add(Span{s.now(), e.Status})
		}
		if len(s.board.groups) != known {
			s.changed(Change{Kind: CampaignsChanged})
		}
		s.changed(Change{Kind: CampaignChanged, Group: key})
	}
	s.mu.Unlock()
	s.tell()
}

// add notes a state that begins; one that goes on is none.
func (g *Group) add(span Span) {
	if n := len(g.Past); n > 0 && g.Past[n-1].Status == span.Status {
		return
	}
	g.Past = append(g.Past, span)
	if len(g.Past) > maxSpans {
		g.Past = g.Past[len(g.Past)-maxSpans:]
	}
}

// freshness notes when the states are not known any more; s.mu is held.
func (s *Session) freshness() {
	fresh := s.status.State == client.Connected && s.status.Link.Up
	if s.board.fresh && !fresh {
		for _, g := range s.board.groups {
			if len(g.Past) > 0 {
				g.add(Span{s.now(), Unknown})
			}
		}
	}
	if s.board.fresh != fresh {
		s.board.fresh = fresh
		s.changed(Change{Kind: CampaignsChanged})
	}
}

// Fresh says whether what is known of campaigns is of now: there is a
// connection, and the relay's link is up.
func (s *Session) Fresh() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.board.fresh
}

// rowChanged notes a request about a campaign group in its row; s.mu is held.
func (s *Session) rowChanged(e Entry) {
	key, ok := About(e.Req)
	if !ok || key.Campaign == 0 {
		return
	}
	if g := s.board.groups[key]; g != nil && g.Last.ID <= e.ID {
		g.Last = e
		s.changed(Change{Kind: CampaignChanged, Group: key})
	}
}

// About gives the campaign group, or the sequence, that a request is about;
// false where it is about neither.
func About(req commdn.Request) (GroupKey, bool) {
	var of commdn.CampaignGroup
	switch r := req.(type) {
	case *commdn.LoadCampaign:
		of = r.CampaignGroup
	case *commdn.UnloadCampaign:
		of = r.CampaignGroup
	case *commdn.ForceUnloadCampaign:
		of = r.CampaignGroup
	case *commdn.StartDialing:
		of = r.CampaignGroup
	case *commdn.StopDialing:
		of = r.CampaignGroup
	case *commdn.SetDialingMode:
		of = r.CampaignGroup
	case *commdn.GetCampaignStatus:
		of = r.CampaignGroup
	default:
		return GroupKey{}, false
	}
	return GroupKey{req.Addr().Target, of.Campaign, of.Group}, true
}
