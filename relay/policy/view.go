// Package policy says what a person may do, what they see, and where a request
// goes: rights, directory and routing in one immutable View, which a reload
// replaces as a whole.
package policy

import (
	"slices"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/auth"
	"commdn/relay/directory"
)

// Link is what routing knows of a link to a T-Server.
type Link struct {
	Name    string        // unique; it stands for the link in every other room
	AppDBID commdn.DBID   // of the relay's application there
	OCS     []commdn.DBID // all on its CommDN; empty: not known
	// Backups are the OCS that stand in for those of OCS, by the DBID of these. Nobody
	// asks them by their own.
	Backups map[commdn.DBID]commdn.DBID
	Tenants []auth.Named // whose requests go there; empty: everybody's
	// CancelByCustomer says that its OCS cancel the records of a customer without a
	// phone.
	CancelByCustomer bool
	// Vanity says that letters of a number stand there for the digits of their keys.
	Vanity bool
}

// View is what holds between two reloads. What it says never changes, and every
// goroutine may use it. Its zero value knows no link, so that nothing goes anywhere.
type View struct {
	rules *auth.Policy
	dir   *directory.Directory
	links []Link

	told told

	// Links, to be read only: every one, those of an OCS, and those whose OCS are
	// not known.
	all, open []*Link
	byOCS     map[commdn.DBID][]*Link
}

// New makes a View. rules nil: a role alone is enough. dir nil: no names are
// known.
func New(rules *auth.Policy, dir *directory.Directory, links []Link) *View {
	v := &View{rules: rules, dir: dir}
	for _, l := range links {
		tenants := make([]auth.Named, len(l.Tenants))
		for i, t := range l.Tenants {
			tenants[i] = v.complete(t)
		}
		l.Tenants = tenants
		v.links = append(v.links, l)
	}
	v.byOCS = make(map[commdn.DBID][]*Link)
	for i := range v.links {
		l := &v.links[i]
		v.all = append(v.all, l)
		if len(l.OCS) == 0 {
			v.open = append(v.open, l)
		}
		for _, ocs := range l.OCS {
			if !slices.Contains(v.byOCS[ocs], l) {
				v.byOCS[ocs] = append(v.byOCS[ocs], l)
			}
		}
	}
	return v
}

// Grant works out once what a person may do.
func (v *View) Grant(id auth.Identity) *auth.Grant { return v.rules.Grant(id) }

// OCS gives every OCS that somebody has to do with, in the order of the links.
func (v *View) OCS(g *auth.Grant) []commdn.DBID {
	var all []commdn.DBID
	for _, l := range v.reached(g, v.all) {
		all = append(all, l.OCS...)
	}
	return all
}

// Reaches says whether somebody has to do with a link: it is for everybody, or for
// a tenant that is theirs.
func (v *View) Reaches(g *auth.Grant, link string) bool { return reaches(g, v.link(link)) }

func reaches(g *auth.Grant, l *Link) bool {
	switch {
	case l == nil:
		return false
	case len(l.Tenants) == 0:
		return g.Sees(auth.Object{})
	}
	return slices.ContainsFunc(l.Tenants, func(t auth.Named) bool { return g.Sees(auth.Object{Tenant: t}) })
}

// reached leaves the links that somebody has to do with.
func (v *View) reached(g *auth.Grant, links []*Link) []*Link {
	other := func(l *Link) bool { return !reaches(g, l) }
	if !slices.ContainsFunc(links, other) { // nearly always
		return links
	}
	return slices.DeleteFunc(slices.Clone(links), other)
}

// CancelByCustomer says whether the records of a customer can be canceled without a
// phone, over one link at least.
func (v *View) CancelByCustomer() bool {
	return slices.ContainsFunc(v.links, func(l Link) bool { return l.CancelByCustomer })
}

// Vanity says whether letters may stand for digits, over one link at least that
// somebody has to do with.
func (v *View) Vanity(g *auth.Grant) bool {
	return slices.ContainsFunc(v.reached(g, v.all), func(l *Link) bool { return l.Vanity })
}

// SameDirectory says whether both views have the same directory.
func (v *View) SameDirectory(other *View) bool { return v.dir == other.dir }

