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

// fields returns the fields in which the agent types what no attribute gives.
func (c *Person) fields() []int {
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

// formClass is the CSS class of the fields and the button. With fields it is a grid,
// whose rows the loader's placeholder can predict (web/commdn.js).
func (c *Person) formClass() string {
	if c.typing() {
		return "fields"
	}
	return "row"
}

// fieldName is the name of a field: that of its attribute.
func (c *Person) fieldName(field int) string { return fields[field].attribute }

// fieldLabel is the label beside a field.
func (c *Person) fieldLabel(field int) string { return c.text(fields[field].label) }

// fieldType and fieldDir are the type and dir attributes of a field: a number has digits
// from left to right on every page, and a name the direction of its letters.
func (c *Person) fieldType(field int) string {
	if field == phone {
		return "tel"
	}
	return "text"
}

// fieldDir is the other one.
func (c *Person) fieldDir(field int) string {
	if field == phone {
		return "ltr"
	}
	return "auto"
}

// typedText is what a field holds.
func (c *Person) typedText(field int) string { return c.typed[field] }

// invalid is the aria-invalid of a field.
func (c *Person) invalid(field int) any {
	if _, wrong := c.problem(); wrong == field {
		return "true"
	}
	return nil
}

// choosing reports whether the agent chooses the scope.
func (c *Person) choosing() bool { return c.choose }

// scopes are the choices.
func (c *Person) scopes() []string {
	return []string{string(commdn.AllChain), string(commdn.RecordOnly)}
}

// scoped reports whether a scope is the chosen one.
func (c *Person) scoped(scope string) bool { return string(c.scope()) == scope }

// scopeText names a scope. OCS takes AllChain if a request has none.
func (c *Person) scopeText(scope string) string {
	if scope == string(commdn.RecordOnly) {
		return c.text(lang.PersonRecordOnly)
	}
	return c.text(lang.PersonAllChain)
}

// scopeLabel names the choice.
func (c *Person) scopeLabel() string { return c.text(lang.PersonScope) }

func (c *Person) text(key lang.Key, args ...string) string { return c.env.Lang().Text(key, args...) }

func (c *Person) who(s subject) string {
	return ui.Who(c.env.Lang(), s.text[phone], s.text[customer])
}

// buttonText is the text of the button. It does not name a person that the agent types
// beside it.
func (c *Person) buttonText() string {
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

// buttonClass is the CSS class of the button. Of two buttons side by side, the one with
// the lasting effect is filled.
func (c *Person) buttonClass() string {
	switch {
	case c.listed():
		return "main listed"
	case c.kind.cancel:
		return "main outline"
	}
	return "main danger"
}

// buttonOff reports whether the button is disabled.
func (c *Person) buttonOff() bool {
	problem, _ := c.problem()
	return problem != "" || c.blocked()
}

// ariaBusy is the aria-disabled of the button, for one that is not disabled anyway.
func (c *Person) ariaBusy() any {
	if c.busy() && !c.buttonOff() {
		return "true"
	}
	return nil
}

// focus is the autofocus attribute of a field, or of the button: a new value moves the
// focus there, nil leaves it where it is.
func (c *Person) focus(field int) any {
	if c.focusOn != field {
		return nil
	}
	return strconv.Itoa(c.focused)
}

// focusMain is focus of the button.
func (c *Person) focusMain() any { return c.focus(nowhere) }

// problem says why the wanted request cannot be sent, and in which field: nowhere if in
// none, nobody if no field is filled in.
func (c *Person) problem() (text string, field int) {
	if _, ok := dbid(c.target); !ok {
		return c.text(lang.PersonTarget, "value", ui.Short(c.target)), nowhere
	}
	now := c.wanted()
	if _, problem := ui.ReadNumber(c.env.Lang(), now.text[phone], c.status.Vanity); problem != "" {
		return c.text(lang.PersonField, "field", c.text(lang.PersonPhone), "problem", problem), phone
	}
	req := c.kind.request(now)
	err := req.Validate()
	if cancel, ok := req.(*commdn.CancelRecord); ok && err == nil && !c.status.CancelByCustomer {
		err = cancel.NeedPhone()
	}
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
	return c.text(lang.FieldChain, "value", ui.Short(string(now.chain))), nowhere
}

// hint says why the button is disabled or what stands in its way.
func (c *Person) hint() string {
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
	case c.asking == nil && (c.typing() || !c.confirm): // else the confirmation says it
		return c.readText(c.wanted().text[phone])
	}
	return ""
}

// isAsking reports whether the confirmation is open.
func (c *Person) isAsking() bool { return c.asking != nil }

// question asks about the person of the confirmation.
func (c *Person) question() string { return c.text(c.kind.question, "who", c.who(*c.asking)) }

// details shows the rest of the request: scope, campaign, OCS, and what was read of a
// number that was given otherwise.
func (c *Person) details() string {
	text := c.scopeText(string(c.asking.chain))
	if c.kind.cancel {
		if name := c.asking.text[campaign]; name != "" {
			text += " · " + c.text(lang.PersonOneCampaign, "campaign", ui.Isolate(name))
		} else {
			text += " · " + c.text(lang.PersonEveryCampaign)
		}
	}
	text += " · " + c.ocs(c.asking.target)
	if read := c.readText(c.asking.text[phone]); read != "" {
		text += " · " + read
	}
	return text
}

// ocs names the OCS that the request goes to.
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

// yes and no are the texts of the confirmation's buttons.
func (c *Person) yes() string { return c.text(c.kind.yes) }

// no is the text of the other button.
func (c *Person) no() string { return c.text(lang.CommonBack) }

// retry and dismiss are the texts of a line's buttons.
func (c *Person) retry() string { return c.text(lang.CommonRetry) }

// dismiss is the text of the other button.
func (c *Person) dismiss() string { return c.text(lang.CommonDismiss) }

// changed says that the host page has moved on to somebody else while the confirmation
// was open.
func (c *Person) changed() string {
	if c.asking == nil || c.shown.same(c.wanted()) {
		return ""
	}
	return c.text(lang.PersonChanged, "who", c.who(*c.asking))
}

// announcement is the text for screen readers.
func (c *Person) announcement() string {
	if changed := c.changed(); changed != "" {
		return changed
	}
	if c.asking != nil && c.formsText() != "" {
		return c.formsText()
	}
	if c.news == nil {
		return c.hint()
	}
	text := c.lineText(c.news)
	for _, answer := range c.answers(c.news) {
		text += " " + answer
	}
	return text
}
