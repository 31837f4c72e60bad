package numbers

import (
	"errors"
	"slices"
)

// Sites are the rules of all whose lists a request may reach, such as the tenants
// of a link.
type Sites []*Site

// Vanity says whether letters are read as digits: every site has to read the number.
func (all Sites) Vanity() bool {
	return len(all) > 0 && !slices.ContainsFunc(all, func(s *Site) bool { return !s.vanity })
}

// Forms gives what is sent for a text: the forms of each site in turn, each text
// once. A site whose lists cannot hold the number, as it is one of another country,
// is left out where another one can. The error is a *number.Error or a *FormError.
func (all Sites) Forms(text string) (forms []Form, err error) {
	var foreign error
	for _, s := range all {
		n, err := s.Read(text)
		if err != nil {
			return nil, err
		}
		made, err := s.Forms(n)
		if unfit, is := errors.AsType[*FormError](err); is && unfit.Foreign {
			foreign = err
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, f := range made {
			if !slices.ContainsFunc(forms, func(before Form) bool { return before.Text == f.Text }) {
				forms = append(forms, f)
			}
		}
	}
	if forms == nil {
		return nil, foreign
	}
	return forms, nil
}
