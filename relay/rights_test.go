package relay

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/auth/authtest"
)

// company is a directory of two tenants that one OCS works for.
const company = `
tenants: [{dbid: 1, name: Alpha}, {dbid: 2, name: Beta}]
applications: [{dbid: 201, name: OCS_1, type: ocs}]
campaigns:
  - {dbid: 1001, name: Autumn, tenant: 1}
  - {dbid: 1002, name: Winter, tenant: 1}
  - {dbid: 1003, name: Spring, tenant: 2}
groups:
  - {dbid: 501, name: North, tenant: 1}
  - {dbid: 502, name: South, tenant: 1}
  - {dbid: 503, name: East, tenant: 2}
campaign_groups:
  - {campaign: 1001, group: 501, ocs: 201}
  - {campaign: 1001, group: 502, ocs: 201}
  - {campaign: 1002, group: 501, ocs: 201}
  - {campaign: 1003, group: 503, ocs: 201}
`

var (
	autumnNorth = commdn.CampaignGroup{Campaign: 1001, Group: 501}
	autumnSouth = commdn.CampaignGroup{Campaign: 1001, Group: 502}
	winterNorth = commdn.CampaignGroup{Campaign: 1002, Group: 501}
	springEast  = commdn.CampaignGroup{Campaign: 1003, Group: 503}
)

// rightsRig is a relay with people and names, and an OCS played by the test.
// The directory comes by a Reload, so that nobody is asked for a status.
func rightsRig(t *testing.T, all ...auth.Rule) (*rig, *hand, *authtest.Provider) {
	t.Helper()
	p := authtest.New(t)
	r, h := byHand(t, func(o *Options) {
		o.Auth, o.StatusAge = identified(t, p), -1
		o.Links[0].Tenants = []auth.Named{{DBID: 1}}
		o.Settings = Settings{Directory: names(t, strings.ReplaceAll(company, ", ocs: 201", "")), Policy: rules(t, all...)}
		o.Links[0].OCS = []commdn.DBID{201, 202} // so that nothing is asked at the start
	})
	return r, h, p
}

func to201() commdn.Address { return commdn.Address{Target: 201} }

func item(campaign commdn.DBID) commdn.SequenceItem {
	return commdn.SequenceItem{Campaign: campaign, Dialing: commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}}
}

func start(of commdn.CampaignGroup) commdn.Request {
	return &commdn.StopDialing{Address: to201(), CampaignGroup: of}
}

func ask(of commdn.CampaignGroup) commdn.Request {
	return &commdn.GetCampaignStatus{Address: to201(), CampaignGroup: of}
}

func sequence(group commdn.DBID, campaigns ...commdn.DBID) commdn.Request {
	s := &commdn.Sequence{Description: "Day"}
	for _, c := range campaigns {
		s.Items = append(s.Items, item(c))
	}
	return &commdn.UnloadCampaign{Address: to201(), CampaignGroup: commdn.CampaignGroup{Group: group}, Sequence: s}
}

// permitted makes a request that has to reach the CommDN, and answers it.
func (c *peer) permitted(h *hand, req commdn.Request) {
	c.t.Helper()
	c.request(1, req.UserData())
	if got := h.any(); got.Type() != req.Type() {
		c.t.Fatalf("on the CommDN is %s, want %s", commdn.Trace(got, true), commdn.Trace(req, true))
	}
	h.send(bareFault())
	c.message(c.next(), frame.KindOutcome, 1)
}

// denied makes one that is refused before it gets there: the next one that is
// permitted is the next one there.
func (c *peer) denied(req commdn.Request, words ...string) {
	c.t.Helper()
	c.request(1, req.UserData())
	c.refused(1, frame.RefusedForbidden, append(words, "you may not ")...)
}

