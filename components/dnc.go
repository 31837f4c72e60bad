package components

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/vugu/vugu"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
)

// keptAttempts is how many requests one element shows.
const keptAttempts = 5

// Dnc is <commdn-dnc>: a button that puts the caller's number on the Do Not
// Call list. What it sends is frozen when the agent opens the confirmation (or
// clicks, where there is none): the host page may go to the next call at any
// time.
type Dnc struct {
	env  Env
	stop func() // ends the watch of the client

	given    commdn.DoNotCall // as the attributes say now
	label    string
	disabled bool
	confirm  bool

	asking   *commdn.DoNotCall // the confirmation is open for this
	Attempts []*Attempt        // newest first
	made     int
	status   client.Status
	focused  int // counts the times that the button was given the focus
}

// DncAttributes are the attributes that Dnc observes.
var DncAttributes = []string{"phone", "customer-id", "chain", "label", "disabled", "confirm"}

// NewDnc makes the component; Close ends it.
func NewDnc(env Env) *Dnc {
	c := &Dnc{env: env, confirm: true, status: env.Client.Status()}
	c.stop = env.Client.Watch(func(s client.Status) {
		env.Update(func() { c.statusChanged(s) })
	})
	return c
}

// Close lets go of the client. A request under way goes on.
func (c *Dnc) Close() { c.stop() }

// SetAttribute takes in an attribute of the element; present is false when it
// was removed. Blanks around a value, as templates leave them, are dropped.
func (c *Dnc) SetAttribute(name, value string, present bool) {
	before := c.given
	switch name {
	case "phone":
		c.given.Phone = strings.TrimSpace(value)
	case "customer-id":
		c.given.CustomerID = strings.TrimSpace(value)
	case "chain":
		c.given.Chain = commdn.Chain(strings.TrimSpace(value))
	case "label":
		c.label = value
	case "disabled":
		c.disabled = present
	case "confirm":
		c.confirm = value != "off" && value != "false" && value != "no"
	}
	if c.given != before {
		// Another call: what went well for the last one is of no interest now.
		c.Attempts = slices.DeleteFunc(c.Attempts, func(a *Attempt) bool {
			return a.Outcome == Done && a.Req != c.given
		})
	}
}

func (c *Dnc) statusChanged(s client.Status) {
	c.status = s
	for _, a := range c.Attempts {
		if a.UnderWay() {
			c.setOutcome(a, c.underWay())
		}
	}
}

// underWay is the outcome of a request that has none yet.
func (c *Dnc) underWay() Outcome {
	if c.status.State == client.Connected {
		return Sending
	}
	return Waiting
}

func (c *Dnc) setOutcome(a *Attempt, o Outcome) {
	if a.Outcome != o {
		a.Outcome, a.At = o, c.env.Now()
		c.env.Emit("commdn-state", a.detail())
	}
}

// Label is the text of the button.
func (c *Dnc) Label() string {
	if c.onList() {
		return "On the Do Not Call list"
	}
	text := c.label
	if text == "" {
		text = "Do not call"
	}
	if w := who(c.given); w != "" {
		return text + " " + w
	}
	return text
}

// Disabled says whether the button cannot be used at all.
func (c *Dnc) Disabled() bool { return c.disabled || c.given.Validate() != nil }

// Busy says, as aria-disabled does, whether a click would change nothing: the
// confirmation is open, or this very request is under way or done.
func (c *Dnc) Busy() string {
	if c.asking != nil || c.current() != nil {
		return "true"
	}
	return "false"
}

// current is the attempt for what the attributes say now, unless it failed.
func (c *Dnc) current() *Attempt {
	for _, a := range c.Attempts {
		if a.Req == c.given && (a.UnderWay() || a.Outcome == Done) {
			return a
		}
	}
	return nil
}

func (c *Dnc) onList() bool {
	a := c.current()
	return a != nil && a.Outcome == Done
}

// ButtonClass is the CSS class of the button.
func (c *Dnc) ButtonClass() string {
	if c.onList() {
		return "main listed"
	}
	return "main"
}

// Hint says why the button cannot be used or what stands in its way.
func (c *Dnc) Hint() string {
	if err := c.given.Validate(); err != nil {
		if c.given.Phone == "" && c.given.CustomerID == "" {
			return "No number"
		}
		return err.Error()
	}
	switch {
	case c.status.State == client.Failed:
		return "Out of order: " + c.status.Err.Error() + ". Reload the page."
	case c.status.State == client.Disconnected:
		return "Not connected; a request will be sent when the connection is back"
	case c.status.State == client.Connected && !c.status.Link.Up:
		return "T-Server cannot be reached: " + c.status.Link.Reason
	}
	return ""
}

