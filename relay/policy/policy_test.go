package policy_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"commdn/protocol/commdn"
	"commdn/relay/auth"
	"commdn/relay/directory"
	"commdn/relay/policy"
)

const names = `
tenants: [{dbid: 1, name: Alpha}, {dbid: 2, name: Beta}]
applications: [{dbid: 201, name: OCS_1, type: ocs}, {dbid: 202, name: OCS_2, type: ocs}]
campaigns: [{dbid: 1001, name: Autumn, tenant: 1}, {dbid: 1003, name: Spring, tenant: 2}]
groups: [{dbid: 501, name: North, tenant: 1}, {dbid: 503, name: East, tenant: 2}]
campaign_groups:
  - {campaign: 1001, group: 501, ocs: 201}
  - {campaign: 1003, group: 503, ocs: 202}
`

var links = []policy.Link{
	{Name: "madrid", AppDBID: 101, OCS: []commdn.DBID{201}, Tenants: []auth.Named{{Name: "Alpha"}}},
	{Name: "lisbon", AppDBID: 102, OCS: []commdn.DBID{202}, Tenants: []auth.Named{{DBID: 2}}},
}

func dir(t *testing.T) *directory.Directory {
	t.Helper()
	d, err := directory.Parse("names.yaml", []byte(names))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func grant(t *testing.T, rules ...auth.Rule) *auth.Grant {
	t.Helper()
	p, err := auth.NewPolicy(rules)
	if err != nil {
		t.Fatal(err)
	}
	return p.Grant(auth.Identity{Subject: "ann", Roles: []auth.Role{auth.Agent, auth.Supervisor}})
}

func TestRoute(t *testing.T) {
	v := policy.New(nil, dir(t), links)
	all := grant(t)
	start := func(target, campaign, group commdn.DBID) commdn.Request {
		return &commdn.StopDialing{Address: commdn.Address{Origin: 999, Target: target}, CampaignGroup: commdn.CampaignGroup{Campaign: campaign, Group: group}}
	}
	for name, c := range map[string]struct {
		grant  *auth.Grant
		req    commdn.Request
		want   []string
		target commdn.DBID // written in
		denied bool
		err    string
	}{
		"a number goes over all":                 {grant: all, req: &commdn.DoNotCall{Phone: "1"}, want: []string{"madrid", "lisbon"}},
		"a number to one OCS":                    {grant: all, req: &commdn.DoNotCall{Address: commdn.Address{Target: 202}, Phone: "1"}, want: []string{"lisbon"}, target: 202},
		"a campaign to its OCS":                  {grant: all, req: start(0, 1003, 503), want: []string{"lisbon"}, target: 202},
		"a campaign that the directory lacks":    {grant: all, req: start(0, 9, 9), err: "it is not known which OCS serves this campaign and group; say which OCS: 201 or 202 (on the command line with --ocs)"},
		"an OCS that nobody knows":               {grant: all, req: start(999, 1003, 503), err: "no OCS with DBID 999 is known here; known: 201 202"},
		"an OCS of another tenant":               {grant: all, req: start(201, 1003, 503), err: "tenant Beta"},
		"nil may nothing":                        {req: &commdn.DoNotCall{Phone: "1"}, denied: true},
		"the zero grant may nothing":             {grant: &auth.Grant{}, req: start(0, 1003, 503), denied: true},
		"a number, of one tenant only":           {grant: grant(t, auth.Rule{Role: auth.Agent, Tenants: []string{"Beta"}}), req: &commdn.DoNotCall{Phone: "1"}, want: []string{"lisbon"}},
		"a campaign that is not yours":           {grant: grant(t, auth.Rule{Role: auth.Supervisor, Campaigns: []string{"Autumn"}}), req: start(0, 1003, 503), denied: true},
		"a sequence needs each of its campaigns": {grant: grant(t, auth.Rule{Role: auth.Supervisor, Campaigns: []string{"Autumn"}}), req: sequence(1001, 1003), denied: true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := v.Route(c.grant, c.req)
			var denied *auth.DeniedError
			switch {
			case errors.As(err, &denied) != c.denied || policy.Denied(err) != c.denied:
				t.Errorf("error %v", err)
			case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
				t.Errorf("error %v, want %q", err, c.err)
			case c.err == "" && !c.denied && (err != nil || !slices.Equal(got, c.want) || c.req.Addr().Target != c.target):
				t.Errorf("%v to %d, %v; want %v to %d", got, c.req.Addr().Target, err, c.want, c.target)
			case err == nil && c.target != 0 && !c.req.Type().AboutPerson() && c.req.Addr().Origin == 999:
				t.Error("the client's origin was believed")
			}
		})
	}
}

func sequence(campaigns ...commdn.DBID) commdn.Request {
	s := &commdn.Sequence{}
	for _, id := range campaigns {
		s.Items = append(s.Items, commdn.SequenceItem{Campaign: id})
	}
	return &commdn.LoadCampaign{CampaignGroup: commdn.CampaignGroup{Group: 501}, Sequence: s}
}

// The zero View knows no link, so that nothing goes anywhere.
func TestZeroView(t *testing.T) {
	var v policy.View
	if got, err := v.Route(grant(t), &commdn.DoNotCall{Phone: "1"}); err == nil {
		t.Errorf("goes to %v", got)
	}
	if v.Grant(auth.Identity{}).May(auth.RightDoNotCall, auth.Object{}) {
		t.Error("it allows something")
	}
	if d := v.Directory(grant(t)); len(d.Campaigns)+len(d.Groups)+len(v.OCS(grant(t))) != 0 || v.Questions("a") != nil {
		t.Error("it knows something")
	}
}

