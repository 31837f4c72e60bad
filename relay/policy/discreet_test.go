package policy_test

import (
	"slices"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/relay/auth"
	"commdn/relay/directory"
	"commdn/relay/policy"
)

// A company with a secret: rules let some people see Autumn, and tenant Alpha,
// alone.
const secret = `
tenants: [{dbid: 1, name: Alpha}, {dbid: 2, name: Omega}]
applications: [{dbid: 201, name: OCS_1, type: ocs}, {dbid: 202, name: OCS_2, type: ocs}]
campaigns:
  - {dbid: 1001, name: Autumn, tenant: 1}
  - {dbid: 1002, name: Winter, tenant: 1}
  - {dbid: 1005, name: Secret merger, tenant: 2}
  - {dbid: 1006, name: Old, tenant: 1, disabled: true}
groups: [{dbid: 501, name: North, tenant: 1}, {dbid: 502, name: South, tenant: 1}, {dbid: 509, name: Board, tenant: 2}]
campaign_groups:
  - {campaign: 1001, group: 501, ocs: 201}
  - {campaign: 1002, group: 502, ocs: 201}
  - {campaign: 1002, group: 501, ocs: 201}
  - {campaign: 1005, group: 509, ocs: 202}
  - {campaign: 1006, group: 501, ocs: 201, disabled: true}
`

