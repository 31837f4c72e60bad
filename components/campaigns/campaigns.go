// Package campaigns is <commdn-campaigns>: a live table of campaign groups with the
// actions of a supervisor.
package campaigns

//go:generate go run ../gen

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/client"
	"commdn/protocol/frame"
)

// tick is how often the strips of states move on.
const tick = 30 * time.Second

// manyKeys is the number of changed rows from which the table looks at all rows again. A
// hidden page gets no frames, so its changes pile up.
const manyKeys = 1000

// Campaigns is the component. The table has one line for each campaign group; the panel
// asks for actions.
type Campaigns struct {
	env  ui.Env
	stop []func()

	mu     sync.Mutex         // guards the fields up to the blank line
	asleep bool               // Close was called
	due    bool               // a frame is requested
	all    bool               // the set of rows may have changed
	keys   []session.GroupKey // changed rows
	own    []*target          // requests of this element in flight
	silent ui.Unanswered      // requests of this element
	timer  *time.Timer

	lang *lang.Language
	w    words
	now  time.Time // env.Now, in steps of tick

	filter   string
	sort     column
	down     bool
	hours    int
	readonly bool
	hint     [2]string // an unusable attribute, and its value

	rows     map[session.GroupKey]*row
	order    []*row // all, sorted
	shown    []*row // those that pass the filter
	unsorted bool
	picked   int // selected rows
	columns  []column
	there    uint // a bit for each column

	window
	spot

	may     bool // the user has the right to see campaigns
	keyed   ui.Press
	panel   *panel
	choices []choice  // of the panel
	none    string    // why no action is possible; empty: some are
	queue   []*target // not sent yet
	flying  int       // sent, not settled
	said    string    // for screen readers
}

// New makes the component; Close ends it.
func New(env ui.Env) *Campaigns {
	c := &Campaigns{
		env: env, sort: byCampaign, hours: 4, rows: map[session.GroupKey]*row{},
	}
	c.at.col = byCampaign
	c.stop = []func(){env.Session.Watch(c.changed), env.Session.WatchCampaigns()}
	c.reload()
	c.mu.Lock()
	c.timer = time.AfterFunc(tick, c.passed)
	c.mu.Unlock()
	return c
}

