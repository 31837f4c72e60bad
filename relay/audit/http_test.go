package audit

import (
	"testing"

	"commdn/relay/auth"
)

// An auditor sees the entries all of whose objects their rules list.
func TestSeen(t *testing.T) {
	grant := func(campaigns ...string) *auth.Grant {
		var rules []auth.Rule
		if campaigns != nil {
			rules = []auth.Rule{{Role: auth.Auditor, Campaigns: campaigns}}
		}
		p, err := auth.NewPolicy(rules)
		if err != nil {
			t.Fatal(err)
		}
		return p.Grant(auth.Identity{Subject: "eve", Roles: []auth.Role{auth.Auditor}})
	}
	autumn, spring := Object{Campaign: &Named{1001, "Autumn"}}, Object{Campaign: &Named{1002, "Spring"}}
	for _, c := range []struct {
		name string
		g    *auth.Grant
		e    Entry
		want bool
	}{
		{"everything", grant(), Entry{}, true},
		{"everything, with a campaign", grant(), Entry{Objects: []Object{spring}}, true},
		{"their campaign", grant("Autumn*"), Entry{Objects: []Object{autumn}}, true},
		{"another campaign", grant("Autumn*"), Entry{Objects: []Object{spring}}, false},
		{"both", grant("Autumn*"), Entry{Objects: []Object{autumn, spring}}, false},
		{"no campaign", grant("Autumn*"), Entry{}, false},
		{"nobody", nil, Entry{}, false},
	} {
		if got := seen(c.g, &c.e); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
