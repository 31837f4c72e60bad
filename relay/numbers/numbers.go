// Package numbers holds the rules of a site: in which forms its calling lists
// hold phone numbers. Outbound Contact Server compares numbers as text, so a
// request has to name a number in each form.
//
// What countries dial is Google's metadata (github.com/nyaruka/phonenumbers),
// which only the relay and the command line link.
package numbers

import (
	"strings"

	"commdn/protocol/number"
)

// The forms of Rules.Send that have a name.
const (
	Digits   = "digits"   // the digits, with the plus if there was one
	AsGiven  = "as-given" // the text, with its separators: number.Number.Text
	National = "national" // as it is dialled in the region, with the trunk prefix where there is one
	E164     = "e164"     // +, country code, number
)

// What Rules.Extension may be.
const (
	Drop   = "drop"   // the number is sent without the extension
	Refuse = "refuse" // a number with an extension is refused
)

// Rules say how the calling lists of a site hold numbers. The zero value sends
// the digits.
type Rules struct {
	// Region is the country of numbers without a country code: ES.
	Region string
	// Send are the forms, each a name of those above or a template like
	// 00{country}{national}; see Placeholders. Empty: Digits.
	Send []string
	// Vanity takes letters for the digits of their keys: 1-800-FLOWERS.
	Vanity bool
	// Extension is Drop, Refuse, or empty for Drop. A template with {extension}
	// is for numbers that have one.
	Extension string
}

// Form is a number as it is sent.
type Form struct {
	Rule string // the first of Rules.Send that gives Text
	Text string
}

// Site are rules that were found right. It may be used by several goroutines.
type Site struct {
	region  string
	country int // calling code of region; 0: none
	forms   []form
	vanity  bool
	refuse  bool // numbers with an extension
}

// Read reads a number by the rules. The error is a *number.Error.
func (s *Site) Read(text string) (number.Number, error) {
	if s.vanity {
		return readVanity(text)
	}
	return number.Read(text)
}

// Forms gives what is sent for a number, in the order of Send and each text
// once. A form that does not fit the number is left out: a number of another
// country has no national form, as that could be the number of somebody else.
// The error is a *FormError: no form fits, or the number has an extension and
// must not.
func (s *Site) Forms(n number.Number) ([]Form, error) {
	if err := s.extension(n); err != nil {
		return nil, err
	}
	made, p := s.outcomes(n)
	return s.sent(made, p)
}

// sent gives what is sent of all outcomes.
func (s *Site) sent(made []Outcome, p *parsed) (forms []Form, err error) {
	for _, o := range made {
		if o.Text != "" && o.Same == "" {
			forms = append(forms, Form{o.Rule, o.Text})
		}
	}
	if forms == nil {
		p = s.parsed(p)
		return nil, &FormError{noForm(made), p.phone != nil && s.country != 0 && !s.home(p)}
	}
	return forms, nil
}

func (s *Site) extension(n number.Number) error {
	if s.refuse && n.Extension != "" {
		return &FormError{What: "has the extension " + n.Extension + ", which these rules refuse; give the number without it"}
	}
	return nil
}

// FormError says why nothing can be sent for a number.
type FormError struct {
	What string
	// Foreign says that it is a number of another country, and that the rules are for
	// numbers of one country: the lists hold no record of it.
	Foreign bool
}

// Error gives what is wrong and what to do, to stand behind the name of a field.
func (e *FormError) Error() string { return e.What }

// noForm says why, naming each reason once.
func noForm(made []Outcome) string {
	var rules, whys []string
	for _, o := range made {
		if i := len(whys) - 1; i >= 0 && whys[i] == o.Why {
			rules[i] += ", " + o.Rule
			continue
		}
		rules, whys = append(rules, o.Rule), append(whys, o.Why)
	}
	for i := range whys {
		whys[i] = rules[i] + ": " + whys[i]
	}
	return "has none of the forms that the rules send (" + strings.Join(whys, "; ") + "); check the number, or have digits added to the rules"
}