// Close ends the component. Requests in flight go on; queued requests of a bulk action
// are never sent.
func (c *Campaigns) Close() {
	for _, stop := range c.stop {
		stop()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asleep = true
	c.timer.Stop()
}

// passed moves the strips on.
func (c *Campaigns) passed() {
	c.mu.Lock()
	if !c.asleep {
		c.timer.Reset(tick)
	}
	c.mu.Unlock()
	c.repaint()
}

// SetAttribute sets an attribute of elements.yaml.
func (c *Campaigns) SetAttribute(name, value string, present bool) {
	value = strings.TrimSpace(value)
	wrong := false
	switch name {
	case "filter":
		c.setFilter(value)
	case "sort":
		i := slices.Index(sortNames, strings.TrimPrefix(value, "-"))
		c.sort, c.down, c.unsorted = byCampaign, i > 0 && value[0] == '-', true
		if i > 0 {
			c.sort = column(i)
		}
		wrong = present && i <= 0
	case "hours":
		n, err := strconv.Atoi(value)
		if wrong = present && (err != nil || n < 1 || n > 12); wrong || !present {
			n = 4
		}
		c.hours = n
		c.stale()
	case "readonly":
		c.readonly = present
		c.panel = nil
	}
	if wrong {
		c.hint = [2]string{name, value}
	} else if c.hint[0] == name {
		c.hint = [2]string{}
	}
}

// changed watches the session. Any goroutine may call it.
func (c *Campaigns) changed(change session.Change) {
	c.mu.Lock()
	switch change.Kind {
	case session.EntryChanged:
		var t *target
		for i, own := range c.own {
			if own.req == change.Entry.Req {
				t = own
				if !change.Entry.UnderWay() {
					c.own = slices.Delete(c.own, i, i+1)
					c.silent.Note(change.Entry)
				}
				break
			}
		}
		late := c.silent.Late(change.Entry)
		c.mu.Unlock()
		switch {
		case t != nil:
			c.env.Update(func() { c.entryChanged(t, change.Entry) })
		case late:
			c.env.Update(func() { c.corrected(change.Entry) })
		}
		return
	case session.CampaignChanged:
		if len(c.keys) < manyKeys {
			c.keys = append(c.keys, change.Group)
		} else {
			c.all = true
		}
	case session.CampaignsChanged:
		c.all = true
	case session.SequenceChanged:
		c.mu.Unlock()
		return
	}
	c.mu.Unlock()
	c.repaint()
}

// repaint requests one frame for all changes up to it.
func (c *Campaigns) repaint() {
	c.mu.Lock()
	ask := !c.due && !c.asleep
	c.due = c.due || ask
	c.mu.Unlock()
	if ask {
		c.env.Frame(c.takeIn)
	}
}

func (c *Campaigns) takeIn() {
	c.mu.Lock()
	all, keys := c.all, c.keys
	c.due, c.all, c.keys = false, false, nil
	c.mu.Unlock()
	if all {
		c.reload()
		return
	}
	for _, key := range keys {
		if g, ok := c.env.Session.Group(key); ok {
			c.put(g)
		}
	}
}

// Compute updates what the markup shows. The renderer calls it before each build.
func (c *Campaigns) Compute() {
	if l := c.env.Lang(); l != c.lang {
		c.lang = l
		c.speak()
		for _, r := range c.order {
			c.name(r)
		}
		c.unsorted = true
		c.stale()
	}
	if now := c.env.Now().Truncate(tick); !now.Equal(c.now) {
		c.now = now
		c.stale()
	}
	if may := c.env.Session.May(frame.RoleSupervisor); may != c.may {
		c.may, c.unsorted = may, true
	}
	c.arrange()
	c.setColumns()
	c.keepSpot()
	c.choose()
}

// stale marks all rows for drawing.
func (c *Campaigns) stale() {
	for _, r := range c.order {
		r.cells = nil
	}
}

// fresh reports whether the states are current, so that actions are possible.
func (c *Campaigns) fresh() bool { return c.env.Session.Fresh() }

// canAct reports whether this element offers actions.
func (c *Campaigns) canAct() bool {
	return !c.readonly && c.env.Session.May(frame.RoleSupervisor)
}

// banner says what stands in the way: a bad attribute, a missing right, stale states.
func (c *Campaigns) banner() string {
	var pieces []string
	add := func(s string) { pieces = append(pieces, s) }
	if c.hint[0] != "" {
		add(c.lang.Text(lang.CampaignsAttribute, "name", c.hint[0], "value", c.hint[1]))
	}
	if !c.env.Session.May(frame.RoleSupervisor) {
		add(c.lang.Text(lang.CampaignsNoRight))
	}
	if !c.fresh() {
		if since := c.lost(); !since.IsZero() {
			add(c.lang.Text(lang.CampaignsStale, "time", c.moment(since)))
		}
		if len(c.order) > 0 || c.env.Session.Status().State != client.Connecting { // the table itself says it
			add(c.away())
		}
	}
	return strings.Join(pieces, " ")
}

// bannerClass tells a lost link from a lasting condition.
func (c *Campaigns) bannerClass() string {
	if c.fresh() {
		return "hint"
	}
	return "result waiting"
}

// lost is when the current states became unknown; zero if there were none.
func (c *Campaigns) lost() time.Time {
	var last time.Time
	for _, r := range c.order {
		if n := len(r.g.Past); n > 0 && r.g.Past[n-1].Status == session.Unknown && r.g.Past[n-1].From.After(last) {
			last = r.g.Past[n-1].From
		}
	}
	return last
}

// away says why the states are stale.
func (c *Campaigns) away() string {
	switch s := c.env.Session.Status(); {
	case s.State == client.Failed:
		return c.lang.Text(lang.StatusFailed, "reason", s.Err.Error())
	case s.State == client.Disconnected:
		return c.lang.Text(lang.StatusDisconnected)
	case s.State == client.Connected:
		return c.lang.Text(lang.StatusLinkDown, "reason", s.Link.Reason)
	}
	return c.lang.Text(lang.StatusConnecting)
}

// moment formats a time as briefly as possible.
func (c *Campaigns) moment(t time.Time) string {
	if d := c.now.Sub(t); d > 18*time.Hour || d < -18*time.Hour {
		return c.lang.Moment(t)
	}
	return c.lang.Clock(t)
}

// empty says why the table has no rows.
func (c *Campaigns) empty() string {
	switch {
	case !c.may:
		return "" // the banner says it
	case len(c.order) == 0 && (!c.env.Session.Listed() || c.env.Session.Status().State == client.Connecting):
		return c.lang.Text(lang.StatusConnecting)
	case len(c.order) == 0:
		return c.lang.Text(lang.CampaignsEmpty)
	}
	return c.lang.Text(lang.CampaignsNoMatch)
}

// count says how many rows there are and how many the filter shows.
func (c *Campaigns) count() string {
	if !c.may {
		return ""
	}
	return c.lang.Text(lang.CampaignsCount, "shown", c.lang.Number(len(c.shown)), "all", c.lang.Number(len(c.order)))
}

// handleFilter takes the typed filter.
func (c *Campaigns) handleFilter(event vugu.DOMEvent) {
	c.setFilter(event.PropString("target", "value"))
	c.arrange()
	c.said = c.count()
}

func (c *Campaigns) setFilter(text string) {
	if c.filter != text {
		c.filter, c.unsorted = text, true
	}
}
