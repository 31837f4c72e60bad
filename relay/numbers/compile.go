package numbers

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	pn "github.com/nyaruka/phonenumbers"

	"commdn/protocol/commdn"
	"commdn/relay/internal/near"
)

// Placeholders are what a template may have in braces: the country code without
// a plus; the number as it is behind the country code; what is dialled before it
// inside the country, "" where nothing is; the extension.
var Placeholders = []string{"country", "national", "trunk", "extension"}

// names are the forms that are no templates.
var names = []string{Digits, AsGiven, National, E164}

// Bounds of rules.
const (
	maxForms    = 8
	maxTemplate = 64 // bytes
)

// RuleError says what is wrong with one rule.
type RuleError struct {
	Key  string // region, send, send[1] or extension
	What string
}

// Error gives one line.
func (e *RuleError) Error() string { return e.Key + ": " + e.What }

// form makes one form of a number: its text, or why there is none.
type form struct {
	rule  string
	needs bool // the number has to be parsed
	make  func(*parsed) (text, why string)
}

// New checks rules. The error is of *RuleErrors, joined where they are several.
func New(r Rules) (*Site, error) {
	s := &Site{region: r.Region, vanity: r.Vanity, refuse: r.Extension == Refuse}
	var wrong []error
	fail := func(key, what string) { wrong = append(wrong, &RuleError{key, what}) }
	if s.region != "" {
		s.country = pn.GetCountryCodeForRegion(s.region)
		if s.country == 0 {
			fail("region", unknownRegion(s.region))
		}
	}
	if r.Extension != "" && r.Extension != Drop && r.Extension != Refuse {
		fail("extension", "is "+strconv.Quote(r.Extension)+"; give "+Drop+" or "+Refuse)
	}
	send := r.Send
	if len(send) == 0 {
		send = []string{Digits}
	}
	if len(send) > maxForms {
		fail("send", "has "+strconv.Itoa(len(send))+" forms; at most "+strconv.Itoa(maxForms)+" are possible, as each is a request of its own")
	}
	seen := make(map[string]bool)
	for i, rule := range send {
		key := "send[" + strconv.Itoa(i) + "]"
		f, what := s.form(rule)
		switch {
		case what != "":
			fail(key, what)
		case seen[rule]:
			fail(key, strconv.Quote(rule)+" is there twice")
		}
		seen[rule] = true
		s.forms = append(s.forms, f)
	}
	if len(wrong) == 1 {
		return nil, wrong[0]
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return s, nil
}

func unknownRegion(region string) string {
	what := "is " + strconv.Quote(region) + ", which is no region; give the two capital letters of a country, ES for one"
	if upper := strings.ToUpper(region); pn.GetCountryCodeForRegion(upper) != 0 {
		what += "; did you mean " + upper + "?"
	}
	return what
}

// form reads one of Rules.Send, or says what is wrong with it.
func (s *Site) form(rule string) (f form, what string) {
	f.rule = rule
	switch rule {
	case Digits:
		f.make = func(p *parsed) (string, string) { return p.String(), "" }
	case AsGiven:
		f.make = func(p *parsed) (string, string) {
			text := p.Text()
			if len(text) > commdn.MaxPhone {
				return "", "the text is longer than a calling list has room for"
			}
			return text, ""
		}
	case E164:
		f.needs = true
		f.make = func(p *parsed) (string, string) { return "+" + p.country + p.national, "" }
	case National:
		f.needs = true
		f.make = func(p *parsed) (string, string) {
			if !s.home(p) {
				return "", s.foreign(p)
			}
			if text := p.dialled(); s.means(text, p) {
				return text, ""
			}
			return "", "how this number is dialled inside its country is not known for certain; give a template"
		}
		what = s.homeless(rule)
	default:
		f.needs = true
		f.make, what = s.template(rule)
	}
	return f, what
}

// homeless says that a form that names no country needs a region.
func (s *Site) homeless(rule string) string {
	if s.region != "" {
		return ""
	}
	return strconv.Quote(rule) + " is for numbers of one country; set region"
}

func (s *Site) foreign(p *parsed) string {
	return "a number of +" + p.country + ", and this form is for +" + strconv.Itoa(s.country) + " alone"
}

// template reads a template.
func (s *Site) template(rule string) (maker func(*parsed) (string, string), what string) {
	quoted := strconv.Quote(rule)
	if !strings.ContainsAny(rule, "{}") {
		what = quoted + " is no form; give " + strings.Join(names, ", ") + " or a template like 00{country}{national}"
		if like := near.Names(rule, names, 1); like != nil {
			what += "; did you mean " + like[0] + "?"
		}
		return nil, what
	}
	if len(rule) > maxTemplate {
		return nil, "has " + strconv.Itoa(len(rule)) + " bytes; a template has at most " + strconv.Itoa(maxTemplate)
	}
	var literals, keys []string // keys[i] stands behind literals[i]
	has := make(map[string]bool)
	rest := rule
	for {
		literal, behind, open := strings.Cut(rest, "{")
		if strings.Contains(literal, "}") {
			return nil, quoted + " closes a brace that is not open"
		}
		if i := strings.IndexFunc(literal, func(r rune) bool { return r < ' ' || r >= 0x7f }); i >= 0 {
			return nil, quoted + " has a character that is not ASCII text"
		}
		literals = append(literals, literal)
		if !open {
			break
		}
		key, after, closed := strings.Cut(behind, "}")
		if !closed {
			return nil, quoted + " does not close a brace"
		}
		if !slices.Contains(Placeholders, key) {
			what = quoted + ": {" + key + "} is no placeholder; give {" + strings.Join(Placeholders, "}, {") + "}"
			if like := near.Names(key, Placeholders, 1); like != nil {
				what += "; did you mean {" + like[0] + "}?"
			}
			return nil, what
		}
		keys, rest = append(keys, key), after
		has[key] = true
	}
	if !has["national"] {
		return nil, quoted + " is the same for every number; put {national} into it"
	}
	if strings.TrimSpace(rule) != rule {
		return nil, quoted + " begins or ends with a blank, so it would match no record"
	}
	if has["country"] && has["trunk"] {
		return nil, quoted + " has {trunk} beside {country}; nobody dials both, so leave one out"
	}
	if !has["country"] {
		if what := s.homeless(rule); what != "" {
			return nil, what
		}
	}
	return func(p *parsed) (string, string) {
		switch {
		case !has["country"] && !s.home(p):
			return "", s.foreign(p)
		case has["extension"] && p.Extension == "":
			return "", "the number has no extension"
		}
		var b strings.Builder
		for i, literal := range literals {
			b.WriteString(literal)
			if i < len(keys) {
				b.WriteString(value(keys[i], p))
			}
		}
		return b.String(), ""
	}, ""
}

// value gives what stands for a placeholder.
func value(key string, p *parsed) string {
	switch key {
	case "country":
		return p.country
	case "national":
		return p.national
	case "trunk":
		return p.trunk()
	}
	return p.Extension
}
