package person

import (
	"commdn/components/lang"
	"commdn/components/ui"
	"commdn/protocol/client"
	"commdn/protocol/frame"
)

// forms are the texts in which the number of the open confirmation is sent: the calling
// lists hold it in them. The relay knows them.
type forms struct {
	stop func() // gives the question up; nil: nothing is asked
	told frame.Forms
	read string // of the number, where what was given is another text
}

// end forgets them.
func (f *forms) end() {
	if f.stop != nil {
		f.stop()
	}
	*f = forms{}
}

// askForms asks the relay for the forms of the number in the confirmation that has just
// opened. The confirmation does not wait for them, and neither does the click that sends.
func (c *Person) askForms(who subject) {
	c.forms.end()
	if who.text[phone] == "" {
		return
	}
	c.forms.read = c.readText()
	asking := c.asking
	c.forms.stop = c.env.Session.Preview(c.kind.request(who), func(told frame.Forms) {
		c.env.UpdateIf(func() bool {
			if c.asking != asking {
				return false
			}
			c.forms.told = told
			return true
		})
	})
}

// hasForms reports whether the confirmation has a line for the forms. It is there before
// they are, so that the buttons do not move.
func (c *Person) hasForms() bool { return c.forms.stop != nil }

// formsText tells in which forms the number is sent, or why it will not be; empty until
// that is known.
func (c *Person) formsText() string {
	told := &c.forms.told
	switch {
	case !c.hasForms():
		return ""
	case told.Refusal != nil:
		return ui.Why(c.env.Lang(), told.Refusal).String()
	case told.Texts == nil && c.status.State != client.Connected:
		return c.text(lang.PersonFormsLater)
	case told.Texts == nil:
		return ""
	}
	text, rest := ui.Isolate(told.Texts[0]), ""
	for _, other := range told.Texts[1:] {
		if rest != "" {
			rest += ", "
		}
		rest += ui.Isolate(other)
	}
	if rest != "" {
		text = c.text(lang.PersonAlso, "phone", text, "forms", rest)
	}
	return c.text(lang.PersonSentAs, "forms", text)
}

// readText says what is read of the given number where that is another text.
func (c *Person) readText() string {
	given := c.givenText(phone)
	if text := c.wanted().text[phone]; text != given {
		return c.text(lang.PersonRead, "phone", ui.Isolate(text))
	}
	return ""
}
