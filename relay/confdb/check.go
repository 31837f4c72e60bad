package confdb

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/internal/near"
	"commdn/relay/internal/strictyaml"
)

// MaxName is the length of a name in bytes that Configuration Server takes.
const MaxName = 255

// Checker looks for what is wrong with the objects of a file that people write:
// whatever a typing error may have done.
type Checker struct {
	*strictyaml.Problems
	DB
	tenants, applications, servers Kind
	backups                        map[commdn.DBID]int // index of the primary, by DBID of the backup
}

// Kind is the objects of one kind, by DBID.
type Kind struct {
	what string
	ids  []commdn.DBID       // in order
	at   map[commdn.DBID]int // index in the list of the file
}

// Check checks tenants, applications and CommDNs; the Checker that it gives is
// for the objects that refer to them. Applications may go without a name where
// unnamed is set.
func Check(p *strictyaml.Problems, db DB, unnamed bool) *Checker {
	c := &Checker{Problems: p, DB: db, backups: make(map[commdn.DBID]int)}
	c.tenants = Objects(c, "tenant", "tenants", c.Tenants, func(t Tenant) (commdn.DBID, string, commdn.DBID) { return t.DBID, t.Name, 0 })
	if len(c.Tenants) == 0 {
		c.tenants = Kind{"tenant", []commdn.DBID{DefaultTenant}, map[commdn.DBID]int{DefaultTenant: 0}}
	}
	c.applications = objects(c, "application", "applications", c.Applications, unnamed, func(a Application) (commdn.DBID, string, commdn.DBID) { return a.DBID, a.Name, 0 })
	c.servers = Kind{what: "OCS", at: make(map[commdn.DBID]int)}
	for i, a := range c.Applications {
		if a.Type == OutboundContactServer {
			c.servers.ids, c.servers.at[a.DBID] = append(c.servers.ids, a.DBID), i
		}
	}
	slices.Sort(c.servers.ids)
	for i, a := range c.Applications {
		c.application(i, a)
	}
	c.commDNs()
	return c
}

func (c *Checker) application(i int, a Application) {
	path := strictyaml.Item("applications", i)
	types := []string{string(OutboundContactServer), string(ThirdPartyServer), string(ThirdPartyApplication)}
	if !slices.Contains(types, string(a.Type)) {
		c.Fail(path+".type", "%s is no type of application%s", strictyaml.Quote(string(a.Type)), strictyaml.Hint(string(a.Type), types, "; there are "))
		return
	}
	if a.Type != OutboundContactServer && len(a.Tenants) > 0 {
		c.Fail(path+".tenants", "is for applications of the type ocs only")
	}
	c.backup(i, a)
	c.References(c.tenants, path+".tenants", a.Tenants, nil)
	c.References(c.applications, path+".connections", a.Connections, func(path string, to int) {
		if id := c.Applications[to].DBID; id == a.DBID {
			c.Fail(path, "%d is the application itself", id)
		}
	})
}

// backup checks the backup of an OCS. It needs no entry of its own, as its Connections are
// those of the primary.
func (c *Checker) backup(i int, a Application) {
	path := strictyaml.Item("applications", i) + ".backup"
	if a.Backup == 0 && !c.Given(path) {
		return
	}
	switch to, there := c.applications.at[a.Backup]; {
	case a.Type != OutboundContactServer:
		c.Fail(path, "is for applications of the type ocs only")
	case a.Backup < 1:
		c.Fail(path, "is %d; give 1 or more", a.Backup)
	case a.Backup == a.DBID:
		c.Fail(path, "%d is the application itself", a.Backup)
	case there && c.Applications[to].Type != OutboundContactServer:
		c.Fail(path, "application %d is no OCS but a %s; %s", a.Backup, c.Applications[to].Type, c.servers.has(a.Backup))
	case there && c.Applications[to].Backup != 0:
		c.Fail(path, "OCS %d has a backup of its own", a.Backup)
	default:
		First(c, c.backups, a.Backup, "applications", i, ".backup", fmt.Sprintf("%d is the backup", a.Backup))
	}
}

func (c *Checker) commDNs() {
	numbers, ids := make(map[string]int), make(map[commdn.DBID]int)
	for i, dn := range c.CommDNs {
		path := strictyaml.Item("comm_dns", i)
		c.Text(path+".number", dn.Number)
		First(c, numbers, dn.Number, "comm_dns", i, ".number", strictyaml.Quote(dn.Number)+" is the number")
		if dn.DBID != 0 || c.Given(path+".dbid") {
			c.id(path, dn.DBID)
			First(c, ids, dn.DBID, "comm_dns", i, ".dbid", fmt.Sprintf("%d is the DBID", dn.DBID))
		}
		c.Tenant(path, dn.Tenant)
	}
}

