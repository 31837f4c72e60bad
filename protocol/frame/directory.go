package frame

import (
	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// Keys of directory and subscribe.
const (
	keyCampaign = "campaign"
	keyGroup    = "group"
	keyDBID     = "dbid"
	keyName     = "name"
	keyMore     = "more"
	keyOn       = "on"
)

// Named is an object of the Configuration Database with its name.
type Named struct {
	DBID commdn.DBID
	Name string
}

// Directory is what a session may know of campaigns and groups by name. It
// goes in as many frames as it needs.
type Directory struct {
	Campaigns []Named
	Groups    []Named
}

// directoryRoom is how much of a frame is filled with entries: the limit less
// the largest entry and the mark that more will come.
const directoryRoom = tkvlist.DefaultMaxBytes - 512

// Bodies gives the lists of the frames, at least one. A name is cut to 255
// bytes, which is more than Configuration Server takes.
func (d Directory) Bodies() []tkvlist.List {
	bodies := []tkvlist.List{nil}
	used := 0
	add := func(key string, objects []Named) {
		for _, o := range objects {
			name := o.Name[:min(len(o.Name), 255)]
			size := 64 + len(name)
			last := &bodies[len(bodies)-1]
			if used+size > directoryRoom {
				last.Add(keyMore, tkvlist.Int(1))
				bodies = append(bodies, nil)
				last, used = &bodies[len(bodies)-1], 0
			}
			used += size
			last.Add(key, tkvlist.Nested(tkvlist.List{
				{Key: keyDBID, Value: tkvlist.Int(int32(o.DBID))},
				{Key: keyName, Value: tkvlist.String(name)},
			}))
		}
	}
	add(keyCampaign, d.Campaigns)
	add(keyGroup, d.Groups)
	return bodies
}

// Read adds the entries of one frame; more says that another one belongs to
// the same directory. Entries that lack a part are passed over.
func (d *Directory) Read(l tkvlist.List) (more bool) {
	for _, p := range l {
		entry, ok := p.Value.List()
		if !ok {
			continue
		}
		id, hasID := entry.Int(keyDBID)
		name, hasName := entry.Text(keyName)
		if !hasID || !hasName {
			continue
		}
		switch o := (Named{commdn.DBID(id), name}); p.Key {
		case keyCampaign:
			d.Campaigns = append(d.Campaigns, o)
		case keyGroup:
			d.Groups = append(d.Groups, o)
		}
	}
	n, _ := l.Int(keyMore)
	return n == 1
}

// Subscribe asks for notifications, or for no more of them.
type Subscribe struct{ On bool }

// Body gives the list of the frame.
func (s Subscribe) Body() tkvlist.List {
	on := int32(0)
	if s.On {
		on = 1
	}
	return tkvlist.List{{Key: keyOn, Value: tkvlist.Int(on)}}
}

// ReadSubscribe reads the list of a subscribe; anything but 1 is off.
func ReadSubscribe(l tkvlist.List) Subscribe {
	on, _ := l.Int(keyOn)
	return Subscribe{On: on == 1}
}