func TestQuestions(t *testing.T) {
	v := policy.New(nil, dir(t), links)
	got := v.Questions("lisbon")
	if len(got) != 1 || got[0].Target != 202 || got[0].Origin != 102 || got[0].Campaign != 1003 {
		t.Errorf("%+v", got)
	}
	if v.Questions("nowhere") != nil {
		t.Error("questions for a link that is not there")
	}
}

// Letters are digits for those who have to do with a link where they are.
func TestVanity(t *testing.T) {
	some := slices.Clone(links)
	some[1].Vanity = true
	v := policy.New(nil, dir(t), some)
	of := func(tenant string) *auth.Grant {
		return grant(t, auth.Rule{Role: auth.Agent, Tenants: []string{tenant}}, auth.Rule{Role: auth.Supervisor, Tenants: []string{tenant}})
	}
	alpha, beta := of("Alpha"), of("Beta")
	if !v.Vanity(grant(t)) || !v.Vanity(beta) || v.Vanity(alpha) || v.Vanity(nil) || policy.New(nil, dir(t), links).Vanity(beta) {
		t.Errorf("all %v, of the link %v, of the other %v, nobody %v", v.Vanity(grant(t)), v.Vanity(beta), v.Vanity(alpha), v.Vanity(nil))
	}
}

// Somebody sees the names that they have to do with; nil sees nothing.
func TestDirectory(t *testing.T) {
	v := policy.New(nil, dir(t), links)
	if d := v.Directory(nil); len(d.Campaigns)+len(d.Groups)+len(d.CampaignGroups) != 0 {
		t.Errorf("nil sees %+v", d)
	}
	if d := v.Directory(grant(t, auth.Rule{Role: auth.Supervisor, Tenants: []string{"Beta"}}, auth.Rule{Role: auth.Agent, Tenants: []string{"Beta"}})); len(d.Campaigns) != 1 || d.Campaigns[0].Name != "Spring" {
		t.Errorf("one tenant sees %+v", d)
	}
	if o := v.At("madrid", commdn.CampaignGroup{Campaign: 77, Group: 77}); o.Tenant != (auth.Named{DBID: 1, Name: "Alpha"}) {
		t.Errorf("an unknown group behind madrid is of %+v", o.Tenant)
	}
}

// People with the same rights share a directory, and nobody gets one of other
// rights, however many there are and whoever asks first.
func TestDirectoryByRights(t *testing.T) {
	var all []auth.Rule
	const desks = 600 // more than are kept
	for n := range desks {
		all = append(all, auth.Rule{Role: auth.Agent, Values: []string{fmt.Sprintf("desk-%d", n)}, Campaigns: []string{[]string{"Autumn", "Spring", "nothing"}[n%3]}})
	}
	rules, err := auth.NewPolicy(all)
	if err != nil {
		t.Fatal(err)
	}
	v := policy.New(rules, dir(t), links)
	var wg sync.WaitGroup
	for ask := range 4 {
		wg.Go(func() {
			for n := range desks {
				n = (n + ask*desks/4) % desks
				id := auth.Identity{Roles: []auth.Role{auth.Agent}, Values: []string{fmt.Sprintf("desk-%d", n)}}
				got := v.Directory(v.Grant(id)).Campaigns
				if want := []string{"Autumn", "Spring", ""}[n%3]; len(got) > 1 || len(got) == 1 && got[0].Name != want || len(got) == 0 && want != "" {
					t.Errorf("desk %d sees %v, want %q", n, got, want)
				}
			}
		})
	}
	wg.Wait()
	everything := v.Directory(v.Grant(auth.Identity{Roles: []auth.Role{auth.Supervisor}}))
	none := v.Directory(v.Grant(auth.Identity{Roles: []auth.Role{auth.Agent}}))
	if len(everything.Campaigns) != 2 || len(none.Campaigns) != 0 {
		t.Errorf("a supervisor without rules sees %v, an agent whom no rule fits %v", everything.Campaigns, none.Campaigns)
	}
}

// Somebody who may see the link is told whose backup an OCS is; to others there is none
// such. Where no OCS is known none is named.
func TestRouteToABackup(t *testing.T) {
	paired := policy.Link{Name: "madrid", AppDBID: 101, OCS: []commdn.DBID{201, 203, 205}, Backups: map[commdn.DBID]commdn.DBID{201: 202}, Tenants: []auth.Named{{Name: "Alpha"}}}
	stop := func(ocs commdn.DBID) commdn.Request {
		return &commdn.StopDialing{Address: commdn.Address{Target: ocs}, CampaignGroup: commdn.CampaignGroup{Campaign: 9, Group: 9}}
	}
	for name, c := range map[string]struct {
		grant *auth.Grant
		link  policy.Link
		req   commdn.Request
		want  string
	}{
		"backup":                {grant(t), paired, stop(202), "OCS 202 is the backup of 201: ask OCS 201, and whichever of the two is active answers"},
		"backup, of a number":   {grant(t), paired, &commdn.DoNotCall{Address: commdn.Address{Target: 202}, Phone: "1"}, "OCS 202 is the backup of 201"},
		"backup of others":      {grant(t, rule(auth.Rule{Tenants: []string{"Beta"}})...), paired, stop(202), "no OCS with DBID 202 is known here; known:"},
		"which of three":        {grant(t), paired, stop(0), "say which OCS: 201, 203 or 205 (on"},
		"where no OCS is known": {grant(t), policy.Link{Name: "madrid", AppDBID: 101}, stop(0), "say which OCS (on the command line with --ocs)"},
	} {
		_, err := policy.New(nil, dir(t), []policy.Link{c.link}).Route(c.grant, c.req)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
