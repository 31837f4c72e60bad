package relay

import (
	"fmt"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/directory"
)

// Settings are what Server.Reload can change while the relay runs.
type Settings struct {
	Hosts   []string // names that browsers reach the relay by; loopback names are always served
	Origins []string // of pages, see ParseOrigins; the relay's own is always allowed
	Parents []string // origins of pages that may have frame.html in a frame, see ParseParents; the relay's own always may

	Policy *auth.Policy  // nil: a role alone is enough
	Grace  time.Duration // that a session outlives its token by; 0 is none

	Directory *directory.Directory // names of campaigns, groups and tenants; nil: none are known

	Limits Limits // of what clients can take
}

// settings are Settings, ready for use. They are not changed.
type settings struct {
	Settings
	origins origins
	parents []string // as browsers write them; not nil
}

func newSettings(s Settings) (*settings, error) {
	all, err := parseOrigins(s.Origins)
	if err != nil {
		return nil, err
	}
	parents, err := ParseParents(s.Parents)
	if err != nil {
		return nil, err
	}
	if s.Grace < 0 {
		return nil, fmt.Errorf("relay: a grace of %s for tokens is negative", s.Grace)
	}
	if s.Policy == nil {
		if s.Policy, err = auth.NewPolicy(nil); err != nil {
			return nil, err
		}
	}
	s.Limits = s.Limits.withDefaults()
	return &settings{s, all, parents}, nil
}

// frame gives the part of the directory that somebody may see; nil is
// everybody.
func (st *settings) frame(g *auth.Grant) frame.Directory {
	d := st.Directory
	if d == nil {
		return frame.Directory{}
	}
	if g == nil {
		return d.Frame(nil)
	}
	return d.Frame(func(kind directory.Kind, o, tenant frame.Named) bool {
		about := auth.Object{Tenant: auth.Named(tenant)}
		if kind == directory.KindCampaign {
			about.Campaign = auth.Named(o)
		} else {
			about.Group = auth.Named(o)
		}
		return g.Sees(about)
	})
}

// object gives what a campaign group is called and whose it is. Tenant is zero
// where it is not known.
func (st *settings) object(of commdn.CampaignGroup) auth.Object {
	o := auth.Object{Campaign: auth.Named{DBID: of.Campaign}, Group: auth.Named{DBID: of.Group}}
	d := st.Directory
	if d == nil {
		return o
	}
	if g, ok := d.Group(of.Group); ok {
		o.Group.Name, o.Tenant = g.Name, st.tenant(g.Tenant)
	}
	if c, ok := d.Campaign(of.Campaign); ok {
		o.Campaign.Name, o.Tenant = c.Name, st.tenant(c.Tenant)
	}
	return o
}

func (st *settings) tenant(id commdn.DBID) auth.Named {
	if st.Directory == nil {
		return auth.Named{DBID: id}
	}
	id = st.Directory.TenantOf(id)
	t, _ := st.Directory.Tenant(id)
	return auth.Named{DBID: id, Name: t.Name}
}

// known gives a tenant of which the configuration says DBID or name with both,
// where the directory has it: rules may go by either.
func (st *settings) known(tenant auth.Named) auth.Named {
	if st.Directory == nil || tenant == (auth.Named{}) {
		return tenant
	}
	if t, ok := st.Directory.Tenant(tenant.DBID); ok {
		return auth.Named{DBID: t.DBID, Name: t.Name}
	}
	if t, err := st.Directory.FindTenant(tenant.Name); tenant.DBID == 0 && err == nil && t.Name == tenant.Name {
		return auth.Named{DBID: t.DBID, Name: t.Name}
	}
	return tenant
}

// ocsOf gives the OCS that serves what a request is about; 0 where that is not
// known.
func (st *settings) ocsOf(req commdn.Request) commdn.DBID {
	if st.Directory == nil {
		return 0
	}
	of, sequence := groupOf(req)
	if sequence != nil && len(sequence.Items) > 0 {
		of.Campaign = sequence.Items[0].Campaign
	}
	return st.Directory.ServerOf(of)
}

// tenantOf gives whose campaign or group a request is about; the zero value
// where the directory does not tell.
func (st *settings) tenantOf(req commdn.Request) auth.Named {
	of, sequence := groupOf(req)
	if sequence != nil && len(sequence.Items) > 0 {
		of.Campaign = sequence.Items[0].Campaign
	}
	return st.object(of).Tenant
}

// check says whether somebody may ask at a site for what a request asks; the
// error is a *auth.DeniedError.
func (st *settings) check(g *auth.Grant, req commdn.Request, s *site) error {
	tenants := s.tenants
	if len(tenants) == 0 {
		tenants = []auth.Named{{}}
	}
	for _, tenant := range tenants { // nothing says for which of them a number is: all have to be allowed
		if err := st.checkFor(g, req, s, st.known(tenant)); err != nil {
			return err
		}
	}
	return nil
}

func (st *settings) checkFor(g *auth.Grant, req commdn.Request, s *site, tenant auth.Named) error {
	switch m := req.(type) {
	case *commdn.DoNotCall:
		return g.Check(auth.RightDoNotCall, auth.Object{Tenant: tenant})
	case *commdn.CancelRecord:
		return g.Check(auth.RightCancel, auth.Object{Tenant: tenant, Campaign: st.campaignNamed(m.Campaign)})
	}
	of, sequence := groupOf(req)
	right := auth.RightCampaigns
	switch {
	case req.Type() == commdn.ReqGetCampaignStatus:
		right = auth.RightWatch
	case sequence != nil:
		right = auth.RightSequences
	}
	if sequence == nil {
		return g.Check(right, st.at(s, of))
	}
	for _, item := range sequence.Items {
		if err := g.Check(right, st.at(s, commdn.CampaignGroup{Campaign: item.Campaign, Group: of.Group})); err != nil {
			return err
		}
	}
	return nil
}

// at is object, of the tenant of a site where the directory does not tell.
func (st *settings) at(s *site, of commdn.CampaignGroup) auth.Object {
	o := st.object(of)
	if o.Tenant == (auth.Named{}) && len(s.tenants) == 1 {
		o.Tenant = st.known(s.tenants[0])
	}
	return o
}

func (st *settings) campaignNamed(name string) auth.Named {
	o := auth.Named{Name: name}
	if st.Directory != nil && name != "" {
		// OCS goes by names: digits are no DBID to it.
		if c, err := st.Directory.FindCampaign(name); err == nil && c.Name == name {
			o = auth.Named{DBID: c.DBID, Name: c.Name}
		}
	}
	return o
}

// groupOf gives what a request about a campaign or a sequence is about.
func groupOf(req commdn.Request) (of commdn.CampaignGroup, sequence *commdn.Sequence) {
	c, _ := commdn.ControlOf(req)
	return c.CampaignGroup, c.Sequence
}

// toSeveral says whether a request may go to several OCS.
func toSeveral(req commdn.Request) bool {
	return req.Type().AboutPerson()
}

// copyOf gives a request of its own for one of several sites; only those about a
// number or customer go to several.
func copyOf(req commdn.Request) commdn.Request { return commdn.Clone(req) }
