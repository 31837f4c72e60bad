package conn

import (
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/campaigns"
	"commdn/relay/desk"
	"commdn/relay/hub"
)

// maxHeld bounds the news that wait while a snapshot is queued.
const maxHeld = 10_000

// held is news that came while a snapshot was on its way to the outbox. It goes
// after the snapshot, unless the snapshot has it already.
type held struct {
	seq uint64
	put func()
}

// subscribe begins or ends notifications; whoever asks for them gets all that is
// known.
func (c *Conn) subscribe(to frame.Subscribe) {
	c.mu.Lock()
	c.subscribed = to
	c.mu.Unlock()
	c.watch()
}

// watch tells a client that watches everything that is known and that it may
// see, with what was before where it asks for that. News that come meanwhile are
// held back: snapshot and news meet by sequence number, and nobody else waits.
func (c *Conn) watch() {
	c.watching.Lock()
	defer c.watching.Unlock()
	c.mu.Lock()
	to := c.subscribed
	c.holding = to.On
	c.mu.Unlock()
	if !to.On {
		return
	}
	rights := c.rights()
	view := c.s.o.Settings().View
	snap := c.s.o.Cache.Snapshot(to.History)
	if to.History {
		past := frame.History{}
		for _, p := range snap.Past {
			if rights.May(auth.RightWatch, view.At(p.Key.Link, p.Key.CampaignGroup)) {
				past.Groups = append(past.Groups, p.Frame())
			}
		}
		c.parts(historyParts, frame.KindHistory, past.Bodies())
	}
	for _, u := range snap.Last {
		if rights.May(auth.RightWatch, view.At(u.Link, u.Event.CampaignGroup)) {
			c.queue(u.Current, keyOf(u))
		}
	}
	c.meet(snap.Seq)
}

// meet lets the news go that came after a snapshot.
func (c *Conn) meet(seq uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.held {
		if h.seq > seq {
			h.put()
		}
	}
	c.holding, c.held, c.met = false, nil, max(c.met, seq)
}

// News passes on what happened to a campaign group, if the client watches and
// may see it.
func (c *Conn) News(n *hub.News) {
	if !c.watches(false) || !c.rights().May(auth.RightWatch, n.About) {
		return
	}
	c.s.o.Metrics.FannedOut()
	key := statusKey{}
	if n.Update.Status { // what was done is news that no later status replaces
		key = keyOf(n.Update)
	}
	c.pass(n.Update.Key(), n.Update.Seq, func() { c.queue(n.Update.Notification, key) })
}

// overtake notes an answer about a campaign group. It does not wait for the
// fan-out, so older news may come after it; they must not be told then, as the
// client would take them for the newest.
func (c *Conn) overtake(e desk.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.Seq == 0 || !c.subscribed.On {
		return
	}
	if c.newest == nil {
		c.newest = make(map[campaigns.Key]uint64)
	}
	c.newest[e.Of] = max(c.newest[e.Of], e.Seq)
}

// Gap tells a client that knows the history from when on nothing is known.
func (c *Conn) Gap(g *hub.Gap) {
	if !c.watches(true) {
		return
	}
	rights := c.rights()
	var seen frame.History
	for i, p := range g.Past {
		if rights.May(auth.RightWatch, g.About[i]) {
			seen.Groups = append(seen.Groups, p.Frame())
		}
	}
	bodies := seen.Bodies()
	if len(seen.Groups) == 0 {
		return
	}
	c.pass(campaigns.Key{}, g.Seq, func() {
		for _, body := range bodies {
			c.send(frame.Frame{Kind: frame.KindHistory, Body: body})
		}
	})
}

// watches says whether the client is to be told of campaign groups, and of their
// history.
func (c *Conn) watches(history bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.subscribed.On && (!history || c.subscribed.History)
}

// pass queues news of a campaign group, behind a snapshot that is on its way,
// unless a newer answer has overtaken them.
func (c *Conn) pass(of campaigns.Key, seq uint64, put func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if seq <= c.met { // the fan-out was behind: a snapshot had them already
		return
	}
	if newest, answered := c.newest[of]; answered {
		if seq < newest {
			return
		}
		delete(c.newest, of)
	}
	switch {
	case !c.holding:
		put()
	case len(c.held) < maxHeld:
		c.held = append(c.held, held{seq, put})
	default:
		c.slow()
	}
}

// statusKey says what a frame in the outbox is the newest of. The zero value:
// nothing replaces the frame.
type statusKey struct {
	what part
	n    int
	of   campaigns.Key
}

// part says that a frame is one of several of which only the newest set counts.
type part uint8

const (
	directoryParts part = iota + 1
	historyParts
	status
)

func keyOf(u *campaigns.Update) statusKey { return statusKey{what: status, of: u.Key()} }
