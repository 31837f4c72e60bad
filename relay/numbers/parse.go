package numbers

import (
	"errors"
	"strconv"
	"strings"

	pn "github.com/nyaruka/phonenumbers"

	"commdn/protocol/number"
)

// parsed is a number as the metadata knows it.
type parsed struct {
	number.Number
	why      string // it does not know it
	phone    *pn.PhoneNumber
	country  string // calling code
	national string // what follows it
	inside   string // what is dialled inside the country; see dialled
}

// parsed gives p parsed, if it is not yet.
func (s *Site) parsed(p *parsed) *parsed {
	if p.phone == nil && p.why == "" {
		return s.parse(p.Number)
	}
	return p
}

// parse finds country and national number. A number has to be possible, by its
// length: new ranges are in use before the metadata has them.
func (s *Site) parse(n number.Number) *parsed {
	p := &parsed{Number: n}
	if !n.Plus && s.region == "" {
		p.why = "there is no country code, and no region is set"
		return p
	}
	phone, err := pn.Parse(n.String(), s.region)
	if err == nil {
		switch pn.IsPossibleNumberWithReason(phone) {
		case pn.IS_POSSIBLE:
			country, national := strconv.Itoa(int(phone.GetCountryCode())), pn.GetNationalSignificantNumber(phone)
			if lasting(country, national) {
				p.phone, p.country, p.national = phone, country, national
				return p
			}
		case pn.TOO_SHORT, pn.IS_POSSIBLE_LOCAL_ONLY:
			err = pn.ErrTooShortNSN
		case pn.TOO_LONG:
			err = pn.ErrNumTooLong
		}
	}
	where := s.region
	if n.Plus {
		where = "its country"
	}
	switch {
	case errors.Is(err, pn.ErrTooShortNSN), errors.Is(err, pn.ErrTooShortAfterIDD):
		p.why = "too short for a number of " + where
	case errors.Is(err, pn.ErrNumTooLong):
		p.why = "too long for a number of " + where
	case errors.Is(err, pn.ErrInvalidCountryCode):
		p.why = "no country has this code"
	default:
		p.why = "no number of " + where + " has this length"
	}
	return p
}

// lasting says whether a national number is the same again where the country comes
// before it. One that begins with zeros may lose one of them each time.
func lasting(country, national string) bool {
	if !strings.HasPrefix(national, "0") {
		return true
	}
	again, err := pn.Parse("+"+country+national, "")
	return err == nil && pn.GetNationalSignificantNumber(again) == national
}

// dialled gives the digits that are dialled inside the country.
func (p *parsed) dialled() string {
	if p.inside == "" {
		p.inside = strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, pn.Format(p.phone, pn.NATIONAL))
	}
	return p.inside
}

// means says whether a text that is dialled inside the country is the number. Some
// countries write one there that is more than a trunk prefix before the other, such as
// Argentina for mobiles, and the metadata's formats of these are not always right.
func (s *Site) means(dialled string, p *parsed) bool {
	if strings.HasSuffix(dialled, p.national) {
		return true
	}
	again := s.parse(number.Number{Digits: dialled})
	return again.phone != nil && again.country == p.country && again.national == p.national
}

// trunk gives what is dialled before the national number inside the country. A
// country that changes the number as well has none.
func (p *parsed) trunk() string {
	prefix, found := strings.CutSuffix(p.dialled(), p.national)
	if !found {
		return ""
	}
	return prefix
}

// home says whether the number is one of the region.
func (s *Site) home(p *parsed) bool { return int(p.phone.GetCountryCode()) == s.country }
