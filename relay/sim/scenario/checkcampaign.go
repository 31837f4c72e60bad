package scenario

import (
	"math"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/internal/enums"
	"commdn/relay/internal/strictyaml"
)

func (c *checker) callingLists() {
	c.lists = objects(c, "calling list", "calling_lists", c.CallingLists, func(l CallingList) (commdn.DBID, string, commdn.DBID) { return l.DBID, l.Name, l.Tenant })
	all := 0
	for i, l := range c.CallingLists {
		path := item("calling_lists", i)
		c.tenant(path, l.Tenant)
		for j, r := range l.Records {
			c.record(path, j, r)
		}
		if records(c.Problems, path, l.Generate, len(l.Records)) {
			all += len(l.Records) + l.Generate.Records()
		}
	}
	if all > MaxAllRecords {
		c.Fail("calling_lists", "have %d records; at most %d are possible", all, MaxAllRecords)
	}
}

// record makes its paths only where something is wrong: there are many.
func (c *checker) record(list string, i int, r Record) {
	fail := func(key, what string) {
		c.Fail(item(list+".records", i)+"."+key, "%s", what)
	}
	if r.Phone == "" {
		fail("phone", "is empty; every record has one")
	}
	if w := strictyaml.WrongText(r.Phone, commdn.MaxPhone); w != "" {
		fail("phone", w)
	}
	if w := strictyaml.WrongText(r.CustomerID, commdn.MaxCustomerID); w != "" {
		fail("customer_id", w)
	}
	if r.Chain < 0 {
		fail("chain", "is negative; give 0 for a chain of its own, or 1 and more")
	}
}

// records checks how many records are made up beside those that are written,
// and says whether the number is possible.
func records(p *strictyaml.Problems, path string, g Generate, written int) bool {
	key := path
	if path != "generate" {
		key += ".generate"
	}
	switch {
	case g.Customers < 0 || g.Customers > MaxRecords:
		p.Fail(key+".customers", "is %d; give 0 to %d", g.Customers, MaxRecords)
	case g.Phones < 0 || g.Phones > MaxRecords:
		p.Fail(key+".phones", "is %d; give 0 to %d", g.Phones, MaxRecords)
	case written+g.Records() > MaxRecords:
		p.Fail(path, "has %d records; at most %d are possible in a calling list", written+g.Records(), MaxRecords)
	default:
		return true
	}
	return false
}

func (c *checker) checkCampaigns() {
	c.campaigns = objects(c, "campaign", "campaigns", c.Campaigns, func(o Campaign) (commdn.DBID, string, commdn.DBID) { return o.DBID, o.Name, o.Tenant })
	for i, campaign := range c.Campaigns {
		path := item("campaigns", i)
		c.tenant(path, campaign.Tenant)
		seen := make(map[commdn.DBID]bool)
		for j, id := range campaign.CallingLists {
			at := item(path+".calling_lists", j)
			if seen[id] {
				c.Fail(at, "%d is there twice", id)
				continue
			}
			seen[id] = true
			if k, ok := c.find(c.lists, at, id); ok {
				c.sameTenant(at, "calling list", id, c.CallingLists[k].Tenant, "campaign", campaign.DBID, campaign.Tenant)
			}
		}
	}
}

func (c *checker) sameTenant(path, what string, id, tenant commdn.DBID, other string, otherID, otherTenant commdn.DBID) {
	if t, o := c.TenantOf(tenant), c.TenantOf(otherTenant); t != o {
		c.Fail(path, "%s %d is of tenant %d, and %s %d of tenant %d", what, id, t, other, otherID, o)
	}
}

func (c *checker) campaignGroups() {
	first := make(map[commdn.CampaignGroup]int)
	dialedBy := make(map[commdn.DBID]int) // the first campaign group of each calling list
	for i, g := range c.CampaignGroups {
		path := item("campaign_groups", i)
		if j, twice := first[g.ID()]; twice {
			c.Fail(path, "campaign %d and group %d are those of %s", g.Campaign, g.Group, c.Seen(item("campaign_groups", j)))
		} else {
			first[g.ID()] = i
		}
		campaign, haveCampaign := c.find(c.campaigns, path+".campaign", g.Campaign)
		group, haveGroup := c.find(c.groups, path+".group", g.Group)
		if haveCampaign && haveGroup {
			c.sameTenant(path, "campaign", g.Campaign, c.Campaigns[campaign].Tenant, "group", g.Group, c.Groups[group].Tenant)
		}
		server, haveServer := c.server(path, g)
		if haveCampaign && haveServer {
			tenant := c.TenantOf(c.Campaigns[campaign].Tenant)
			if !server.worksFor(tenant) {
				c.Fail(path, "OCS %d does not work for tenant %d, which campaign %d is of; name another ocs, or put the tenant into its tenants", server.DBID, tenant, g.Campaign)
			}
			for _, list := range c.Campaigns[campaign].CallingLists {
				j, dialed := dialedBy[list]
				if !dialed {
					dialedBy[list] = i
				} else if other := c.ServerOf(c.CampaignGroups[j]); other != server.DBID {
					c.Fail(path, "calling list %d would be dialed by OCS %d, and by OCS %d for %s; give each its own", list, server.DBID, other, c.Seen(item("campaign_groups", j)))
				}
			}
		}
		c.dialing(path+".dialing", g.Dialing)
	}
}

// server gives the OCS that serves a campaign group.
func (c *checker) server(path string, g CampaignGroup) (Application, bool) {
	if g.OCS != 0 {
		i, ok := c.enabledOCS(path+".ocs", g.OCS)
		if !ok {
			return Application{}, false
		}
		return c.Applications[i], true
	}
	servers := c.Servers()
	if len(servers) == 0 {
		c.Fail(path, "there is no OCS that serves it; add an application of the type ocs that is not disabled")
		return Application{}, false
	}
	return servers[0], true
}

// enabledOCS gives the index of the application that id refers to.
func (c *checker) enabledOCS(path string, id commdn.DBID) (int, bool) {
	if i, ok := c.applications.at[id]; ok {
		switch a := c.Applications[i]; {
		case a.Type != OutboundContactServer:
			c.Fail(path, "application %d is no OCS but a %s; %s", id, a.Type, c.servers.has(id))
			return 0, false
		case a.Disabled:
			c.Fail(path, "OCS %d is disabled", id)
			return 0, false
		}
	}
	return c.find(c.servers, path, id)
}

func (c *checker) dialing(path string, d Dialing) {
	if d == (Dialing{}) {
		return
	}
	if !d.Mode.Known() {
		c.Fail(path+".mode", "%s is no dialing mode; there are %s", d.Mode, strings.Join(enums.DialModes(), ", "))
	}
	if !d.OptimizeBy.Known() {
		c.Fail(path+".optimize_by", "%s is no optimization method; there are %s", d.OptimizeBy, strings.Join(enums.OptimizeBys(), ", "))
	}
	most := math.MaxInt32
	if d.OptimizeBy != commdn.OptimizeWaitTime {
		most = 100
	}
	c.number(path+".goal", int(d.Goal), 0, most)
}