// At gives what a campaign group behind a link is called and whose it is, for
// Grant.May. The tenant is that of the directory, else the only one of the link.
func (v *View) At(link string, of commdn.CampaignGroup) auth.Object {
	return v.at(v.link(link), of)
}

func (v *View) at(l *Link, of commdn.CampaignGroup) auth.Object {
	o := v.object(of)
	if o.Tenant == (auth.Named{}) && l != nil && len(l.Tenants) == 1 {
		o.Tenant = l.Tenants[0]
	}
	return o
}

// Knows says whether a campaign group is one of the directory: both of its parts
// are, or the group of a sequence, which has no campaign.
func (v *View) Knows(of commdn.CampaignGroup) bool {
	if v.dir == nil {
		return false
	}
	_, group := v.dir.Group(of.Group)
	_, campaign := v.dir.Campaign(of.Campaign)
	return group && (campaign || of.Campaign == 0)
}

// Questions gives the request for the status of every campaign group of the
// directory that is behind a link.
func (v *View) Questions(link string) []*commdn.GetCampaignStatus {
	l := v.link(link)
	if v.dir == nil || l == nil {
		return nil
	}
	var all []*commdn.GetCampaignStatus
	for _, g := range v.dir.CampaignGroups {
		ocs := g.OCS
		if ocs == 0 && len(l.OCS) == 1 {
			ocs = l.OCS[0]
		}
		if g.Disabled || ocs == 0 || !slices.Contains(v.behind(ocs), l) {
			continue
		}
		if tenant := v.object(g.ID()).Tenant; tenant != (auth.Named{}) && !l.of(tenant) {
			continue // it is asked over the link of its tenant
		}
		all = append(all, &commdn.GetCampaignStatus{
			Address: commdn.Address{Origin: l.AppDBID, Target: ocs}, CampaignGroup: g.ID(),
		})
	}
	return all
}

func (v *View) link(name string) *Link {
	for i := range v.links {
		if v.links[i].Name == name {
			return &v.links[i]
		}
	}
	return nil
}

// object gives what a campaign group is called and whose it is. Tenant is zero
// where the directory does not tell.
func (v *View) object(of commdn.CampaignGroup) auth.Object {
	o := auth.Object{Campaign: auth.Named{DBID: of.Campaign}, Group: auth.Named{DBID: of.Group}}
	if v.dir == nil {
		return o
	}
	if g, ok := v.dir.Group(of.Group); ok {
		o.Group.Name, o.Tenant = g.Name, v.tenant(g.Tenant)
	}
	if c, ok := v.dir.Campaign(of.Campaign); ok {
		o.Campaign.Name, o.Tenant = c.Name, v.tenant(c.Tenant)
	}
	return o
}

func (v *View) tenant(id commdn.DBID) auth.Named {
	id = v.dir.TenantOf(id)
	t, _ := v.dir.Tenant(id)
	return auth.Named{DBID: id, Name: t.Name}
}

// complete gives a tenant of which the configuration says DBID or name with
// both, where the directory has it: rules may go by either.
func (v *View) complete(tenant auth.Named) auth.Named {
	if v.dir == nil || tenant == (auth.Named{}) {
		return tenant
	}
	if t, ok := v.dir.Tenant(tenant.DBID); ok {
		return auth.Named{DBID: t.DBID, Name: t.Name}
	}
	if t, err := v.dir.FindTenant(tenant.Name); tenant.DBID == 0 && err == nil && t.Name == tenant.Name {
		return auth.Named{DBID: t.DBID, Name: t.Name}
	}
	return tenant
}

func (v *View) campaignNamed(name string) auth.Named {
	o := auth.Named{Name: name}
	if v.dir != nil && name != "" {
		// OCS goes by names: digits are no DBID to it.
		if c, err := v.dir.FindCampaign(name); err == nil && c.Name == name {
			o = auth.Named{DBID: c.DBID, Name: c.Name}
		}
	}
	return o
}

// of says whether requests of a tenant go over the link.
func (l *Link) of(tenant auth.Named) bool {
	if len(l.Tenants) == 0 {
		return true
	}
	for _, t := range l.Tenants {
		if t.DBID != 0 && t.DBID == tenant.DBID || t.Name != "" && strings.EqualFold(t.Name, tenant.Name) {
			return true
		}
	}
	return false
}
