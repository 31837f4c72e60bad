package directory

import (
	"fmt"

	"commdn/protocol/commdn"
	"commdn/relay/confdb"
	"commdn/relay/internal/strictyaml"
)

var format = strictyaml.Format{What: "a directory", MaxSize: MaxYAMLSize}

func parseYAML(d *Directory, data []byte) error {
	p := format.Read(d.File, data, d)
	if err := p.Err(); err != nil {
		return err
	}
	c := confdb.Check(p, d.DB, false)
	groups := confdb.Objects(c, "group", "groups", d.Groups, func(g Group) (commdn.DBID, string, commdn.DBID) { return g.DBID, g.Name, g.Tenant })
	for i, g := range d.Groups {
		c.Tenant(strictyaml.Item("groups", i), g.Tenant)
	}
	campaigns := confdb.Objects(c, "campaign", "campaigns", d.Campaigns, func(o Campaign) (commdn.DBID, string, commdn.DBID) { return o.DBID, o.Name, o.Tenant })
	for i, o := range d.Campaigns {
		c.Tenant(strictyaml.Item("campaigns", i), o.Tenant)
	}
	seen := make(map[commdn.CampaignGroup]int)
	for i, g := range d.CampaignGroups {
		path := strictyaml.Item("campaign_groups", i)
		confdb.First(c, seen, g.ID(), "campaign_groups", i, "", fmt.Sprintf("campaign %d and group %d are those", g.Campaign, g.Group))
		campaign, hasCampaign := c.Find(campaigns, path+".campaign", g.Campaign)
		group, hasGroup := c.Find(groups, path+".group", g.Group)
		if hasCampaign && hasGroup {
			c.SameTenant(path, "campaign", g.Campaign, d.Campaigns[campaign].Tenant, "group", g.Group, d.Groups[group].Tenant)
		}
		if g.OCS != 0 {
			c.OCS(path+".ocs", g.OCS)
		}
	}
	return p.Err()
}
