package scenario

import (
	"reflect"
	"slices"
	"strings"

	"commdn/relay/internal/enums"
	"commdn/relay/internal/strictyaml"
)

// application checks what confdb.Check does not: how an OCS behaves, and whether
// Connections have an effect.
func (c *checker) application(path string, a Application) {
	switch a.Type {
	case OutboundContactServer:
		c.ocs(path+".ocs", a)
	case ThirdPartyServer, ThirdPartyApplication:
		if !reflect.ValueOf(a.OCS).IsZero() {
			c.Fail(path+".ocs", "is for applications of the type ocs only")
		}
	}
	for j, id := range a.Connections {
		if to, ok := c.scenario.Application(id); ok && id != a.DBID && !slices.Contains(a.Connections[:j], id) {
			c.connection(strictyaml.Item(path+".connections", j), a, to)
		}
	}
}

// connection checks that an entry of the Connections of a has an effect.
func (c *checker) connection(path string, a, to Application) {
	switch {
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

func (c *checker) ocs(path string, a Application) {
	o := a.OCS
	for i, m := range o.Licensed {
		at := strictyaml.Item(path+".licensed", i)
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
	if o.Backup < 0 {
		c.Fail(path+".backup", "is %d; a DBID is 1 or more", o.Backup)
	} else if other, ok := c.scenario.Application(o.Backup); ok && o.Backup != 0 {
		c.Fail(path+".backup", "%d is the application %s already; a backup is part of its pair and has no entry of its own", o.Backup, other.ClientName())
	}
	for _, e := range c.scenario.habitProblems(o.Habits) {
		c.Fail(strictyaml.Join(path, e.Name), "%s", e.What)
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
