package config

import (
	"errors"
	"slices"

	"commdn/relay/numbers"
)

// Numbers say how the calling lists behind a link hold phone numbers; see
// package numbers.
type Numbers struct {
	Region    string   `yaml:"region,omitempty"`    // country of numbers without a country code, as ES; empty: none
	Send      []string `yaml:"send,omitempty"`      // forms
	Vanity    bool     `yaml:"vanity,omitempty"`    // whether letters stand for the digits of their keys
	Extension string   `yaml:"extension,omitempty"` // drop or refuse
}

// Rules gives what numbers.New takes.
func (n Numbers) Rules() numbers.Rules {
	return numbers.Rules{Region: n.Region, Send: n.Send, Vanity: n.Vanity, Extension: n.Extension}
}

// TenantNumbers are the rules of one tenant of a link.
type TenantNumbers struct {
	Tenant  string `yaml:"tenant"` // as in the link's tenants
	Numbers `yaml:",inline"`
}

// TenantSite are the rules of some of those whose calling lists are behind a link.
type TenantSite struct {
	Tenants []string // as in the link's tenants; none: the rules are for all
	*numbers.Site
}

// TenantSites gives the rules of all whose calling lists are behind a link. The link's
// own come first; they count for the tenants that have none.
func (l Link) TenantSites() (all []TenantSite, err error) {
	add := func(n Numbers, tenants ...string) error {
		site, err := numbers.New(n.Rules())
		all = append(all, TenantSite{tenants, site})
		return err
	}
	if len(l.TenantNumbers) == 0 {
		return all, add(l.Numbers)
	}
	others := slices.DeleteFunc(slices.Clone(l.Tenants), func(name string) bool {
		return slices.ContainsFunc(l.TenantNumbers, func(t TenantNumbers) bool { return t.Tenant == name })
	})
	if len(others) > 0 {
		err = add(l.Numbers, others...)
	}
	for _, t := range l.TenantNumbers {
		err = errors.Join(err, add(t.Numbers, t.Tenant))
	}
	return all, err
}

// Sites gives the same without the tenants. Nothing in a do-not-call says for which
// tenant it is, so it goes in the forms of all of them.
func (l Link) Sites() (all numbers.Sites, err error) {
	sites, err := l.TenantSites()
	for _, s := range sites {
		all = append(all, s.Site)
	}
	return all, err
}

// tenantNumbers looks at the rules of a link's tenants.
func (c *checker) tenantNumbers(path string, l Link) {
	seen := make(map[string]bool)
	for i, t := range l.TenantNumbers {
		at := item(path+".tenant_numbers", i)
		switch {
		case !slices.Contains(l.Tenants, t.Tenant):
			c.Fail(at+".tenant", "%q is not in the link's tenants; write it there as here", t.Tenant)
		case seen[t.Tenant]:
			c.Fail(at+".tenant", "%q is there twice", t.Tenant)
		}
		seen[t.Tenant] = true
		c.numbers(at, t.Numbers)
	}
}

// defaultNumbers gives what a link has when the file does not say it.
func defaultNumbers() Numbers {
	return Numbers{Send: []string{numbers.Digits}, Extension: numbers.Drop}
}

// numbers looks at the rules of a link.
func (c *checker) numbers(path string, n Numbers) {
	_, err := numbers.New(n.Rules())
	if err == nil {
		return
	}
	all := []error{err}
	if joined, is := err.(interface{ Unwrap() []error }); is {
		all = joined.Unwrap()
	}
	for _, err := range all {
		if wrong, is := errors.AsType[*numbers.RuleError](err); is {
			c.Fail(path+"."+wrong.Key, "%s", wrong.What)
		}
	}
}
