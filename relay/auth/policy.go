package auth

import (
	"fmt"
	"slices"
)

// Rule narrows a role to a part of the campaigns, groups and tenants. As soon
// as there is a rule for a role, who has the role needs one that fits; of
// several that fit any one is enough.
//
// Campaigns, Groups and Tenants are names or DBIDs: digits are a DBID, in a
// name * stands for any characters, ? for one, \ makes the next character an
// ordinary one, and case does not count. An empty list takes all.
type Rule struct {
	Role      Role
	Values    []string // of the roles claim: the rule is for who has one of them; empty: for everybody with the role
	Campaigns []string
	Groups    []string
	Tenants   []string
}

// Policy is the rules. nil has none: the role alone counts.
type Policy struct {
	rules []rule
}

type rule struct {
	role   Role
	values []string
	lists  [kinds][]pattern // nil: all
}

// NewPolicy reads the rules. The error names the rule, counted from 1, and the
// pattern.
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

// Grant works out once what somebody may do. It does not look at Expires. The
// zero Identity may do nothing; only one that Everybody made may do everything.
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

// accepts says whether the object is one that the rule lists.
func (r *rule) accepts(k kind, n Named, m matter) bool {
	if r.lists[k] == nil || m == never || m == whenGiven && n == (Named{}) {
		return true
	}
	if n == (Named{}) {
		return false // about all of them, and the rule has only some
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
