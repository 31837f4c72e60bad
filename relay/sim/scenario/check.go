package scenario

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"commdn/protocol/commdn"
	"commdn/relay/internal/near"
	"commdn/relay/internal/strictyaml"
	"commdn/relay/sim/clock"
)

// Bounds of a scenario beside those of its files.
const (
	MaxUserData    = 65_535
	MaxAgents      = 10_000
	MaxAttempts    = 100
	MaxDuration    = 366 * 24 * time.Hour
	MaxName        = 255       // bytes of names, numbers of CommDNs and keys
	MaxDescription = 4 << 10   // bytes
	MaxShare       = 1_000_000 // of Results
	MaxAllRecords  = 5_000_000 // of all calling lists
)

// Check says what is wrong with the scenario: joined *Errors, or nil.
func (s *Scenario) Check() error {
	c := &checker{Problems: strictyaml.New(""), Scenario: s}
	c.scenario()
	return joined(c.Problems)
}

// checker looks for what is wrong with a scenario.
type checker struct {
	*strictyaml.Problems
	*Scenario
	tenants, applications, servers kind
	groups, lists, campaigns       kind
}

// kind is the objects of one kind by DBID.
type kind struct {
	what string
	ids  []commdn.DBID
	at   map[commdn.DBID]int // index in the scenario
}

func (c *checker) scenario() {
	if len(c.Name) > 0 {
		c.name("name", c.Name)
	}
	if len(c.Description) > MaxDescription {
		c.Fail("description", "has %d bytes; at most %d are possible", len(c.Description), MaxDescription)
	}
	if !utf8.ValidString(c.Description) {
		c.Fail("description", "is no UTF-8 text")
	}
	if t := c.Clock.Start; !t.IsZero() && (t.Unix() <= 0 || t.Unix() > math.MaxUint32) {
		c.Fail("clock.start", "is %s; give a time from 1970 to 2106", t.Format(time.RFC3339))
	}
	if v := c.Clock.Speed; v != nil && !(*v >= 0 && *v <= clock.MaxSpeed) {
		c.Fail("clock.speed", "is %v; give 0 to %d", *v, clock.MaxSpeed)
	}
	c.number("tserver.max_user_data", c.TServer.MaxUserData, 0, MaxUserData)

	c.tenants = objects(c, "tenant", "tenants", c.Tenants, func(t Tenant) (commdn.DBID, string, commdn.DBID) { return t.DBID, t.Name, 0 })
	if len(c.Tenants) == 0 {
		c.tenants = kind{"tenant", []commdn.DBID{DefaultTenant}, map[commdn.DBID]int{DefaultTenant: 0}}
	}
	c.checkApplications()
	c.commDNs()
	c.groups = objects(c, "group", "groups", c.Groups, func(g Group) (commdn.DBID, string, commdn.DBID) { return g.DBID, g.Name, g.Tenant })
	for i, g := range c.Groups {
		c.tenant(item("groups", i), g.Tenant)
		c.number(item("groups", i)+".agents", g.Agents, 0, MaxAgents)
	}
	c.callingLists()
	c.checkCampaigns()
	c.campaignGroups()
	for i, e := range c.DoNotCall {
		c.entry(item("do_not_call", i), e)
	}
	for i, f := range c.Faults {
		c.fault(item("faults", i), f, true)
	}
}

// item gives the path of an item of a list.
func item(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// objects checks the DBIDs, and the names within a tenant, of all objects of a
// kind.
func objects[T any](c *checker, what, list string, all []T, of func(T) (id commdn.DBID, name string, tenant commdn.DBID)) kind {
	type named struct {
		tenant commdn.DBID
		name   string
	}
	k := kind{what: what, at: make(map[commdn.DBID]int, len(all))}
	names := make(map[named]int)
	for i, o := range all {
		id, name, tenant := of(o)
		path := item(list, i)
		if first, twice := k.at[id]; twice {
			c.Fail(path+".dbid", "%d is the DBID of %s", id, c.Seen(item(list, first)))
		} else if k.at[id] = i; id < 1 {
			c.Fail(path+".dbid", "is %d; give 1 or more", id)
		} else {
			k.ids = append(k.ids, id)
		}
		if what == "application" && name == "" {
			continue
		}
		c.name(path+".name", name)
		key := named{c.TenantOf(tenant), name}
		if first, twice := names[key]; twice {
			c.Fail(path+".name", "%s is the name of %s", strictyaml.Quote(name), c.Seen(item(list, first)))
		} else {
			names[key] = i
		}
	}
	slices.Sort(k.ids)
	return k
}

// find gives the index of the object that id refers to.
func (c *checker) find(k kind, path string, id commdn.DBID) (int, bool) {
	i, ok := k.at[id]
	if !ok {
		c.Fail(path, "there is no %s %d; %s", k.what, id, k.has(id))
	}
	return i, ok
}

// has says which objects there are, or which may have been meant.
func (k kind) has(id commdn.DBID) string {
	const few = 8
	if len(k.ids) == 0 {
		return "there is none"
	}
	all := make([]string, len(k.ids))
	for i, id := range k.ids {
		all[i] = fmt.Sprint(id)
	}
	switch {
	case len(all) == 1:
		return "there is " + all[0]
	case len(all) <= few:
		return "there are " + strings.Join(all, ", ")
	}
	like := near.Names(fmt.Sprint(id), all, 3)
	if like == nil {
		return fmt.Sprintf("there are %d from %s to %s", len(all), all[0], all[len(all)-1])
	}
	return "did you mean " + strings.Join(like, " or ") + "?"
}

// tenant checks the key tenant of an object.
func (c *checker) tenant(path string, id commdn.DBID) {
	if id != 0 {
		c.find(c.tenants, path+".tenant", id)
	}
}

func (c *checker) commDNs() {
	first := make(map[string]int)
	for i, dn := range c.CommDNs {
		path := item("comm_dns", i)
		c.name(path+".number", dn.Number)
		if j, twice := first[dn.Number]; twice {
			c.Fail(path+".number", "%s is the number of %s", strictyaml.Quote(dn.Number), c.Seen(item("comm_dns", j)))
		} else {
			first[dn.Number] = i
		}
		c.tenant(path, dn.Tenant)
	}
}

func (c *checker) number(path string, n, least, most int) {
	if n < least || n > most {
		c.Fail(path, "is %d; give %d to %d", n, least, most)
	}
}

func (c *checker) duration(path string, d time.Duration) {
	if d < 0 || d > MaxDuration {
		c.Fail(path, "is %s; give 0 to %s", strictyaml.Short(d), strictyaml.Short(MaxDuration))
	}
}

func (c *checker) name(path, s string) {
	if s == "" {
		c.Fail(path, "is empty")
	}
	c.text(path, s, MaxName)
}

// text checks what has to match a text elsewhere.
func (c *checker) text(path, s string, most int) {
	if w := strictyaml.WrongText(s, most); w != "" {
		c.Fail(path, "%s", w)
	}
}

// entry checks phone and customer id, one of which may be empty.
func (c *checker) entry(path string, e Entry) {
	if e.Phone == "" && e.CustomerID == "" {
		c.Fail(path, "has neither phone nor customer_id; give one of them, or both")
	}
	c.text(path+".phone", e.Phone, commdn.MaxPhone)
	c.text(path+".customer_id", e.CustomerID, commdn.MaxCustomerID)
	c.tenant(path, e.Tenant)
}