// HandleClick opens the confirmation, or sends where none is wanted.
func (c *Dnc) HandleClick(event vugu.DOMEvent) {
	if c.Disabled() || c.Busy() == "true" {
		return
	}
	req := c.given
	if !c.confirm {
		c.send(req)
		return
	}
	c.asking = &req
	c.env.Emit("commdn-state", map[string]any{
		"state": "confirming", "phone": req.Phone, "customerId": req.CustomerID, "chain": string(req.Chain),
	})
}

// Asking says whether the confirmation is open.
func (c *Dnc) Asking() bool { return c.asking != nil }

// Question shows exactly what will be sent.
func (c *Dnc) Question() string {
	q := "Put " + who(*c.asking) + " on the Do Not Call list"
	if c.asking.Chain == commdn.RecordOnly {
		return q + ", this record only?"
	}
	return q + "?"
}

// Changed says whether the host page has gone on to somebody else while the
// confirmation was open.
func (c *Dnc) Changed() bool { return *c.asking != c.given }

// HandleYes sends what the confirmation shows. The second click of a double
// click on the button does not count: it was not meant for this one.
func (c *Dnc) HandleYes(event vugu.DOMEvent) {
	if c.asking == nil || event.PropFloat64("detail") > 1 {
		return
	}
	req := *c.asking
	c.asking = nil
	c.focused++
	c.send(req)
}

// HandleNo closes the confirmation.
func (c *Dnc) HandleNo(event vugu.DOMEvent) {
	if c.asking == nil || event.PropFloat64("detail") > 1 {
		return
	}
	c.cancel()
}

// HandleKey closes the confirmation on Escape.
func (c *Dnc) HandleKey(event vugu.DOMEvent) {
	if c.asking != nil && event.PropString("key") == "Escape" {
		event.StopPropagation() // a dialog of the host around us stays open
		c.cancel()
	}
}

func (c *Dnc) cancel() {
	req := *c.asking
	c.asking = nil
	c.focused++
	c.env.Emit("commdn-state", map[string]any{
		"state": "idle", "phone": req.Phone, "customerId": req.CustomerID, "chain": string(req.Chain),
	})
}

// HandleRetry sends a failed request again.
func (c *Dnc) HandleRetry(a *Attempt) {
	if a.CanRetry() {
		c.dismiss(a)
		c.send(a.Req)
	}
}

// HandleDismiss takes a failed request off the page.
func (c *Dnc) HandleDismiss(a *Attempt) {
	if a.CanRetry() {
		c.dismiss(a)
	}
}

// dismiss takes the line away, and with it the button that had the focus.
func (c *Dnc) dismiss(a *Attempt) {
	c.focused++
	c.Attempts = slices.DeleteFunc(c.Attempts, func(b *Attempt) bool { return a == b })
}

func (c *Dnc) send(req commdn.DoNotCall) {
	c.made++
	a := &Attempt{Key: attemptKey(c.made), Req: req}
	c.Attempts = slices.Insert(c.Attempts, 0, a)
	c.forget()
	c.setOutcome(a, c.underWay())
	go func() {
		answers, err := c.env.Client.DoNotCall(context.Background(), req)
		c.env.Update(func() {
			a.settle(answers, err, c.env.Now())
			c.env.Emit("commdn-state", a.detail())
			c.env.Emit("commdn-result", a.detail())
		})
	}()
}

// forget drops the oldest settled attempts beyond those that are shown; one
// that is under way is never dropped.
func (c *Dnc) forget() {
	for i := len(c.Attempts) - 1; i > 0 && len(c.Attempts) > keptAttempts; i-- {
		if !c.Attempts[i].UnderWay() {
			c.Attempts = slices.Delete(c.Attempts, i, i+1)
		}
	}
}

// Announcement is what a screen reader is told.
func (c *Dnc) Announcement() string {
	switch {
	case c.asking != nil && c.Changed():
		return "The call has changed. This still concerns " + who(*c.asking)
	case len(c.Attempts) > 0:
		return c.Attempts[0].Text()
	}
	return c.Hint()
}

// FocusMain is the autofocus attribute of the button: a new value gives it the
// focus, nil leaves the focus where it is.
func (c *Dnc) FocusMain() any {
	if c.focused == 0 {
		return nil
	}
	return strconv.Itoa(c.focused)
}
