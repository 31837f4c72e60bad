package person

import (
	"errors"
	"strconv"

	"commdn/components/lang"
	"commdn/components/ui"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Fields are those in which the agent types what no attribute says.
func (c *Person) Fields() []int {
	if !c.typing() {
		return nil
	}
	var shown []int
	for i := range fields {
		if !c.has[i] && (i != campaign || c.kind.cancel) {
			shown = append(shown, i)
		}
	}
	return shown
}

// FormClass is the CSS class of what is filled in and clicked. With fields it is
// a grid, whose rows the loader's placeholder can foretell (web/commdn.js).
func (c *Person) FormClass() string {
	if c.typing() {
		return "fields"
	}
	return "row"
}

// FieldName is the name of a field: its attribute's.
func (c *Person) FieldName(field int) string { return fields[field].attribute }

// FieldLabel is what is written beside a field.
func (c *Person) FieldLabel(field int) string { return c.text(fields[field].label) }

// Typed is what a field holds.
func (c *Person) Typed(field int) string { return c.typed[field] }

// Invalid is the aria-invalid of a field.
func (c *Person) Invalid(field int) any {
	if _, wrong := c.problem(); wrong == field {
		return "true"
	}
	return nil
}

// Choosing says whether the agent chooses the scope.
func (c *Person) Choosing() bool { return c.choose }

// Scopes are the choices.
func (c *Person) Scopes() []string {
	return []string{string(commdn.AllChain), string(commdn.RecordOnly)}
}

// Scoped says whether a scope is the chosen one.
func (c *Person) Scoped(scope string) bool { return string(c.scope()) == scope }

// ScopeText names a scope. OCS takes AllChain where none is given.
func (c *Person) ScopeText(scope string) string {
	if scope == string(commdn.RecordOnly) {
		return c.text(lang.PersonRecordOnly)
	}
	return c.text(lang.PersonAllChain)
}

// ScopeLabel names the choice.
func (c *Person) ScopeLabel() string { return c.text(lang.PersonScope) }

func (c *Person) text(key lang.Key, args ...string) string { return c.env.Lang().Text(key, args...) }

func (c *Person) who(s subject) string {
	return ui.Who(c.env.Lang(), s.text[phone], s.text[customer])
}

// Label is the text of the button. Whom it concerns is not in it while the
// agent types that beside it.
func (c *Person) Label() string {
	if c.listed() {
		return c.text(c.kind.done)
	}
	text := c.label
	if text == "" {
		text = c.text(c.kind.label)
	}
	if problem, _ := c.problem(); problem == "" && !c.typing() {
		text += " " + c.who(c.wanted())
	}
	return text
}

func (c *Person) listed() bool {
	a := c.current()
	return a != nil && a.Settled()
}

// ButtonClass is the CSS class of the button. Of two that stand side by side the
// one that lasts is the filled one.
func (c *Person) ButtonClass() string {
	switch {
	case c.listed():
		return "main listed"
	case c.kind.cancel:
		return "main outline"
	}
	return "main danger"
}

// Disabled says whether the button cannot be used at all.
func (c *Person) Disabled() bool {
	problem, _ := c.problem()
	return problem != "" || c.blocked()
}

// Busy is the aria-disabled of the button.
func (c *Person) Busy() string { return strconv.FormatBool(c.busy()) }

// Focus is the autofocus attribute of a field, or of the button: a new value
// moves the focus there, nil leaves it where it is.
func (c *Person) Focus(field int) any {
	if c.focusOn != field {
		return nil
	}
	return strconv.Itoa(c.focused)
}

// FocusMain is Focus of the button.
func (c *Person) FocusMain() any { return c.Focus(nowhere) }

// problem says why nothing can be sent about what is wanted, and which field is
// to blame: nowhere where it is none, nobody where none has been filled in.
func (c *Person) problem() (text string, field int) {
	if _, ok := dbid(c.target); !ok {
		return c.text(lang.PersonTarget, "value", short(c.target)), nowhere
	}
	now := c.wanted()
	err := c.kind.request(now).Validate()
	if err == nil {
		return "", nowhere
	}
	wrong, _ := errors.AsType[*commdn.FieldError](err)
	for i, f := range fields {
		if wrong == nil || f.key != wrong.Key {
			continue
		}
		value := now.text[i]
		switch {
		case value == "" && now.text[customer] == "":
			return c.text(lang.FieldNoOne), nobody
		case value == "":
			return c.text(lang.FieldPhoneMissing), nowhere
		case len(value) > f.limit:
			l := c.env.Lang()
			text = l.Text(lang.FieldTooLong, "n", l.Number(f.limit), "have", l.Number(len(value)))
		default:
			text = c.text(lang.FieldNotText)
		}
		return c.text(lang.PersonField, "field", c.text(f.label), "problem", text), i
	}
	return c.text(lang.FieldChain, "value", short(string(now.chain))), nowhere
}

// short cuts a value of the host page that is only shown to say it is wrong.
func short(s string) string {
	const most = 40
	runes := 0
	for i := range s {
		if runes++; runes > most {
			return s[:i] + "…"
		}
	}
	return s
}

// Hint says why the button cannot be used or what stands in its way.
func (c *Person) Hint() string {
	problem, field := c.problem()
	s := &c.status
	switch {
	case c.disabled:
		return ""
	case s.State == client.Failed:
		reason := ""
		if s.Err != nil {
			reason = s.Err.Error()
		}
		return c.text(lang.StatusFailed, "reason", reason)
	case s.State == client.Closed:
		return c.text(lang.NoAnswerClosed)
	case !c.env.Session.May(frame.RoleAgent):
		return c.text(lang.Refusal7)
	case problem != "":
		if field == nobody && c.typing() {
			return "" // the empty field says it
		}
		return problem
	case s.State == client.Disconnected, s.State == client.Connecting && s.Err != nil: // between attempts and during one: nothing jumps
		return c.text(lang.StatusWillSend)
	case s.State == client.Connected && !s.Link.Up:
		return c.text(lang.StatusLinkDown, "reason", s.Link.Reason)
	}
	return ""
}

// Asking says whether the confirmation is open.
func (c *Person) Asking() bool { return c.asking != nil }

// Question asks about whom the confirmation is.
func (c *Person) Question() string { return c.text(c.kind.question, "who", c.who(*c.asking)) }

// Details shows the rest of what will be sent: scope, campaign, OCS.
func (c *Person) Details() string {
	text := c.ScopeText(string(c.asking.chain))
	if c.kind.cancel {
		if name := c.asking.text[campaign]; name != "" {
			text += " · " + c.text(lang.PersonOneCampaign, "campaign", name)
		} else {
			text += " · " + c.text(lang.PersonEveryCampaign)
		}
	}
	return text + " · " + c.ocs(c.asking.target)
}

// ocs names the OCS that are asked.
func (c *Person) ocs(target commdn.DBID) string {
	known := c.status.OCS
	switch {
	case target != 0:
		known = []commdn.DBID{target}
	case len(known) == 0:
		return c.text(lang.PersonEveryOcs)
	}
	list := ""
	for _, id := range known {
		if list != "" {
			list += ", "
		}
		list += strconv.Itoa(int(id))
	}
	if len(known) == 1 {
		return c.text(lang.PersonOneOcs, "dbid", list)
	}
	return c.text(lang.PersonEveryOcsOf, "list", list)
}

// Yes and No are the words of the confirmation's buttons.
func (c *Person) Yes() string { return c.text(c.kind.yes) }

// No is the word of the other button.
func (c *Person) No() string { return c.text(c.kind.no) }

// Retry and Dismiss are the words of a line's buttons.
func (c *Person) Retry() string { return c.text(lang.CommonRetry) }

// Dismiss is the name of the other button.
func (c *Person) Dismiss() string { return c.text(lang.CommonDismiss) }

// Changed says that the host page has gone on to somebody else while the
// confirmation was open; empty while it has not.
func (c *Person) Changed() string {
	if c.asking == nil || *c.asking == c.wanted() {
		return ""
	}
	return c.text(lang.PersonChanged, "who", c.who(*c.asking))
}

// Announcement is what a screen reader is told.
func (c *Person) Announcement() string {
	if changed := c.Changed(); changed != "" {
		return changed
	}
	if c.news == nil {
		return c.Hint()
	}
	text := c.Text(c.news)
	for _, answer := range c.Answers(c.news) {
		text += " " + answer
	}
	return text
}