func TestRoles(t *testing.T) {
	t.Parallel()
	r, h, p := rightsRig(t)
	doNotCall := &commdn.DoNotCall{Address: to201(), Phone: "5550104477"}
	cancel := &commdn.CancelRecord{Address: to201(), Phone: "5550104477"}
	campaigns := []commdn.Request{
		start(autumnNorth), ask(autumnNorth), sequence(501, 1001),
		&commdn.LoadCampaign{Address: to201(), CampaignGroup: autumnNorth, Dialing: item(1).Dialing},
		&commdn.UnloadCampaign{Address: to201(), CampaignGroup: autumnNorth},
		&commdn.ForceUnloadCampaign{Address: to201(), CampaignGroup: autumnNorth},
		&commdn.StartDialing{Address: to201(), CampaignGroup: autumnNorth, Dialing: item(1).Dialing},
		&commdn.SetDialingMode{Address: to201(), CampaignGroup: autumnNorth, Dialing: item(1).Dialing},
	}
	for name, may := range map[string]struct{ numbers, campaigns bool }{
		"agent":            {numbers: true},
		"supervisor":       {campaigns: true},
		"auditor":          {},
		"agent supervisor": {true, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := r.sessionOf(of(p, name, strings.Fields(name)...))
			c.t, h.t = t, t
			each := func(allowed bool, role string, all ...commdn.Request) {
				t.Helper()
				for _, req := range all {
					if allowed {
						c.permitted(h, req)
					} else {
						c.denied(req, "needs the role "+role)
					}
				}
			}
			each(may.numbers, "agent", doNotCall, cancel)
			each(may.campaigns, "supervisor", campaigns...)
			c.bye()
		})
	}
	if log := r.log.String(); !containsAll(log, `msg=refused`, `code=forbidden`, "you may not put numbers on the Do Not Call list: that needs the role agent") {
		t.Errorf("the refusals are not logged:\n%s", log)
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	r, h, p := rightsRig(t,
		auth.Rule{Role: auth.Supervisor, Values: []string{"lead-autumn"}, Campaigns: []string{"aut*"}},
		auth.Rule{Role: auth.Supervisor, Values: []string{"lead-north"}, Groups: []string{"501"}},
		auth.Rule{Role: auth.Supervisor, Values: []string{"lead-beta"}, Tenants: []string{"Beta"}},
		auth.Rule{Role: auth.Agent, Values: []string{"desk-alpha"}, Tenants: []string{"Alpha"}},
		auth.Rule{Role: auth.Agent, Values: []string{"desk-beta"}, Tenants: []string{"2"}},
		auth.Rule{Role: auth.Agent, Values: []string{"desk-autumn"}, Campaigns: []string{"Autumn"}},
	)
	doNotCall := &commdn.DoNotCall{Address: to201(), Phone: "5550104477"}
	cancel := func(campaign string) commdn.Request {
		return &commdn.CancelRecord{Address: to201(), Phone: "5550104477", Campaign: campaign}
	}
	type denial struct {
		req   commdn.Request
		words string
	}
	for name, c := range map[string]struct {
		role, value string
		may         []commdn.Request
		not         []denial
		sees        []string // campaigns of the directory
	}{
		"campaigns by glob": {"supervisor", "lead-autumn",
			[]commdn.Request{start(autumnNorth), ask(autumnSouth), sequence(501, 1001, 1001)},
			[]denial{
				{start(winterNorth), "campaign 1002 is not among those that you may control"},
				{ask(springEast), "campaign 1003 is not among those that you may watch"},
				{sequence(501, 1001, 1002), "campaign 1002 "}, // every item counts
				{sequence(501, 1002, 1001), "campaign 1002 "},
				{start(commdn.CampaignGroup{Campaign: 9999, Group: 501}), "campaign 9999"},
			}, []string{"Autumn"}},
		"a group": {"supervisor", "lead-north",
			[]commdn.Request{start(winterNorth), sequence(501, 1001, 1002)},
			[]denial{{start(autumnSouth), "group 502 "}, {sequence(502, 1001), "group 502 "}},
			[]string{"Autumn", "Winter", "Spring"}},
		"a tenant": {"supervisor", "lead-beta",
			nil,
			[]denial{{start(autumnNorth), "campaign 1001, group 501: no tenant of yours"}, {sequence(503, 1003, 1001), "campaign 1001, "}},
			[]string{"Spring"}},
		"no rule": {"supervisor", "lead-nothing",
			nil, []denial{{start(autumnNorth), "no rule for the role supervisor fits you"}}, nil},
		"agent of the link's tenant": {"agent", "desk-alpha",
			[]commdn.Request{doNotCall, cancel(""), cancel("Winter")},
			[]denial{{start(autumnNorth), "the role supervisor"}}, []string{"Autumn", "Winter"}},
		"agent of another tenant": {"agent", "desk-beta",
			nil, []denial{{doNotCall, "the tenant is not among"}, {cancel(""), "the tenant is not among"}}, []string{"Spring"}},
		"agent of a campaign": {"agent", "desk-autumn",
			[]commdn.Request{doNotCall, cancel("Autumn")},
			[]denial{{cancel(""), "it names no campaign"}, {cancel("Winter"), "campaign Winter is not among"}, {cancel("1001"), "campaign 1001"}},
			[]string{"Autumn"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := r.sessionOf(of(p, name, c.role, c.value))
			s.t, h.t = t, t
			var sees []string
			for _, o := range s.directory.Campaigns {
				sees = append(sees, o.Name)
			}
			if !slices.Equal(sees, c.sees) {
				t.Errorf("sees %q, want %q", sees, c.sees)
			}
			for _, req := range c.may {
				s.permitted(h, req)
			}
			for _, d := range c.not {
				s.denied(d.req, d.words)
			}
			s.bye()
		})
	}
}

