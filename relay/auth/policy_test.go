package auth

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

var (
	autumn = Named{1001, "Autumn offers"}
	winter = Named{1002, "Winter offers"}
	north  = Named{201, "North"}
	south  = Named{202, "South"}
	acme   = Named{101, "Acme"}
	bank   = Named{102, "Bank"}
)

// id is a user with these roles and values of the roles claim.
func id(values string, roles ...Role) Identity {
	return Identity{Subject: "ann", Roles: roles, Values: strings.Fields(values)}
}

func grant(t testing.TB, who Identity, rules ...Rule) *Grant {
	t.Helper()
	p, err := NewPolicy(rules)
	if err != nil {
		t.Fatal(err)
	}
	return p.Grant(who)
}

// TestRolesAndRights: without rules only the role counts, and no role has a right of
// another.
func TestRolesAndRights(t *testing.T) {
	owner := map[Right]Role{
		RightDoNotCall: Agent, RightCancel: Agent, RightCampaigns: Supervisor,
		RightSequences: Supervisor, RightWatch: Supervisor, RightAudit: Auditor,
	}
	if int(rights) != len(owner) {
		t.Fatalf("there are %d rights, and the test has %d", rights, len(owner))
	}
	for _, roles := range [][]Role{nil, {Agent}, {Supervisor}, {Auditor}, {Agent, Supervisor}, {Agent, Auditor}, Roles(), {Role(77)}} {
		for _, g := range []*Grant{grant(t, id("", roles...)), (*Policy)(nil).Grant(id("", roles...))} {
			for r := range rights {
				want := false
				for _, has := range roles {
					want = want || has == owner[r]
				}
				for _, o := range []Object{{}, {Tenant: acme}, {autumn, north, acme}} {
					if g.Allows(r) != want || g.May(r, o) != want {
						t.Errorf("roles %v, right %q, object %v: allows %v, may %v, want %v", roles, r, o, g.Allows(r), g.May(r, o), want)
					}
					checkDenied(t, g.Check(r, o), !want, r, o, "that needs the role "+owner[r].String())
				}
			}
		}
	}
}

// checkDenied checks the result of Check.
func checkDenied(t *testing.T, err error, denied bool, r Right, o Object, why string) {
	t.Helper()
	if !denied {
		if err != nil {
			t.Errorf("%q of %v is denied: %v", r, o, err)
		}
		return
	}
	var d *DeniedError
	if !errors.As(err, &d) {
		t.Errorf("%q of %v: error %v, want a *DeniedError", r, o, err)
		return
	}
	if d.Right != r || d.Role != r.Role() || d.Object != o || d.Why != why || !strings.HasPrefix(err.Error(), "you may not ") || !strings.HasSuffix(err.Error(), ": "+why) {
		t.Errorf("%q of %v: %v (%+v), want %q", r, o, err, d, why)
	}
}

