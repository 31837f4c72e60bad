// Package person is the component of <commdn-dnc> and <commdn-cancel>: a button that asks
// OCS to act on one person, the caller that the host page names or one that the agent
// types.
package person

import (
	"strconv"
	"strings"
	"time"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

//go:generate go run ../gen

// fields name a person and what to do about them. Each is an attribute, and a labelled
// field if the agent types. Only a cancellation has the last one.
var fields = [...]struct {
	attribute, key string // key is the vendor's
	label          lang.Key
	limit          int // bytes
}{
	{"phone", commdn.KeyPhone, lang.PersonPhone, commdn.MaxPhone},
	{"customer-id", commdn.KeyCustomerID, lang.PersonCustomer, commdn.MaxCustomerID},
	{"campaign", commdn.KeyCampaignName, lang.PersonCampaign, commdn.MaxCampaignName},
}

// Indexes of fields.
const (
	phone = iota
	customer
	campaign
	nowhere = -1 // no field: the button
	nobody  = -2
	undoing = -3 // the button that takes the request of Person.undo back
)

// subject is all that differs between two requests of one element.
type subject struct {
	text   [len(fields)]string
	chain  commdn.Chain
	target commdn.DBID
}

// kind is what differs between the elements.
type kind struct {
	cancel                     bool
	label, done, question, yes lang.Key
}

var (
	dncKind    = kind{false, lang.PersonDnc, lang.PersonDncDone, lang.PersonDncQuestion, lang.PersonDncYes}
	cancelKind = kind{true, lang.PersonCancel, lang.PersonCancelDone, lang.PersonCancelQuestion, lang.PersonCancelYes}
)

// request builds the request about s.
func (k *kind) request(s subject) commdn.Request {
	to := commdn.Address{Target: s.target}
	if k.cancel {
		return &commdn.CancelRecord{Address: to, Phone: s.text[phone], CustomerID: s.text[customer], Campaign: s.text[campaign], Chain: s.chain}
	}
	return &commdn.DoNotCall{Address: to, Phone: s.text[phone], CustomerID: s.text[customer], Chain: s.chain}
}

// Default and maximum of the attribute history: the number of shown requests.
const (
	usualHistory = 5
	mostHistory  = 50
)

// mostUndo is the longest window, in seconds, that the attribute undo can ask for.
const mostUndo = 60

// Person is the component. It freezes what it sends when the agent opens the
// confirmation, or clicks if there is none: the host page may go to the next call at any
// time.
type Person struct {
	env    ui.Env
	kind   *kind
	stop   func() // ends the watch of the session
	status client.Status

	has           [len(fields)]bool   // the attribute is present
	given, typed  [len(fields)]string // typed counts if no attribute names the person
	chain, target string              // attributes
	choose        bool
	chosen        commdn.Chain // empty until the agent has chosen
	label         string
	confirm       bool
	disabled      bool
	history       int
	window        time.Duration // for Undo

	asking  *subject // what the open confirmation is about
	shown   subject  // what the element showed when it opened
	again   *line    // the failed request that it repeats, or nil
	forms   forms    // in which its number is sent
	from    int      // the field in which Enter opened it, or nowhere
	press   ui.Press
	room    ui.Room
	lines   []*line // newest first
	open    bool    // those about other callers are shown
	news    *line   // the one that changed last, while that is of interest
	focusOn int     // the field that gets the focus; nowhere: the button; nobody: none does
	focused int     // counts moves of the focus

	undoLine    *line // the last request that can, or could, be undone
	undoFocused bool  // its button has the focus

	unanswered ui.Unanswered
}

// NewDnc makes the component of <commdn-dnc>.
func NewDnc(env ui.Env) *Person { return newPerson(env, &dncKind) }

// NewCancel makes the component of <commdn-cancel>.
func NewCancel(env ui.Env) *Person { return newPerson(env, &cancelKind) }

func newPerson(env ui.Env, k *kind) *Person {
	c := &Person{env: env, kind: k, confirm: true, history: usualHistory, focusOn: nobody}
	c.stop = env.Session.Watch(func(ch session.Change) {
		switch ch.Kind {
		case session.StatusChanged:
			env.Update(func() { c.status = env.Session.Status() })
		case session.EntryChanged:
			env.UpdateIf(func() bool { return c.entryChanged(ch.Entry) })
		case session.EntryGone:
			env.UpdateIf(func() bool {
				for _, a := range c.lines {
					if a.entry.ID == ch.Entry.ID {
						c.remove(a)
						return true
					}
				}
				return false
			})
		}
	})
	c.status = env.Session.Status()
	return c
}

// Close implements ui.Component.
func (c *Person) Close() {
	c.forms.end()
	c.lines = nil // nothing counts any more
	c.stop()
}

// SetAttribute implements ui.Component. It drops blanks around a value, as templates
// leave them.
func (c *Person) SetAttribute(name, value string, present bool) {
	before := c.wanted()
	trimmed := strings.TrimSpace(value)
	switch name {
	case "chain":
		if c.chain != trimmed {
			c.chain, c.chosen = trimmed, ""
		}
	case "choose-chain":
		c.choose = present
	case "target":
		c.target = trimmed
	case "label":
		c.label = trimmed
	case "confirm":
		c.confirm = trimmed != "off" && trimmed != "false" && trimmed != "no"
	case "history":
		n, err := strconv.Atoi(trimmed)
		if err != nil || n < 0 {
			n = usualHistory
		}
		c.history = min(n, mostHistory)
		c.forget()
	case "undo":
		n, _ := strconv.Atoi(trimmed)
		c.window = time.Duration(min(max(n, 0), mostUndo)) * time.Second
	case "disabled":
		c.disabled = present
		if present && c.asking != nil {
			c.close()
		}
	default:
		for i, f := range fields {
			if f.attribute == name {
				c.has[i], c.given[i] = present, trimmed
			}
		}
	}
	c.focusOn = nobody // a field that comes back does not take the focus
	if c.wanted() != before {
		c.chosen = "" // the choice was for the call before
		c.moved(before)
		c.adoptAll()
	}
}

// typing reports whether the agent types the person.
func (c *Person) typing() bool {
	return !c.has[phone] && (c.kind.cancel || !c.has[customer])
}

// wanted is what a click would send now.
func (c *Person) wanted() subject {
	s := subject{text: c.given, chain: commdn.Chain(c.chain)}
	if c.typing() {
		for i := range fields {
			if !c.has[i] {
				s.text[i] = strings.TrimSpace(c.typed[i])
			}
		}
	}
	if !c.kind.cancel {
		s.text[campaign] = ""
	}
	if c.choose {
		s.chain = c.scope()
	}
	if n, ok := dbid(c.target); ok {
		s.target = n
	}
	return s
}

// scope is the choice that the agent sees.
func (c *Person) scope() commdn.Chain {
	switch {
	case c.chosen != "":
		return c.chosen
	case c.chain != "":
		return commdn.Chain(c.chain)
	}
	return commdn.AllChain
}

// dbid reads the attribute target; empty is 0.
func dbid(s string) (commdn.DBID, bool) {
	if s == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(s, 10, 32)
	return commdn.DBID(n), err == nil && n >= 0
}

// handleInput takes typed text and closes an open confirmation, which asked about the old text.
func (c *Person) handleInput(field int, event vugu.DOMEvent) {
	c.edit(func() { c.typed[field] = event.PropString("target", "value") })
}

// handleScope takes the agent's choice.
func (c *Person) handleScope(chain string) { c.edit(func() { c.chosen = commdn.Chain(chain) }) }

func (c *Person) edit(f func()) {
	before := c.wanted()
	f()
	if c.wanted() != before {
		if c.asking != nil {
			c.close()
		}
		c.moved(before)
	}
}

func (c *Person) emitSubject(state string, who subject) {
	req := c.kind.request(who)
	d := map[string]any{"state": state, "request": req.Type().String()}
	ui.RequestDetail(d, req)
	c.env.Emit(d, "commdn-state")
}

// giveFocus moves the focus to a field, or to the button if the field is gone.
func (c *Person) giveFocus(field int) {
	if field >= 0 && (!c.typing() || c.has[field]) {
		field = nowhere
	}
	c.focusOn = field
	c.focused++
}

// blocked reports whether the element can send nothing at all.
func (c *Person) blocked() bool {
	return c.disabled || c.status.State == client.Failed || c.status.State == client.Closed || !c.env.Session.May(frame.RoleAgent)
}
