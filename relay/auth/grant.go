package auth

import "slices"

// Grant is what somebody may do. It never changes, so several goroutines may
// use it; nil allows nothing.
type Grant struct {
	roles [len(roleNames)]limits
}

// limits of one role.
type limits struct {
	has   bool
	all   bool    // there are no rules for the role
	rules []*rule // those that fit the person
}

// DeniedError says that somebody may not do something.
type DeniedError struct {
	Right  Right
	Role   Role   // that has the right
	Object Object // what it was about
	Why    string // a clause: "that needs the role supervisor"
}

// Error gives one sentence for the person: you may not RIGHT: WHY.
func (e *DeniedError) Error() string {
	what := e.Right.String()
	if e.Right < rights {
		what = rightTable[e.Right].may
	}
	return "you may not " + what + ": " + e.Why
}

// Same says whether both allow the same by the same rules of one policy, so that
// what one person sees the other one sees too. nil is the same as nil alone.
func (g *Grant) Same(other *Grant) bool {
	if g == nil || other == nil {
		return g == other
	}
	for i := range g.roles {
		a, b := &g.roles[i], &other.roles[i]
		if a.has != b.has || a.all != b.all || !slices.Equal(a.rules, b.rules) {
			return false
		}
	}
	return true
}

func (g *Grant) limits(r Right) limits {
	if g == nil || r >= rights {
		return limits{}
	}
	return g.roles[r.Role()]
}

// Allows says whether there is anything that the right can be used for: the
// role is there, and a rule that fits where there are rules for it.
func (g *Grant) Allows(r Right) bool {
	l := g.limits(r)
	return l.has && (l.all || len(l.rules) > 0)
}

// May says whether the right can be used for o. It takes no memory, so that it
// can be asked for every session at every notification (RightWatch).
//
// Where a rule lists campaigns, groups or tenants, o must name one of them:
// what is about none in particular would be about all. Two exceptions: do not
// call is about a tenant, so campaigns count only where o names one, and
// groups count neither for it nor for cancel.
func (g *Grant) May(r Right, o Object) bool {
	l := g.limits(r)
	if !l.has || l.all {
		return l.has
	}
	for _, rule := range l.rules {
		if rule.acceptsAll(&o, &rightTable[r].matters) {
			return true
		}
	}
	return false
}

// Check is nil where May is true, else a *DeniedError that names what is
// missing.
func (g *Grant) Check(r Right, o Object) error { return g.CheckAs(r, o, o) }

// CheckAs is Check for somebody who has said less of the object than is known of
// it. The error names what they said; it names more only of what they may see, so
// that it tells nobody what there is.
func (g *Grant) CheckAs(r Right, o, said Object) error {
	if g.May(r, o) {
		return nil
	}
	return &DeniedError{Right: r, Role: r.Role(), Object: said, Why: g.why(r, &o, &said)}
}

// shown gives of a part of an object what somebody may hear of it.
func (g *Grant) shown(k kind, o, said *Object) Named {
	n := o.part(k)
	if n.Name == "" {
		return said.part(k) // not known here
	}
	with := *o // a group is seen with a campaign
	if k == campaigns {
		with.Group = Named{}
	}
	if k == tenants || !g.Sees(with) { // nobody is told of tenants
		return said.part(k)
	}
	return n
}

// those gives the campaign and the group in words, as far as there are any.
func (g *Grant) those(o, said *Object) string {
	s := ""
	for _, k := range []kind{campaigns, groups, tenants} {
		if n := g.shown(k, o, said); n != (Named{}) {
			if s != "" {
				s += ", "
			}
			s += kindNames[k] + " " + n.String()
		}
	}
	return s
}

func (g *Grant) why(r Right, o, said *Object) string {
	l := g.limits(r)
	switch {
	case !l.has:
		return "that needs the role " + r.Role().String()
	case len(l.rules) == 0:
		return "no rule for the role " + r.Role().String() + " fits you"
	}
	for _, k := range []kind{tenants, campaigns, groups} {
		n := o.part(k)
		if slices.ContainsFunc(l.rules, func(rule *rule) bool { return rule.accepts(k, n, rightTable[r].matters[k]) }) {
			continue
		}
		of := " is not among those that you may " + rightTable[r].of
		if shown := g.shown(k, o, said); shown != (Named{}) {
			return kindNames[k] + " " + shown.String() + of
		}
		if k == tenants {
			if what := g.those(o, said); what != "" {
				return what + ": no tenant of yours is known to have that"
			}
			if n != (Named{}) {
				return "the tenant" + of
			}
		}
		return "it names no " + kindNames[k] + ", and only some are yours; name one of them"
	}
	// Each is in some rule, but not all of them in one.
	return "no rule has these together: " + g.those(o, said)
}

// Sees says whether o is something that the person has to do with, in any of
// their roles: what the directory tells them. What o is not about does not
// count. A notification that only some rights go for is May's matter.
func (g *Grant) Sees(o Object) bool {
	if g == nil {
		return false
	}
	for i := range g.roles {
		l := &g.roles[i]
		if l.all && l.has {
			return true
		}
		if !l.has {
			continue
		}
		for _, rule := range l.rules {
			if rule.acceptsAll(&o, &named) {
				return true
			}
		}
	}
	return false
}

// SeesAll says whether one of the person's roles has no rules, so that there is
// nothing that they do not see.
func (g *Grant) SeesAll() bool {
	return g != nil && slices.ContainsFunc(g.roles[:], func(l limits) bool { return l.has && l.all })
}

var named = [kinds]matter{whenGiven, whenGiven, whenGiven}
