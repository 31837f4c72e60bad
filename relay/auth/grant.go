package auth

import "slices"

// Grant is what a user may do. It never changes and is safe for concurrent use; nil
// allows nothing.
type Grant struct {
	roles [len(roleNames)]limits
}

// limits are those of one role.
type limits struct {
	has   bool
	all   bool    // no rules exist for the role
	rules []*rule // those that match the user
}

// DeniedError means that a user may not do something.
type DeniedError struct {
	Right  Right
	Role   Role   // that has the right
	Object Object // the object of the request
	Why    string // a clause: "that needs the role supervisor"
}

// Error returns one sentence for the user: you may not RIGHT: WHY.
func (e *DeniedError) Error() string {
	what := e.Right.String()
	if e.Right < rights {
		what = rightTable[e.Right].may
	}
	return "you may not " + what + ": " + e.Why
}

// Same reports whether both allow the same by the same rules of one policy, so that their
// users see the same. nil is the same only as nil.
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

// Allows reports whether the user can use the right for anything: they have the role, and
// a rule matches if the role has rules.
func (g *Grant) Allows(r Right) bool {
	l := g.limits(r)
	return l.has && (l.all || len(l.rules) > 0)
}

// May reports whether the user can use the right for o. It allocates nothing, since every
// notification asks it for every session (RightWatch).
//
// If a rule lists campaigns, groups or tenants, o must name one of them: a request about
// none in particular would be about all. There are two exceptions. Do not call concerns a
// tenant, so campaigns count only if o names one. Groups count neither for do not call
// nor for cancel.
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

// Sees reports whether o concerns the user, in any of their roles: the directory shows
// such objects. It ignores the parts that o does not have. For notifications that need a
// right, use May.
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
