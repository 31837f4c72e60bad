package config

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/internal/charsets"
	"commdn/relay/internal/strictyaml"
)

// linkName is the form of a link's name, which is a label of metrics.
var linkName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$`)

func (c *checker) links() {
	if len(c.Links) == 0 {
		c.Fail("links", "are none; give one at least")
	}
	names, tenants := make(map[string]int), make(map[string]int)
	for i, l := range c.Links {
		path := item("links", i)
		if !linkName.MatchString(l.Name) {
			c.Fail(path+".name", "%s is no name for a link; give up to 63 letters, digits, and ._- behind the first", strictyaml.Quote(l.Name))
		}
		c.first(names, "links", i, ".name", l.Name)
		if len(l.Servers) == 0 {
			c.Fail(path+".servers", "are none; give the primary T-Server, and the backup where there is one")
		}
		for j, s := range l.Servers {
			c.server(item(path+".servers", j), s)
			if slices.ContainsFunc(l.Servers[:j], func(o string) bool { return sameServer(o, s) }) {
				c.Fail(item(path+".servers", j), "%s is there twice", strictyaml.Quote(s))
			}
		}
		c.clientTLS(path+".tls", l.TLS, l.Servers...)
		if !c.Directory.On() {
			const why = "; without a directory it has to be given"
			if l.CommDN == "" {
				c.Fail(path, "comm_dn is missing%s", why)
			}
			if l.Application == "" {
				c.Fail(path, "application is missing%s", why)
			}
			if l.AppDBID == 0 {
				c.Fail(path, "app_dbid is missing%s", why)
			}
			if len(l.Tenants) == 0 && len(c.Links) > 1 {
				c.Fail(path, "tenants are missing; with several links and no directory each needs those whose requests go there")
			}
		}
		c.short(path+".comm_dn", l.CommDN)
		c.short(path+".application", l.Application)
		if l.AppDBID < 0 {
			c.Fail(path+".app_dbid", "is %d; give 1 or more", l.AppDBID)
		}
		known := make(map[commdn.DBID]bool)
		for j, o := range l.OCS {
			if o.DBID < 1 {
				c.Fail(item(path+".ocs", j), "is %d; give 1 or more", o.DBID)
			}
			if o.Backup < 0 {
				c.Fail(item(path+".ocs", j)+".backup", "is %d; give 1 or more", o.Backup)
			}
			for _, id := range []commdn.DBID{o.DBID, o.Backup} {
				if id > 0 && known[id] {
					c.Fail(item(path+".ocs", j), "%d is there twice", id)
				}
				known[id] = true
			}
		}
		if err := charsets.Check(l.Charset); err != nil {
			c.Fail(path+".charset", "%s", err)
		}
		for j, t := range l.Tenants {
			c.first(tenants, "links", i, ".tenants["+strconv.Itoa(j)+"]", t)
		}
		between(c, path+".keep_alive.idle", l.KeepAlive.Idle, 100*time.Millisecond, time.Hour)
		between(c, path+".keep_alive.timeout", l.KeepAlive.Timeout, 100*time.Millisecond, time.Hour)
		between(c, path+".backoff.min", l.Backoff.Min, time.Millisecond, time.Hour)
		between(c, path+".backoff.max", l.Backoff.Max, l.Backoff.Min, time.Hour)
		c.numbers(path+".numbers", l.Numbers)
		c.tenantNumbers(path, l)
	}
}

// first refuses a value that an earlier item of the list has.
func (c *checker) first(seen map[string]int, list string, i int, key, s string) {
	if j, twice := seen[s]; twice && s != "" {
		c.Fail(item(list, i)+key, "%s is that of %s", strictyaml.Quote(s), c.Seen(item(list, j)))
		return
	}
	seen[s] = i
}

// short refuses a name that Configuration Server does not accept.
func (c *checker) short(path, s string) {
	const most = 255
	if len(s) > most {
		c.Fail(path, "has %d bytes; at most %d are possible", len(s), most)
	}
}
