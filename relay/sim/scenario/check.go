package scenario

import (
	"math"
	"time"
	"unicode/utf8"

	"commdn/protocol/commdn"
	"commdn/relay/confdb"
	"commdn/relay/internal/strictyaml"
	"commdn/relay/sim/clock"
)

// Bounds of a scenario beside those of its files.
const (
	MaxUserData    = 65_535
	MinBigUserData = 48_000 // of TServer.MaxUserData with OCS that give big answers
	MaxAgents      = 10_000
	MaxAttempts    = 100
	MaxDuration    = 366 * 24 * time.Hour
	MaxName        = confdb.MaxName // bytes of names, numbers of CommDNs and keys
	MaxDescription = 4 << 10        // bytes
	MaxShare       = 1_000_000      // of Results
	MaxAllRecords  = 5_000_000      // of all calling lists
)

// Check says what is wrong with the scenario: joined *Errors, or nil.
func (s *Scenario) Check() error {
	p := strictyaml.New("")
	check(p, s)
	return joined(p)
}

// checker looks for what is wrong with a scenario, beyond the objects that
// confdb.Check looks at.
type checker struct {
	*confdb.Checker
	scenario                 *Scenario
	groups, lists, campaigns confdb.Kind
}

// check notes what is wrong with a scenario, and gives a checker for more.
func check(p *strictyaml.Problems, s *Scenario) *checker {
	c := &checker{Checker: confdb.Check(p, *s.database(), true), scenario: s}
	c.all()
	return c
}

func (c *checker) all() {
	s := c.scenario
	if len(s.Name) > 0 {
		c.Text("name", s.Name)
	}
	if len(s.Description) > MaxDescription {
		c.Fail("description", "has %d bytes; at most %d are possible", len(s.Description), MaxDescription)
	}
	if !utf8.ValidString(s.Description) {
		c.Fail("description", "is no UTF-8 text")
	}
	if t := s.Clock.Start; !t.IsZero() && (t.Unix() <= 0 || t.Unix() > math.MaxUint32) {
		c.Fail("clock.start", "is %s; give a time from 1970 to 2106", t.Format(time.RFC3339))
	}
	if v := s.Clock.Speed; v != nil && !(*v >= 0 && *v <= clock.MaxSpeed) {
		c.Fail("clock.speed", "is %v; give 0 to %d", *v, clock.MaxSpeed)
	}
	c.number("tserver.max_user_data", s.TServer.MaxUserData, 0, MaxUserData)

	for i, a := range s.Applications {
		c.application(strictyaml.Item("applications", i), a)
	}
	c.groups = confdb.Objects(c.Checker, "group", "groups", s.Groups, func(g Group) (commdn.DBID, string, commdn.DBID) { return g.DBID, g.Name, g.Tenant })
	for i, g := range s.Groups {
		c.Tenant(strictyaml.Item("groups", i), g.Tenant)
		c.number(strictyaml.Item("groups", i)+".agents", g.Agents, 0, MaxAgents)
	}
	c.callingLists()
	c.checkCampaigns()
	c.campaignGroups()
	for i, e := range s.DoNotCall {
		c.entry(strictyaml.Item("do_not_call", i), e)
	}
	for i, f := range s.Faults {
		c.fault(strictyaml.Item("faults", i), f, true)
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
	c.Tenant(path, e.Tenant)
}