// A living session has the rights, the directory and the names of origins that
// the last Reload gave.
func TestReload(t *testing.T) {
	t.Parallel()
	rule := func(campaign string) auth.Rule {
		return auth.Rule{Role: auth.Supervisor, Campaigns: []string{campaign}}
	}
	r, h, p := rightsRig(t, rule("Autumn"))
	c := r.sessionOf(of(p, "ann", "supervisor"))
	agent := r.sessionOf(of(p, "ben", "agent"))
	h.send(event(winterNorth, commdn.StatusActive).UserData())
	r.until("the status is known", func() bool { return r.srv.cache.Len() == 1 })
	c.subscribe()
	c.permitted(h, start(autumnNorth))
	c.denied(start(winterNorth))
	if status := r.upgrade("https://desk.example.com", r.addr); status != http.StatusForbidden {
		t.Errorf("before: %d", status)
	}
	text := strings.ReplaceAll(strings.ReplaceAll(company, ", ocs: 201", ""), "name: Winter", "name: Frost")
	if err := r.srv.Reload(Settings{Policy: rules(t, rule("Frost")), Directory: names(t, text), Origins: []string{"https://desk.example.com"}}); err != nil {
		t.Fatal(err)
	}
	c.readDirectory()
	if d := c.directory; len(d.Campaigns) != 1 || d.Campaigns[0].Name != "Frost" || len(d.Groups) != 1 || d.Groups[0].Name != "North" {
		t.Errorf("directory %+v", d)
	}
	if e := c.told(commdn.StatusActive); e.CampaignGroup != winterNorth {
		t.Errorf("told of %v", e.CampaignGroup)
	}
	c.denied(start(autumnNorth), "campaign 1001 ")
	c.permitted(h, start(winterNorth))
	agent.readDirectory()
	agent.permitted(h, &commdn.DoNotCall{Address: to201(), Phone: "5550104477"})
	if status := r.upgrade("https://desk.example.com", r.addr); status != http.StatusSwitchingProtocols {
		t.Errorf("after: %d", status)
	}
	// What is wrong changes nothing.
	if err := r.srv.Reload(Settings{Origins: []string{"desk.example.com"}}); err == nil {
		t.Error("a wrong origin is taken")
	}
	if err := r.srv.Reload(Settings{Grace: -1}); err == nil {
		t.Error("a negative grace is taken")
	}
	c.denied(start(autumnNorth))
}

// Without authentication everybody may do everything, and is told so.
func TestNobodyIsAsked(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), func(o *Options) {
		o.Settings.Policy = rules(t, auth.Rule{Role: auth.Agent, Tenants: []string{"Alpha"}})
	})
	c := r.sessionOf("whatever")
	c.put(1, "5550100001")
	c.refresh("something else")
	c.refreshed()
	c.put(1, "5550100002")
	r.log.wait(t, "nobody is authenticated")
}
