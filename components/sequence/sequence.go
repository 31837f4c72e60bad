// Package sequence is <commdn-sequence>: a timeline editor for a campaign sequence. It
// loads, starts and stops the sequence and shows its progress in OCS.
package sequence

//go:generate go run ../gen

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
)

// tick is how often the mark of the present moves.
const tick = 30 * time.Second

// Sequence is the component. It edits a draft; live is what OCS has. The draft takes
// OCS's sequence only on the supervisor's demand, or while there is no draft.
type Sequence struct {
	env  ui.Env
	stop []func()

	mu    sync.Mutex // guards the fields up to the blank line
	gone  bool       // Close was called
	due   bool       // a frame is requested
	timer *time.Timer

	group, target       commdn.DBID // 0: unknown
	hasGroup, hasTarget bool        // given by attributes
	groupText           string      // as typed, without options to choose from
	bad                 [2]string   // attributes group and target that are no DBIDs
	badValue            string      // what is wrong with the attribute value
	badAt               int         // and where
	readonly            bool

	draft draft
	kept  *draft // the draft that "Show what OCS has" replaced
	made  int    // items so far
	open  int    // id of the item whose fields are shown
	live  live

	worded  []problem       // those of found that the reader is told of: see tells
	touched map[string]bool // keys of the fields that somebody has edited
	eager   bool            // an action was tried, or the host page gave the draft: tell all

	asking  *asking
	press   ui.Press
	room    ui.Room
	removed *removed       // the item that was removed last; nil: none
	sent    commdn.Request // this element's request in flight; nil: none
	silent  ui.Unanswered  // its requests
	result  session.Entry  // of the last request; ID 0: none
	tried   action         // the last click on a disabled action; none: there was none
	drag    drag
	said    string // for screen readers
	focusOn string // key of the element that gets the focus
	focused int

	view
}

// New makes the component; Close ends it.
func New(env ui.Env) *Sequence {
	c := &Sequence{env: env, tried: none, touched: map[string]bool{}}
	c.stop = []func(){env.Session.Watch(c.changed), env.Session.WatchCampaigns()}
	c.mu.Lock()
	c.timer = time.AfterFunc(tick, c.passed)
	c.mu.Unlock()
	return c
}

