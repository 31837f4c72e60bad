package directory

import (
	"slices"
	"strconv"

	"commdn/protocol/commdn"
	"commdn/relay/internal/strictyaml"
)

// maxName is the length of a name in bytes that Configuration Server takes.
const maxName = 255

var format = strictyaml.Format{What: "a directory", MaxSize: MaxYAMLSize}

func parseYAML(d *Directory, data []byte) error {
	p := format.Read(d.File, data, d)
	if err := p.Err(); err != nil {
		return err
	}
	c := &checker{p, d}
	c.all()
	return p.Err()
}

// checker looks for what is wrong with a YAML file: whatever a typing error may
// have done.
type checker struct {
	*strictyaml.Problems
	*Directory
}

// ids are the objects of one kind.
type ids struct {
	kind string
	at   map[commdn.DBID]int
}

func (c *checker) all() {
	tenants := objects(c, "tenant", "tenants", c.Tenants, func(t Tenant) (commdn.DBID, string, commdn.DBID) { return t.DBID, t.Name, 0 })
	if len(c.Tenants) == 0 {
		tenants.at[DefaultTenant] = 0
	}
	applications := objects(c, "application", "applications", c.Applications, func(a Application) (commdn.DBID, string, commdn.DBID) { return a.DBID, a.Name, 0 })
	types := []string{string(OutboundContactServer), string(ThirdPartyServer), string(ThirdPartyApplication)}
	for i, a := range c.Applications {
		path := item("applications", i)
		if !slices.Contains(types, string(a.Type)) {
			c.Fail(path+".type", "%s is no type of application%s", strictyaml.Quote(string(a.Type)), strictyaml.Hint(string(a.Type), types, "; there are "))
		}
		if a.Type != OutboundContactServer && len(a.Tenants) > 0 {
			c.Fail(path+".tenants", "is for applications of the type ocs only")
		}
		c.refer(tenants, path+".tenants", a.Tenants)
		c.refer(applications, path+".connections", a.Connections)
		if j := slices.Index(a.Connections, a.DBID); j >= 0 {
			c.Fail(item(path+".connections", j), "%d is the application itself", a.DBID)
		}
	}
	numbers, dns := make(map[string]int), make(map[commdn.DBID]int)
	for i, dn := range c.CommDNs {
		path := item("comm_dns", i)
		c.name(path+".number", dn.Number)
		first(c, numbers, "comm_dns", i, ".number", dn.Number, strictyaml.Quote(dn.Number))
		if c.Given(path + ".dbid") {
			c.id(path, dn.DBID)
			first(c, dns, "comm_dns", i, ".dbid", dn.DBID, strconv.Itoa(int(dn.DBID)))
		}
		c.tenant(tenants, path, dn.Tenant)
	}
	groups := objects(c, "group", "groups", c.Groups, func(g Group) (commdn.DBID, string, commdn.DBID) { return g.DBID, g.Name, g.Tenant })
	for i, g := range c.Groups {
		c.tenant(tenants, item("groups", i), g.Tenant)
	}
	campaigns := objects(c, "campaign", "campaigns", c.Campaigns, func(o Campaign) (commdn.DBID, string, commdn.DBID) { return o.DBID, o.Name, o.Tenant })
	for i, o := range c.Campaigns {
		c.tenant(tenants, item("campaigns", i), o.Tenant)
	}
	c.campaignGroups(campaigns, groups, applications)
}

func (c *checker) campaignGroups(campaigns, groups, applications ids) {
	seen := make(map[commdn.CampaignGroup]int)
	for i, g := range c.CampaignGroups {
		path := item("campaign_groups", i)
		campaign, okCampaign := c.find(campaigns, path+".campaign", g.Campaign)
		group, okGroup := c.find(groups, path+".group", g.Group)
		if okCampaign && okGroup {
			of, with := c.TenantOf(c.Campaigns[campaign].Tenant), c.TenantOf(c.Groups[group].Tenant)
			if of != with {
				c.Fail(path, "campaign %d is of tenant %d, and group %d of tenant %d", g.Campaign, of, g.Group, with)
			}
		}
		if g.OCS != 0 {
			if j, ok := c.find(applications, path+".ocs", g.OCS); ok && c.Applications[j].Type != OutboundContactServer {
				c.Fail(path+".ocs", "application %d is no OCS but a %s", g.OCS, c.Applications[j].Type)
			}
		}
		first(c, seen, "campaign_groups", i, "", g.ID(), g.ID().String())
	}
}

// objects checks the DBIDs, and the names within a tenant, of a kind.
func objects[T any](c *checker, kind, list string, all []T, of func(T) (id commdn.DBID, name string, tenant commdn.DBID)) ids {
	type named struct {
		tenant commdn.DBID
		name   string
	}
	have := ids{kind, make(map[commdn.DBID]int, len(all))}
	names := make(map[named]int)
	for i, o := range all {
		id, name, tenant := of(o)
		c.id(item(list, i), id)
		first(c, have.at, list, i, ".dbid", id, strconv.Itoa(int(id)))
		c.name(item(list, i)+".name", name)
		first(c, names, list, i, ".name", named{c.TenantOf(tenant), name}, strictyaml.Quote(name))
	}
	return have
}

// first refuses what another item of the list has already.
func first[K comparable](c *checker, seen map[K]int, list string, i int, key string, k K, text string) {
	if j, twice := seen[k]; twice {
		c.Fail(item(list, i)+key, "%s is that of %s", text, c.Seen(item(list, j)))
		return
	}
	seen[k] = i
}

func (c *checker) id(path string, id commdn.DBID) {
	if id < 1 {
		c.Fail(path+".dbid", "is %d; give 1 or more", id)
	}
}

func (c *checker) tenant(tenants ids, path string, id commdn.DBID) {
	if c.Given(path + ".tenant") {
		c.find(tenants, path+".tenant", id)
	}
}

func (c *checker) refer(to ids, path string, all []commdn.DBID) {
	for i, id := range all {
		if slices.Contains(all[:i], id) {
			c.Fail(item(path, i), "%d is there twice", id)
		} else {
			c.find(to, item(path, i), id)
		}
	}
}

func (c *checker) find(in ids, path string, id commdn.DBID) (int, bool) {
	i, ok := in.at[id]
	if !ok {
		all := make([]commdn.DBID, 0, len(in.at))
		for id := range in.at {
			all = append(all, id)
		}
		c.Fail(path, "there is no %s %d; there are %s", in.kind, id, list(all))
	}
	return i, ok
}

func (c *checker) name(path, s string) {
	if s == "" {
		c.Fail(path, "is empty")
	} else if w := strictyaml.WrongText(s, maxName); w != "" {
		c.Fail(path, "%s", w)
	}
}

// item gives the path of an item of a list.
func item(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
