package scenario

import (
	"fmt"
	"math"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/confdb"
	"commdn/relay/internal/enums"
	"commdn/relay/internal/strictyaml"
)

func (c *checker) callingLists() {
	c.lists = confdb.Objects(c.Checker, "calling list", "calling_lists", c.scenario.CallingLists, func(l CallingList) (commdn.DBID, string, commdn.DBID) { return l.DBID, l.Name, l.Tenant })
	all := 0
	for i, l := range c.scenario.CallingLists {
		path := strictyaml.Item("calling_lists", i)
		c.Tenant(path, l.Tenant)
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
		c.Fail(strictyaml.Item(list+".records", i)+"."+key, "%s", what)
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
	switch r.Type {
	case "", General, CampaignRescheduled, CampaignCallBack:
	default:
		fail("type", fmt.Sprintf("is %q; give %s, %s or %s", r.Type, General, CampaignRescheduled, CampaignCallBack))
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
	c.campaigns = confdb.Objects(c.Checker, "campaign", "campaigns", c.scenario.Campaigns, func(o Campaign) (commdn.DBID, string, commdn.DBID) { return o.DBID, o.Name, o.Tenant })
	for i, campaign := range c.scenario.Campaigns {
		path := strictyaml.Item("campaigns", i)
		c.Tenant(path, campaign.Tenant)
		c.References(c.lists, path+".calling_lists", campaign.CallingLists, func(at string, to int) {
			l := c.scenario.CallingLists[to]
			c.SameTenant(at, "calling list", l.DBID, l.Tenant, "campaign", campaign.DBID, campaign.Tenant)
		})
	}
}

func (c *checker) campaignGroups() {
	first := make(map[commdn.CampaignGroup]int)
	dialedBy := make(map[commdn.DBID]int) // the first campaign group of each calling list
	for i, g := range c.scenario.CampaignGroups {
		path := strictyaml.Item("campaign_groups", i)
		confdb.First(c.Checker, first, g.ID(), "campaign_groups", i, "", fmt.Sprintf("campaign %d and group %d are those", g.Campaign, g.Group))
		campaign, haveCampaign := c.Find(c.campaigns, path+".campaign", g.Campaign)
		group, haveGroup := c.Find(c.groups, path+".group", g.Group)
		if haveCampaign && haveGroup {
			c.SameTenant(path, "campaign", g.Campaign, c.scenario.Campaigns[campaign].Tenant, "group", g.Group, c.scenario.Groups[group].Tenant)
		}
		server, haveServer := c.server(path, g)
		if haveCampaign && haveServer {
			tenant := c.TenantOf(c.scenario.Campaigns[campaign].Tenant)
			if !c.WorksFor(server.object(), tenant) {
				c.Fail(path, "OCS %d does not work for tenant %d, which campaign %d is of; name another ocs, or put the tenant into its tenants", server.DBID, tenant, g.Campaign)
			}
			for _, list := range c.scenario.Campaigns[campaign].CallingLists {
				j, dialed := dialedBy[list]
				if !dialed {
					dialedBy[list] = i
				} else if other := c.scenario.ServerOf(c.scenario.CampaignGroups[j]); other != server.DBID {
					c.Fail(path, "calling list %d would be dialed by OCS %d, and by OCS %d for %s; give each its own", list, server.DBID, other, c.Seen(strictyaml.Item("campaign_groups", j)))
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
		return c.scenario.Applications[i], true
	}
	servers := c.scenario.Servers()
	if len(servers) == 0 {
		c.Fail(path, "there is no OCS that serves it; add an application of the type ocs that is not disabled")
		return Application{}, false
	}
	return servers[0], true
}

// enabledOCS gives the index of the application that id refers to.
func (c *checker) enabledOCS(path string, id commdn.DBID) (int, bool) {
	i, ok := c.OCS(path, id)
	if ok && c.scenario.Applications[i].Disabled {
		c.Fail(path, "OCS %d is disabled", id)
		return 0, false
	}
	return i, ok
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