// Close ends the component. A request in flight goes on.
func (c *Sequence) Close() {
	for _, stop := range c.stop {
		stop()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
	c.timer.Stop()
}

// passed moves the mark of the present.
func (c *Sequence) passed() {
	c.mu.Lock()
	if !c.gone {
		c.timer.Reset(tick)
	}
	c.mu.Unlock()
	c.repaint()
}

// repaint requests one frame for all changes up to it.
func (c *Sequence) repaint() {
	c.mu.Lock()
	due := c.due || c.gone
	c.due = true
	c.mu.Unlock()
	if !due {
		c.env.Frame(func() {
			c.mu.Lock()
			c.due = false
			c.mu.Unlock()
			c.follow()
		})
	}
}

// changed watches the session.
func (c *Sequence) changed(ch session.Change) {
	switch ch.Kind {
	case session.StatusChanged:
		c.env.Update(c.follow)
	case session.CampaignsChanged, session.SequenceChanged:
		c.repaint()
	case session.EntryChanged:
		if e := ch.Entry; !e.UnderWay() {
			c.env.Update(func() { c.settled(e) })
		}
	}
}

// SetAttribute sets an attribute of elements.yaml.
func (c *Sequence) SetAttribute(name, value string, present bool) {
	value = strings.TrimSpace(value)
	switch name {
	case "group":
		c.bad[0] = setDBID(value, present, &c.group, &c.hasGroup)
		c.follow()
	case "target":
		c.bad[1] = setDBID(value, present, &c.target, &c.hasTarget)
		c.follow()
	case "value":
		switch c.badValue = ""; {
		case value != "":
			c.setValue(value)
		case !present: // as a form that is reset
			c.take(&commdn.Sequence{}, commdn.AutoCompletionUnset)
		}
	case "readonly":
		c.readonly = present
		c.asking = nil
		c.drag = drag{}
	}
}

// setDBID sets a DBID attribute and returns the value if it is no DBID.
func setDBID(value string, present bool, id *commdn.DBID, has *bool) (bad string) {
	n, ok := number(value)
	*has = present && ok && n > 0
	*id = 0
	if *has {
		*id = commdn.DBID(n)
	} else if value != "" {
		return value
	}
	return ""
}

// setValue turns the attribute value into a draft. A value that equals the draft changes
// nothing: a host may write back what it heard.
func (c *Sequence) setValue(value string) {
	var q commdn.Sequence
	var finish commdn.AutoCompletion
	q, finish, c.badValue, c.badAt = readValue(value)
	c.eager = true
	if c.badValue == "" && (q.Start != c.draft.start || finish != c.draft.finish || !c.draft.equal(&q)) {
		c.take(&q, finish)
	}
}

// take turns a sequence into the draft.
func (c *Sequence) take(q *commdn.Sequence, finish commdn.AutoCompletion) {
	c.draft = draft{description: q.Description, start: q.Start, startText: momentText(c.env.Lang(), q.Start), finish: finish}
	c.open, c.removed = 0, nil
	for _, it := range q.Items {
		c.insert(len(c.draft.items), plain(it))
	}
}

// insert puts an item into the draft.
func (c *Sequence) insert(at int, it commdn.SequenceItem) *item {
	c.made++
	added := &item{id: c.made, SequenceItem: it}
	added.show(c.env.Lang())
	c.draft.items = append(c.draft.items, added)
	copy(c.draft.items[at+1:], c.draft.items[at:])
	c.draft.items[at] = added
	return added
}

// key names the sequence. Without a named OCS it uses the only one.
func (c *Sequence) key() session.GroupKey {
	key := session.GroupKey{OCS: c.target, Group: c.group}
	if key.OCS == 0 {
		key.OCS = c.likely()
	}
	return key
}

// likely returns the OCS that dials the group's campaigns, if there is exactly one.
func (c *Sequence) likely() commdn.DBID {
	if all := c.env.Session.Status().OCS; len(all) == 1 {
		return all[0]
	}
	var one commdn.DBID
	for _, cg := range c.env.Session.Directory().CampaignGroups {
		switch {
		case cg.Group != c.group || cg.OCS == 0 || cg.OCS == one:
		case one == 0:
			one = cg.OCS
		default:
			return 0
		}
	}
	return one
}

// configured reports whether a campaign is configured for the group, as far as the relay
// knows.
func (c *Sequence) configured(id commdn.DBID) bool {
	known := false
	for _, cg := range c.env.Session.Directory().CampaignGroups {
		if cg.Group == c.group {
			if cg.Campaign == id {
				return true
			}
			known = true
		}
	}
	return !known
}

// problems returns all that keeps the draft from being sent. Items that OCS has accepted
// may lie in the past.
func (c *Sequence) problems() []problem {
	l := c.env.Lang()
	var found []problem
	if c.group == 0 {
		text := l.Text(lang.SequenceNeedChoice)
		if len(c.groups()) == 0 {
			text = l.Text(lang.SequenceNeedDbid)
		}
		found = append(found, problem{-1, group, text})
	}
	if c.key().OCS == 0 && c.unconnected() == "" {
		found = append(found, problem{-1, ocs, l.Text(lang.SequenceNeedChoice)})
	}
	var earliest int64
	if !c.same() {
		earliest = c.env.Now().Unix()
	}
	return append(found, c.draft.problems(l, earliest, c.configured)...)
}

// edited reports a change of the draft to the host page.
func (c *Sequence) edited() {
	c.tried = none
	c.room.Free()
	key := c.key()
	c.env.Emit(c.draft.detail(key.Group, key.OCS, len(c.problems()) == 0), "commdn-change")
}

func (c *Sequence) text(k lang.Key, args ...string) string { return c.env.Lang().Text(k, args...) }

// focus moves the focus to the element with this key at the next paint.
func (c *Sequence) focus(key string) {
	c.focusOn = key
	c.focused++
}

// autofocus is the attribute autofocus of the element with this key.
func (c *Sequence) autofocus(key string) any {
	if key != c.focusOn {
		return nil
	}
	return strconv.Itoa(c.focused)
}

// same reports whether the draft is what OCS has.
func (c *Sequence) same() bool {
	return c.live.loaded() && c.live.plan != nil && c.draft.equal(c.live.plan)
}

// matches reports whether the reported states belong to the draft's items.
func (c *Sequence) matches() bool {
	return c.live.known && c.live.plan != nil && c.draft.campaigns(c.live.plan)
}

// unconnected says why no request can be sent now. Empty means that one can.
func (c *Sequence) unconnected() string {
	switch s := c.env.Session.Status(); {
	case s.State == client.Failed:
		return c.text(lang.StatusFailed, "reason", s.Err.Error())
	case s.State != client.Connected:
		return c.text(lang.NoAnswerNotConnected)
	case !s.Link.Up:
		return c.text(lang.Refusal3)
	}
	return ""
}
