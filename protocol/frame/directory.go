package frame

import (
	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// Keys of directory and subscribe.
const (
	keyCampaign      = "campaign"
	keyGroup         = "group"
	keyCampaignGroup = "campaign_group"
	keyDBID          = "dbid"
	keyName          = "name"
	keyMore          = "more"
	keyOn            = "on"
	keyHistory       = "history"
)

// Named is an object of the Configuration Database with its name.
type Named struct {
	DBID commdn.DBID
	Name string
}

// CampaignGroup is a group that a campaign is configured for.
type CampaignGroup struct {
	Campaign commdn.DBID
	Group    commdn.DBID
	OCS      commdn.DBID // dials it; 0: not told
}

// Directory is what a session may know of campaigns and groups. It goes in as
// many frames as it needs.
type Directory struct {
	Campaigns      []Named
	Groups         []Named
	CampaignGroups []CampaignGroup // may name what the lists above do not; empty also where the relay does not know them
}

// directoryRoom is how much of a frame is filled with entries: the limit less
// the mark that more will come.
const directoryRoom = tkvlist.DefaultMaxBytes - 64

// Bodies gives the lists of the frames, at least one. A name is cut to 255
// bytes, which is more than Configuration Server takes.
func (d Directory) Bodies() []tkvlist.List {
	bodies := []tkvlist.List{nil}
	used := 0
	add := func(key string, size int, entry tkvlist.List) {
		last := &bodies[len(bodies)-1]
		if used+size > directoryRoom {
			last.Add(keyMore, tkvlist.Int(1))
			bodies = append(bodies, nil)
			last, used = &bodies[len(bodies)-1], 0
		}
		used += size
		last.Add(key, tkvlist.Nested(entry))
	}
	named := func(key string, objects []Named) {
		for _, o := range objects {
			name := o.Name[:min(len(o.Name), 255)]
			add(key, 64+len(name), tkvlist.List{
				{Key: keyDBID, Value: tkvlist.Int(int32(o.DBID))},
				{Key: keyName, Value: tkvlist.String(name)},
			})
		}
	}
	named(keyCampaign, d.Campaigns)
	named(keyGroup, d.Groups)
	for _, g := range d.CampaignGroups {
		add(keyCampaignGroup, 80, tkvlist.List{
			{Key: keyCampaign, Value: tkvlist.Int(int32(g.Campaign))},
			{Key: keyGroup, Value: tkvlist.Int(int32(g.Group))},
			{Key: keyOCS, Value: tkvlist.Int(int32(g.OCS))},
		})
	}
	return bodies
}

// Read adds the entries of one frame; more says that another one belongs to
// the same directory. Entries that lack a part are passed over.
func (d *Directory) Read(l tkvlist.List) (more bool) {
	for _, p := range l {
		if entry, ok := p.Value.List(); ok {
			d.read(p.Key, entry)
		}
	}
	return MoreDirectory(l)
}

// MoreDirectory says, without reading it, that another frame belongs to the same
// directory as this one.
func MoreDirectory(l tkvlist.List) bool {
	n, _ := l.Int(keyMore)
	return n == 1
}

func (d *Directory) read(key string, entry tkvlist.List) {
	var named *[]Named
	switch key {
	case keyCampaign:
		named = &d.Campaigns
	case keyGroup:
		named = &d.Groups
	case keyCampaignGroup:
		campaign, hasCampaign := entry.Int(keyCampaign)
		group, hasGroup := entry.Int(keyGroup)
		ocs, _ := entry.Int(keyOCS)
		if hasCampaign && hasGroup {
			d.CampaignGroups = append(d.CampaignGroups, CampaignGroup{commdn.DBID(campaign), commdn.DBID(group), commdn.DBID(ocs)})
		}
		return
	default:
		return
	}
	id, hasID := entry.Int(keyDBID)
	name, hasName := entry.Text(keyName)
	if hasID && hasName {
		*named = append(*named, Named{commdn.DBID(id), name})
	}
}

// Subscribe asks for notifications, or for no more of them. A relay that does
// not know histories passes over History; a client that does not know them does
// not ask, and gets none: to it the frame would be malformed.
type Subscribe struct {
	On      bool // notifications
	History bool // what was before them, too; without On it means nothing
}

// Body gives the list of the frame.
func (s Subscribe) Body() tkvlist.List {
	l := tkvlist.List{{Key: keyOn, Value: flag(s.On)}}
	if s.History {
		l.Add(keyHistory, flag(true))
	}
	return l
}

func flag(on bool) tkvlist.Value {
	if on {
		return tkvlist.Int(1)
	}
	return tkvlist.Int(0)
}

// ReadSubscribe reads the list of a subscribe; anything but 1 is off.
func ReadSubscribe(l tkvlist.List) Subscribe {
	on, _ := l.Int(keyOn)
	history, _ := l.Int(keyHistory)
	return Subscribe{On: on == 1, History: history == 1}
}
