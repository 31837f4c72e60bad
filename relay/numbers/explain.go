package numbers

import (
	pn "github.com/nyaruka/phonenumbers"

	"commdn/protocol/number"
)

// Outcome is what one of Rules.Send makes of a number: a text, or why none.
type Outcome struct {
	Rule string
	Text string
	Same string // the rule before that gave this Text already
	Why  string
}

// outcomes gives one for each form, in the order of Send, and the number as far as a
// form needed it parsed.
func (s *Site) outcomes(n number.Number) (made []Outcome, p *parsed) {
	made = make([]Outcome, 0, len(s.forms))
	p = &parsed{Number: n}
	for _, f := range s.forms {
		if f.needs {
			p = s.parsed(p)
		}
		o := Outcome{Rule: f.rule}
		if f.needs && p.phone == nil {
			o.Why = p.why
		} else {
			o.Text, o.Why = f.make(p)
		}
		for _, before := range made {
			if o.Text != "" && before.Text == o.Text && before.Same == "" {
				o.Same = before.Rule
			}
		}
		made = append(made, o)
	}
	return made, p
}

// Explanation is all that rules say about a text.
type Explanation struct {
	Number number.Number
	// Err is why nothing is sent: a *number.Error, which leaves the rest empty, or
	// a *FormError.
	Err error
	// Region is the country of the number, as ES, and Country its calling code. They
	// are empty and 0 where they are not known. Valid says that the metadata has
	// numbers like this one; a new range may not be in it yet, and Forms does not
	// ask for it. Line is what kind of line it is, as "mobile", or empty.
	Region  string
	Country int
	Valid   bool
	Line    string
	// Why there is no country.
	Why string
	// Outcomes has one for each of Rules.Send.
	Outcomes []Outcome
}

// Explain says what the rules make of a text.
func (s *Site) Explain(text string) Explanation {
	n, err := s.Read(text)
	if err != nil {
		return Explanation{Err: err}
	}
	made, p := s.outcomes(n)
	p = s.parsed(p)
	e := Explanation{Number: n, Outcomes: made, Why: p.why}
	if p.phone != nil {
		line := pn.GetNumberType(p.phone)
		e.Country, e.Valid, e.Line = int(p.phone.GetCountryCode()), line != pn.UNKNOWN, lines[line]
		e.Region = pn.GetRegionCodeForNumber(p.phone)
	}
	if e.Err = s.extension(n); e.Err == nil {
		_, e.Err = s.sent(made, p)
	}
	return e
}

// lines are the kinds of lines in plain words.
var lines = map[pn.PhoneNumberType]string{
	pn.FIXED_LINE: "fixed line", pn.MOBILE: "mobile", pn.FIXED_LINE_OR_MOBILE: "fixed line or mobile", pn.TOLL_FREE: "toll-free",
	pn.PREMIUM_RATE: "premium rate", pn.SHARED_COST: "shared cost", pn.VOIP: "VoIP", pn.PERSONAL_NUMBER: "personal number",
	pn.PAGER: "pager", pn.UAN: "company number", pn.VOICEMAIL: "voicemail",
}
