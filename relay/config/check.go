package config

import (
	"cmp"
	"fmt"
	"net"
	"reflect"
	"slices"
	"strconv"
	"time"

	"commdn/relay/internal/netname"
	"commdn/relay/internal/strictyaml"
)

// Bounds of values.
const (
	maxText   = 1024 // bytes
	maxSkew   = 5 * time.Minute
	maxGrace  = time.Hour
	maxSocket = 107 // bytes of the path of a Unix socket
)

// Check returns what is wrong with the values, and with the files that they name: joined
// *strictyaml.Errors, or nil.
func (c *Config) Check() error {
	k := c.checker()
	k.values()
	k.files()
	return k.Err()
}

type checker struct {
	*strictyaml.Problems
	*Config
}

func (c *Config) checker() *checker {
	if c.from == nil {
		return &checker{strictyaml.New("configuration"), c}
	}
	return &checker{c.from.Fresh(), c}
}

func (c *checker) values() {
	c.texts(reflect.ValueOf(c.Config).Elem(), "")
	c.reachable()
	c.auth()
	c.limits()
	between(c, "drain_timeout", c.DrainTimeout, time.Millisecond, 10*time.Minute)
	if c.Metrics.Listen != "" {
		c.listen("metrics.listen", c.Metrics.Listen)
		if samePort(c.Metrics.Listen, c.Listen) {
			c.Fail("metrics.listen", "is listen too; give another port")
		}
	}
	if len(c.AdminSocket) > maxSocket {
		c.Fail("admin_socket", "has %d bytes; the path of a Unix socket has at most %d", len(c.AdminSocket), maxSocket)
	}
	if c.Pprof != "" {
		if host, ok := c.listen("pprof", c.Pprof); ok && !netname.Loopback(host) {
			c.Fail("pprof", "%s is no loopback address; a profiler shows what is in memory, so give 127.0.0.1 or ::1", strictyaml.Quote(host))
		}
	}
	c.word("log.level", c.Log.Level, "debug", "info", "warn", "error")
	c.word("log.format", c.Log.Format, "text", "json")
	c.directory()
	c.links()
}

// texts checks every text, and refuses empty items of lists.
func (c *checker) texts(v reflect.Value, path string) {
	switch {
	case strictyaml.IsMapping(v.Type()):
		for _, f := range strictyaml.Fields(v.Type()) {
			c.texts(v.FieldByIndex(f.Index), strictyaml.Join(path, f.Key))
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			at := path + "[" + strconv.Itoa(i) + "]"
			if v.Index(i).Kind() == reflect.String && v.Index(i).Len() == 0 {
				c.Fail(at, "is empty")
			}
			c.texts(v.Index(i), at)
		}
	case v.Kind() == reflect.String:
		if w := strictyaml.WrongText(v.String(), maxText); w != "" {
			c.Fail(path, "%s", w)
		}
	}
}

func (c *checker) limits() {
	l := c.Limits
	const million = 1_000_000
	for _, n := range []struct {
		key     string
		n, most int
	}{
		{"sessions", l.Sessions, million}, {"sessions_per_address", l.SessionsPerAddress, million},
		{"burst", l.Burst, million}, {"address_burst", l.AddressBurst, million},
		{"sessions_per_person", l.SessionsPerPerson, million}, {"person_burst", l.PersonBurst, million},
		{"requests_per_session", l.RequestsPerSession, 10_000}, {"queue", l.Queue, 100_000},
	} {
		between(c, "limits."+n.key, n.n, 1, n.most)
	}
	for _, f := range []struct {
		key string
		f   float64
	}{{"requests_per_second", l.RequestsPerSecond}, {"address_requests_per_second", l.AddressRequestsPerSecond}, {"person_requests_per_second", l.PersonRequestsPerSecond}} {
		between(c, "limits."+f.key, f.f, 0.01, million)
	}
	for _, d := range []struct {
		key   string
		d     time.Duration
		least time.Duration
	}{
		{"hello_timeout", l.HelloTimeout, 10 * time.Millisecond}, {"ping_interval", l.PingInterval, time.Second}, // clients get whole seconds
		{"answer_timeout", l.AnswerTimeout, 10 * time.Millisecond}, {"status_age", l.StatusAge, 10 * time.Millisecond}, {"write_timeout", l.WriteTimeout, 10 * time.Millisecond},
	} {
		between(c, "limits."+d.key, d.d, d.least, 10*time.Minute)
	}
	between(c, "limits.undo", l.Undo, 0, time.Minute)
	if l.PingInterval%time.Second != 0 {
		c.Fail("limits.ping_interval", "is %s; give whole seconds", strictyaml.Short(l.PingInterval))
	}
}

func (c *checker) needed(path, s string) {
	if s == "" {
		c.Fail(path, "is empty; give one")
	}
}

func (c *checker) word(path, s string, words ...string) {
	if !slices.Contains(words, s) {
		c.Fail(path, "is %s%s", strictyaml.Quote(s), strictyaml.Hint(s, words, "; give "))
	}
}

func between[T cmp.Ordered](c *checker, path string, v, least, most T) {
	if !(v >= least && v <= most) {
		c.Fail(path, "is %s; give %s to %s", number(v), number(least), number(most))
	}
}

func number(v any) string {
	switch v := v.(type) {
	case time.Duration:
		return strictyaml.Short(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// listen checks a HOST:PORT to listen on: the host may be empty, for every address of the
// machine, and the port 0, for any.
func (c *checker) listen(path, s string) (host string, ok bool) {
	host, _, err := netname.SplitHostPort(s)
	if err != nil {
		c.Fail(path, "%s is no address to listen on; give HOST:PORT, for example 127.0.0.1:8080", strictyaml.Quote(s))
		return "", false
	}
	return host, true
}

// samePort reports whether two listeners would collide.
func samePort(a, b string) bool {
	hostA, portA, _ := net.SplitHostPort(a)
	hostB, portB, _ := net.SplitHostPort(b)
	everywhere := func(h string) bool { return h == "" || h == "0.0.0.0" || h == "::" }
	return portA == portB && portA != "0" && (hostA == hostB || everywhere(hostA) || everywhere(hostB))
}

func item(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