func TestRules(t *testing.T) {
	agent, supervisor := id("dnc", Agent), id("leads", Supervisor)
	all := Object{autumn, north, acme}
	for name, tt := range map[string]struct {
		who   Identity
		rules []Rule
		right Right
		o     Object
		why   string // empty: allowed
	}{
		"rule of all":                 {supervisor, []Rule{{Role: Supervisor}}, RightCampaigns, all, ""},
		"rule of all, of nothing":     {supervisor, []Rule{{Role: Supervisor}}, RightWatch, Object{}, ""},
		"rule gives no role":          {agent, []Rule{{Role: Supervisor}}, RightCampaigns, all, "that needs the role supervisor"},
		"rule for another role":       {supervisor, []Rule{{Role: Agent, Tenants: []string{"x"}}}, RightCampaigns, all, ""},
		"value fits":                  {supervisor, []Rule{{Role: Supervisor, Values: []string{"x", "leads"}}}, RightCampaigns, all, ""},
		"value of another":            {supervisor, []Rule{{Role: Supervisor, Values: []string{"x", "Leads", "lead"}}}, RightCampaigns, all, "no rule for the role supervisor fits you"},
		"second rule fits the person": {supervisor, []Rule{{Role: Supervisor, Values: []string{"x"}}, {Role: Supervisor, Campaigns: []string{"1001"}}}, RightCampaigns, all, ""},

		"name":                   {supervisor, []Rule{{Role: Supervisor, Campaigns: []string{"autumn*"}}}, RightCampaigns, all, ""},
		"DBID":                   {supervisor, []Rule{{Role: Supervisor, Campaigns: []string{"7", "1001"}}}, RightSequences, all, ""},
		"another name":           {supervisor, []Rule{{Role: Supervisor, Campaigns: []string{"Winter*", "7"}}}, RightCampaigns, all, "campaign Autumn offers (1001) is not among those that you may control"},
		"another name, watching": {supervisor, []Rule{{Role: Supervisor, Campaigns: []string{"Winter*"}}}, RightWatch, all, "campaign Autumn offers (1001) is not among those that you may watch"},
		"group":                  {supervisor, []Rule{{Role: Supervisor, Groups: []string{"North"}}}, RightCampaigns, all, ""},
		"another group":          {supervisor, []Rule{{Role: Supervisor, Groups: []string{"South"}}}, RightSequences, all, "group North (201) is not among those that you may control sequences of"},
		"tenant":                 {supervisor, []Rule{{Role: Supervisor, Tenants: []string{"101"}}}, RightCampaigns, all, ""},
		"another tenant":         {supervisor, []Rule{{Role: Supervisor, Tenants: []string{"102"}}}, RightCampaigns, all, "tenant Acme (101) is not among those that you may control"},
		"all three":              {supervisor, []Rule{{Role: Supervisor, Campaigns: []string{"a*"}, Groups: []string{"n*"}, Tenants: []string{"a*"}}}, RightCampaigns, all, ""},
		"two of three":           {supervisor, []Rule{{Role: Supervisor, Campaigns: []string{"a*"}, Groups: []string{"s*"}, Tenants: []string{"a*"}}}, RightCampaigns, all, "group North (201) is not among those that you may control"},
		"each in a rule of its own": {supervisor, []Rule{{Role: Supervisor, Campaigns: []string{"a*"}, Groups: []string{"s*"}}, {Role: Supervisor, Campaigns: []string{"w*"}, Groups: []string{"n*"}}}, RightCampaigns, all,
			"no rule has these together: campaign Autumn offers (1001), group North (201), tenant Acme (101)"},
		"any rule will do":     {supervisor, []Rule{{Role: Supervisor, Campaigns: []string{"w*"}}, {Role: Supervisor, Groups: []string{"n*"}}}, RightCampaigns, all, ""},
		"no campaign named":    {supervisor, []Rule{{Role: Supervisor, Campaigns: []string{"*"}}}, RightSequences, Object{Group: north}, "it names no campaign, and only some are yours; name one of them"},
		"name not known":       {supervisor, []Rule{{Role: Supervisor, Campaigns: []string{"Autumn*"}}}, RightCampaigns, Object{Campaign: Named{DBID: 1001}}, "campaign 1001 is not among those that you may control"},
		"name not known, star": {supervisor, []Rule{{Role: Supervisor, Campaigns: []string{"*"}}}, RightCampaigns, Object{Campaign: Named{DBID: 1001}}, ""},
		"DBID not known":       {supervisor, []Rule{{Role: Supervisor, Campaigns: []string{"1001"}}}, RightCampaigns, Object{Campaign: Named{Name: "1001"}}, "campaign 1001 is not among those that you may control"},

		"do not call of a tenant":           {agent, []Rule{{Role: Agent, Tenants: []string{"acme"}}}, RightDoNotCall, Object{Tenant: acme}, ""},
		"do not call of another tenant":     {agent, []Rule{{Role: Agent, Tenants: []string{"acme"}}}, RightDoNotCall, Object{Tenant: bank}, "tenant Bank (102) is not among those that you may use do not call for"},
		"do not call of no tenant":          {agent, []Rule{{Role: Agent, Tenants: []string{"acme"}}}, RightDoNotCall, Object{}, "it names no tenant, and only some are yours; name one of them"},
		"do not call without a campaign":    {agent, []Rule{{Role: Agent, Campaigns: []string{"autumn*"}, Groups: []string{"n*"}}}, RightDoNotCall, Object{Tenant: acme}, ""},
		"do not call with another campaign": {agent, []Rule{{Role: Agent, Campaigns: []string{"autumn*"}}}, RightDoNotCall, Object{Campaign: winter, Tenant: acme}, "campaign Winter offers (1002) is not among those that you may use do not call for"},
		"cancel in a campaign":              {agent, []Rule{{Role: Agent, Campaigns: []string{"autumn*"}, Groups: []string{"s*"}}}, RightCancel, Object{Campaign: autumn, Tenant: acme}, ""},
		"cancel in another campaign":        {agent, []Rule{{Role: Agent, Campaigns: []string{"autumn*"}}}, RightCancel, Object{Campaign: winter, Tenant: acme}, "campaign Winter offers (1002) is not among those that you may cancel records of"},
		"cancel in all campaigns":           {agent, []Rule{{Role: Agent, Campaigns: []string{"autumn*"}}}, RightCancel, Object{Tenant: acme}, "it names no campaign, and only some are yours; name one of them"},
		"cancel, no rule on campaigns":      {agent, []Rule{{Role: Agent, Tenants: []string{"acme"}}}, RightCancel, Object{Tenant: acme}, ""},
		"audit of a tenant":                 {id("", Auditor), []Rule{{Role: Auditor, Tenants: []string{"acme"}}}, RightAudit, Object{Tenant: acme}, ""},
		"audit of another tenant":           {id("", Auditor), []Rule{{Role: Auditor, Tenants: []string{"acme"}}}, RightAudit, Object{Tenant: bank}, "tenant Bank (102) is not among those that you may read the audit of"},
	} {
		t.Run(name, func(t *testing.T) {
			g := grant(t, tt.who, tt.rules...)
			if g.May(tt.right, tt.o) != (tt.why == "") {
				t.Errorf("May gives %v", !(tt.why == ""))
			}
			checkDenied(t, g.Check(tt.right, tt.o), tt.why != "", tt.right, tt.o, tt.why)
		})
	}
}

