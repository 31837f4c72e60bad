package session

import (
	"cmp"
	"slices"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// GroupKey names a campaign group of one OCS. Campaign 0 is the sequence of the
// group.
type GroupKey struct{ OCS, Campaign, Group commdn.DBID }

// Group is a campaign group that the user may see.
type Group struct {
	Key            GroupKey
	CampaignName   string // empty if the relay does not know it
	GroupName      string
	Known          bool // OCS has reported a status
	Status         commdn.GroupStatus
	Dialing        commdn.Dialing // 0 of what OCS never reported
	AutoCompletion commdn.AutoCompletion
	Past           []Span // oldest first, the present last; read-only
	Last           Entry  // this session's last request about it; ID 0: none

	listed int // number of the last directory with it; 0: none
}

// Busy reports whether a request about the group is in flight.
func (g *Group) Busy() bool { return g.Last.ID != 0 && g.Last.UnderWay() }

// board is a Session's knowledge of campaigns.
type board struct {
	users     int    // of WatchCampaigns
	stop      func() // ends the client's watch; nil: no watch
	groups    map[GroupKey]*Group
	some      map[GroupKey]*Group // one row of each campaign group, for any OCS: the key's OCS is 0
	sequences map[GroupKey]*commdn.CampaignEvent
	directory frame.Directory
	named     bool // there was a request about a campaign: names are wanted, even without a watch
	read      int  // directories
	reading   bool // a request for the directory is in flight
	again     bool // another one has to follow
	fresh     bool // connected, and the link is up
}

func (b *board) init() {
	b.groups = map[GroupKey]*Group{}
	b.some = map[GroupKey]*Group{}
	b.sequences = map[GroupKey]*commdn.CampaignEvent{}
}

// WatchCampaigns makes the relay report campaign events as long as anybody wants them. It
// returns the function that ends that.
func (s *Session) WatchCampaigns() (stop func()) {
	s.mu.Lock()
	s.board.users++
	first := s.board.users == 1 && !s.closed
	s.mu.Unlock()
	if first {
		end := s.watch()
		s.mu.Lock()
		s.board.stop = end
		if s.closed { // meanwhile
			s.board.stop = nil
			s.mu.Unlock()
			end()
			return func() {}
		}
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
				s.unknown()
			}
		}
		s.mu.Unlock()
		if end != nil {
			end()
		}
	}
}

// watch begins the client's watches and returns the function that ends them.
func (s *Session) watch() (stop func()) {
	history := s.client.WatchHistory(s.history) // first, so that the relay sends it with the states
	campaigns := s.client.WatchCampaigns(s.campaignEvent)
	directory := s.client.WatchDirectory(s.readDirectory)
	return func() {
		history()
		campaigns()
		directory()
	}
}

// Groups returns all known campaign groups, sorted by key.
func (s *Session) Groups() []Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	sorted := make([]*Group, 0, len(s.board.groups)) // of pointers, since a sort of structs takes much code
	for _, g := range s.board.groups {
		sorted = append(sorted, g)
	}
	slices.SortFunc(sorted, func(a, b *Group) int {
		return cmp.Or(int(a.Key.Campaign-b.Key.Campaign), int(a.Key.Group-b.Key.Group), int(a.Key.OCS-b.Key.OCS))
	})
	all := make([]Group, len(sorted))
	for i, g := range sorted {
		all[i] = *g
	}
	return all
}

// Group returns one of them.
func (s *Session) Group(key GroupKey) (Group, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.board.groups[key]; g != nil {
		return *g, true
	}
	return Group{}, false
}

// Sequence returns the last-known sequence event of a group, or nil. It is read-only.
func (s *Session) Sequence(key GroupKey) *commdn.CampaignEvent {
	s.mu.Lock()
	defer s.mu.Unlock()
	key.Campaign = 0
	return s.board.sequences[key]
}

// Directory returns the relay's names of campaigns and groups, and which of them belong
// together. It is empty until it arrives, and read-only.
func (s *Session) Directory() frame.Directory {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.board.directory
}

// Listed reports whether the relay has sent its directory.
func (s *Session) Listed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.board.read > 0
}

// CampaignName returns the name of a campaign; empty if unknown.
func (s *Session) CampaignName(id commdn.DBID) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return nameOf(s.board.directory.Campaigns, id)
}

// GroupName returns the name of a group; empty if unknown.
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

// readDirectory asks the client for the directory if anybody watches campaigns or has
// made a request about one. If such a request is in flight, another one follows it.
func (s *Session) readDirectory() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.board.users == 0 && !s.board.named || s.closed {
		return
	}
	if s.board.reading {
		s.board.again = true
		return
	}
	s.board.reading = true
	go func() {
		for again := true; again; {
			d, err := s.client.Directory(s.ctx)
			if err != nil {
				return // the client or the Session has ended
			}
			s.mu.Lock()
			s.merge(d)
			again = s.board.again
			s.board.reading, s.board.again = again, false
			s.mu.Unlock()
			s.tell()
		}
	}()
}

