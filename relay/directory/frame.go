package directory

import (
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Kind is the kind of an object in a frame.Directory.
type Kind uint8

// The kinds of objects that sessions hear about.
const (
	KindCampaign Kind = iota
	KindGroup
)

// Frame returns the part of the directory that a session may see, without disabled
// objects, in the order of the file. see gets each campaign and group with its tenant,
// whose name is empty if the file has no tenants. A campaign group needs both of its
// parts to be visible.
func (d *Directory) Frame(see func(kind Kind, o, tenant frame.Named) bool) frame.Directory {
	var f frame.Directory
	campaigns, groups := make(map[commdn.DBID]bool), make(map[commdn.DBID]bool)
	shown := func(kind Kind, o frame.Named, tenant commdn.DBID) bool {
		of := frame.Named{DBID: d.TenantOf(tenant)}
		t, _ := d.Tenant(of.DBID)
		of.Name = t.Name
		return !t.Disabled && see(kind, o, of)
	}
	for _, c := range d.Campaigns {
		if o := (frame.Named{DBID: c.DBID, Name: c.Name}); !c.Disabled && shown(KindCampaign, o, c.Tenant) {
			f.Campaigns = append(f.Campaigns, o)
			campaigns[o.DBID] = true
		}
	}
	for _, g := range d.Groups {
		if o := (frame.Named{DBID: g.DBID, Name: g.Name}); !g.Disabled && shown(KindGroup, o, g.Tenant) {
			f.Groups = append(f.Groups, o)
			groups[o.DBID] = true
		}
	}
	for _, g := range d.CampaignGroups {
		if !g.Disabled && campaigns[g.Campaign] && groups[g.Group] {
			f.CampaignGroups = append(f.CampaignGroups, frame.CampaignGroup{Campaign: g.Campaign, Group: g.Group, OCS: d.ServerOf(g.ID())})
		}
	}
	return f
}
