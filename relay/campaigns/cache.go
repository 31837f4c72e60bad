// Package campaigns is what OCS said last of each campaign group and sequence,
// and how that changed lately: a last-value cache and a history, for those who
// begin to watch and for those who ask often.
package campaigns

import (
	"sync"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Key says what a status is of. Two links may have the same DBIDs behind them.
// The zero value is no status.
type Key struct {
	Link string // its name
	OCS  commdn.DBID
	commdn.CampaignGroup
}

// Update is one event about a campaign group. It never changes.
type Update struct {
	Link  string
	Event *commdn.CampaignEvent
	// Status says that the event is a status and nothing else: a newer one may
	// take its place on the way to a slow reader.
	Status bool
	// Seq counts the updates of a Cache from 1. A snapshot has a number too: it
	// holds every update up to that one.
	Seq uint64
	// Notification is the frame that tells of the event; Current is the same as
	// CM_EvCampaignStatus with the state, empty where the event tells none. Both
	// are made once for everybody.
	Notification, Current frame.Message

	at time.Time
}

// Key says what the update is of.
func (u *Update) Key() Key { return Key{u.Link, u.Event.Origin, u.Event.CampaignGroup} }

// Data gives the packed user data of Current; nil where they are too long for
// frame.AppendData.
func (u *Update) Data() []byte {
	if data := u.Current.Frame[frame.HeaderLen:]; u.Current.Parts == nil && len(data) <= frame.MaxData {
		return data
	}
	return nil
}

func notification(event *commdn.CampaignEvent) (frame.Message, error) {
	return frame.Frame{Kind: frame.KindNotification, Body: event.UserData()}.Message()
}

// Cache holds the last status of each campaign group and its history. Several
// goroutines may use it.
type Cache struct {
	known func(commdn.CampaignGroup) bool // see Know

	mu      sync.Mutex
	seq     uint64
	entries map[Key]*Update
	bound   bound
	history history
}

// New makes a Cache that knows nothing.
func New() *Cache {
	return &Cache{entries: make(map[Key]*Update), history: newHistory()}
}

// Note takes an event in. An event that tells no state gets a number, and what
// was known of its campaign group is forgotten: it may be over. The error may be
// ErrTooMany.
func (c *Cache) Note(link string, event *commdn.CampaignEvent) (*Update, error) {
	return c.note(link, event, time.Now(), c.history.now())
}

// NoteAt is Note for an event that another relay heard at a time, by whichever clock.
func (c *Cache) NoteAt(link string, event *commdn.CampaignEvent, at time.Time) (*Update, error) {
	return c.note(link, event, at, at)
}

func (c *Cache) note(link string, event *commdn.CampaignEvent, at, changed time.Time) (*Update, error) {
	u := &Update{Link: link, Event: event, Status: event.Event == commdn.EvCampaignStatus, at: at}
	var err error
	if u.Notification, err = notification(event); err != nil {
		return nil, err
	}
	state, known := event.State()
	switch {
	case !known:
	case u.Status && event.HasStatus:
		u.Current = u.Notification
	default:
		status := *event
		status.Event, status.Status, status.HasStatus = commdn.EvCampaignStatus, state, true
		if u.Current, err = notification(&status); err != nil {
			return nil, err
		}
	}
	listed := known && c.knows(event.CampaignGroup)
	c.mu.Lock()
	defer c.mu.Unlock()
	if known && !c.room(u.Key(), listed) {
		return nil, ErrTooMany
	}
	c.seq++
	u.Seq = c.seq
	if known {
		c.entries[u.Key()] = u
		c.history.note(u.Key(), state, changed)
	} else {
		delete(c.entries, u.Key())
	}
	return u, nil
}

// Lost forgets the last values that came over a link which is lost, as OCS says
// nothing of what changes meanwhile. It notes in the history that nothing is
// known from since on, in Unix seconds. It gives
// what it noted, with a number as an update has it.
func (c *Cache) Lost(link string, since int64) ([]Past, uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seq++
	for key := range c.entries {
		if key.Link == link {
			delete(c.entries, key)
			delete(c.bound.strangers, key)
		}
	}
	return c.history.lost(link, since), c.seq
}

// Len says of how many campaign groups the status is known.
func (c *Cache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries)
}

// Find gives the last value of a campaign group if it is no older than maxAge
// and has Data to answer with; nil: none, and OCS has to be asked.
func (c *Cache) Find(of Key, maxAge time.Duration) *Update {
	c.mu.Lock()
	defer c.mu.Unlock()
	u := c.entries[of]
	if u == nil || time.Since(u.at) > maxAge || u.Data() == nil {
		return nil
	}
	return u
}

// Snapshot is what a Cache held after the update Seq.
type Snapshot struct {
	Seq  uint64
	Last []*Update // the last value of each campaign group, in no order
	Past []Past    // the history of each, in no order; nil unless asked for
}

// Snapshot gives everything at once. It copies pointers only: what is done with
// them holds nobody up.
func (c *Cache) Snapshot(past bool) Snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Snapshot{Seq: c.seq, Last: make([]*Update, 0, len(c.entries))}
	for _, u := range c.entries {
		s.Last = append(s.Last, u)
	}
	if past {
		s.Past = c.history.all()
	}
	return s
}