// Objects checks the DBIDs and the names of all objects of a kind. No two of
// them have the same DBID, no two of one tenant the same name.
func Objects[T any](c *Checker, what, list string, all []T, of func(T) (id commdn.DBID, name string, tenant commdn.DBID)) Kind {
	return objects(c, what, list, all, false, of)
}

func objects[T any](c *Checker, what, list string, all []T, unnamed bool, of func(T) (commdn.DBID, string, commdn.DBID)) Kind {
	type named struct {
		tenant commdn.DBID
		name   string
	}
	k := Kind{what: what, at: make(map[commdn.DBID]int, len(all))}
	names := make(map[named]int)
	for i, o := range all {
		id, name, tenant := of(o)
		path := strictyaml.Item(list, i)
		if First(c, k.at, id, list, i, ".dbid", strconv.Itoa(int(id))+" is the DBID") && c.id(path, id) {
			k.ids = append(k.ids, id)
		}
		if unnamed && name == "" {
			continue
		}
		c.Text(path+".name", name)
		First(c, names, named{c.TenantOf(tenant), name}, list, i, ".name", strictyaml.Quote(name)+" is the name")
	}
	slices.Sort(k.ids)
	return k
}

// First refuses what another item of the list has already, and notes in seen
// where it is; text says what both have: 5 is the DBID.
func First[K comparable](c *Checker, seen map[K]int, k K, list string, i int, key, text string) bool {
	if j, twice := seen[k]; twice {
		c.Fail(strictyaml.Item(list, i)+key, "%s of %s", text, c.Seen(strictyaml.Item(list, j)))
		return false
	}
	seen[k] = i
	return true
}

func (c *Checker) id(path string, id commdn.DBID) bool {
	if id < 1 {
		c.Fail(path+".dbid", "is %d; give 1 or more", id)
	}
	return id >= 1
}

// Find gives the index of the object that id refers to.
func (c *Checker) Find(k Kind, path string, id commdn.DBID) (int, bool) {
	i, ok := k.at[id]
	if !ok {
		c.Fail(path, "there is no %s %d; %s", k.what, id, k.has(id))
	}
	return i, ok
}

// References checks a list of DBIDs, each of which is there once. further, if
// not nil, looks at each of them with its path and the index of its object.
func (c *Checker) References(k Kind, path string, all []commdn.DBID, further func(path string, to int)) {
	seen := make(map[commdn.DBID]bool, len(all))
	for i, id := range all {
		at := strictyaml.Item(path, i)
		if seen[id] {
			c.Fail(at, "%d is there twice", id)
		} else if to, ok := c.Find(k, at, id); ok && further != nil {
			further(at, to)
		}
		seen[id] = true
	}
}

// OCS gives the index of the OCS that id refers to, which may be disabled.
func (c *Checker) OCS(path string, id commdn.DBID) (int, bool) {
	if i, ok := c.applications.at[id]; ok && c.Applications[i].Type != OutboundContactServer {
		c.Fail(path, "application %d is no OCS but a %s; %s", id, c.Applications[i].Type, c.servers.has(id))
		return 0, false
	}
	return c.Find(c.servers, path, id)
}

// Tenant checks the key tenant of an object.
func (c *Checker) Tenant(path string, id commdn.DBID) {
	if path += ".tenant"; id != 0 || c.Given(path) {
		c.Find(c.tenants, path, id)
	}
}

// SameTenant refuses a reference between objects of two tenants. what and other
// say of what kind they are.
func (c *Checker) SameTenant(path, what string, id, tenant commdn.DBID, other string, otherID, otherTenant commdn.DBID) {
	if t, o := c.TenantOf(tenant), c.TenantOf(otherTenant); t != o {
		c.Fail(path, "%s %d is of tenant %d, and %s %d of tenant %d", what, id, t, other, otherID, o)
	}
}

// Text checks a name or a number that must be there.
func (c *Checker) Text(path, s string) {
	if s == "" {
		c.Fail(path, "is empty")
	} else if w := strictyaml.WrongText(s, MaxName); w != "" {
		c.Fail(path, "%s", w)
	}
}

// has says which objects there are, or which may have been meant.
func (k Kind) has(id commdn.DBID) string {
	const few = 8
	if len(k.ids) == 0 {
		return "there is none"
	}
	all := make([]string, len(k.ids))
	for i, id := range k.ids {
		all[i] = strconv.Itoa(int(id))
	}
	switch {
	case len(all) == 1:
		return "there is " + all[0]
	case len(all) <= few:
		return "there are " + strings.Join(all, ", ")
	}
	like := near.Names(strconv.Itoa(int(id)), all, 3)
	if like == nil {
		return fmt.Sprintf("there are %d from %s to %s", len(all), all[0], all[len(all)-1])
	}
	return "did you mean " + strings.Join(like, " or ") + "?"
}
