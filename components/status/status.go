// Package status is <commdn-status>: connection, relay, T-Server and OCS as one light
// with words.
package status

//go:generate go run ../gen

import (
	"strconv"
	"strings"
	"time"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/client"
	"commdn/protocol/frame"
)

// The levels. Each has its own shape, so that nobody has to see colours.
const (
	good = "good" // requests reach OCS
	warn = "warn" // requests may not reach OCS, or not all of them
	stop = "stop" // no request reaches OCS now
)

// Status is the component.
type Status struct {
	env    ui.Env
	stop   func() // ends the watch
	detail string // the attribute
	wrong  string // its value if that is nonsense

	now    client.Status
	lost   bool      // no connection, whether the client dials or waits
	since  time.Time // begin of that, or else of the client's state
	failed error     // the last failure; outlives the next connection
	at     time.Time
	told   string // fingerprint of what the host page knows
}

// New makes the component; Close ends it.
func New(env ui.Env) *Status {
	c := &Status{env: env, detail: "words"}
	c.take(env.Session.Status())
	c.told = c.fingerprint()
	c.stop = env.Session.Watch(func(change session.Change) {
		if change.Kind == session.StatusChanged {
			env.Update(c.changed)
		}
	})
	return c
}

// Close ends the watch of the session.
func (c *Status) Close() { c.stop() }

// SetAttribute sets detail.
func (c *Status) SetAttribute(name, value string, present bool) {
	if name != "detail" {
		return
	}
	value = strings.TrimSpace(value)
	c.detail, c.wrong = "words", ""
	switch value {
	case "light", "full":
		c.detail = value
	case "words", "":
	default:
		c.wrong = value
	}
}

func (c *Status) take(s client.Status) {
	lost := s.State == client.Disconnected || s.State == client.Connecting && s.Err != nil
	if !lost || !c.lost {
		c.since = s.Since
	}
	c.now, c.lost = s, lost
	if s.Err != nil && (s.State == client.Disconnected || s.State == client.Failed) {
		c.failed, c.at = s.Err, s.Since
	}
}

// changed updates the light and reports to the host page.
func (c *Status) changed() {
	c.take(c.env.Session.Status())
	if now := c.fingerprint(); now != c.told {
		c.told = now
		c.env.Emit(c.event(), "commdn-status")
	}
}

// meaning returns the worst known level, and its word for the host page.
func (c *Status) meaning() (level, state string) {
	s := &c.now
	switch s.State {
	case client.Connecting:
		if c.lost { // dialing again is no improvement
			return stop, client.Disconnected.String()
		}
		return warn, s.State.String()
	case client.Connected:
		switch {
		case !s.Link.Up:
			return stop, "link-down"
		case s.Checking:
			return warn, "checking"
		case len(s.OCS) == 0:
			return warn, "no-ocs"
		}
		return good, s.State.String()
	}
	return stop, s.State.String()
}

// text puts it into words.
func (c *Status) text() string {
	_, state := c.meaning()
	l := c.env.Lang()
	switch state {
	case "link-down":
		return l.Text(lang.StatusLinkDown, "reason", c.now.Link.Reason)
	case "no-ocs":
		return l.Text(lang.StatusNoOcs)
	}
	return c.connection(l)
}

// connection describes the client's connection to its relay.
func (c *Status) connection(l *lang.Language) string {
	s := &c.now
	switch s.State {
	case client.Connected:
		if s.Checking {
			return l.Text(lang.StatusChecking)
		}
		return l.Text(lang.StatusConnected)
	case client.Disconnected:
		return l.Text(lang.StatusDisconnected)
	case client.Connecting:
		if c.lost {
			return l.Text(lang.StatusDisconnected)
		}
		return l.Text(lang.StatusConnecting)
	case client.Failed:
		return l.Text(lang.StatusFailed, "reason", message(s.Err))
	}
	return l.Text(lang.NoAnswerClosed)
}

// textClass hides the words visually if the attribute asks for the light alone.
func (c *Status) textClass() string {
	if c.detail == "light" {
		return "hidden"
	}
	return "text"
}

// lightClass is the class of the level.
func (c *Status) lightClass() string {
	level, _ := c.meaning()
	return "light " + level
}

// title gives the mouse the words that are hidden.
func (c *Status) title() any {
	if c.detail != "light" {
		return nil
	}
	return c.text()
}

// shape is the light: a circle, a triangle or a square.
func (c *Status) shape() string {
	switch level, _ := c.meaning(); level {
	case good:
		return "●"
	case warn:
		return "▲"
	}
	return "■"
}

// full reports whether the element shows everything.
func (c *Status) full() bool { return c.detail == "full" }

// detailsLabel labels the disclosure of the facts.
func (c *Status) detailsLabel() string { return c.env.Lang().Text(lang.StatusDetails) }

// hint says what is wrong with the attribute. Empty means nothing.
func (c *Status) hint() string {
	if c.wrong == "" {
		return ""
	}
	return c.env.Lang().Text(lang.StatusDetail, "value", ui.Short(c.wrong))
}

// Fact is one known thing.
type Fact struct{ Key, Name, Value string }

// facts returns all known things.
func (c *Status) facts() []Fact {
	l, s := c.env.Lang(), &c.now
	var facts []Fact
	add := func(name lang.Key, value string) {
		if value != "" {
			facts = append(facts, Fact{strconv.Itoa(len(facts)), l.Text(name), value})
		}
	}
	add(lang.StatusConnection, since(l, c.connection(l), c.since))
	add(lang.StatusRelay, s.Relay)
	add(lang.StatusSession, s.Session)
	if s.State == client.Connected { // else unknown
		text := l.Text(lang.StatusTserverUp)
		if !s.Link.Up {
			text = l.Text(lang.StatusLinkDown, "reason", s.Link.Reason)
		}
		add(lang.StatusTserver, since(l, text, unix(s.Link.Since)))
	}
	if s.Relay != "" { // as the relay reported
		ocs := make([]string, len(s.OCS))
		for i, id := range s.OCS {
			ocs[i] = strconv.Itoa(int(id))
		}
		if len(ocs) == 0 {
			ocs = append(ocs, l.Text(lang.CommonNone))
		}
		add(lang.StatusOcs, strings.Join(ocs, ", "))
		name := s.Identity.Name
		if name == "" {
			name = l.Text(lang.StatusNoSignIn)
		}
		add(lang.StatusUser, name)
	}
	roles := make([]string, len(s.Identity.Roles))
	for i, r := range s.Identity.Roles {
		roles[i] = role(l, r)
	}
	add(lang.StatusRoles, strings.Join(roles, ", "))
	if c.failed != nil {
		add(lang.StatusLastError, when(l, c.at)+" · "+c.failed.Error())
	}
	return facts
}

// since adds the time since when something holds, if it is known.
func since(l *lang.Language, text string, t time.Time) string {
	if t.IsZero() {
		return text
	}
	return l.Text(lang.StatusSince, "what", text, "time", when(l, t))
}

// when writes a time with its zone: whoever reads it to an administrator need not
// sit where the relay's log is written.
func when(l *lang.Language, t time.Time) string { return l.Moment(t) + " " + l.Zone() }

func unix(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// role names a role; an unknown one keeps its own name.
func role(l *lang.Language, r string) string {
	switch r {
	case frame.RoleAgent:
		return l.Text(lang.RoleAgent)
	case frame.RoleSupervisor:
		return l.Text(lang.RoleSupervisor)
	case frame.RoleAuditor:
		return l.Text(lang.RoleAuditor)
	}
	return r
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
