package directory

import (
	"fmt"
	"strconv"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/confdb"
	"commdn/relay/internal/near"
	"commdn/relay/internal/objname"
)

// index leads from DBIDs and names to places in a list.
type index struct {
	byID   map[commdn.DBID]int
	byName map[string][]int // folded
	ids    []commdn.DBID    // by place
}

func indexOf[T any](all []T, of func(T) (commdn.DBID, string)) index {
	x := index{make(map[commdn.DBID]int, len(all)), make(map[string][]int, len(all)), make([]commdn.DBID, len(all))}
	for i, o := range all {
		id, name := of(o)
		x.byID[id], x.ids[i] = i, id
		name = objname.Fold(name)
		x.byName[name] = append(x.byName[name], i)
	}
	return x
}

func (d *Directory) index() {
	d.tenants = indexOf(d.Tenants, func(t Tenant) (commdn.DBID, string) { return t.DBID, t.Name })
	d.applications = indexOf(d.Applications, func(a Application) (commdn.DBID, string) { return a.DBID, a.Name })
	d.groups = indexOf(d.Groups, func(g Group) (commdn.DBID, string) { return g.DBID, g.Name })
	d.campaigns = indexOf(d.Campaigns, func(c Campaign) (commdn.DBID, string) { return c.DBID, c.Name })
	d.servers = make(map[commdn.CampaignGroup]commdn.DBID, len(d.CampaignGroups))
	pairs := d.Pairs()
	for _, g := range d.CampaignGroups {
		if primary, is := pairs.Primary[g.OCS]; is {
			g.OCS = primary
		}
		if g.OCS != 0 {
			d.servers[g.ID()] = g.OCS
		}
	}
}

func byID[T any](x index, all []T, id commdn.DBID) (o T, ok bool) {
	if i, found := x.byID[id]; found {
		return all[i], true
	}
	return o, false
}

// Tenant returns the tenant with this DBID.
func (d *Directory) Tenant(id commdn.DBID) (Tenant, bool) { return byID(d.tenants, d.Tenants, id) }

// Application returns the application with this DBID.
func (d *Directory) Application(id commdn.DBID) (Application, bool) {
	return byID(d.applications, d.Applications, id)
}

// Group returns the group with this DBID.
func (d *Directory) Group(id commdn.DBID) (Group, bool) { return byID(d.groups, d.Groups, id) }

// Campaign returns the campaign with this DBID.
func (d *Directory) Campaign(id commdn.DBID) (Campaign, bool) {
	return byID(d.campaigns, d.Campaigns, id)
}

// LookupError means that a name does not lead to exactly one object.
type LookupError struct {
	Kind string // "campaign"
	Name string // the name
	Like []string
	Same []commdn.DBID // those that have the name; nil where none has
	Both bool          // it is the DBID of one object and the name of another
	have int
}

// Error returns one line.
func (e *LookupError) Error() string {
	s := e.Kind + " " + strconv.Quote(e.Name)
	switch {
	case e.Both:
		return fmt.Sprintf("%s is a DBID, and the name of %s; write %s%s or %s%s", s, list(e.Same), objname.DBIDPrefix, e.Name, objname.NamePrefix, e.Name)
	case e.Same != nil:
		return fmt.Sprintf("%s is the name of several; give the DBID: %s", s, list(e.Same))
	case e.have == 0:
		return fmt.Sprintf("%s is not in the directory, which has no %s", s, e.Kind)
	case e.Like != nil:
		like := make([]string, len(e.Like))
		for i, name := range e.Like {
			like[i] = confdb.Shown(name)
		}
		return fmt.Sprintf("%s is not in the directory; did you mean %s?", s, strings.Join(like, " or "))
	}
	return fmt.Sprintf("%s is not in the directory, nor is one like it; there are %d", s, e.have)
}

// find looks for what s refers to, see objname.
func find[T any](kind string, x index, all []T, s string) (o T, err error) {
	ref, _ := objname.Parse(s) // what is no DBID is none of all either
	numbered, isDBID := byID(x, all, commdn.DBID(ref.DBID))
	found := x.byName[ref.Name]
	if ref.Name == "" {
		found = nil
	}
	same := make([]commdn.DBID, 0, len(found))
	for _, i := range found {
		same = append(same, x.ids[i])
	}
	switch e := (&LookupError{Kind: kind, Name: s, have: len(all)}); {
	case isDBID && (len(found) == 0 || len(same) == 1 && same[0] == commdn.DBID(ref.DBID)):
		return numbered, nil
	case isDBID:
		e.Same, e.Both = same, true
		return o, e
	case len(found) == 1:
		return all[found[0]], nil
	case len(found) > 1:
		e.Same = same
		return o, e
	default:
		e.Like = near.Names(strings.TrimPrefix(s, objname.NamePrefix), names(x), 3)
		return o, e
	}
}

// FindTenant gives a tenant by DBID or name (see objname); else the error is a *LookupError.
func (d *Directory) FindTenant(s string) (Tenant, error) {
	return find("tenant", d.tenants, d.Tenants, s)
}

// FindApplication returns an application by DBID or name; else the error is a
// *LookupError.
func (d *Directory) FindApplication(s string) (Application, error) {
	return find("application", d.applications, d.Applications, s)
}

// FindGroup returns a group by DBID or name; else the error is a *LookupError. Groups of
// two tenants may have the same name.
func (d *Directory) FindGroup(s string) (Group, error) { return find("group", d.groups, d.Groups, s) }

// FindCampaign returns a campaign by DBID or name; else the error is a *LookupError.
// Campaigns of two tenants may have the same name.
func (d *Directory) FindCampaign(s string) (Campaign, error) {
	return find("campaign", d.campaigns, d.Campaigns, s)
}

// ServerOf returns the OCS that serves a campaign group, of a pair the primary, or 0 if
// the file does not say.
func (d *Directory) ServerOf(g commdn.CampaignGroup) commdn.DBID { return d.servers[g] }
