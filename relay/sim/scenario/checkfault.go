package scenario

import (
	"reflect"
	"slices"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/internal/enums"
	"commdn/relay/internal/strictyaml"
)

var (
	ofOCS     = []string{"ocs", "request", "phone", "campaign", "percent", "times"}
	ofTServer = []string{"after", "times"}
)

// faultKeys are the keys that each fault has beside do.
var faultKeys = map[Do][]string{
	Delay: append([]string{"latency", "jitter"}, ofOCS...),
	Drop:  ofOCS, Duplicate: ofOCS, Reorder: ofOCS, Silence: ofOCS,
	Refuse:     append([]string{"error"}, ofOCS...),
	Close:      append([]string{"application"}, ofTServer...),
	Stall:      append([]string{"for", "application"}, ofTServer...),
	Garbage:    append([]string{"application"}, ofTServer...),
	Unregister: append([]string{"application"}, ofTServer...),
	LinkDown:   append([]string{"for"}, ofTServer...),
	LinkUp:     ofTServer, Switchover: ofTServer,
}

// dos are the faults in the order in which they are told.
var dos = []string{
	string(Delay), string(Drop), string(Duplicate), string(Reorder), string(Refuse), string(Silence),
	string(Close), string(Stall), string(Garbage), string(LinkDown), string(LinkUp), string(Switchover), string(Unregister),
}

// Check says what is wrong with a fault that is set while s runs: joined
// *Errors, or nil. One of a T-Server may happen at once there, with no after.
func (f Fault) Check(s *Scenario) error {
	c := check(strictyaml.New(""), s) // for its objects: it has been checked before
	c.Problems = strictyaml.New("fault")
	c.fault("", f, false)
	return joined(c.Problems)
}

// fault checks a fault, in a scenario where inFile is set.
func (c *checker) fault(path string, f Fault, inFile bool) {
	at := func(key string) string { return strictyaml.Join(path, key) }
	keys, ok := faultKeys[f.Do]
	if !ok {
		c.Fail(at("do"), "%s is no fault%s", strictyaml.Quote(string(f.Do)), strictyaml.Hint(string(f.Do), dos, "; there are "))
		return
	}
	for _, e := range strictyaml.Written(reflect.ValueOf(f)) {
		if e.Key != "do" && !slices.Contains(keys, e.Key) {
			c.Fail(at(e.Key), "has no meaning for %s, which has %s", f.Do, strings.Join(keys, ", "))
		}
	}
	c.faultBounds(at, f)
	switch {
	case f.Do == Delay && f.Latency == 0 && f.Jitter == 0:
		c.Fail(path, "a delay needs latency, jitter or both")
	case f.Do == Refuse && f.Error == 0:
		c.Fail(path, "refuse needs an error; there are %s", strings.Join(enums.ErrorCodes(), ", "))
	case f.Do == Stall && f.For == 0:
		c.Fail(path, "stall needs for, a duration")
	case f.Do == Switchover && !c.scenario.TServer.Backup:
		c.Fail(path, "there is no backup to switch over to; a scenario has one with tserver: {backup: true}")
	}
	if f.OfTServer() && f.After == 0 {
		if inFile {
			c.Fail(path, "%s needs after, the number of UserEvents until it happens", f.Do)
		} else if f.Times > 1 {
			c.Fail(at("times"), "is %d; a fault that happens at once does so once, so give after too", f.Times)
		}
	}
	c.faultRequests(at, f)
}

func (c *checker) faultBounds(at func(string) string, f Fault) {
	c.duration(at("latency"), f.Latency)
	c.duration(at("jitter"), f.Jitter)
	c.duration(at("for"), f.For)
	c.number(at("percent"), f.Percent, 0, 100)
	c.number(at("after"), f.After, 0, maxCount)
	c.number(at("times"), f.Times, 0, maxCount)
	if f.Error != 0 && !enums.IsErrorCode(f.Error) {
		c.Fail(at("error"), "%s is no error; there are %s", f.Error, strings.Join(enums.ErrorCodes(), ", "))
	}
	c.text(at("application"), f.Application, MaxName)
}

// maxCount bounds after and times.
const maxCount = 1_000_000_000

// faultRequests checks which requests a fault of OCS is for.
func (c *checker) faultRequests(at func(string) string, f Fault) {
	if f.OCS != 0 {
		c.enabledOCS(at("ocs"), f.OCS)
	}
	if f.Campaign != 0 {
		c.Find(c.campaigns, at("campaign"), f.Campaign)
	}
	c.text(at("phone"), f.Phone, commdn.MaxPhone)
	switch known := f.Request.IsRequest(); {
	case f.Request == 0:
	case !known:
		c.Fail(at("request"), "%s is no request; there are %s", f.Request, strings.Join(enums.Requests(), ", "))
	case f.Phone != "" && !f.Request.AboutPerson():
		c.Fail(at("phone"), "%s has no phone", f.Request)
	case f.Campaign != 0 && f.Request == commdn.ReqDoNotCall:
		c.Fail(at("campaign"), "%s has no campaign", f.Request)
	}
}