func TestDeniedText(t *testing.T) {
	g := grant(t, id("", Agent, Supervisor), Rule{Role: Supervisor, Campaigns: []string{"Winter*"}})
	for want, err := range map[string]error{
		"you may not control campaigns: campaign Autumn offers (1001) is not among those that you may control": g.Check(RightCampaigns, Object{Campaign: autumn}),
		"you may not read the audit: that needs the role auditor":                                              g.Check(RightAudit, Object{}),
		"you may not put numbers on the Do Not Call list: that needs the role agent":                           (*Grant)(nil).Check(RightDoNotCall, Object{}),
		"you may not right 99: that needs the role role 3":                                                     g.Check(Right(99), Object{}),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if (*Grant)(nil).Allows(RightAudit) || (*Grant)(nil).Sees(Object{}) || g.Allows(Right(99)) {
		t.Error("nobody has something")
	}
}

func TestAllows(t *testing.T) {
	rules := []Rule{{Role: Supervisor, Values: []string{"leads"}, Campaigns: []string{"x"}}}
	if !grant(t, id("leads", Supervisor), rules...).Allows(RightCampaigns) {
		t.Error("there is a rule that fits, so there may be something")
	}
	if grant(t, id("other", Supervisor), rules...).Allows(RightCampaigns) {
		t.Error("no rule fits, so there is nothing")
	}
}

func TestSees(t *testing.T) {
	rules := []Rule{
		{Role: Supervisor, Campaigns: []string{"Autumn*"}, Tenants: []string{"Acme"}},
		{Role: Agent, Values: []string{"bank"}, Tenants: []string{"Bank"}},
		{Role: Agent, Values: []string{"north"}, Groups: []string{"North"}},
	}
	for _, tt := range []struct {
		who  Identity
		o    Object
		want bool
	}{
		{id("", Supervisor), Object{Campaign: autumn}, true},
		{id("", Supervisor), Object{Campaign: autumn, Tenant: acme}, true},
		{id("", Supervisor), Object{Campaign: autumn, Tenant: bank}, false},
		{id("", Supervisor), Object{Campaign: winter}, false},
		{id("", Supervisor), Object{Group: south}, true}, // no rule on groups
		{id("", Supervisor), Object{Campaign: winter, Group: south}, false},
		{id("", Supervisor), Object{Tenant: bank}, false},
		{id("bank", Agent), Object{Campaign: winter, Tenant: bank}, true},
		{id("bank", Agent), Object{Campaign: winter, Tenant: acme}, false},
		{id("bank north", Agent), Object{Group: south}, true}, // by the rule for the bank
		{id("north", Agent), Object{Group: south}, false},
		{id("none", Agent), Object{Group: north}, false},
		{id("bank", Agent, Supervisor), Object{Campaign: winter, Tenant: bank}, true},
		{id("", Auditor), Object{Campaign: winter, Tenant: bank}, true}, // no rules for the role
		{id(""), Object{Campaign: autumn}, false},
	} {
		if got := grant(t, tt.who, rules...).Sees(tt.o); got != tt.want {
			t.Errorf("%v %q sees %v: %v, want %v", tt.who.Roles, tt.who.Values, tt.o, got, tt.want)
		}
	}
	// Seeing the directory as an agent is not watching as a supervisor.
	g := grant(t, id("", Agent, Supervisor), rules[0])
	if o := (Object{Campaign: winter, Tenant: acme}); !g.Sees(o) || g.May(RightWatch, o) {
		t.Errorf("sees %v, may watch %v; want true and false", g.Sees(o), g.May(RightWatch, o))
	}
}

func TestPolicyErrors(t *testing.T) {
	ok := Rule{Role: Agent}
	for want, rules := range map[string][]Rule{
		`rule 2 (supervisor): campaign pattern "Autumn[0-9]" has a [`:  {ok, {Role: Supervisor, Campaigns: []string{"A*", "Autumn[0-9]"}}},
		`rule 1 (auditor): group pattern "" is empty`:                  {{Role: Auditor, Groups: []string{""}}},
		`rule 1 (agent): tenant pattern "x\\" ends with`:               {{Role: Agent, Tenants: []string{`x\`}}},
		`rule 3 (agent): tenant pattern "99999999999" is not a DBID`:   {ok, ok, {Role: Agent, Tenants: []string{"99999999999"}}},
		`rule 1 (agent): campaign pattern "0" is not a DBID: those go`: {{Role: Agent, Campaigns: []string{"0"}}},
		`rule 1: there is no role 9`:                                   {{Role: 9}},
	} {
		if _, err := NewPolicy(rules); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestPolicyOwnsRules: a later change of the given rules has no effect.
func TestPolicyOwnsRules(t *testing.T) {
	rules := []Rule{{Role: Agent, Values: []string{"x"}, Tenants: []string{"Acme"}}}
	p, err := NewPolicy(rules)
	if err != nil {
		t.Fatal(err)
	}
	rules[0].Values[0], rules[0].Tenants[0] = "y", "*"
	if p.Grant(id("y", Agent)).Allows(RightCancel) || p.Grant(id("x", Agent)).May(RightCancel, Object{Tenant: bank}) {
		t.Error("a rule changed behind the policy's back")
	}
}

// TestMayAllocates: every notification asks May for every session, so May must not
// allocate.
func TestMayAllocates(t *testing.T) {
	g := grant(t, id("", Supervisor), Rule{Role: Supervisor, Campaigns: []string{"Winter*", "*offers"}, Tenants: []string{"Acme"}})
	o := Object{autumn, north, acme}
	if n := testing.AllocsPerRun(100, func() {
		if !g.May(RightWatch, o) || !g.Sees(o) {
			t.Error("not allowed")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if !reflect.DeepEqual(g, grant(t, id("", Supervisor), Rule{Role: Supervisor, Campaigns: []string{"Winter*", "*offers"}, Tenants: []string{"Acme"}})) {
		t.Error("asking changes the grant")
	}
}

func ExampleGrant_Check() {
	policy, err := NewPolicy([]Rule{{Role: Supervisor, Campaigns: []string{"Winter*"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	g := policy.Grant(Identity{Subject: "ann", Roles: []Role{Supervisor}})
	fmt.Println(g.Check(RightCampaigns, Object{Campaign: Named{1002, "Winter offers"}}))
	fmt.Println(g.Check(RightCampaigns, Object{Campaign: Named{1001, "Autumn offers"}}))
	// Output:
	// <nil>
	// you may not control campaigns: campaign Autumn offers (1001) is not among those that you may control
}
