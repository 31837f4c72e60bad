package auth

import (
	"fmt"
	"slices"
)

// Rule narrows a role to some campaigns, groups and tenants. Once a role has a rule, its
// users need a rule that matches; any one is enough.
//
// Campaigns, Groups and Tenants are names or DBIDs: digits are a DBID, in a name * stands
// for any characters, ? for one, \ escapes the next character, and case does not count.
// An empty list matches all.
type Rule struct {
	Role      Role
	Values    []string // of the roles claim: the rule is for users with one of them; empty: for everybody with the role
	Campaigns []string
	Groups    []string
	Tenants   []string
}

// Policy is the set of rules. nil has none: only the role counts.
type Policy struct {
	rules []rule
}

type rule struct {
	role   Role
	values []string
	lists  [kinds][]pattern // nil: all
}

// NewPolicy reads the rules. The error names the rule, counted from 1, and the pattern.
func NewPolicy(rules []Rule) (*Policy, error) {
	p := &Policy{}
	for i, r := range rules {
		if int(r.Role) >= len(roleNames) {
			return nil, fmt.Errorf("auth: rule %d: there is no %v", i+1, r.Role)
		}
		c := rule{role: r.Role, values: slices.Clone(r.Values)}
		for k, list := range [kinds][]string{r.Campaigns, r.Groups, r.Tenants} {
			for _, s := range list {
				pat, err := parsePattern(s)
				if err != nil {
					return nil, fmt.Errorf("auth: rule %d (%v): %s pattern %q %w", i+1, r.Role, kindNames[k], s, err)
				}
				c.lists[k] = append(c.lists[k], pat)
			}
		}
		p.rules = append(p.rules, c)
	}
	return p, nil
}

// Grant derives what a user may do, once. It ignores Expires. The zero Identity may do
// nothing; only one from Everybody may do everything.
func (p *Policy) Grant(id Identity) *Grant {
	if id.open {
		return everything()
	}
	g := &Grant{}
	for _, r := range id.Roles {
		if int(r) < len(roleNames) {
			g.roles[r] = limits{has: true, all: true}
		}
	}
	if p == nil {
		return g
	}
	for i := range p.rules {
		r := &p.rules[i]
		l := &g.roles[r.role]
		l.all = false
		if len(r.values) == 0 || slices.ContainsFunc(r.values, func(v string) bool { return slices.Contains(id.Values, v) }) {
			l.rules = append(l.rules, r)
		}
	}
	return g
}

// accepts reports whether the rule lists the object.
func (r *rule) accepts(k kind, n Named, m matter) bool {
	if r.lists[k] == nil || m == never || m == whenGiven && n == (Named{}) {
		return true
	}
	if n == (Named{}) {
		return false // about all of them, and the rule lists only some
	}
	return slices.ContainsFunc(r.lists[k], func(p pattern) bool { return p.matches(n) })
}

func (r *rule) acceptsAll(o *Object, matters *[kinds]matter) bool {
	for k := range kinds {
		if !r.accepts(k, o.part(k), matters[k]) {
			return false
		}
	}
	return true
}
