package relay

import (
	"slices"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/auth/authtest"
	"commdn/relay/habits/habitstest"
	"commdn/relay/sim"
)

// newSites starts two simulations, each with one OCS that the test plays or that
// answers by itself, and a relay with a link to each.
func newSites(t *testing.T, ocs [2]commdn.DBID, silent bool, change func(*Options)) (r *rig, sites [2]*sim.Sim) {
	t.Helper()
	for i, id := range ocs {
		one := connectedOCS(id)
		if silent {
			one = silentOCS(id)
		}
		s, err := sim.Start(sim.Options{Scenario: installation(one), As: habitstest.As(t)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		sites[i] = s
	}
	r = newRelay(t, sites[0].Addr(), func(o *Options) {
		o.Links[0].Name, o.Links[0].OCS = "alpha", ocs[:1]
		o.Links = append(o.Links, Link{Name: "beta", TServer: tserverAt(sites[1].Addr(), "commdn"), AppDBID: application, OCS: ocs[1:]})
		if change != nil {
			change(o)
		}
	})
	r.waitLink(true)
	return r, sites
}

// at gives a hand on the CommDN of one of several sites.
func (r *rig) at(s *sim.Sim) *hand {
	return (&rig{t: r.t, sim: s}).hand("OCS_by_hand")
}

// A number goes to every site, and each OCS answers.
func TestNumberGoesToAllSites(t *testing.T) {
	t.Parallel()
	r, sites := newSites(t, [2]commdn.DBID{201, 202}, false, nil)
	c := r.session()
	if w := c.welcome; !slices.Equal(w.OCS, []commdn.DBID{201, 202}) || !w.Link.Up {
		t.Errorf("welcome %+v", w)
	}
	c.request(1, dnc("5550104477"))
	first, last := c.message(c.next(), frame.KindAnswer, 1), c.message(c.next(), frame.KindOutcome, 1)
	if first.Addr().Origin+last.Addr().Origin != 403 {
		t.Errorf("answers of %d and %d", first.Addr().Origin, last.Addr().Origin)
	}
	c.request(2, (&commdn.DoNotCall{Address: commdn.Address{Target: 202}, Phone: "5550104478"}).UserData())
	if m := c.message(c.next(), frame.KindOutcome, 2); m.Addr().Origin != 202 {
		t.Errorf("answer of %d", m.Addr().Origin)
	}
	if a, b := len(sites[0].DNC()), len(sites[1].DNC()); a != 1 || b != 2 {
		t.Errorf("%d entries in alpha, %d in beta", a, b)
	}
	c.ping()

	// One is down: the other one answers, and the refusal names the link.
	sites[1].TServers()[0].SetLink(false)
	down := frame.ReadLink(c.next().Body)
	if down.Up || !strings.HasPrefix(down.Reason, "beta: ") || strings.Contains(down.Reason, "alpha") {
		t.Errorf("link %+v", down)
	}
	c.request(3, dnc("5550104479"))
	if m := c.message(c.next(), frame.KindAnswer, 3); m.Addr().Origin != 201 {
		t.Errorf("answer of %d", m.Addr().Origin)
	}
	c.refused(3, frame.RefusedLinkDown, "beta: no link to T-Server since ")
	c.request(4, (&commdn.DoNotCall{Address: commdn.Address{Target: 202}, Phone: "5550104480"}).UserData())
	c.refused(4, frame.RefusedLinkDown, "beta: no link to T-Server since ")
	c.request(5, (&commdn.DoNotCall{Address: commdn.Address{Target: 201}, Phone: "5550104480"}).UserData())
	c.message(c.next(), frame.KindOutcome, 5)
	r.readyz(true, "link down: beta: ")
	c.ping()
	sites[0].TServers()[0].SetLink(false)
	for down = frame.ReadLink(c.next().Body); !containsAll(down.Reason, "alpha: ", "; beta: "); {
		down = frame.ReadLink(c.next().Body)
	}
	c.request(6, dnc("5550104481"))
	c.refused(6, frame.RefusedLinkDown, "alpha: no link", "; beta: no link")
	c.ping()
}

// The directory says which OCS has a campaign, and so which link.
func TestCampaignGoesToItsSite(t *testing.T) {
	t.Parallel()
	r, sites := newSites(t, [2]commdn.DBID{201, 202}, true, func(o *Options) {
		o.AnswerTimeout, o.StatusAge = patience, -1
	})
	alpha, beta := r.at(sites[0]), r.at(sites[1])
	if err := r.srv.Reload(Settings{Directory: names(t, `
applications: [{dbid: 201, name: OCS_1, type: ocs}, {dbid: 202, name: OCS_2, type: ocs}, {dbid: 203, name: OCS_3, type: ocs}]
campaigns: [{dbid: 1001, name: Autumn}, {dbid: 1003, name: Spring}, {dbid: 1004, name: Summer}]
groups: [{dbid: 501, name: North}, {dbid: 503, name: East}]
campaign_groups: [{campaign: 1003, group: 503, ocs: 202}, {campaign: 1004, group: 503, ocs: 203}]
`)}); err != nil {
		t.Fatal(err)
	}
	answer := event(springEast, commdn.StatusRunning)
	answer.Origin, answer.Target = 202, application
	if req := beta.any(); req.Type() != commdn.ReqGetCampaignStatus || req.Addr().Target != 202 {
		t.Errorf("at beta is %+v", req) // the relay's own question, since the directory is new
	}
	beta.send(answer.UserData())
	c := r.session()
	stop := func(target commdn.DBID, of commdn.CampaignGroup) commdn.Request {
		return &commdn.StopDialing{Address: commdn.Address{Target: target}, CampaignGroup: of}
	}
	c.request(1, stop(0, springEast).UserData())
	if req, ok := beta.any().(*commdn.StopDialing); !ok || req.Target != 202 || req.Origin != application {
		t.Errorf("at beta is %+v", req)
	}
	answer.Status = commdn.StatusActive
	beta.send(answer.UserData())
	c.message(c.next(), frame.KindOutcome, 1)
	c.request(2, stop(201, autumnNorth).UserData())
	if req := alpha.any(); req.Addr().Target != 201 {
		t.Errorf("at alpha is %+v", req)
	}
	alpha.send(bareFault())
	c.message(c.next(), frame.KindOutcome, 2)
	c.request(3, stop(0, autumnNorth).UserData()) // the directory does not say which OCS
	c.refused(3, frame.RefusedInvalid, "say which OCS: 201 or 202")
	c.request(4, stop(999, autumnNorth).UserData())
	c.refused(4, frame.RefusedInvalid, "no OCS with DBID 999", "201 202")
	c.request(5, stop(0, commdn.CampaignGroup{Campaign: 1004, Group: 503}).UserData()) // has no link
	c.refused(5, frame.RefusedInvalid, "no OCS with DBID 203", "201 202")
}

// Two tenants may have their own links and even the same OCS DBID: the tenant of
// the campaign decides, and what somebody may do for it.
func TestTenantsHaveLinks(t *testing.T) {
	t.Parallel()
	p := authtest.New(t)
	r, sites := newSites(t, [2]commdn.DBID{201, 201}, true, func(o *Options) {
		o.Auth, o.StatusAge = identified(t, p), -1
		o.Links[0].Tenants = []auth.Named{{DBID: 1}}
		o.Links[1].Tenants = []auth.Named{{Name: "Beta"}}
		o.Settings.Directory = names(t, strings.Split(company, "campaign_groups:")[0])
		o.Settings.Policy = rules(t,
			auth.Rule{Role: auth.Agent, Values: []string{"desk-beta"}, Tenants: []string{"2"}},
			auth.Rule{Role: auth.Agent, Values: []string{"desk-both"}})
	})
	alpha, beta := r.at(sites[0]), r.at(sites[1])
	lead := r.sessionOf(of(p, "ann", "supervisor"))
	lead.permitted(alpha, start(autumnNorth))
	lead.permitted(beta, start(springEast))
	lead.request(1, start(commdn.CampaignGroup{Campaign: 7, Group: 8}).UserData()) // nobody knows whose that is
	lead.refused(1, frame.RefusedInvalid, "OCS 201 is behind several links")

	desk := r.sessionOf(of(p, "ben", "agent", "desk-beta"))
	desk.permitted(beta, &commdn.DoNotCall{Phone: "5550104477"})
	both := r.sessionOf(of(p, "eva", "agent", "desk-both"))
	both.request(1, dnc("5550104478"))
	alpha.request()
	beta.request()
	alpha.send(processed("5550104478"))
	both.message(both.next(), frame.KindAnswer, 1)
	beta.send(processed("5550104478"))
	both.message(both.next(), frame.KindOutcome, 1)
}

// A link of which nobody knows the OCS is asked only for what no other one has.
func TestSiteWithUnknownOCS(t *testing.T) {
	t.Parallel()
	r, sites := newSites(t, [2]commdn.DBID{201, 202}, true, func(o *Options) { o.Links[1].OCS = nil })
	alpha, beta := r.at(sites[0]), r.at(sites[1])
	c := r.session()
	stop := func(target commdn.DBID) commdn.Request {
		return &commdn.StopDialing{Address: commdn.Address{Target: target}, CampaignGroup: autumnNorth}
	}
	c.permitted(alpha, stop(201))
	c.request(1, stop(202).UserData())
	beta.any()
	fault := &commdn.Fault{Address: commdn.Address{Origin: 202, Target: application}, Code: commdn.ErrorInvalidParameter}
	beta.send(fault.UserData())
	c.message(c.next(), frame.KindOutcome, 1)
	c.request(1, stop(0).UserData()) // there is not only one to be meant
	c.refused(1, frame.RefusedInvalid, "say which OCS: 201")
	c.permitted(alpha, &commdn.DoNotCall{Address: to201(), Phone: "5550104477"})
}

// Two sessions may use the same numbers, and each gets what is its own.
func TestNumbersOfOthers(t *testing.T) {
	t.Parallel()
	r, h := byHand(t, func(o *Options) { o.AnswerTimeout = 2 * patience })
	a, b, spy := r.session(), r.session(), r.session()
	const requests = 10
	for n := range uint32(requests) {
		a.request(n+1, dnc("555010000"+string(rune('0'+n))))
		b.request(n+1, dnc("555020000"+string(rune('0'+n))))
	}
	phones := map[string]bool{}
	for range 2 * requests {
		phones[h.request().Phone] = true
	}
	for phone := range phones { // in no order
		h.send(processed(phone))
	}
	for _, c := range []struct {
		*peer
		prefix string
	}{{a, "555010000"}, {b, "555020000"}} {
		got := map[uint32]bool{}
		for range requests {
			f := c.next()
			m := c.message(f, frame.KindOutcome, f.Number)
			if done, ok := m.(*commdn.DoNotCallProcessed); !ok || done.Phone != c.prefix+string(rune('0'+f.Number-1)) || got[f.Number] {
				t.Errorf("%d answered by %s", f.Number, commdn.Trace(m, true))
			}
			got[f.Number] = true
		}
		c.ping()
	}
	spy.ping()
}

// Somebody is told of the OCS and links of their tenant: those of others neither
// come up nor go down for them.
func TestLinksOfOthers(t *testing.T) {
	t.Parallel()
	p := authtest.New(t)
	r, sites := newSites(t, [2]commdn.DBID{201, 202}, false, func(o *Options) {
		o.Auth = identified(t, p)
		o.Links[0].Tenants = []auth.Named{{Name: "Alpha"}}
		o.Links[1].Tenants = []auth.Named{{Name: "Beta"}}
		o.Settings.Policy = rules(t, auth.Rule{Role: auth.Agent, Tenants: []string{"Alpha"}, Values: []string{"alpha"}},
			auth.Rule{Role: auth.Agent, Values: []string{"all"}})
	})
	one, all := r.sessionOf(of(p, "ann", "agent", "alpha")), r.sessionOf(of(p, "bob", "agent", "all"))
	if got := one.welcome.OCS; !slices.Equal(got, []commdn.DBID{201}) {
		t.Errorf("told of the OCS %v", got)
	}
	if got := all.welcome.OCS; !slices.Equal(got, []commdn.DBID{201, 202}) {
		t.Errorf("who may see all is told of the OCS %v", got)
	}
	sites[1].TServers()[0].SetLink(false)
	if down := frame.ReadLink(all.next().Body); down.Up || down.Reason != "beta: the link is down" {
		t.Errorf("told %+v", down)
	}
	one.ping()
	one.put(1, "5550100001")
	// Another tenant from the next reload on.
	if err := r.srv.Reload(Settings{Policy: rules(t, auth.Rule{Role: auth.Agent, Tenants: []string{"Beta"}, Values: []string{"alpha"}})}); err != nil {
		t.Fatal(err)
	}
	if down := frame.ReadLink(one.next().Body); down.Up || down.Reason != "the link is down" {
		t.Errorf("after the reload told %+v", down)
	}
}
