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
	case told.Texts != nil:
		return ui.SentAs(c.env.Lang(), told.Texts)
	case told.Refusal == "" && c.hasForms() && c.status.State != client.Connected:
		return c.text(lang.PersonAsGiven, "phone", ui.Isolate(c.asking.text[phone]))
	}
	return told.Refusal
}

// readText shows what is read of a number that is given as another text.
func (c *Person) readText(given string) string {
	read, problem := ui.ReadNumber(c.env.Lang(), given, false)
	if problem != "" || read == given {
		return ""
	}
	return ui.Isolate(given) + " → " + ui.Isolate(read)
}
