package scenario

import (
	"reflect"
	"slices"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/internal/enums"
	"commdn/relay/internal/strictyaml"
)

var appTypes = []string{string(OutboundContactServer), string(ThirdPartyServer), string(ThirdPartyApplication)}

func (c *checker) checkApplications() {
	c.applications = objects(c, "application", "applications", c.Applications, func(a Application) (commdn.DBID, string, commdn.DBID) { return a.DBID, a.Name, 0 })
	c.servers = kind{what: "OCS", at: make(map[commdn.DBID]int)}
	for i, a := range c.Applications {
		if a.Type == OutboundContactServer {
			c.servers.ids, c.servers.at[a.DBID] = append(c.servers.ids, a.DBID), i
		}
	}
	for i, a := range c.Applications {
		path := item("applications", i)
		switch a.Type {
		case OutboundContactServer:
			c.ocs(path+".ocs", a.OCS)
		case ThirdPartyServer, ThirdPartyApplication:
			c.noOCS(path, a)
		default:
			c.Fail(path+".type", "%s is no type of application%s", strictyaml.Quote(string(a.Type)), strictyaml.Hint(string(a.Type), appTypes, "; there are "))
			continue
		}
		for j, id := range a.Tenants {
			c.find(c.tenants, item(path+".tenants", j), id)
		}
		for j, id := range a.Connections {
			at := item(path+".connections", j)
			if slices.Contains(a.Connections[:j], id) {
				c.Fail(at, "%d is there twice", id)
			} else if to, ok := c.find(c.applications, at, id); ok {
				c.connection(at, a, c.Applications[to])
			}
		}
	}
}

// connection checks that an entry of the Connections of a has an effect.
func (c *checker) connection(path string, a, to Application) {
	switch {
	case to.DBID == a.DBID:
		c.Fail(path, "%d is the application itself", to.DBID)
	case a.Type == ThirdPartyServer:
		c.Fail(path, "is without effect: the connection of a third-party-server goes the other way round; put %d into the connections of the OCS", a.DBID)
	case a.Type == ThirdPartyApplication && to.Type != OutboundContactServer:
		c.Fail(path, "%d is no OCS but a %s; a third-party-application has the OCS in its connections that serve it", to.DBID, to.Type)
	case a.Type == OutboundContactServer && to.Type == OutboundContactServer:
		c.Fail(path, "%d is an OCS too; an OCS has the third-party-servers in its connections that it serves", to.DBID)
	case a.Type == OutboundContactServer && to.Type == ThirdPartyApplication:
		c.Fail(path, "is without effect: the connection of a third-party-application goes the other way round; put %d into the connections of application %d", a.DBID, to.DBID)
	}
}

// noOCS refuses the keys of an OCS on another application.
func (c *checker) noOCS(path string, a Application) {
	if a.Tenants != nil {
		c.Fail(path+".tenants", "is for applications of the type ocs only")
	}
	if !reflect.ValueOf(a.OCS).IsZero() {
		c.Fail(path+".ocs", "is for applications of the type ocs only")
	}
}

func (c *checker) ocs(path string, o OCS) {
	for i, m := range o.Licensed {
		at := item(path+".licensed", i)
		if !m.Known() {
			c.Fail(at, "%s is no dialing mode; there are %s", m, strings.Join(enums.DialModes(), ", "))
		} else if slices.Contains(o.Licensed[:i], m) {
			c.Fail(at, "%s is there twice", m)
		}
	}
	c.duration(path+".ring", o.Ring)
	c.duration(path+".talk", o.Talk)
	c.duration(path+".preview", o.Preview)
	if !(o.DialRate >= 0 && o.DialRate <= MaxDialRate) {
		c.Fail(path+".dial_rate", "is %v; give 0 to %d", o.DialRate, MaxDialRate)
	}
	c.results(path+".results", o.Results)
	c.number(path+".treatment.attempts", o.Treatment.Attempts, 0, MaxAttempts)
	c.duration(path+".treatment.after", o.Treatment.After)
	c.duration(path+".unload_time", o.UnloadTime)
	c.duration(path+".statistics", o.Statistics)
	if o.ResponseKey != "" {
		c.text(path+".response_key", o.ResponseKey, MaxName)
	}
}

func (c *checker) results(path string, r Results) {
	if c.Given(path) && r == (Results{}) {
		c.Fail(path, "has shares of 0 alone; give one, or leave the key out")
	}
	for _, share := range []struct {
		key string
		n   int
	}{
		{"answer", r.Answer}, {"no_answer", r.NoAnswer}, {"busy", r.Busy},
		{"answering_machine", r.AnsweringMachine}, {"fax", r.Fax}, {"invalid_number", r.InvalidNumber},
	} {
		c.number(path+"."+share.key, share.n, 0, MaxShare)
	}
}