// merge takes a directory. A group that an earlier one listed and this one does not is no
// longer visible to the user. The caller holds s.mu.
func (s *Session) merge(d frame.Directory) {
	b := &s.board
	b.directory = d
	b.read++
	open := map[GroupKey]bool{} // listed without an OCS, so for all
	for _, cg := range d.CampaignGroups {
		key := GroupKey{cg.OCS, cg.Campaign, cg.Group}
		open[key] = cg.OCS == 0
		s.group(key).listed = b.read
	}
	clear(b.some)
	for key, g := range b.groups {
		if open[GroupKey{0, key.Campaign, key.Group}] {
			g.listed = b.read
		}
		if g.listed != 0 && g.listed != b.read {
			delete(b.groups, key)
			continue
		}
		s.name(g)
		b.index(g)
	}
	s.changed(Change{Kind: CampaignsChanged})
}

// index adds a row for lookups without an OCS.
func (b *board) index(g *Group) {
	key := g.Key
	key.OCS = 0
	b.some[key] = g
}

func (s *Session) name(g *Group) {
	g.CampaignName = nameOf(s.board.directory.Campaigns, g.Key.Campaign)
	g.GroupName = nameOf(s.board.directory.Groups, g.Key.Group)
}

// group finds or makes the row of a key. A key with an OCS takes over a row that the
// directory listed without one. A key without an OCS matches a row of any OCS. The caller
// holds s.mu.
func (s *Session) group(key GroupKey) *Group {
	if g := s.row(key); g != nil {
		if g.Key != key && key.OCS != 0 {
			delete(s.board.groups, g.Key)
			g.Key = key
			s.board.groups[key] = g
			s.changed(Change{Kind: CampaignsChanged})
		}
		return g
	}
	g := &Group{Key: key}
	s.name(g)
	s.board.groups[key] = g
	s.board.index(g)
	return g
}

// row finds the row of a key, also one known without its OCS, or known by an OCS if the
// key has none; nil if there is none. The caller holds s.mu.
func (s *Session) row(key GroupKey) *Group {
	if g := s.board.groups[key]; g != nil {
		return g
	}
	ocs := key.OCS
	key.OCS = 0
	if g := s.board.some[key]; g != nil && (ocs == 0 || g.Key.OCS == 0) {
		return g
	}
	return nil
}

// campaignEvent takes an OCS event about a campaign group or sequence. An OCS may give the
// campaign of the item that runs where the vendor has 0: what holds a sequence is about
// that.
func (s *Session) campaignEvent(e *commdn.CampaignEvent) {
	if !e.Named() {
		return // it may be about any of the group
	}
	if e.Sequence != nil && e.Campaign != 0 {
		of := *e
		of.Campaign = 0
		e = &of
	}
	key := GroupKey{e.Origin, e.Campaign, e.Group}
	s.mu.Lock()
	if e.Campaign == 0 {
		s.board.sequences[key] = e
		s.changed(Change{Kind: SequenceChanged, Group: key})
	} else {
		known := len(s.board.groups)
		g := s.group(key)
		g.dialed(e.Dialing)
		g.AutoCompletion = e.AutoCompletion
		state, ok := e.State()
		if g.Known = ok; ok {
			g.Status = state
		} else {
			state = Unknown // what was known may be over
		}
		g.add(Span{s.now(), state})
		if len(s.board.groups) != known {
			s.changed(Change{Kind: CampaignsChanged})
		}
		s.changed(Change{Kind: CampaignChanged, Group: key})
	}
	s.mu.Unlock()
	s.tell()
}

// dialed takes how OCS dials the group, as far as it says: what it leaves out is 0.
func (g *Group) dialed(d commdn.Dialing) {
	if d.Mode != 0 {
		g.Dialing.Mode = d.Mode
	}
	if d.OptimizeBy != 0 || d.Goal != 0 {
		g.Dialing.Goal = d.Goal
	}
	if d.OptimizeBy != 0 {
		g.Dialing.OptimizeBy = d.OptimizeBy
	}
}

// freshness notes when the states become unknown. The caller holds s.mu.
func (s *Session) freshness() {
	fresh := s.status.State == client.Connected && s.status.Link.Up
	if !fresh {
		s.unknown()
	}
	if s.board.fresh != fresh {
		s.board.fresh = fresh
		s.changed(Change{Kind: CampaignsChanged})
	}
}

// Fresh reports whether the states of campaigns are current: there is a connection, and
// the relay's link is up.
func (s *Session) Fresh() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.board.fresh
}

// rowChanged notes a request about a campaign group in its row. The caller holds s.mu.
func (s *Session) rowChanged(e *Entry) {
	key, ok := About(e.Req)
	if !ok || key.Campaign == 0 {
		return
	}
	if g := s.row(key); g != nil && g.Last.ID <= e.ID {
		g.Last = *e
		s.changed(Change{Kind: CampaignChanged, Group: g.Key})
	}
}

// About returns the campaign group or the sequence of a request; false if it has neither.
func About(req commdn.Request) (GroupKey, bool) {
	c, ok := commdn.ControlOf(req)
	return GroupKey{c.Target, c.Campaign, c.Group}, ok
}