func secretView(t *testing.T, links ...policy.Link) *policy.View {
	t.Helper()
	d, err := directory.Parse("names.yaml", []byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return policy.New(nil, d, links)
}

var (
	alphaLink = policy.Link{Name: "madrid", AppDBID: 101, OCS: []commdn.DBID{201}, Tenants: []auth.Named{{DBID: 1}}}
	omegaLink = policy.Link{Name: "lisbon", AppDBID: 102, OCS: []commdn.DBID{202}, Tenants: []auth.Named{{DBID: 2}}}
)

// What there is and what there is not is refused in the same words, which name
// nothing that the person did not say or may not see.
func TestRefusalsTellNoNames(t *testing.T) {
	people := map[string][]auth.Rule{
		"of a campaign":       rule(auth.Rule{Campaigns: []string{"Autumn"}}),
		"of a group":          rule(auth.Rule{Groups: []string{"North"}}),
		"of a tenant":         rule(auth.Rule{Tenants: []string{"Alpha"}}),
		"of campaign by DBID": rule(auth.Rule{Campaigns: []string{"1001"}}),
		"of several":          append(rule(auth.Rule{Campaigns: []string{"Autumn"}, Tenants: []string{"Alpha"}}), rule(auth.Rule{Groups: []string{"North"}, Tenants: []string{"Alpha"}})...),
	}
	type ask func(campaign, group, ocs commdn.DBID, name string) commdn.Request
	of := func(c, g, ocs commdn.DBID) (commdn.Address, commdn.CampaignGroup) {
		return commdn.Address{Target: ocs}, commdn.CampaignGroup{Campaign: c, Group: g}
	}
	requests := map[string]ask{
		"stop": func(c, g, ocs commdn.DBID, _ string) commdn.Request {
			a, cg := of(c, g, ocs)
			return &commdn.StopDialing{Address: a, CampaignGroup: cg}
		},
		"status": func(c, g, ocs commdn.DBID, _ string) commdn.Request {
			a, cg := of(c, g, ocs)
			return &commdn.GetCampaignStatus{Address: a, CampaignGroup: cg}
		},
		"sequence": func(c, g, ocs commdn.DBID, _ string) commdn.Request {
			return &commdn.LoadCampaign{Address: commdn.Address{Target: ocs}, CampaignGroup: commdn.CampaignGroup{Group: g},
				Sequence: &commdn.Sequence{Items: []commdn.SequenceItem{{Campaign: c}}}}
		},
		"cancel": func(_, _, ocs commdn.DBID, name string) commdn.Request {
			return &commdn.CancelRecord{Address: commdn.Address{Target: ocs}, Phone: "5550104477", Campaign: name}
		},
	}
	v := secretView(t, alphaLink, omegaLink)
	for who, rules := range people {
		g := grant(t, rules...)
		for what, ask := range requests {
			// Omega's OCS is as good as not there to those of Alpha.
			targets := []commdn.DBID{0, 201}
			for _, target := range targets {
				there, err1 := v.Route(g, ask(1005, 509, target, "Secret merger"))
				absent, err2 := v.Route(g, ask(1995, 599, target, "Sacred merger"))
				if err1 == nil || err2 == nil {
					if what == "cancel" || who == "of a group" { // nothing narrows these
						continue
					}
					t.Errorf("%s, %s of %d: goes over %v, and %v where there is none", who, what, target, there, absent)
					continue
				}
				words := strings.NewReplacer("1995", "1005", "599", "509", "Sacred", "Secret").Replace(err2.Error())
				if err1.Error() != words {
					t.Errorf("%s, %s to %d is told apart:\n%v\n%v", who, what, target, err1, err2)
				}
				said := strings.ReplaceAll(err1.Error(), "campaign Secret merger", "")
				if what != "cancel" {
					said = err1.Error()
				}
				for _, name := range []string{"Secret", "Board", "Omega", "(2)", "202"} {
					if strings.Contains(said, name) {
						t.Errorf("%s, %s tells %s: %v", who, what, name, err1)
					}
				}
			}
		}
	}
	// What somebody may see is named.
	g := grant(t, auth.Rule{Role: auth.Supervisor, Groups: []string{"North"}}, auth.Rule{Role: auth.Agent, Campaigns: []string{"Winter"}})
	_, err := v.Route(g, &commdn.StopDialing{CampaignGroup: commdn.CampaignGroup{Campaign: 1001, Group: 502}})
	if err == nil || !strings.Contains(err.Error(), "group 502 is not among those that you may control") {
		t.Errorf("a group that is not seen: %v", err)
	}
	g = grant(t, auth.Rule{Role: auth.Supervisor, Campaigns: []string{"Autumn"}}, auth.Rule{Role: auth.Agent, Campaigns: []string{"Winter"}})
	_, err = v.Route(g, &commdn.StopDialing{CampaignGroup: commdn.CampaignGroup{Campaign: 1002, Group: 502}})
	if err == nil || !strings.Contains(err.Error(), "campaign Winter (1002) is not among those that you may control") {
		t.Errorf("a campaign that is seen by another role: %v", err)
	}
	// A campaign may be seen where the group that it is asked for with is not.
	g = grant(t, auth.Rule{Role: auth.Supervisor, Campaigns: []string{"Autumn"}}, auth.Rule{Role: auth.Agent, Campaigns: []string{"Winter"}, Groups: []string{"South"}})
	_, err = v.Route(g, &commdn.StopDialing{CampaignGroup: commdn.CampaignGroup{Campaign: 1002, Group: 501}})
	if err == nil || !strings.Contains(err.Error(), "campaign Winter (1002) is not among") {
		t.Errorf("a campaign that is seen with another group: %v", err)
	}
	// An OCS of others is as good as none.
	_, err = v.Route(grant(t, people["of a tenant"]...), &commdn.DoNotCall{Address: commdn.Address{Target: 202}, Phone: "1"})
	if err == nil || err.Error() != "no OCS with DBID 202 is known here; known: 201" {
		t.Errorf("an OCS of others: %v", err)
	}
	// Of a number nothing says for which tenant it is.
	omega := secretView(t, omegaLink)
	_, err = omega.Route(grant(t, people["of a tenant"]...), &commdn.DoNotCall{Phone: "1"})
	if err == nil || strings.Contains(err.Error(), "Omega") || !strings.Contains(err.Error(), "the tenant is not among those") {
		t.Errorf("a number for another tenant: %v", err)
	}
}

// Somebody is told of the links, OCS and groups that they have to do with.
func TestWhatSomebodyIsToldOf(t *testing.T) {
	open := policy.Link{Name: "oslo", AppDBID: 103, OCS: []commdn.DBID{203}}
	v := secretView(t, alphaLink, omegaLink, open)
	for name, c := range map[string]struct {
		grant  *auth.Grant
		links  []string
		ocs    []commdn.DBID
		groups []string
	}{
		"nobody":        {nil, nil, nil, nil},
		"everybody":     {grant(t), []string{"madrid", "lisbon", "oslo"}, []commdn.DBID{201, 202, 203}, []string{"North", "South", "Board"}},
		"of a tenant":   {grant(t, rule(auth.Rule{Tenants: []string{"Alpha"}})...), []string{"madrid", "oslo"}, []commdn.DBID{201, 203}, []string{"North", "South"}},
		"of a campaign": {grant(t, rule(auth.Rule{Campaigns: []string{"Autumn"}})...), []string{"madrid", "lisbon", "oslo"}, []commdn.DBID{201, 202, 203}, []string{"North"}},
		"of two rules": {grant(t, append(rule(auth.Rule{Campaigns: []string{"Autumn"}, Groups: []string{"North"}}), rule(auth.Rule{Campaigns: []string{"Winter"}, Groups: []string{"South"}})...)...),
			[]string{"madrid", "lisbon", "oslo"}, []commdn.DBID{201, 202, 203}, []string{"North", "South"}},
	} {
		var links, groups []string
		for _, l := range []string{"madrid", "lisbon", "oslo", "nowhere"} {
			if v.Reaches(c.grant, l) {
				links = append(links, l)
			}
		}
		d := v.Directory(c.grant)
		for _, o := range d.Groups {
			groups = append(groups, o.Name)
		}
		if !slices.Equal(links, c.links) || !slices.Equal(v.OCS(c.grant), c.ocs) || !slices.Equal(groups, c.groups) {
			t.Errorf("%s: links %v, OCS %v, groups %v", name, links, v.OCS(c.grant), groups)
		}
		for _, of := range d.CampaignGroups {
			if name == "of two rules" && of.Campaign == 1002 && of.Group == 501 {
				t.Errorf("%s: sees campaign group %v, which no rule has", name, of)
			}
		}
	}
}

// rule gives a rule for agents and supervisors.
func rule(r auth.Rule) []auth.Rule {
	agent, supervisor := r, r
	agent.Role, supervisor.Role = auth.Agent, auth.Supervisor
	return []auth.Rule{agent, supervisor}
}

// A campaign group is asked for over the link of its tenant, also where both
// links have the same OCS; what is disabled is not asked for.
func TestQuestionsOfTenants(t *testing.T) {
	other := omegaLink
	other.OCS = []commdn.DBID{201, 202}
	one := alphaLink
	one.OCS = []commdn.DBID{201, 202}
	v := secretView(t, one, other)
	for link, want := range map[string][]commdn.DBID{"madrid": {1001, 1002, 1002}, "lisbon": {1005}} {
		var got []commdn.DBID
		for _, q := range v.Questions(link) {
			got = append(got, q.Campaign)
		}
		if !slices.Equal(got, want) {
			t.Errorf("over %s the campaigns %v are asked for, want %v", link, got, want)
		}
	}
}
