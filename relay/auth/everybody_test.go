package auth_test

import (
	"testing"

	"commdn/relay/auth"
)

// TestZeroValuesDeny: rights fail closed: only Everybody gives them without a role.
func TestZeroValuesDeny(t *testing.T) {
	strict, err := auth.NewPolicy(nil)
	if err != nil {
		t.Fatal(err)
	}
	grants := map[string]*auth.Grant{
		"nil":                        nil,
		"zero":                       {},
		"zero identity, nil policy":  (*auth.Policy)(nil).Grant(auth.Identity{}),
		"zero identity, zero policy": (&auth.Policy{}).Grant(auth.Identity{}),
		"zero identity, no rules":    strict.Grant(auth.Identity{}),
	}
	for name, g := range grants {
		for _, r := range []auth.Right{auth.RightDoNotCall, auth.RightCancel, auth.RightCampaigns, auth.RightSequences, auth.RightWatch} {
			if g.May(r, auth.Object{}) || g.Allows(r) || g.Check(r, auth.Object{}) == nil {
				t.Errorf("%s: allows %v", name, r)
			}
		}
		if g.Sees(auth.Object{}) {
			t.Errorf("%s: sees", name)
		}
	}
}

// TestEverybody: Everybody may do everything, whatever the rules say: nobody knows whom
// they would be for.
func TestEverybody(t *testing.T) {
	id, err := auth.Everybody().Authenticate(t.Context(), "whatever")
	if err != nil || !id.Anonymous() || len(id.Roles) != len(auth.Roles()) {
		t.Fatalf("got %+v, %v", id, err)
	}
	narrow, err := auth.NewPolicy([]auth.Rule{{Role: auth.Agent, Tenants: []string{"nobody's"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []*auth.Policy{nil, narrow} {
		if g := p.Grant(id); !g.May(auth.RightDoNotCall, auth.Object{}) || !g.Sees(auth.Object{}) {
			t.Error("somebody is denied something")
		}
	}
	if !auth.Off(auth.Everybody()) || auth.Off(auth.NewDevelopment()) || auth.Off(nil) {
		t.Error("Off is wrong")
	}
}
